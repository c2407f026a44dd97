"""What tests put into a store, and threads that work on one at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from syndicator.models import Recipient, Subscription
from syndicator.policy.calendar import Schedule
from syndicator.policy.changes import decided
from syndicator.store import plans, posts, recipients
from tests.records import NOW, post, seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from syndicator.models import Cadence
    from syndicator.policy.changes import Record
    from syndicator.store import Store

T = TypeVar("T")

# Every kind of character that a name, a title or a path may hold.
ODD = "海滨晚报 «ß» 🦀 'quoted\" \\ \t\n %s :name ?"


def numbered(number: int, **changes: Any) -> Record:
    """Return the record of post `number`; like a real one, all of its names are its own."""
    what = {name: changes.pop(name) for name in ("categories", "tags") if name in changes}
    found = seen(post(f"_posts/{number}.md", content_hash=f"bytes-{number}", title=f"第{number}条", **what))
    return decided(found, changes.pop("announce", "pending"))._replace(**changes)


def add_post(connection: Connection, number: int = 1, **changes: Any) -> int:
    return posts.save(connection, [numbered(number, **changes)])[0]


def add_recipient(connection: Connection, name: str = "wang@example.com", channel: str = "email", **how: Any) -> int:
    new = Recipient(id=0, channel=channel, name=name, zone="Asia/Shanghai", language="zh-CN", **how)
    return recipients.save(connection, new, budget_key=name.rpartition("@")[2], now=NOW)


def add_subscriber(
    connection: Connection,
    name: str = "wang@example.com",
    feed: str = "",
    cadence: Cadence = "instant",
    also: Cadence | None = None,
    **how: Any,
) -> int:
    """Add a recipient with a subscription, to a category or (without `feed`) the site; return its id."""
    recipient_id = add_recipient(connection, name)
    how = {"kind": "category" if feed else "site"} | how
    cadences = [cadence, also] if also else [cadence]
    recipients.subscribe(connection, recipient_id, [Subscription(feed=feed, cadence=each, **how) for each in cadences])
    return recipient_id


def queue_digest(connection: Connection, period: str, post_ids: list[int], cadence: Cadence = "daily") -> int:
    """Queue a digest of these posts for every recipient of the cadence who has none of the period; return how many."""
    schedule = Schedule(cadence, "Asia/Shanghai", "08:00", "")
    with plans.due(connection, schedule, period) as readers:
        return plans.queue(connection, period, dict.fromkeys(readers, post_ids), NOW)


class KilledError(Exception):
    """Stands for whatever ends a process before its commit."""


@contextmanager
def killed_before_commit(store: Store) -> Iterator[Connection]:
    """Give a transaction that never commits, and raise KilledError."""
    with store.write() as connection:
        yield connection
        raise KilledError


def together(number: int, work: Callable[[int], T]) -> list[T]:
    """Return what `work` gives in each of so many threads, which begin at the same moment."""
    gate = threading.Barrier(number)

    def begin(place: int) -> T:
        gate.wait(10)
        return work(place)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(begin, range(number)))
