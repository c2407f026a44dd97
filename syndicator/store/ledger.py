"""The ledger of deliveries: queued in the transaction that causes them, claimed under a lease, settled by its token.

queued → leased → sent | failed | queued (again, later) | unknown (sent, but no answer came; tried again)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Integer,
    and_,
    bindparam,
    exists,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)

from syndicator.models import Delivery
from syndicator.store.dialect import Turn, in_groups, take_turn, upsert
from syndicator.store.recipients import recipient
from syndicator.store.tables import (
    Instant,
    deliveries,
    digest_posts,
    digests,
    recipients,
    spent_keys,
    subscriptions,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from syndicator.models import DeliveryState, FeedKind

OPEN = ("queued", "leased", "unknown")
# Claims stay small, so that a lease outlives its batch even when every message in it is slow.
CLAIM_LIMIT = 50


def queue_post(connection: Connection, post_id: int, feeds: Mapping[FeedKind, Iterable[str]], now: datetime) -> int:
    """Queue a post for every active recipient with an instant subscription to one of its feeds; return how many.

    `feeds` gives, by kind, the names and slugs of the feeds that the post belongs to. One INSERT … SELECT.
    """
    chosen = or_(
        *(and_(subscriptions.c.kind == kind, subscriptions.c.feed.in_(list(names))) for kind, names in feeds.items())
    )
    subscribed = select(subscriptions.c.recipient_id).where(
        chosen, subscriptions.c.cadence == "instant", ~subscriptions.c.ended
    )
    key = literal("post:") + recipients.c.id.cast(deliveries.c.unique_key.type) + literal(f":{post_id}")
    chosen_recipients = select(*new_row("post", key, now, post_id=post_id)).where(
        recipients.c.state != "disabled",
        recipients.c.id.in_(subscribed),
        ~_is_spent(key),
    )
    statement = upsert(connection, deliveries).from_select(NEW_COLUMNS, chosen_recipients)
    return connection.execute(statement.on_conflict_do_nothing()).rowcount


def digest(connection: Connection, period: str, post_ids: Sequence[int], now: datetime) -> int:
    """Return the id of the digest of these posts in a period, frozen now unless it is already."""
    choice = ",".join(map(str, sorted(post_ids)))
    same = and_(digests.c.period == period, digests.c.choice == choice)
    known: int | None = connection.execute(select(digests.c.id).where(same)).scalar()
    if known is not None:
        return known
    statement = insert(digests).values(period=period, choice=choice, created=now).returning(digests.c.id)
    digest_id: int = connection.execute(statement).scalar_one()
    connection.execute(insert(digest_posts), [{"digest_id": digest_id, "post_id": post_id} for post_id in post_ids])
    return digest_id


def claim(connection: Connection, now: datetime, lease_until: datetime, token: str, limit: int) -> list[Delivery]:
    """Lease up to `limit` deliveries that are due, the longest due first; each counts as one more try.

    The token is new: no other claim has had it.

    A lease that ran out belongs to a worker that died, and one that lies further ahead than two are long to a clock
    that was set back since: its delivery is due again. A recipient who is being sent to is left alone, so that its
    messages keep their order and one that hangs takes no more than one place. Claims take turns: two at once would not
    see whom the other one is about to send to.
    """
    take_turn(connection, Turn.CLAIM)
    wanted = {"now": now, "far": lease_until + (lease_until - now), "most": limit}
    lease = {"new_until": lease_until, "new_token": token}
    claimed = connection.execute(_CLAIM, wanted | lease).rowcount
    return _claimed(connection, token) if claimed else []


def renew(connection: Connection, token: str, lease_until: datetime) -> int:
    """Prolong every lease under a token; return how many there are."""
    mine = and_(_are("leased"), deliveries.c.lease_token == token)
    return connection.execute(update(deliveries).where(mine).values(lease_until=lease_until)).rowcount


def settle(
    connection: Connection,
    token: str,
    results: Iterable[tuple[int, DeliveryState, datetime, str]],
    now: datetime,
) -> int:
    """Write down (id, state, due, reply) of tries made under a token; return how many leases were still ours."""
    alike: dict[tuple[DeliveryState, datetime, str], list[int]] = {}
    for row_id, state, due, reply in results:
        alike.setdefault((state, due, reply), []).append(row_id)
    # Most went well and were answered alike: these take one statement together, the others one each.
    settled, single = 0, []
    for (state, due, reply), ids in alike.items():
        row = {"token": token, "new_state": state, "new_due": due, "new_reply": reply, "at": _when(state, now)}
        if len(ids) > 1:
            settled += connection.execute(_SETTLE_ALIKE, {**row, "ids": ids}).rowcount
        else:
            single.append({**row, "row_id": ids[0]})
    return settled + (connection.execute(_SETTLE, single).rowcount if single else 0)


def release(connection: Connection, tokens: Iterable[str]) -> int:
    """Give back at once what was leased under tokens whose owners are dead."""
    freed = 0
    for group in in_groups(tokens):
        held = and_(_are("leased"), deliveries.c.lease_token.in_(group))
        statement = update(deliveries).where(held).values(state="unknown", lease_until=None, lease_token=None)
        freed += connection.execute(statement).rowcount
    return freed


def lease_tokens(connection: Connection) -> list[str]:
    """Return the tokens of all leases."""
    query = select(deliveries.c.lease_token).where(_are("leased")).distinct()
    return [token for token in connection.execute(query).scalars() if token]


def digest_contents(connection: Connection, digest_ids: Iterable[int]) -> dict[int, tuple[str, list[int]]]:
    """Return digest id → (period, post ids)."""
    found: dict[int, tuple[str, list[int]]] = {}
    for group in in_groups(digest_ids):
        query = select(digests.c.id, digests.c.period, digest_posts.c.post_id).join(digest_posts)
        for row in connection.execute(query.where(digests.c.id.in_(group)).order_by(digest_posts.c.post_id)):
            found.setdefault(row.id, (row.period, []))[1].append(row.post_id)
    return found


NEW_COLUMNS = [
    "kind", "recipient_id", "post_id", "digest_id", "unique_key", "state", "due", "attempts", "budget_key", "reply",
    "created",
]  # fmt: skip


def new_row(
    kind: str,
    key: Any,
    now: datetime,
    *,
    post_id: int | None = None,
    digest_id: ColumnElement[int | None] | None = None,
) -> list[Any]:
    """Return the values of `NEW_COLUMNS` for a delivery to the recipients that a query selects."""
    c = deliveries.c
    its_digest = literal(None, c.digest_id.type) if digest_id is None else digest_id
    return [
        literal(kind), recipients.c.id, literal(post_id, c.post_id.type), its_digest, key,
        literal("queued"), literal(now, c.due.type), literal(0), recipients.c.budget_key, literal(""),
        literal(now, c.created.type),
    ]  # fmt: skip


def _is_spent(key: ColumnElement[str]) -> ColumnElement[bool]:
    # Not IN, for which PostgreSQL would read all keys that ever were.
    return exists().where(spent_keys.c.unique_key == key)


def _are(*states: DeliveryState, table: Any = deliveries) -> ColumnElement[bool]:
    """Match states as constants, not as parameters: a partial index is used only where its condition can be seen."""
    constants: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in states]
    matches: ColumnElement[bool] = table.c.state.in_(constants) if constants[1:] else table.c.state == constants[0]
    return matches


def _claim_statement() -> Any:
    """Return the UPDATE that leases what is due; built once, as that takes longer than running it."""
    now, far = bindparam("now", type_=Instant), bindparam("far", type_=Instant)
    held = deliveries.alias()
    busy = select(held.c.recipient_id).where(_are("leased", table=held), held.c.lease_until.between(now, far))
    over = or_(deliveries.c.lease_until < now, deliveries.c.lease_until > far)
    # No join: even a database that knows nothing of its rows yet has no other way than along the index.
    state = select(recipients.c.state).where(recipients.c.id == deliveries.c.recipient_id).scalar_subquery()
    due = (
        select(deliveries.c.id)
        .where(_are("queued", "leased", "unknown"), deliveries.c.due <= now, or_(~_are("leased"), over))
        .where(deliveries.c.recipient_id.not_in(busy), state == "active")
        .order_by(deliveries.c.due, deliveries.c.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(of=deliveries, skip_locked=True)  # what the owner is withdrawing right now waits for nobody
        .cte("due_now")  # PostgreSQL runs a subquery with a LIMIT as often as it likes, a CTE that locks once
    )
    lease = {"state": "leased", "lease_until": bindparam("new_until"), "lease_token": bindparam("new_token")}
    return (
        update(deliveries)
        .where(deliveries.c.id.in_(select(due.c.id)))
        .values(attempts=deliveries.c.attempts + 1, **lease)
    )


_CLAIM = _claim_statement()

_SETTLED = (
    update(deliveries)
    .where(deliveries.c.lease_token == bindparam("token"))
    .values(
        state=bindparam("new_state"), due=bindparam("new_due"), reply=bindparam("new_reply"), settled=bindparam("at"),
        lease_until=None, lease_token=None,
    )
)  # fmt: skip
_SETTLE = _SETTLED.where(deliveries.c.id == bindparam("row_id"))
_SETTLE_ALIKE = _SETTLED.where(deliveries.c.id.in_(bindparam("ids", expanding=True)))


def _claimed(connection: Connection, token: str) -> list[Delivery]:
    return [
        Delivery(
            id=row.delivery_id, kind=row.delivery_kind, unique_key=row.delivery_unique_key, recipient=recipient(row),
            token=row.delivery_lease_token, attempts=row.delivery_attempts, created=row.delivery_created,
            post_id=row.delivery_post_id, digest_id=row.delivery_digest_id, alert_id=row.delivery_alert_id,
        )
        for row in connection.execute(_CLAIMED, {"token": token})
    ]  # fmt: skip


_CLAIMED = (
    select(*(deliveries.c[name].label(f"delivery_{name}") for name in (
        "id", "kind", "unique_key", "lease_token", "attempts", "created", "post_id", "digest_id", "alert_id",
    )), recipients)
    .join_from(deliveries, recipients)
    .where(_are("leased"), deliveries.c.lease_token == bindparam("token"))
    .order_by(deliveries.c.due, deliveries.c.id)
)  # fmt: skip


def _when(state: DeliveryState, now: datetime) -> datetime | None:
    return None if state in OPEN else now
