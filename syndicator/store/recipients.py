"""Keep who gets what: subscribers (channel "email") and endpoints (all others), and their subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, text, update

from syndicator.models import Recipient, Subscription
from syndicator.store import posts
from syndicator.store.dialect import in_groups, upsert
from syndicator.store.tables import recipients, subscriptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from syndicator.models import RecipientState

# Why a declared endpoint is disabled that the settings no longer declare.
NOT_DECLARED = "no longer in the settings"


def find(connection: Connection, name: str) -> Recipient | None:
    """Return the recipient of a name (an address or an endpoint's name), in any case of letters."""
    row = connection.execute(select(recipients).where(recipients.c.name_key == name.casefold())).one_or_none()
    return recipient(row) if row else None


def get(connection: Connection, recipient_id: int) -> Recipient | None:
    """Return the recipient with an id."""
    row = connection.execute(select(recipients).where(recipients.c.id == recipient_id)).one_or_none()
    return recipient(row) if row else None


def listing(connection: Connection, *, email: bool) -> list[Recipient]:
    """Return the subscribers, or the endpoints, by name."""
    wanted = recipients.c.channel == "email" if email else recipients.c.channel != "email"
    return [recipient(row) for row in connection.execute(select(recipients).where(wanted).order_by(recipients.c.name))]


def save(connection: Connection, new: Recipient, *, budget_key: str, now: datetime) -> int:
    """Insert a recipient, or bring the one of the same name up to date and active; return its id."""
    settings = {
        "channel": new.channel, "name": new.name, "zone": new.zone, "language": new.language, "at": new.at,
        "day": new.day, "state": "active", "state_reason": "", "declared": new.declared, "options": dict(new.options),
        "budget_key": budget_key,
    }  # fmt: skip
    statement = upsert(connection, recipients).values(name_key=new.name.casefold(), created=now, **settings)
    statement = statement.on_conflict_do_update(index_elements=["name_key"], set_=settings)
    recipient_id: int = connection.execute(statement.returning(recipients.c.id)).scalar_one()
    return recipient_id


def subscribe(connection: Connection, recipient_id: int, wanted: Iterable[Subscription]) -> None:
    """Add subscriptions; those that are active already stay as they are."""
    for item in wanted:
        statement = upsert(connection, subscriptions).values(recipient_id=recipient_id, **_values(item))
        unique = ["recipient_id", "kind", "feed", "cadence"]
        connection.execute(statement.on_conflict_do_nothing(index_elements=unique, index_where=text("NOT ended")))


def unsubscribe(connection: Connection, recipient_id: int, keep: Iterable[Subscription] = ()) -> int:
    """End every subscription that is not among `keep`; return how many.

    The row stays and covers what was delivered up to now, so that another cadence does not send it again.
    """
    kept = {(item.kind, item.feed, item.cadence) for item in keep}
    ending = [row.id for row in _active(connection, recipient_id) if (row.kind, row.feed, row.cadence) not in kept]
    last = posts.last_sequence(connection)
    for row_id in ending:
        instant = subscriptions.c.cadence == "instant"
        connection.execute(update(subscriptions).where(subscriptions.c.id == row_id).values(ended=True))
        connection.execute(update(subscriptions).where(subscriptions.c.id == row_id, instant).values(cursor=last))
    return len(ending)


def set_state(connection: Connection, recipient_id: int, state: RecipientState, reason: str = "") -> None:
    """Pause, resume or disable a recipient; what is queued for it waits."""
    statement = update(recipients).where(recipients.c.id == recipient_id)
    connection.execute(statement.values(state=state, state_reason=reason))


def set_options(connection: Connection, recipient_id: int, options: dict[str, Any]) -> None:
    """Replace an endpoint's own settings (a new secret)."""
    connection.execute(update(recipients).where(recipients.c.id == recipient_id).values(options=options))


def remove(connection: Connection, recipient_id: int) -> None:
    """Delete a recipient, with its subscriptions; `upkeep.forget` comes before it."""
    connection.execute(delete(recipients).where(recipients.c.id == recipient_id))


def subscriptions_of(connection: Connection, ids: Iterable[int]) -> dict[int, list[Subscription]]:
    """Return recipient id → subscriptions, the ended ones too."""
    found: dict[int, list[Subscription]] = {}
    for group in in_groups(ids):
        query = select(subscriptions).where(subscriptions.c.recipient_id.in_(group)).order_by(subscriptions.c.id)
        for row in connection.execute(query):
            found.setdefault(row.recipient_id, []).append(subscription(row))
    return found


def recipient(row: Row[*tuple[Any, ...]]) -> Recipient:
    """Return the recipient in a row of (or joined with) `recipients`."""
    return Recipient(
        id=row.id, channel=row.channel, name=row.name, zone=row.zone, language=row.language, at=row.at, day=row.day,
        state=row.state, state_reason=row.state_reason, declared=row.declared, options=dict(row.options or {}),
    )  # fmt: skip


def subscription(row: Row[*tuple[Any, ...]]) -> Subscription:
    """Return the subscription in a row of `subscriptions`."""
    return Subscription(
        kind=row.kind, feed=row.feed, cadence=row.cadence, start=row.start, cursor=row.cursor, ended=row.ended,
    )  # fmt: skip


def _active(connection: Connection, recipient_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    mine = (subscriptions.c.recipient_id == recipient_id) & ~subscriptions.c.ended
    return connection.execute(select(subscriptions).where(mine)).all()


def _values(item: Subscription) -> dict[str, Any]:
    return {
        "kind": item.kind, "feed": item.feed, "cadence": item.cadence, "start": item.start, "cursor": item.cursor,
        "ended": item.ended,
    }  # fmt: skip
