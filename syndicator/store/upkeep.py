"""Look after the ledger: what the owner sees of it, tries again or withdraws, and what time takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, or_, select, update

from syndicator.policy.retry import LONGEST_WAIT
from syndicator.store.dialect import in_groups, upsert
from syndicator.store.ledger import OPEN
from syndicator.store.tables import alerts, deliveries, digest_posts, digests, posts, recipients, spent_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row


def listing(
    connection: Connection, *, state: str = "", to: str = "", since: datetime | None = None, limit: int | None = 100
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return deliveries with their recipients' names, the newest first: of a state, to a name, queued since a time."""
    query = select(deliveries, recipients.c.name, recipients.c.channel).join(recipients)
    if state:
        query = query.where(deliveries.c.state == state)
    query = query.where(*_within(to, since))
    return connection.execute(query.order_by(deliveries.c.id.desc()).limit(limit)).all()


def unsent(
    connection: Connection, *, to: str = "", since: datetime | None = None, failed_only: bool = False
) -> list[int]:
    """Return the ids of what failed for good or (unless `failed_only`) waits for another try."""
    failed = deliveries.c.state == "failed"
    waits = and_(deliveries.c.state.in_(("queued", "unknown")), deliveries.c.attempts > 0)
    query = select(deliveries.c.id).join(recipients).where(failed if failed_only else or_(failed, waits))
    return list(connection.execute(query.where(*_within(to, since)).order_by(deliveries.c.id)).scalars())


def show(connection: Connection, delivery_id: int) -> Row[*tuple[Any, ...]] | None:
    """Return one delivery with its recipient's name."""
    query = select(deliveries, recipients.c.name, recipients.c.channel).join(recipients)
    return connection.execute(query.where(deliveries.c.id == delivery_id)).one_or_none()


def counts(connection: Connection) -> dict[str, int]:
    """Return state → number of deliveries."""
    rows = connection.execute(select(deliveries.c.state, func.count()).group_by(deliveries.c.state))
    return {state: count for state, count in rows}  # noqa: C416 - rows are not pairs


def retry(connection: Connection, ids: Iterable[int], now: datetime) -> int:
    """Queue what failed, was withdrawn or waits for its next try: now, with all tries ahead. Return how many."""
    again = {"state": "queued", "due": now, "attempts": 0, "settled": None}
    number = 0
    for group in in_groups(ids):
        ended = and_(deliveries.c.id.in_(group), deliveries.c.state.in_(("failed", "cancelled", "unknown", "queued")))
        number += connection.execute(update(deliveries).where(ended).values(again)).rowcount
    return number


def hasten(connection: Connection, now: datetime) -> int:
    """Make due what can only wait because a clock was ahead when it was queued; return how many.

    That is a first try that is not due yet, and one that waits for longer than any other side may ask for.
    """
    waiting = deliveries.c.state.in_(("queued", "unknown"))
    misdated = or_(and_(deliveries.c.attempts == 0, deliveries.c.due > now), deliveries.c.due > now + LONGEST_WAIT)
    return connection.execute(update(deliveries).where(waiting, misdated).values(due=now)).rowcount


def cancel(connection: Connection, where: ColumnElement[bool], now: datetime) -> int:
    """Withdraw what is queued and matches; what is on its way is not touched. Return how many."""
    waiting = and_(where, deliveries.c.state.in_(("queued", "unknown")))
    return connection.execute(update(deliveries).where(waiting).values(state="cancelled", settled=now)).rowcount


def withdraw(connection: Connection, post: str, now: datetime) -> int | None:
    """Take a post, given by path or entry id, out of all that is not sent yet and of digests to come.

    Return how many messages were cancelled, None when there is no such post.
    """
    named = or_(posts.c.path == post, posts.c.entry_id == post)
    ids = list(connection.execute(select(posts.c.id).where(named)).scalars())
    if not ids:
        return None
    connection.execute(update(posts).where(posts.c.id.in_(ids)).values(announce="skipped", announce_seq=None))
    unsent = select(deliveries.c.digest_id).where(deliveries.c.state.in_(("queued", "unknown")))
    connection.execute(
        delete(digest_posts).where(digest_posts.c.post_id.in_(ids), digest_posts.c.digest_id.in_(unsent))
    )
    return cancel(connection, deliveries.c.post_id.in_(ids), now)


def withdraw_all(connection: Connection, reason: str, now: datetime) -> int:
    """Withdraw everything that was not sent, also what is leased; return how many."""
    withdrawn = {"state": "cancelled", "reply": reason, "settled": now, "lease_until": None, "lease_token": None}
    return connection.execute(update(deliveries).where(deliveries.c.state.in_(OPEN)).values(withdrawn)).rowcount


def of_recipient(recipient_id: int) -> ColumnElement[bool]:
    """Match everything for one recipient."""
    return deliveries.c.recipient_id == recipient_id


def purge(connection: Connection, settled_before: datetime) -> int:
    """Delete old settled deliveries, and the digests and alerts that no other is about; return how many deliveries.

    Their unique keys are kept for ever.
    """
    old = and_(deliveries.c.state.not_in(OPEN), deliveries.c.settled < settled_before)
    keys = upsert(connection, spent_keys).from_select(["unique_key"], select(deliveries.c.unique_key).where(old))
    connection.execute(keys.on_conflict_do_nothing())
    number = connection.execute(delete(deliveries).where(old)).rowcount
    for table, key in ((digests, deliveries.c.digest_id), (alerts, deliveries.c.alert_id)):
        used = select(key).where(key.is_not(None))
        connection.execute(delete(table).where(table.c.id.not_in(used), table.c.created < settled_before))
    return number


def forget(connection: Connection, recipient_id: int) -> None:
    """Delete everything for one recipient, and the unique keys, which another may get who is given the same id."""
    connection.execute(delete(deliveries).where(of_recipient(recipient_id)))
    for kind in ("post", "digest", "alert"):
        start, end = f"{kind}:{recipient_id}:", f"{kind}:{recipient_id};"  # ";" follows ":" in ASCII
        connection.execute(delete(spent_keys).where(spent_keys.c.unique_key >= start, spent_keys.c.unique_key < end))


def _within(to: str, since: datetime | None) -> list[ColumnElement[bool]]:
    """Match what goes to one name and was queued since a time, where these are given."""
    named = [recipients.c.name_key == to.casefold()] if to else []
    return [*named, *([deliveries.c.created >= since] if since else [])]
