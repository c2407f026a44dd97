"""What tests put into a store, and threads that work on one at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from syndicator.models import Recipient, Subscription
from syndicator.store import posts, recipients
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
    return seen(post(f"_posts/{number}.md", content_hash=f"bytes-{number}", title=f"第{number}条"), **changes)


def add_post(connection: Connection, number: int = 1, **changes: Any) -> int:
    return posts.save(connection, [numbered(number, **changes)])[0]


def add_recipient(connection: Connection, name: str = "wang@example.com", channel: str = "email", **how: Any) -> int:
    new = Recipient(id=0, channel=channel, name=name, zone="Asia/Shanghai", language="zh-CN", **how)
    return recipients.save(connection, new, budget_key=name.rpartition("@")[2], now=NOW)


def add_subscriber(
    connection: Connection, name: str = "wang@example.com", feed: str = "", cadence: Cadence = "instant", **how: Any
) -> int:
    """Add a recipient with one subscription, to a category or (without `feed`) the site; return its id."""
    recipient_id = add_recipient(connection, name)
    how = {"kind": "category" if feed else "site"} | how
    recipients.subscribe(connection, recipient_id, [Subscription(feed=feed, cadence=cadence, **how)])
    return recipient_id


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
