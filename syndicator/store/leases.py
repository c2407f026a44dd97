"""Let one process at a time do something, for as long as it renews its lease.

`now` is the store's (`dialect.now`), so that clocks of several machines need not agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select

from syndicator.store.dialect import upsert
from syndicator.store.tables import leases

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy import Connection

SCHEDULER = "scheduler"


def take(connection: Connection, name: str, owner: str, token: str, now: datetime, length: timedelta) -> bool:
    """Take a lease that is free, or renew it when it is held under this token; return whether it is ours now.

    One that lies further ahead than a lease is long was made by a clock that has been set back since: it is free.
    """
    fresh = {"owner": owner, "token": token, "until": now + length}
    free = or_(leases.c.token == token, leases.c.until < now, leases.c.until > now + length)
    statement = upsert(connection, leases).values(name=name, **fresh)
    statement = statement.on_conflict_do_update(index_elements=["name"], set_=fresh, where=free)
    return connection.execute(statement).rowcount == 1


def give_back(connection: Connection, token: str) -> None:
    """Let others take at once what is held under a token."""
    connection.execute(delete(leases).where(leases.c.token == token))


def free(connection: Connection, name: str) -> None:
    """Free a lease whose holder is known to be gone."""
    connection.execute(delete(leases).where(leases.c.name == name))


def owner(connection: Connection, name: str) -> str:
    """Return who held a lease last, "" where it was given back."""
    return connection.execute(select(leases.c.owner).where(leases.c.name == name)).scalar() or ""
