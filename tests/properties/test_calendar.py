"""Every digest is due once, in every zone, whatever the clocks there do."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.policy.calendar import GRACE, WEEKDAYS, Schedule, decide, latest, upcoming

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.policy.calendar import CatchUp

ZONES = sorted(available_timezones())
# Gaps at midnight, of half an hour, of two hours, of a whole day; four changes a year; offsets of 45 minutes.
STRANGE = [
    "America/Havana", "Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Apia", "Africa/Casablanca", "Asia/Beirut",
    "Africa/Cairo", "America/Santiago", "Pacific/Chatham", "America/St_Johns", "Europe/Dublin", "America/Sao_Paulo",
]  # fmt: skip
TICK = timedelta(microseconds=1)

zones = st.one_of(st.sampled_from(STRANGE), st.sampled_from(ZONES))
walls = st.one_of(st.just("00:00"), st.sampled_from(["02:30", "23:59"]), st.times().map("{:%H:%M}".format))
starts = st.one_of(
    st.just(date(2011, 1, 1)),  # Samoa leaves out 30 December
    st.dates(date(2000, 1, 1), date(2034, 1, 1)),
)


def expected(day: date, at: str, zone: str) -> datetime:
    """Return when a wall time comes on a day, found by trying the offsets in force before and after it."""
    wall = datetime.combine(day, time.fromisoformat(at), UTC)
    before, after = (
        (wall + timedelta(hours=hours)).astimezone(ZoneInfo(zone)).utcoffset() or timedelta() for hours in (-30, 30)
    )
    shown = [
        moment
        for moment in (wall - before, wall - after)
        if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC) == wall
    ]
    return min(shown, default=wall - before)  # twice: the first; never: counted from before the gap


def days(cadence: str, start: date, weekday: str) -> Iterator[tuple[str, date]]:
    """Yield the key and the day of every digest in three years."""
    for number in range(3 * 365):
        day = start + timedelta(days=number)
        if cadence == "daily":
            yield day.isoformat(), day
        elif WEEKDAYS[day.weekday()] == weekday:
            year, week, _ = day.isocalendar()
            yield f"{year}-W{week:02}", day


def check_three_years(cadence: str, start: date, at: str, weekday: str, zone: str) -> None:
    # A day that a zone leaves out is due with the next one: the later key stands for both.
    keys = {expected(day, at, zone): key for key, day in days(cadence, start, weekday)}
    how = {"at": at, "day": weekday, "zone": zone}
    found = [latest(cadence, now=due, **how) for due in keys]
    assert [period.due for period in found] == sorted(keys)
    assert [period.key for period in found] == sorted(keys.values())
    assert found == [latest(cadence, now=due - TICK, **how) for due in list(keys)[1:]] + [found[-1]]
    assert [upcoming(cadence, now=due, **how).due for due in keys][:-1] == list(keys)[1:]


@settings(deadline=None, max_examples=40)
@given(zone=zones, at=walls, start=starts)
def test_every_day_has_one_due_instant(zone: str, at: str, start: date) -> None:
    check_three_years("daily", start, at, "monday", zone)


@pytest.mark.parametrize("initial", sorted({zone[0] for zone in ZONES}))
def test_every_week_has_one_due_instant_in_every_zone(initial: str) -> None:
    for zone in (zone for zone in ZONES if zone[0] == initial):
        chance = random.Random(zone)
        at = f"{chance.randrange(24):02}:{chance.randrange(60):02}"
        check_three_years("weekly", date(chance.randrange(2000, 2034), 1, 1), at, chance.choice(WEEKDAYS), zone)


@settings(deadline=None, max_examples=300)
@given(
    cadence=st.sampled_from(["daily", "weekly"]),
    zone=zones,
    at=walls,
    day=st.sampled_from(WEEKDAYS),
    now=st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),
)
def test_any_moment_lies_between_two_periods(cadence: str, zone: str, at: str, day: str, now: datetime) -> None:
    how = {"at": at, "day": day, "zone": zone}
    last, following = latest(cadence, now=now, **how), upcoming(cadence, now=now, **how)
    assert last.due <= now < following.due
    assert last.key < following.key
    assert following.due - last.due <= timedelta(days=2 if cadence == "daily" else 8)


def three_years_of(
    schedule: Schedule, catch_up: CatchUp, chance: random.Random
) -> Iterator[tuple[str, str, list[int]]]:
    """Yield (period, decision, posts) of all that is planned by a service that is now and then down for days.

    Posts are numbered as they are announced, every few hours; what is not sent or dropped waits.
    """
    how = {"at": schedule.at, "day": schedule.day, "zone": schedule.zone}
    now = datetime(chance.randrange(2000, 2034), chance.randrange(1, 13), 1, tzinfo=UTC)
    schedule = replace(schedule, period=latest(schedule.cadence, now=now, **how).key)
    end, number, waiting = now + timedelta(days=3 * 365), 0, list[int]()
    while now < end:
        due = upcoming(schedule.cadence, now=now, **how).due
        asleep = chance.random() < 0.05
        now = due + timedelta(minutes=chance.uniform(0, 20 * 24 * 60 if asleep else 5))
        for _ in range(chance.randrange(3)):
            number += 1
            waiting.append(number)
        if decided := decide(schedule, now, catch_up):
            period, decision = decided
            schedule = replace(schedule, period=period)
            taken = [] if decision == "wait" else waiting
            waiting = waiting if decision == "wait" else []
            yield period, decision, taken
    yield "9999", "send", waiting


@settings(deadline=None, max_examples=60)
@given(
    zone=zones,
    at=walls,
    day=st.sampled_from(WEEKDAYS),
    weekly=st.booleans(),
    catch_up=st.sampled_from(["late", "merge", "skip"]),
    chance=st.integers().map(random.Random),
)
def test_with_downtimes_each_period_comes_once_and_each_post_exactly_once(
    zone: str, at: str, day: str, weekly: bool, catch_up: CatchUp, chance: random.Random
) -> None:
    schedule = Schedule("weekly" if weekly else "daily", zone, at, day if weekly else "")
    planned = list(three_years_of(schedule, catch_up, chance))
    keys = [period for period, _, _ in planned]
    assert keys == sorted(set(keys))
    posts = [post for _, _, taken in planned for post in taken]
    assert posts == list(range(1, len(posts) + 1))
    if catch_up != "skip":
        assert all(decision != "drop" for _, decision, _ in planned)


@pytest.mark.parametrize(("catch_up", "decision"), [("late", "send"), ("merge", "wait"), ("skip", "drop")])
def test_what_is_late_is_treated_as_the_owner_wishes(catch_up: CatchUp, decision: str) -> None:
    schedule = Schedule("daily", "Asia/Shanghai", "08:00", "", "2026-03-06")
    due = datetime(2026, 3, 7, tzinfo=UTC)
    assert decide(schedule, due - TICK, catch_up) is None
    assert decide(schedule, due + GRACE, catch_up) == ("2026-03-07", "send")
    assert decide(schedule, due + GRACE + TICK, catch_up) == ("2026-03-07", decision)
    assert decide(schedule, due + timedelta(days=9, hours=2), catch_up) == ("2026-03-16", decision)


def test_what_a_clock_ahead_has_planned_does_not_hold_up_what_comes() -> None:
    schedule = Schedule("daily", "Asia/Shanghai", "08:00", "", "2027-03-07")
    now = datetime(2026, 3, 7, 3, tzinfo=UTC)
    assert decide(schedule, now, "late") == ("2026-03-07", "wait")
    assert decide(replace(schedule, period="2026-03-07"), now, "late") is None
