"""Decide when to try again, and when to give up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.models import DeliveryState, Outcome

# Waits after the first, second, … try: fast at first for a hiccup, then over about three days for an outage.
_SECONDS, _MINUTES, _HOURS = 1, 60, 3600
WAITS = (
    5 * _SECONDS, 30 * _SECONDS, 2 * _MINUTES, 10 * _MINUTES, 30 * _MINUTES, 1 * _HOURS, 2 * _HOURS, 4 * _HOURS,
    8 * _HOURS, *(10 * _HOURS,) * 6,
)  # fmt: skip

# However long the other side asks to be left alone.
LONGEST_WAIT = timedelta(days=7)

# The share of a wait that is left to chance, so that a thousand failures do not come back in one moment.
_JITTER = 0.2


def next_try(attempts: int, now: datetime, chance: float) -> datetime | None:
    """Return when to try again after so many tries, None when it is time to give up. `chance` lies in [0, 1)."""
    if attempts > len(WAITS):
        return None
    return now + timedelta(seconds=WAITS[max(attempts, 1) - 1] * (1 + _JITTER * chance))


def settle(outcome: Outcome, attempts: int, now: datetime, chance: float) -> tuple[DeliveryState, datetime]:
    """Return the state and the due time of a delivery after one try.

    An unknown outcome stays visible as such and is tried again under the same id, which the other side can recognise.
    """
    if outcome.state == "sent":
        return "sent", now
    again = next_try(attempts, now, chance)
    if outcome.state in ("permanent", "too_long") or again is None:
        return "failed", now
    waiting: DeliveryState = "unknown" if outcome.state == "unknown" else "queued"
    asked = min(outcome.retry_at, now + LONGEST_WAIT) if outcome.retry_at else again
    return waiting, max(again, asked)
