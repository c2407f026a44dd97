"""Freeze the digests that are due and queue them, each recipient and period once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syndicator.policy import calendar
from syndicator.policy.choosing import Announced, choose
from syndicator.store import feeds, ledger, posts, recipients

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from syndicator.models import Cadence, Recipient, Subscription
    from syndicator.store import Store

# The more frequent first: a post chosen under both goes with the earlier.
_CADENCES: tuple[Cadence, ...] = ("daily", "weekly")


@dataclass(frozen=True, slots=True)
class PlanReport:
    """Count the digests that were queued, and the recipients whose period was due but had no posts."""

    queued: int
    empty: int


def plan(store: Store, now: datetime, *, early: bool = False) -> PlanReport:
    """Queue the digests that are due at `now`; `early` also takes each recipient's next one before its hour.

    A digest takes what was announced since the last one, and the cursor moves in the same transaction. An empty one
    is not sent: its period passes, but an early one stays to come.
    """
    with store.write() as connection:
        takers = recipients.digest_takers(connection)
        chosen = recipients.subscriptions_of(connection, (taker.id for taker in takers))
        queued = empty = 0
        for cadence in _CADENCES:
            batches, passed = _due(connection, takers, chosen, cadence, now, early=early)
            for (period, post_ids), ids in batches.items():
                queued += ledger.queue_digest(connection, period, post_ids, ids, now)
            empty += passed
            # What daily digests cover now, weekly ones leave out.
            chosen = recipients.subscriptions_of(connection, (taker.id for taker in takers))
    return PlanReport(queued, empty)


def _due(
    connection: Connection,
    takers: Iterable[Recipient],
    chosen: Mapping[int, Sequence[Subscription]],
    cadence: Cadence,
    now: datetime,
    *,
    early: bool,
) -> tuple[dict[tuple[str, tuple[int, ...]], list[int]], int]:
    """Return (period, post ids) → recipients, whose cursors are moved, and how many periods pass without posts."""
    batches: dict[tuple[str, tuple[int, ...]], list[int]] = {}
    passed: dict[str, list[int]] = {}
    last = posts.last_sequence(connection)
    announced = _announced(connection, chosen)
    had = ledger.recipients_of(connection, (post.post_id for post in announced))
    for taker in takers:
        mine = [item for item in chosen.get(taker.id, ()) if item.cadence == cadence and not item.ended]
        if not mine:
            continue
        planned = max(item.period for item in mine)
        period = _period(taker, cadence, planned, now)
        mine_now = choose(chosen[taker.id], cadence, announced)
        # A post may have changed its category since: what this recipient has had is in the ledger.
        post_ids = tuple(post_id for post_id in mine_now if taker.id not in had.get(post_id, ()))
        if period is None and early and post_ids:
            period = _upcoming(taker, cadence, planned, now)
        if period is None:
            continue
        if post_ids:
            batches.setdefault((period, post_ids), []).append(taker.id)
        else:
            passed.setdefault(period, []).append(taker.id)
    for (period, _), ids in batches.items():
        recipients.advance(connection, ids, cadence, cursor=last, period=period)
    for period, ids in passed.items():
        recipients.advance(connection, ids, cadence, cursor=last, period=period)
    return batches, sum(map(len, passed.values()))


def _period(taker: Recipient, cadence: Cadence, planned: str, now: datetime) -> str | None:
    """Return the latest period that is due, unless it was planned."""
    period = calendar.latest(cadence, at=taker.at, day=taker.day, zone=taker.zone, now=now)
    return period.key if period.key > planned else None


def _upcoming(taker: Recipient, cadence: Cadence, planned: str, now: datetime) -> str | None:
    """Return the next period that will be due, unless it was planned early."""
    period = calendar.upcoming(cadence, at=taker.at, day=taker.day, zone=taker.zone, now=now)
    return period.key if period.key > planned else None


def _announced(connection: Connection, chosen: Mapping[int, Sequence[Subscription]]) -> list[Announced]:
    """Return the posts that any digest may still take, in the order of announcing."""
    everyone = [item for items in chosen.values() for item in items if item.cadence != "instant" and not item.ended]
    since = min((max(item.start, item.cursor) for item in everyone), default=None)
    if since is None:
        return []
    slug: dict[tuple[str, str], str] = {(row.kind, row.name): row.slug for row in feeds.all_feeds(connection)}
    return [
        Announced(row.announce_seq, row.id, _keys(row.categories, row.tags, slug))
        for row in posts.announced_since(connection, since)
    ]


def _keys(
    categories: Iterable[str], tags: Iterable[str], slug: Mapping[tuple[str, str], str]
) -> frozenset[tuple[str, str]]:
    """Return (kind, name) and (kind, slug) of the feeds of a post: a person may have given either."""
    named = [("site", ""), *(("category", name) for name in categories), *(("tag", name) for name in tags)]
    return frozenset([*named, *((kind, slug.get((kind, name), name)) for kind, name in named if kind != "site")])
