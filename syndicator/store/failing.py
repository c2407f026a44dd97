"""Find what fails in the ledger: messages that are not taken, and digests that nobody will get."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, select

from syndicator.store.tables import HAS_FAILED, IS_OPEN, deliveries, recipients

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

# Among how many of the messages that were sent, the newest, one looks for the mail that was sent last.
_RECENT = 1_000

_INSTANT = deliveries.c.settled.type
_email = recipients.c.channel == "email"
# A lease is a try under way: it fails still, unless it is the first.
_retried = and_(IS_OPEN, deliveries.c.attempts >= case((deliveries.c.state == "leased", 2), else_=1))


@dataclass(frozen=True, slots=True)
class Failing:
    """Hold what is not taken: by an endpoint, or (`recipient_id` None) by whatever takes the mail.

    `reason` is the most frequent reply, `worked` when a message was last taken.
    """

    recipient_id: int | None
    name: str
    reason: str
    count: int
    worked: datetime | None


def failing_mail(connection: Connection) -> Failing | None:
    """Return the mails that wait for another try or ran out of them since the last one that was sent; None for none.

    One refused at its first try is its reader's trouble.
    """
    newest = select(deliveries.c.settled, recipients.c.channel).join(recipients).where(deliveries.c.state == "sent")
    recent = newest.order_by(deliveries.c.id.desc()).limit(_RECENT).subquery()
    mails = select(func.max(recent.c.settled, type_=_INSTANT)).where(recent.c.channel == "email")
    worked: datetime | None = connection.execute(mails).scalar()
    return _failing(connection, None, "", worked, _email, given_up=deliveries.c.attempts > 1)


def failing_endpoints(connection: Connection) -> list[Failing]:
    """Return the active endpoints of which messages wait for another try, or failed since the last that was sent."""
    found = [
        _failing(connection, recipient_id, name, _worked(connection, recipient_id), recipients.c.id == recipient_id)
        for recipient_id, name in _suspects(connection)
    ]
    return [item for item in found if item]


def failed_digests(connection: Connection) -> tuple[int, datetime | None, str]:
    """Return how many digests failed for good, when the last one did, and what was replied to it."""
    query = select(deliveries.c.settled, deliveries.c.reply).where(HAS_FAILED, deliveries.c.kind == "digest")
    rows = connection.execute(query.order_by(deliveries.c.settled.desc())).all()
    return (len(rows), rows[0].settled, rows[0].reply) if rows else (0, None, "")


def _suspects(connection: Connection) -> list[tuple[int, str]]:
    """Return (id, name) of the active endpoints that did not take something, in the order of their names."""
    found: set[tuple[int, str]] = set()
    for wrong in (_retried, HAS_FAILED):
        query = select(recipients.c.id, recipients.c.name).join(deliveries).where(~_email, wrong).distinct()
        found.update((row.id, row.name) for row in connection.execute(query.where(recipients.c.state == "active")))
    return sorted(found, key=lambda item: item[1])


def _worked(connection: Connection, recipient_id: int) -> datetime | None:
    mine = and_(deliveries.c.recipient_id == recipient_id, deliveries.c.state == "sent")
    last = select(func.max(deliveries.c.settled, type_=_INSTANT)).where(mine)
    worked: datetime | None = connection.execute(last).scalar()
    return worked


def _failing(
    connection: Connection,
    recipient_id: int | None,
    name: str,
    worked: datetime | None,
    whose: ColumnElement[bool],
    given_up: ColumnElement[bool] | None = None,
) -> Failing | None:
    """Count by reply what waits for another try, and what failed for good (as `given_up` says) since it `worked`."""
    since = [deliveries.c.settled > worked] if worked else []
    limits = [given_up] if given_up is not None else []
    replies: Counter[str] = Counter()
    for wrong in ([_retried], [HAS_FAILED, *since, *limits]):
        query = select(deliveries.c.reply, func.count()).join(recipients).where(whose, *wrong)
        for reply, count in connection.execute(query.group_by(deliveries.c.reply)):
            replies[reply] += count
    return Failing(recipient_id, name, replies.most_common(1)[0][0], replies.total(), worked) if replies else None
