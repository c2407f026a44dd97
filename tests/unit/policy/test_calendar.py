from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from syndicator.policy.calendar import Period, latest, upcoming


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(at: str, zone: str, now: str) -> tuple[Period, Period]:
    how = {"at": at, "day": "monday", "zone": zone}
    return latest("daily", now=utc(now), **how), upcoming("daily", now=utc(now), **how)


def weekly(day: str, at: str, zone: str, now: str) -> tuple[Period, Period]:
    how = {"at": at, "day": day, "zone": zone}
    return latest("weekly", now=utc(now), **how), upcoming("weekly", now=utc(now), **how)


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        ("2026-03-05T23:59:59", "2026-03-05", "2026-03-06"),
        ("2026-03-06T00:00:00", "2026-03-06", "2026-03-07"),
        ("2026-03-06T00:00:01", "2026-03-06", "2026-03-07"),
        ("2026-03-06T16:30:00", "2026-03-06", "2026-03-07"),  # 00:30 of the 7th there
    ],
)
def test_a_day_is_due_at_its_wall_time(now: str, last: str, following: str) -> None:
    before, after = daily("08:00", "Asia/Shanghai", now)
    assert (before.key, after.key) == (last, following)
    assert before.due == utc(f"{last}T00:00:00")
    assert after.due == utc(f"{following}T00:00:00")


def test_midnight_belongs_to_the_day_that_begins() -> None:
    before, after = daily("00:00", "Asia/Shanghai", "2026-03-05T16:00:00")
    assert before == Period("2026-03-06", utc("2026-03-05T16:00:00"))
    assert after == Period("2026-03-07", utc("2026-03-06T16:00:00"))


@pytest.mark.parametrize(
    ("day", "last", "following"),
    [("friday", "2026-W10", "2026-W11"), ("saturday", "2026-W09", "2026-W10"), ("sunday", "2026-W09", "2026-W10")],
)
def test_a_week_is_due_on_its_day(day: str, last: str, following: str) -> None:
    before, after = weekly(day, "08:00", "Asia/Shanghai", "2026-03-06T00:00:00")  # a Friday, 08:00 there
    assert (before.key, after.key) == (last, following)
    assert after.due - before.due == timedelta(days=7)


@pytest.mark.parametrize(
    ("now", "key"),
    [("2026-01-01T12:00:00", "2026-W01"), ("2027-01-01T12:00:00", "2026-W53"), ("2024-12-31T12:00:00", "2025-W01")],
)
def test_a_week_has_its_iso_number_around_new_year(now: str, key: str) -> None:
    day = utc(now).strftime("%A").lower()
    assert weekly(day, "08:00", "UTC", now)[0] == Period(key, utc(now).replace(hour=8))


def test_a_wall_time_in_a_gap_counts_from_before_it() -> None:
    # Berlin goes from 02:00 to 03:00 on 29 March 2026: 02:30 is half an hour after 02:00.
    before, _ = daily("02:30", "Europe/Berlin", "2026-03-29T12:00:00")
    assert before == Period("2026-03-29", utc("2026-03-29T01:30:00"))


def test_a_wall_time_in_a_fold_is_the_first_of_the_two() -> None:
    # Berlin goes from 03:00 to 02:00 on 25 October 2026.
    before, after = daily("02:30", "Europe/Berlin", "2026-10-25T00:30:00")
    assert before == Period("2026-10-25", utc("2026-10-25T00:30:00"))
    assert daily("02:30", "Europe/Berlin", "2026-10-25T01:30:00") == (before, after)  # 02:30 again: nothing is due


def test_a_day_that_began_has_begun_also_when_the_clock_goes_back_into_the_one_before() -> None:
    # St John's went from 00:01 on 7 November 2010 back to 23:01 on the 6th.
    midnight = Period("2010-11-07", utc("2010-11-07T02:30:00"))
    assert daily("00:00", "America/St_Johns", "2010-11-07T02:45:00")[0] == midnight
    assert daily("00:00", "America/St_Johns", "2010-11-07T03:45:00")[0] == midnight


@pytest.mark.parametrize(
    ("at", "now", "hours"),
    [("08:00", "2026-03-28T12:00:00", 23), ("08:00", "2026-10-24T12:00:00", 25), ("08:00", "2026-06-01T12:00:00", 24)],
)
def test_days_are_as_long_as_the_clock_makes_them(at: str, now: str, hours: int) -> None:
    before, after = daily(at, "Europe/Berlin", now)
    assert after.due - before.due == timedelta(hours=hours)


def test_a_day_that_a_zone_left_out_is_due_with_the_next() -> None:
    # Samoa went from 29 to 31 December 2011: digests are keyed by the day that was.
    before, after = daily("08:00", "Pacific/Apia", "2011-12-30T18:00:00")
    assert before == Period("2011-12-31", utc("2011-12-30T18:00:00"))
    assert after.key == "2012-01-01"


def test_a_week_is_found_also_when_its_day_was_left_out() -> None:
    before, _ = weekly("friday", "08:00", "Pacific/Apia", "2011-12-31T12:00:00")
    assert before == Period("2011-W52", utc("2011-12-30T18:00:00"))
