"""Several processes on one PostgreSQL: one schedules, all deliver; nothing is lost or doubled whichever one ends."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from syndicator.settings import load
from syndicator.store import Store
from tests.e2e.site import PATIENCE, Service, Site, Worker, eventually, request, watches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.postgresql import Server
    from tests.servers import Receiver, Request

SECRET = "whsec_" + "c2VjcmV0" * 5
ENDPOINT = """
[[endpoints]]
name = "desk-{number}"
kind = "webhook"
url = "{receiver}/{number}"
secret = "{secret}"
"""


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    url = postgresql.database()
    yield url
    postgresql.drop(url)


@pytest.fixture
def shared(site: Site, receiver: Receiver, url: str) -> Site:
    """A site whose store is in PostgreSQL, with one webhook."""
    configure(site, url, receiver, 1)
    return site


def configure(site: Site, url: str, receiver: Receiver, endpoints: int) -> None:
    hooks = (ENDPOINT.format(number=number, receiver=receiver.url, secret=SECRET) for number in range(endpoints))
    site.configure(more=f'[store]\nurl = "{url}"\n{"".join(hooks)}')
    site.run("feeds")  # makes the store, and in it the endpoints: who is there gets what comes


def heard(hook: Request) -> tuple[str, int]:
    """Return which endpoint got which post, by the number in its title."""
    title: str = json.loads(hook.body)["data"]["post"]["title"]
    return hook.path, int(title.split()[1])


def numbers(receiver: Receiver) -> list[int]:
    return [heard(hook)[1] for hook in receiver.requests]


def post(site: Site, *numbers: int) -> None:
    for number in numbers:
        # Their dates differ, so that announcing has an order.
        date = f"2026-01-02 03:{number // 60:02}:{number % 60:02} +0000"
        site.post(f"n{number}", title=f"Post {number} of many", date=date)


def two(site: Site, stack: ExitStack) -> tuple[Worker, Worker]:
    """Start two workers; return the scheduler, and the one that stands by."""
    first = stack.enter_context(Worker(site, "one"))
    eventually(lambda: first.schedules, "the first worker as the scheduler")
    second = stack.enter_context(Worker(site, "two"))
    eventually(lambda: "Working" in second.log, "the second worker")
    return first, second


def test_three_workers_deliver_every_message_once_and_in_order(site: Site, receiver: Receiver, url: str) -> None:
    endpoints, posts = 20, 10
    configure(site, url, receiver, endpoints)
    receiver.answer(times=None, delay=0.05)
    post(site, *range(posts))
    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(site, str(number))) for number in range(3)]
        receiver.wait_for(endpoints * posts, 60)
        eventually(lambda: sent(site) == endpoints * posts, "everything in the ledger")
        assert sum(worker.schedules for worker in workers) == 1
        assert [worker.stop() for worker in workers] == [0, 0, 0]
        assert sum("delivery sent" in worker.log for worker in workers) > 1
        assert all("Traceback" not in worker.log for worker in workers)
    assert len(receiver.requests) == len({hook.headers["webhook-id"] for hook in receiver.requests}) == 200
    for number in range(endpoints):
        got = [heard(hook)[1] for hook in receiver.requests if hook.path == f"/{number}"]
        assert got == list(range(posts)), f"the order in which endpoint {number} heard"
    assert {row["attempts"] for row in settled(site)} == {1}


def settled(site: Site) -> list[dict[str, object]]:
    return site.rows("deliveries", "list", "--limit", "1000")


def killed(worker: Worker) -> None:
    assert worker.stop(signal.SIGKILL) == -signal.SIGKILL


def terminated(worker: Worker) -> None:
    assert worker.stop() == 0
    assert "Traceback" not in worker.log


def stalled(worker: Worker) -> None:
    """Stop it while it holds no lock: PostgreSQL takes one away from who stalls with it, but not within this test."""
    worker.send(signal.SIGSTOP)
    while _locks(worker.site):
        worker.send(signal.SIGCONT)
        time.sleep(0.05)
        worker.send(signal.SIGSTOP)


def _locks(site: Site) -> int:
    """Return how many locks of ours are held."""
    store = Store(load(str(site.config), {}).store.url).open()
    with store.read() as connection:
        held = connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").scalar_one()
    store.close()
    return int(held)


@pytest.mark.parametrize(("end", "limit"), [(killed, 15.0), (stalled, 15.0), (terminated, 5.0)])
def test_another_takes_over_from_a_scheduler_that_ends(
    shared: Site, receiver: Receiver, end: Callable[[Worker], None], limit: float
) -> None:
    with ExitStack() as stack:
        first, second = two(shared, stack)
        post(shared, 1)
        eventually(lambda: sent(shared) == 1, "the first in the ledger")
        assert not second.schedules
        end(first)
        post(shared, 2)
        eventually(lambda: second.schedules, "the second as the scheduler", limit)
        receiver.wait_for(2, PATIENCE)
        if end is stalled:
            first.send(signal.SIGCONT)
            eventually(lambda: "another process is the scheduler now" in first.log, "the first, giving up")
            post(shared, 3)
            receiver.wait_for(3, PATIENCE)
            assert first.stop() == 0
        assert second.stop() == 0
    assert numbers(receiver) == [1, 2, 3][: len(receiver.requests)]
    assert sent(shared) == len(receiver.requests)


def sent(site: Site) -> int:
    """Return how many deliveries the ledger knows as sent."""
    return [row["state"] for row in settled(site)].count("sent")


def test_what_a_killed_worker_had_in_hand_is_taken_over(shared: Site, receiver: Receiver) -> None:
    receiver.answer(delay=60)
    with ExitStack() as stack:
        first, second = two(shared, stack)
        post(shared, 1)
        receiver.wait_for(1)
        (row,) = settled(shared)
        assert row["state"] == "leased"
        for worker in (first, second):
            if f"{worker.pid}@" in holder_of(shared):
                killed(worker)
        one, again = receiver.wait_for(2, 25)
        assert one.headers["webhook-id"] == again.headers["webhook-id"]
        eventually(lambda: settled(shared)[0]["state"] == "sent", "the second try in the ledger")
    assert settled(shared)[0]["attempts"] == 2


def holder_of(site: Site) -> str:
    """Return the token under which the one delivery is leased."""
    from syndicator.store import ledger

    store = Store(load(str(site.config), {}).store.url).open()
    with store.read() as connection:
        (token,) = ledger.lease_tokens(connection)
    store.close()
    return token


def test_a_server_that_restarts_in_the_middle_costs_nothing(
    shared: Site, receiver: Receiver, postgresql: Server
) -> None:
    receiver.answer(delay=3)
    with Worker(shared, "one") as worker:
        post(shared, 1)
        receiver.wait_for(1)
        postgresql.stop()
        post(shared, 2)
        eventually(
            lambda: re.search(r"the store is away|cannot be renewed|failed", worker.log), "the outage in the log"
        )
        time.sleep(3.5)  # until the answer that the ledger is to hear of has come
        postgresql.start()
        receiver.wait_for(2, 40)
        post(shared, 3)
        receiver.wait_for(3, 40)
        eventually(lambda: sent(shared) == 3, "all in the ledger")
        assert worker.stop() == 0
        assert "Traceback" not in worker.log
    assert numbers(receiver) == [1, 2, 3]
    assert {row["attempts"] for row in settled(shared)} == {1}


def test_scans_and_planners_at_once_double_nothing(shared: Site, receiver: Receiver) -> None:
    shared.run("subscribers", "add", "ana@example.com", "--cadence", "daily")
    post(shared, *range(100))
    commands = [["build"], ["scan"], ["build"], ["digest", "--now"], ["digest", "--now"], ["deliver"], ["deliver"]]
    for _ in range(2):
        processes = [
            shared.start_process(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for command in commands
        ]
        for process in processes:
            said = process.communicate(timeout=60)[0]
            assert process.returncode == 0, said
    for command in (["digest", "--now"], ["deliver"]):
        shared.run(*command)
    rows = settled(shared)
    assert sorted(numbers(receiver)) == list(range(100))
    assert sum(row["kind"] == "post" for row in rows) == 100
    assert len(shared.mails()) == sum(row["kind"] == "digest" for row in rows) == 1
    assert {row["announce"] for row in shared.posts().values()} == {"announced"}


def test_only_the_scheduler_watches_and_its_successor_goes_on(shared: Site, receiver: Receiver) -> None:
    pytest.importorskip("watchfiles")
    text = shared.config.read_text("utf-8")
    shared.config.write_text(text.replace('scan = "1s"', 'scan = "1h"\nwatch = true'), "utf-8")
    with ExitStack() as stack:
        first, second = two(shared, stack)
        eventually(lambda: watches(first.pid), "the scheduler watching")
        post(shared, 1)
        receiver.wait_for(1)
        assert watches(second.pid) == 0
        assert first.stop() == 0
        eventually(lambda: watches(second.pid), "its successor watching")
        post(shared, 2)
        receiver.wait_for(2)
    assert numbers(receiver) == [1, 2]


def test_pages_are_served_beside_a_worker(shared: Site, receiver: Receiver) -> None:
    with Worker(shared, "one"), Service(shared, "serve") as service:
        post(shared, 1)
        receiver.wait_for(1)
        eventually(lambda: service.get("/feeds/site/all.atom").status == 200, "the feed over HTTP")
        assert b"Post 1 of many" in service.get("/feeds/site/all.atom").body
        assert request(f"{shared.url}/healthz").status == 200
        assert service.stop() == 0


def test_a_character_that_postgresql_cannot_hold_stops_nothing(shared: Site, receiver: Receiver) -> None:
    receiver.answer(status=500, body="a\0b")
    post(shared, 1)
    shared.run("build")
    shared.run("deliver", code=1)
    assert [row["state"] for row in settled(shared)] == ["queued"]
    shared.run("deliveries", "retry", str(settled(shared)[0]["id"]))
    shared.run("deliver")
    assert numbers(receiver) == [1, 1]


# One process on SQLite


def test_a_worker_alone_does_everything_on_sqlite(site: Site, receiver: Receiver) -> None:
    site.run("endpoints", "add", "desk", "--kind", "webhook", "--url", f"{receiver.url}/hook")
    with Worker(site, "one") as worker:
        post(site, 1)
        receiver.wait_for(1)
        for command in ("run", "worker"):
            assert f"holds this store: process {worker.pid} on" in site.run(command, code=1).stderr
        with Service(site, "serve") as service:
            assert service.get("/feeds/site/all.atom").status == 200
        assert worker.stop() == 0
