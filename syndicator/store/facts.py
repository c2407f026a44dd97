"""Remember small facts: what the feeds were last written with, whether deliveries are paused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from syndicator.store.dialect import upsert
from syndicator.store.tables import facts

if TYPE_CHECKING:
    from sqlalchemy import Connection

FEED_STYLE = "feed_style"
PAUSED = "deliveries_paused"
DECLARED = "declared_endpoints"
FULL_SCAN = "last_full_scan"
# When the store was copied: only a backup has it, until it is used as the store.
BACKUP = "backup_of"
# The sources whose next scan announces nothing, because the store was a backup.
SILENT = "silent_sources"
# Why the feeds could not be written the last time.
UNWRITTEN = "feeds_unwritten"


def get(connection: Connection, name: str) -> str:
    """Return a fact, "" where it was never set."""
    return connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar() or ""


def put(connection: Connection, name: str, value: str) -> None:
    """Remember a fact; "" forgets it."""
    statement = upsert(connection, facts).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
