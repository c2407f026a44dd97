"""One process at a time is the scheduler, and two at once would double nothing."""

from __future__ import annotations

import asyncio
import dataclasses
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import pytest
from pydantic import BaseModel
from sqlalchemy import delete

from syndicator.duty import LEASE, Duty, RelievedError
from syndicator.errors import StoreError
from syndicator.models import Content, File
from syndicator.pipeline import scanning
from syndicator.pipeline.planning import plan
from syndicator.policy.calendar import Schedule
from syndicator.store import Store, dialect, leases, plans, posts, upkeep
from syndicator.store import tables as t
from tests.records import DAY, HOUR, NOW, RULES, post
from tests.stores import add_subscriber, together

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from syndicator.models import Post

SECOND = timedelta(seconds=1)


def take(connection: Connection, token: str, now: datetime = NOW, name: str = "scheduler") -> bool:
    return leases.take(connection, name, f"who has {token}", token, now, LEASE)


def test_a_lease_belongs_to_one_until_it_runs_out(store: Store) -> None:
    with store.write() as connection:
        assert leases.owner(connection, "scheduler") == ""
        assert take(connection, "a")
        assert not take(connection, "b", NOW + LEASE)
        assert take(connection, "b", name="another lease")
        assert leases.owner(connection, "scheduler") == "who has a"
        assert take(connection, "b", NOW + LEASE + SECOND)
        assert not take(connection, "a", NOW + LEASE + SECOND)
        assert leases.owner(connection, "scheduler") == "who has b"


def test_a_lease_that_is_renewed_is_kept(store: Store) -> None:
    with store.write() as connection:
        assert take(connection, "a")
        assert take(connection, "a", NOW + LEASE)
        assert not take(connection, "b", NOW + 2 * LEASE)


def test_a_lease_that_is_given_back_is_free_at_once(store: Store) -> None:
    with store.write() as connection:
        take(connection, "a")
        leases.give_back(connection, "not mine")
        assert not take(connection, "b")
        leases.give_back(connection, "a")
        assert leases.owner(connection, "scheduler") == ""
        assert take(connection, "b")


def test_a_lease_made_by_a_clock_that_was_ahead_is_free(store: Store) -> None:
    with store.write() as connection:
        assert take(connection, "a", NOW + HOUR)
        assert take(connection, "b")


def test_of_many_who_try_at_once_one_gets_it(store: Store) -> None:
    def attempt(number: int) -> bool:
        with store.write(alone=False) as connection:
            return take(connection, str(number))

    assert sum(together(6, attempt)) == 1


def test_all_processes_agree_on_the_time(store: Store) -> None:
    wrong = NOW - 10_000 * DAY
    with store.read() as connection:
        moment = dialect.now(connection, wrong)
    assert moment.utcoffset() == timedelta(0)
    assert (moment == wrong) == (store.url.get_backend_name() == "sqlite")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def keep(duty: Duty, stop: asyncio.Event) -> asyncio.Task[None]:
    """Let a process try for the lease, and give it the time to have it."""
    task = asyncio.create_task(duty.keep(stop))
    with suppress(TimeoutError):
        await asyncio.wait_for(duty.do(lambda: None), 0.5)
    return task


async def test_one_works_and_the_other_stands_by_until_it_ends(store: Store) -> None:
    clock, stops, done = Clock(), (asyncio.Event(), asyncio.Event()), list[str]()
    one, two = Duty(store, clock), Duty(store, clock)
    first = await keep(one, stops[0])
    second = await keep(two, stops[1])
    waiting = asyncio.create_task(two.do(lambda: done.append("two")))
    await one.do(lambda: done.append("one"))
    assert (one.holds(), two.holds(), done) == (True, False, ["one"])
    stops[0].set()
    await first
    assert not one.holds()
    await asyncio.wait_for(waiting, 10)  # it tries again within a second
    assert done == ["one", "two"]
    stops[1].set()
    await second
    with store.read() as connection:
        assert leases.owner(connection, leases.SCHEDULER) == ""


async def test_one_that_stands_by_ends_without_working(store: Store) -> None:
    stop, clock = asyncio.Event(), Clock()
    with store.write() as connection:
        leases.take(connection, leases.SCHEDULER, "another", "b", dialect.now(connection, NOW), LEASE)
    duty = Duty(store, clock)
    keeping = await keep(duty, stop)
    waiting = asyncio.create_task(duty.do(lambda: pytest.fail("it is not the scheduler")))
    stop.set()
    await asyncio.gather(keeping, waiting)


@pytest.mark.parametrize("passed", [LEASE, -SECOND], ids=["stalled", "set back"])
async def test_a_holder_whose_lease_may_be_over_leaves_off(store: Store, passed: timedelta) -> None:
    stop, clock, read = asyncio.Event(), Clock(), list[int]()
    duty = Duty(store, clock)
    keeping = await keep(duty, stop)

    def scan() -> None:
        for number in duty.while_held([1, 2, 3]):
            read.append(number)
            clock.now += passed

    with pytest.raises(RelievedError, match="not the scheduler any more"):
        scan()
    await duty.do(lambda: pytest.fail("it is not the scheduler"))
    assert read == [1]
    stop.set()
    await keeping


# Two at once


class Folder:
    """A source of so many posts."""

    Options: ClassVar[type[BaseModel]] = BaseModel
    name = "posts"

    def __init__(self, number: int) -> None:
        self._posts = {f"_posts/{place}.md": self._post(place) for place in range(number)}

    @staticmethod
    def _post(place: int) -> Post:
        return post(f"_posts/{place}.md", content_hash=f"bytes-{place}", published=NOW - HOUR - place * SECOND)

    def files(self) -> Iterator[File]:
        yield from (File(path, f"print of {path}", 0) for path in self._posts)

    def folders(self) -> list[str]:
        return []

    def read(self, path: str) -> Post:
        return self._posts[path]

    def render(self, path: str) -> Content:
        return Content("<p>body</p>", "body", self._posts[path].content_hash)


class Overtaken(Folder):
    """A source during whose reading another process scans it too: after what is known was read, before the commit."""

    def __init__(self, store: Store) -> None:
        super().__init__(10)
        self._store: Store | None = store

    def render(self, path: str) -> Content:
        if self._store:
            store, self._store = self._store, None
            assert scanning.scan(store, Folder(10), HOW).queued == 10
        return super().render(path)


HOW = scanning.Scan(rules=dataclasses.replace(RULES, settle=timedelta(0)), authority="news.example,2026", now=NOW)


def test_a_scan_that_another_one_overtook_changes_nothing(store: Store) -> None:
    """The lock between scans may be lost: this is what then keeps them from announcing twice."""
    with store.write() as connection:
        add_subscriber(connection)

    with pytest.raises(StoreError, match="another scan has changed the store"):
        scanning.scan(store, Overtaken(store), HOW)
    once(store, 10)
    assert scanning.scan(store, Folder(10), HOW).new == 0


def test_scans_at_once_without_a_lock_announce_once(store: Store) -> None:
    with store.write() as connection:
        add_subscriber(connection)

    def scan(_: int) -> bool:
        try:
            return scanning.scan(store, Folder(200), HOW).announced == 200
        except StoreError:
            return False

    assert sum(together(4, scan)) == 1
    once(store, 200)


def once(store: Store, number: int) -> None:
    """Expect that so many posts were announced, each once, without a gap."""
    with store.read() as connection:
        assert [row.announce_seq for row in posts.announced_since(connection, 0)] == list(range(1, number + 1))
        assert upkeep.counts(connection) == {"queued": number}


def test_planners_at_once_plan_each_digest_once(store: Store) -> None:
    with store.write() as connection:
        for number in range(20):
            add_subscriber(connection, f"{number}@x.example", cadence="daily")
        plans.ensure(connection, Schedule("daily", "Asia/Shanghai", "08:00", ""))
    scanning.scan(store, Folder(5), HOW)
    reports = together(4, lambda _: plan(store, NOW + DAY))
    assert sorted(reports) == [0, 0, 0, 20]
    with store.write() as connection:
        assert upkeep.counts(connection) == {"queued": 20}
        connection.execute(delete(t.subscriptions))
