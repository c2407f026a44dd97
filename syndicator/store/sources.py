"""Remember how the service's last scan of each source ended, for whoever asks after its health."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from syndicator.store.dialect import upsert
from syndicator.store.tables import scans

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class LastScan:
    """Hold when a source was last read to its end (None: never), and why it could not be since ("": it could)."""

    source: str
    good: datetime | None
    reason: str


def all_scans(connection: Connection) -> list[LastScan]:
    """Return how the last scan of each source ended, also of sources that are no longer in the settings."""
    return [LastScan(*row) for row in connection.execute(select(scans).order_by(scans.c.source))]


def succeeded(connection: Connection, source: str, now: datetime) -> None:
    """Record that a source was read."""
    statement = upsert(connection, scans).values(source=source, good=now, reason="")
    connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_={"good": now, "reason": ""}))


def failed(connection: Connection, source: str, reason: str) -> None:
    """Record why a source could not be read; when it last could is kept."""
    statement = upsert(connection, scans).values(source=source, good=None, reason=reason)
    connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_={"reason": reason}))
