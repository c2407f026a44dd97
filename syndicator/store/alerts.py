"""Keep what is known of troubles, and what the owner is told of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from syndicator.policy.alerts import News, Trouble
from syndicator.store.dialect import in_groups, upsert
from syndicator.store.tables import alerts, deliveries, recipients, to_microseconds, troubles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

_TIMES = ("since", "said", "ended")


@dataclass(frozen=True, slots=True)
class Alert:
    """Hold one message to the owner, as it was decided."""

    news: tuple[News, ...]
    zone: str
    language: str


def known_troubles(connection: Connection) -> dict[str, Trouble]:
    """Return key → trouble of all that is known."""
    return {row.key: Trouble(**row._asdict()) for row in connection.execute(select(troubles))}


def keep(connection: Connection, before: Mapping[str, Trouble], after: Iterable[Trouble]) -> None:
    """Make what is known what `after` says; `before` is what the store holds."""
    kept = {trouble.key: trouble for trouble in after}
    for key in before.keys() - kept.keys():
        connection.execute(delete(troubles).where(troubles.c.key == key))
    for trouble in kept.values():
        if trouble != before.get(trouble.key):
            values = asdict(trouble)
            statement = upsert(connection, troubles).values(values)
            connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))


def queue(connection: Connection, alert: Alert, recipient_id: int, now: datetime) -> None:
    """Store an alert and queue it for its recipient."""
    values = {"items": [_packed(item) for item in alert.news], "zone": alert.zone, "language": alert.language}
    alert_id: int = connection.execute(insert(alerts).values(created=now, **values).returning(alerts.c.id)).scalar_one()
    budget = select(recipients.c.budget_key).where(recipients.c.id == recipient_id).scalar_subquery()
    connection.execute(
        insert(deliveries).values(
            kind="alert", recipient_id=recipient_id, alert_id=alert_id, state="queued", due=now, attempts=0, reply="",
            # The time and not the id, which the database may give to another one day.
            unique_key=f"alert:{recipient_id}:{to_microseconds(now)}", budget_key=budget, created=now,
        )
    )  # fmt: skip


def contents(connection: Connection, ids: Iterable[int]) -> dict[int, Alert]:
    """Return alert id → alert."""
    found: dict[int, Alert] = {}
    for group in in_groups(ids):
        for row in connection.execute(select(alerts).where(alerts.c.id.in_(group))):
            found[row.id] = Alert(_unpacked(row.items), row.zone, row.language)
    return found


def _packed(item: News) -> dict[str, Any]:
    values = asdict(item.trouble) | {"over": item.over}
    return values | {name: values[name].isoformat() for name in _TIMES if values[name]}


def _unpacked(items: Sequence[dict[str, Any]]) -> tuple[News, ...]:
    return tuple(_news(dict(values)) for values in items)


def _news(values: dict[str, Any]) -> News:
    over = values.pop("over")
    times = {name: datetime.fromisoformat(values[name]) for name in _TIMES if values[name]}
    return News(Trouble(**values | times), over)
