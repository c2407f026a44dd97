"""Freeze the digests that are due and queue them, each recipient and period once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.policy import calendar
from syndicator.policy.choosing import Announced, choose
from syndicator.store import feeds, plans, posts, recipients

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from syndicator.models import Cadence, Subscription
    from syndicator.policy.calendar import CatchUp, Decision, Schedule
    from syndicator.store import Store


def plan(store: Store, now: datetime, *, early: bool = False, catch_up: CatchUp = "late") -> int:
    """Queue the digests that are due at `now`; return how many. `early` also takes the next ones before their hour.

    A digest takes what was announced since the last one, and the cursors move in the same transaction. An empty one
    is not sent: its period passes, but an early one stays to come. `catch_up` says what becomes of one that is over an
    hour late: it is sent late, its posts merge into the next, or they are skipped.
    """
    with store.read() as connection:
        schedules = plans.listing(connection)
    due = [(schedule, decided) for schedule in schedules if (decided := calendar.decide(schedule, now, catch_up))]
    queued = sum(_plan(store, schedule, *decided, now) for schedule, decided in due)
    return queued + sum(_plan_early(store, schedule, now) for schedule in schedules) if early else queued


def _plan(store: Store, schedule: Schedule, period: str, decision: Decision, now: datetime) -> int:
    with store.write() as connection:
        if not plans.pass_period(connection, schedule, period) or decision == "wait":
            return 0
        last = posts.last_sequence(connection)
        with plans.due(connection, schedule, period) as readers:
            choices = _choices(connection, schedule.cadence, readers) if decision == "send" else {}
            queued = plans.queue(connection, period, choices, now)
            plans.advance(connection, schedule, last)
    return queued


def _plan_early(store: Store, schedule: Schedule, now: datetime) -> int:
    how = {"at": schedule.at, "day": schedule.day, "zone": schedule.zone}
    period = calendar.upcoming(schedule.cadence, now=now, **how).key
    with store.write() as connection:
        last = posts.last_sequence(connection)
        with plans.due(connection, schedule, period) as readers:
            queued = plans.queue(connection, period, _choices(connection, schedule.cadence, readers), now)
            plans.advance(connection, schedule, last, queued_only=True)
    return queued


def _choices(connection: Connection, cadence: Cadence, readers: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    """Return signature → ids of the posts for those who share it, without those for whom there are none."""
    chosen = recipients.subscriptions_of(connection, readers.values())
    announced = _announced(connection, cadence, chosen.values())
    found = {signature: choose(chosen[reader], cadence, announced) for signature, reader in readers.items()}
    return {signature: post_ids for signature, post_ids in found.items() if post_ids}


def _announced(connection: Connection, cadence: Cadence, chosen: Iterable[Sequence[Subscription]]) -> list[Announced]:
    """Return the posts that any of these digests may take, in the order of announcing."""
    active = [item for items in chosen for item in items if item.cadence == cadence and not item.ended]
    since = min((max(item.start, item.cursor) for item in active), default=None)
    if since is None:
        return []
    slug: dict[tuple[str, str], str] = {(row.kind, row.name): row.slug for row in feeds.all_feeds(connection)}
    return [
        Announced(sequence, post_id, _keys(audience, slug))
        for sequence, post_id, audience in posts.announced_since(connection, since)
    ]


def _keys(audience: Iterable[tuple[str, str]], slug: Mapping[tuple[str, str], str]) -> frozenset[tuple[str, str]]:
    """Return (kind, name) and (kind, slug) of the feeds of a post: a person may have given either."""
    named = [(kind, name) for kind, name in audience]
    return frozenset([*named, *((kind, slug.get((kind, name), name)) for kind, name in named if kind != "site")])
