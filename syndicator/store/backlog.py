"""Say how much waits in the ledger, and for how long: asked at every look at the metrics, so it reads nothing sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from syndicator.store.tables import HAS_FAILED, IS_OPEN, deliveries, recipients

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def counts(connection: Connection) -> dict[str, int]:
    """Return state → number of the deliveries that are to be sent yet or failed."""
    found: dict[str, int] = {}
    for those in (IS_OPEN, HAS_FAILED):
        query = select(deliveries.c.state, func.count()).where(those).group_by(deliveries.c.state)
        found.update((state, number) for state, number in connection.execute(query))
    return found


def oldest_due(connection: Connection, now: datetime) -> datetime | None:
    """Return since when the longest due delivery waits, None when nothing is due. Paused recipients do not count."""
    waiting = and_(IS_OPEN, deliveries.c.due <= now, recipients.c.state == "active")
    oldest: datetime | None = connection.execute(
        select(func.min(deliveries.c.due, type_=deliveries.c.due.type)).join(recipients).where(waiting)
    ).scalar()
    return oldest
