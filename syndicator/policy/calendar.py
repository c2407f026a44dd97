"""Say when digests are due: wall time in the reader's own zone, never an offset from UTC.

A period is a local date ("2026-11-22") or an ISO week ("2026-W47"); each has exactly one due instant. In a gap (clocks
go forward) a wall time that does not exist means the same moment counted from before the gap; in a fold, the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import date

    from syndicator.models import Cadence

CatchUp = Literal["late", "merge", "skip"]
Decision = Literal["send", "wait", "drop"]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Period:
    """Name a period and the instant (UTC) at which its digest is due."""

    key: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """Hold when digests are due (`day` is empty for daily ones), and the last period that was planned."""

    cadence: Cadence
    zone: str
    at: str
    day: str
    period: str = ""


# A digest that is planned later than this after its hour was held up: by a service that was down, or a clock.
GRACE = timedelta(hours=1)
_WHEN_LATE: dict[CatchUp, Decision] = {"late": "send", "merge": "wait", "skip": "drop"}


def decide(schedule: Schedule, now: datetime, catch_up: CatchUp) -> tuple[str, Decision] | None:
    """Return the period that is to be planned now and what becomes of its posts, None where nothing is due.

    send: they go out in a digest. wait: they go with the next one. drop: no digest takes them. Of several periods
    that were missed the last one stands for all.
    """
    period = latest(schedule.cadence, at=schedule.at, day=schedule.day, zone=schedule.zone, now=now)
    if period.key == schedule.period:
        return None
    if period.key < schedule.period:
        return period.key, "wait"  # planned by a clock that was ahead: without this nothing would be due until then
    return period.key, _WHEN_LATE[catch_up] if now - period.due > GRACE else "send"


def latest(cadence: str, *, at: str, day: str, zone: str, now: datetime) -> Period:
    """Return the last period whose digest was due at or before `now`."""
    today = now.astimezone(ZoneInfo(zone)).date()
    # One day more than a period: around midnight and DST changes today's instant can lie on the other side of `now`.
    candidates = (_period(cadence, today - timedelta(days=back), at, day, zone) for back in range(-1, 9))
    return next(period for period in candidates if period is not None and period.due <= now)


def upcoming(cadence: str, *, at: str, day: str, zone: str, now: datetime) -> Period:
    """Return the first period whose digest is due after `now`."""
    today = now.astimezone(ZoneInfo(zone)).date()
    candidates = (_period(cadence, today + timedelta(days=ahead), at, day, zone) for ahead in range(-1, 9))
    return next(period for period in candidates if period is not None and period.due > now)


def _period(cadence: str, date: date, at: str, day: str, zone: str) -> Period | None:
    """Return the period that is due on a local date, or None when none is."""
    if cadence == "weekly" and date.weekday() != WEEKDAYS.index(day):
        return None
    wall = datetime.combine(date, time.fromisoformat(at), ZoneInfo(zone))
    key = f"{date:%G-W%V}" if cadence == "weekly" else date.isoformat()
    return Period(key, wall.astimezone(UTC))
