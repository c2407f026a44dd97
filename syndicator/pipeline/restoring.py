"""Take up work again on a store that was a backup: what it holds may have been sent since, so none of it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.policy import calendar
from syndicator.store import facts, plans, posts, upkeep

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from syndicator.store import Store


def take_up(store: Store, sources: Iterable[str], now: datetime) -> str:
    """Make a store that was a backup fit for use; return what was done, in words, "" for a store that was none.

    What is queued is withdrawn, digests begin anew from now, and the next scan of each source announces nothing.
    """
    with store.read() as connection:
        if not facts.get(connection, facts.BACKUP):
            return ""
    with store.write() as connection:
        made = facts.get(connection, facts.BACKUP)
        if not made:
            return ""  # another process did it meanwhile
        reason = f"in the backup of {made}: it may have been sent since; syndicator deliveries retry ID sends it"
        withdrawn = upkeep.withdraw_all(connection, reason, now)
        _begin_digests_anew(connection, now)
        facts.put(connection, facts.SILENT, ",".join(sources))
        facts.put(connection, facts.BACKUP, "")
    return (
        f"the store is the backup of {made}: {withdrawn} queued messages were withdrawn, digests begin anew, and the "
        "next scan announces nothing, so that nothing is sent twice; who subscribed or left since then is not in it"
    )


def is_silent(store: Store, source: str) -> bool:
    """Tell whether a source is still to be scanned for the first time since the store was a backup."""
    with store.read() as connection:
        return source in _silent(connection)


def was_scanned(store: Store, source: str) -> None:
    """Let what the next scans of a source find be announced again."""
    with store.write() as connection:
        left = [name for name in _silent(connection) if name != source]
        facts.put(connection, facts.SILENT, ",".join(left))


def _silent(connection: Connection) -> list[str]:
    return facts.get(connection, facts.SILENT).split(",")


def _begin_digests_anew(connection: Connection, now: datetime) -> None:
    """Move cursors and periods up to now: the digests of the time in between went out."""
    plans.cover_all(connection, posts.last_sequence(connection))
    for schedule in plans.listing(connection):
        how = {"at": schedule.at, "day": schedule.day, "zone": schedule.zone}
        plans.pass_period(connection, schedule, calendar.latest(schedule.cadence, now=now, **how).key)
