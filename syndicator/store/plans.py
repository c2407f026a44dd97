"""Keep when digests are due and which were planned; find who gets one, and queue it, in sets and never one by one.

All who take digests at the same hour in the same zone have one schedule, which is planned as a whole. Within it, those
who are to get the same posts share a signature: what their subscriptions take and have covered. What it comes to is
decided once a signature, so that a million readers cost a few statements.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from syndicator.policy.calendar import Schedule
from syndicator.store import ledger
from syndicator.store.dialect import upsert
from syndicator.store.tables import deliveries, recipients, schedules, spent_keys, subscriptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

# Who is due, while one schedule is planned; not in the schema, because it is of one connection and one transaction.
_due = Table(
    "due",
    MetaData(),
    Column("recipient_id", BigInteger, primary_key=True, autoincrement=False),
    Column("signature", Text, nullable=False),
    Column("digest_id", BigInteger),
    prefixes=["TEMPORARY"],
)
Index("ix_due_signature", _due.c.signature)


def ensure(connection: Connection, schedule: Schedule) -> None:
    """Have a schedule planned from now on; one that is there already stays as it is."""
    values = {name: getattr(schedule, name) for name in Schedule.__slots__}
    connection.execute(upsert(connection, schedules).values(values).on_conflict_do_nothing())


def listing(connection: Connection) -> list[Schedule]:
    """Return every schedule, the daily ones first: a post chosen under two cadences goes with the more frequent."""
    query = select(*(schedules.c[name] for name in Schedule.__slots__)).order_by(*schedules.primary_key)
    return [Schedule(*row) for row in connection.execute(query)]


def pass_period(connection: Connection, schedule: Schedule, period: str) -> bool:
    """Record that a schedule is planned for a period; False where somebody else has planned it meanwhile."""
    mine = [schedules.c[name] == getattr(schedule, name) for name in Schedule.__slots__]
    return connection.execute(update(schedules).where(*mine).values(period=period)).rowcount == 1


@contextmanager
def due(connection: Connection, schedule: Schedule, period: str) -> Iterator[dict[str, int]]:
    """Gather the active recipients of a schedule who have no digest of a period yet, for `queue` and `advance`.

    Give signature → one of the recipients who share it.
    """
    _due.create(connection)
    floors = _floors(schedule, period).cte()
    lines = _lines(schedule, floors.c.floor)
    signed = (
        select(floors.c.recipient_id, func.aggregate_strings(lines, "\n"))
        .join_from(floors, subscriptions, subscriptions.c.recipient_id == floors.c.recipient_id)
        .group_by(floors.c.recipient_id)
    )
    connection.execute(insert(_due).from_select(["recipient_id", "signature"], signed))
    one_each = select(_due.c.signature, func.min(_due.c.recipient_id)).group_by(_due.c.signature)
    yield {signature: recipient_id for signature, recipient_id in connection.execute(one_each)}  # noqa: C416
    _due.drop(connection)


def queue(connection: Connection, period: str, choices: Mapping[str, Sequence[int]], now: datetime) -> int:
    """Freeze the digests of a period, given as signature → post ids, and queue them for who is due; return how many."""
    digest = {posts: ledger.digest(connection, period, posts, now) for posts in set(map(tuple, choices.values()))}
    if not digest:
        return 0
    assign = update(_due).where(_due.c.signature == bindparam("shared")).values(digest_id=bindparam("its_digest"))
    connection.execute(
        assign, [{"shared": signature, "its_digest": digest[tuple(posts)]} for signature, posts in choices.items()]
    )
    queued = (
        select(*ledger.new_row("digest", _key(recipients.c.id, period), now, digest_id=_due.c.digest_id))
        .join_from(_due, recipients, recipients.c.id == _due.c.recipient_id)
        .where(_due.c.digest_id.is_not(None))
    )
    statement = upsert(connection, deliveries).from_select(ledger.NEW_COLUMNS, queued)
    return connection.execute(statement).rowcount


def advance(connection: Connection, schedule: Schedule, cursor: int, *, queued_only: bool = False) -> None:
    """Move the cursors of who is due to what this planning has covered; `queued_only`: of who gets a digest."""
    covered = select(_due.c.recipient_id)
    if queued_only:
        covered = covered.where(_due.c.digest_id.is_not(None))
    mine = and_(_takes(schedule), subscriptions.c.recipient_id.in_(covered))
    connection.execute(update(subscriptions).where(mine).values(cursor=cursor))


def cover_all(connection: Connection, cursor: int) -> None:
    """Move the cursors of everybody's digests, as if all that was announced up to there had been planned."""
    digests = and_(subscriptions.c.cadence != "instant", ~subscriptions.c.ended)
    connection.execute(update(subscriptions).where(digests).values(cursor=cursor))


def _floors(schedule: Schedule, period: str) -> Any:
    """Select who is due, with the highest sequence up to which none of its subscriptions has anything to take."""
    key = _key(recipients.c.id, period)
    has_one = or_(
        exists().where(deliveries.c.unique_key == key).correlate(recipients),
        exists().where(spent_keys.c.unique_key == key).correlate(recipients),
    )
    return (
        select(subscriptions.c.recipient_id, func.min(_later(subscriptions.c.cursor)).label("floor"))
        .join(recipients)
        .where(_takes(schedule), recipients.c.state == "active", *_at(schedule), ~has_one)
        .group_by(subscriptions.c.recipient_id)
    )


def _lines(schedule: Schedule, floor: ColumnElement[int]) -> Any:
    """Describe a subscription by what matters for a digest, the same for all for whom it comes to the same.

    What lies below the floor does not matter; the length of the name keeps two descriptions from reading alike.
    """
    c = subscriptions.c
    name = c.kind + literal(":") + _text(func.length(c.feed)) + literal(":") + c.feed
    takes = literal("takes:") + name + literal(":") + _text(_later(c.cursor))
    at_once = literal("at once:") + name + literal(":") + _text(_later(floor))
    covered = literal("covered:") + name + literal(":") + _text(_later(floor)) + literal("-") + _text(c.cursor)
    return case(
        (_takes(schedule), takes), (and_(c.cadence == "instant", ~c.ended), at_once), (c.cursor > floor, covered)
    )


def _takes(schedule: Schedule) -> ColumnElement[bool]:
    return and_(subscriptions.c.cadence == schedule.cadence, ~subscriptions.c.ended)


def _at(schedule: Schedule) -> list[ColumnElement[bool]]:
    when = [recipients.c.zone == schedule.zone, recipients.c.at == schedule.at]
    return [*when, recipients.c.day == schedule.day] if schedule.day else when


def _later(than: ColumnElement[int]) -> Any:
    return case((subscriptions.c.start > than, subscriptions.c.start), else_=than)


def _key(recipient_id: ColumnElement[int], period: str) -> Any:
    return literal("digest:") + _text(recipient_id) + literal(f":{period}")


def _text(value: ColumnElement[int]) -> Any:
    return value.cast(Text)
