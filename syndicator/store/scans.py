"""Notice a scan that decided by what another one has changed since.

Scans wait for each other (`Locks.scan`), but a lock can be lost: the server restarts, a machine sleeps. The commits of
all scans are therefore counted, and one that was not counted on is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from syndicator.errors import StoreError
from syndicator.store.dialect import upsert
from syndicator.store.tables import counters

if TYPE_CHECKING:
    from sqlalchemy import Connection

_COUNTER = "scan_commits"


def commits(connection: Connection) -> int:
    """Return how many times scans have committed."""
    return connection.execute(select(counters.c.value).where(counters.c.name == _COUNTER)).scalar() or 0


def count_commit(connection: Connection, expected: int) -> None:
    """Count this commit; raise StoreError when there were not `expected` ones before it."""
    connection.execute(upsert(connection, counters).values(name=_COUNTER, value=0).on_conflict_do_nothing())
    mine = (counters.c.name == _COUNTER) & (counters.c.value == expected)
    if not connection.execute(update(counters).where(mine).values(value=expected + 1)).rowcount:
        raise StoreError("another scan has changed the store since this one began: the next one goes on from there")
