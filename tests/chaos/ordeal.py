"""Send many mails and webhooks to servers that misbehave, kill the service again and again, and compare the books.

What has to hold in the end: the servers have every message that the ledger calls sent; they took one twice only where
its sender could not know (no answer, or killed in flight), never more often than that, and always under the same id;
and what the ledger calls failed is what they refused for good.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select, update

from syndicator.app import App
from syndicator.models import Recipient
from syndicator.pipeline.enrolling import Enrolment, enrol
from syndicator.settings import load
from syndicator.store import ledger, upkeep
from syndicator.store.tables import deliveries, recipients
from tests.chaos.servers import Chaos, MailServer, WebServer
from tests.e2e.site import Site

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence
    from pathlib import Path

    from syndicator.store import Store

# What a process may have sent and not settled when it is killed: all that it claimed.
IN_FLIGHT = ledger.CLAIM_LIMIT

MORE = """
[mail]
transport = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
timeout = "3s"
from = "News <news@news.example>"

[store]
url = "{store}"

[log]
level = "error"
"""
SECRET = "whsec_" + "c2VjcmV0" * 4


@dataclass(frozen=True)
class Size:
    """Hold how large an ordeal is: so many readers, and as many endpoints, each get so many posts."""

    readers: int
    posts: int
    kills: int
    processes: int = 1
    stalls: float = 0.002
    seed: int = 1


class Result(NamedTuple):
    """Hold what was counted."""

    seconds: float
    sent: int
    failed: int
    repeats: int
    unanswered: int

    def __str__(self) -> str:
        return (
            f"{self.sent} sent, {self.failed} refused for good, {self.repeats} taken once more than needed "
            f"({self.unanswered} were never answered), {self.seconds:.0f} s"
        )


class Row(NamedTuple):
    """Hold a delivery: its state, and the address or the path of the URL that it goes to."""

    state: str
    to: str


def endure(folder: Path, size: Size, store_url: str = "sqlite:///state/syndicator.db") -> Result:
    """Run the whole ordeal in a folder and compare the books; return what was counted."""
    began = time.monotonic()
    chaos = Chaos(size.seed, size.stalls)
    with MailServer(chaos) as mails, WebServer(chaos, min(size.readers, 50)) as hooks:
        site = Site(folder)
        site.configure(more=MORE.format(port=mails.port, store=store_url))
        app = App(load(str(site.config), {}))
        _queue(app, site, hooks, size)
        _live_through(site, app.store, size, chaos)
        rows = _ledger(app.store)
        app.store.close()
    assert len(rows) == 2 * size.readers * size.posts
    states = Counter(row.state for row in rows)
    assert states.keys() <= {"sent", "failed"}, states
    taken, refused = mails.book.taken + hooks.book.taken, mails.book.refused + hooks.book.refused
    unanswered = (mails.book.unanswered + hooks.book.unanswered).total()
    _compare(rows, taken, refused, size)
    repeats = sum(times - 1 for times in taken.values())
    assert repeats <= unanswered + size.kills * IN_FLIGHT, (repeats, unanswered)
    return Result(time.monotonic() - began, states["sent"], states["failed"], repeats, unanswered)


def _queue(app: App, site: Site, hooks: WebServer, size: Size) -> None:
    """Enrol everybody, write the posts, and queue all messages with one scan."""
    now = datetime.now(UTC)
    with app.store.write() as connection:
        for number in range(size.readers):
            options = {"url": hooks.url(number), "secret": SECRET}
            for who in (
                Recipient(0, "email", f"r{number}@reader.example", "UTC", "en"),
                Recipient(0, "webhook", f"hook{number}", "UTC", "en", options=options),
            ):
                enrol(connection, Enrolment(who, "", [("site", "")], "instant"), now)
    for number in range(size.posts):
        site.post(f"p{number}")
    app.scan()


def _live_through(site: Site, store: Store, size: Size, chaos: Chaos) -> None:
    """Run the processes, killing one now and then; when most is sent, calm the servers and wait for the rest."""
    chance = random.Random(size.seed)
    command = "run" if size.processes == 1 else "worker"
    with (site.folder / "service.log").open("a") as log:
        processes = [site.start_process(command, stdout=log, stderr=log) for _ in range(size.processes)]
        try:
            for _ in range(size.kills):
                time.sleep(chance.uniform(1.5, 3.5))
                place = chance.randrange(size.processes)
                processes[place].kill()
                processes[place].wait()
                processes[place] = site.start_process(command, stdout=log, stderr=log)
            _wait(store, size.readers * size.posts // 5, processes)
            chaos.calm()
            _wait(store, 0, processes, hurry=True)
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            codes = [process.wait(60) for process in processes]
    assert not any(codes), codes


def _wait(store: Store, most: int, processes: Sequence[subprocess.Popen[str]], *, hurry: bool = False) -> None:
    """Wait until at most so many deliveries are open; `hurry` makes due what waits for its next try."""
    deadline = time.monotonic() + 600
    while True:
        with store.read() as connection:
            counts = upkeep.counts(connection)
        if sum(counts.get(state, 0) for state in ledger.OPEN) <= most:
            return
        assert time.monotonic() < deadline, counts
        assert all(process.poll() is None for process in processes), "a process ended: see service.log"
        if hurry:
            waiting = deliveries.c.state.in_(("queued", "unknown"))
            with store.write() as connection:
                connection.execute(update(deliveries).where(waiting).values(due=datetime.now(UTC)))
        time.sleep(1)


def _ledger(store: Store) -> list[Row]:
    query = select(deliveries.c.state, recipients).join(recipients, recipients.c.id == deliveries.c.recipient_id)
    with store.read() as connection:
        return [
            Row(row.state, row.name if row.channel == "email" else "/" + row.options["url"].rpartition("/")[2])
            for row in connection.execute(query)
        ]


def _compare(rows: Sequence[Row], taken: Counter[tuple[str, str]], refused: Counter[str], size: Size) -> None:
    """Compare the ledger with the servers' books, recipient by recipient."""
    sent = Counter(row.to for row in rows if row.state == "sent")
    failed = Counter(row.to for row in rows if row.state == "failed")
    had = Counter(to for to, _ in taken)
    for to in sent | failed | had:
        # A message that was refused in the end may have been taken at an earlier try that got no answer. Any other
        # message has one id: two would make too many.
        assert sent[to] <= had[to] <= sent[to] + failed[to], (to, sent[to], had[to], failed[to])
        assert failed[to] <= refused[to], (to, failed[to], refused[to])
    assert refused.total() - failed.total() <= size.kills * IN_FLIGHT
