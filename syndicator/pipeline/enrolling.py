"""Take people and endpoints in, and let them go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syndicator.models import Subscription
from syndicator.policy import calendar
from syndicator.policy.calendar import Schedule
from syndicator.store import plans, posts, recipients, upkeep

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from syndicator.models import Cadence, FeedKind, Recipient
    from syndicator.store import Store

# (kind, name or slug); the site is ("site", "")
Choice = tuple["FeedKind", str]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Hold one who is to get posts: what, how often, and whether also (in digests) what was announced before."""

    recipient: Recipient
    budget_key: str
    choices: Sequence[Choice]
    cadence: Cadence
    from_start: bool = False


def enrol(connection: Connection, wanted: Enrolment, now: datetime) -> int:
    """Add a recipient's subscriptions to those it has, and make it active; return its id."""
    recipient_id = recipients.save(connection, wanted.recipient, budget_key=wanted.budget_key, now=now)
    recipients.subscribe(connection, recipient_id, _subscriptions(connection, wanted))
    _schedule(connection, wanted.recipient, recipient_id, now)
    return recipient_id


def declare(store: Store, wanted: Iterable[Enrolment], now: datetime) -> None:
    """Make the declared endpoints what the settings say; one that is no longer there is disabled."""
    with store.write() as connection:
        declared = set()
        for item in wanted:
            recipient_id = enrol(connection, item, now)
            recipients.unsubscribe(connection, recipient_id, keep=_subscriptions(connection, item))
            declared.add(recipient_id)
        for endpoint in recipients.listing(connection, email=False):
            if endpoint.declared and endpoint.id not in declared:
                recipients.set_state(connection, endpoint.id, "disabled", recipients.NOT_DECLARED)


def leave(store: Store, recipient_id: int, now: datetime) -> None:
    """End all subscriptions of a recipient and withdraw what is queued for it."""
    with store.write() as connection:
        recipients.unsubscribe(connection, recipient_id)
        upkeep.cancel(connection, upkeep.of_recipient(recipient_id), now)


def forget(store: Store, recipient_id: int) -> None:
    """Forget a recipient: what it chose, what it got, what is queued for it."""
    with store.write() as connection:
        upkeep.forget(connection, recipient_id)
        recipients.remove(connection, recipient_id)


def _subscriptions(connection: Connection, wanted: Enrolment) -> list[Subscription]:
    start = 0 if wanted.from_start else posts.last_sequence(connection)
    return [
        Subscription(kind=kind, feed=feed, cadence=wanted.cadence, start=start, cursor=start)
        for kind, feed in wanted.choices
    ]


def _schedule(connection: Connection, who: Recipient, recipient_id: int, now: datetime) -> None:
    """Have digests planned at a recipient's hour; where that is a new one, the first comes when it is next due."""
    chosen = recipients.subscriptions_of(connection, [recipient_id])[recipient_id]
    for cadence in {item.cadence for item in chosen if item.cadence != "instant" and not item.ended}:
        day = who.day if cadence == "weekly" else ""
        planned = calendar.latest(cadence, at=who.at, day=day, zone=who.zone, now=now).key
        plans.ensure(connection, Schedule(cadence, who.zone, who.at, day, planned))
