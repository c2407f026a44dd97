"""Read dates as Jekyll does: YAML's times, and for all else Ruby's `Time.parse`."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from syndicator.content.yaml11 import Timestamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from syndicator.sources.jekyll import loose_dates

_KINDS = frozenset({str, Timestamp, int, float})
_TIMESTAMP = re.compile(
    r"(\d{4})-(\d+)-(\d+)[Tt\s]\s*(\d+):(\d+):(\d+)(?:\.\d*)?\s*(?:Z|(?P<sign>[-+])(?P<hours>\d{1,2}):?(?P<minutes>\d\d)?)?",
    re.A,
)
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日?", re.A)
_OFFSET = re.compile(r"([-+]\d\d)(?:(:?)(\d\d)(?:\2(\d\d))?)?", re.A)
_ZONES = {
    "UTC": 0, "UT": 0, "GMT": 0, "Z": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    **dict(zip("YXWVUTSRQPON", range(-12, 0), strict=True)), **dict(zip("ABCDEFGHIKLM", range(1, 13), strict=True)),
}  # fmt: skip


def parse(value: object, zone: tzinfo) -> datetime | None:
    """Return the time that a front matter value names, in the site's zone, to the second; None when it names no year.

    A quoted time without a zone is in the site's zone, an unquoted one (`Timestamp`) in UTC, a bare date is midnight
    in the site's zone. 30 February is 1 or 2 March (and as if quoted: it is no YAML time). `CST` is UTC-6, a zone that
    Ruby does not know is the site's.
    """
    if type(value) not in _KINDS:
        return None
    text, unquoted = str(value), isinstance(value, Timestamp)
    try:
        if found := _usual(text, UTC if unquoted else zone):
            return found.astimezone(zone)
    except (ValueError, OverflowError):
        pass
    return (_tried(_yaml_time, text, zone) if unquoted else None) or _tried(_time, text, zone)


def _usual(text: str, zone: tzinfo) -> datetime | None:
    """Read what nearly all dates look like: a day, of 1000 to 2999, perhaps with a time, perhaps with an offset.

    Raise `ValueError` or `OverflowError` for a day or a time that there is not.
    """
    size = len(text)
    if size == 25 and text[19] == " ":
        return datetime.fromisoformat(text[:19] + text[20:])
    if (size == 10 or (size == 19 and text[10] == " ")) and text[0] in "12" and text[4] == text[7] == "-":
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    return None


def _tried(read: Callable[[str, tzinfo], datetime], text: str, zone: tzinfo) -> datetime | None:
    try:
        # By way of UTC: what that cannot hold, no store can.
        return read(text, zone).astimezone(UTC).astimezone(zone)
    except (ValueError, OverflowError):
        return None


def _yaml_time(text: str, _zone: tzinfo) -> datetime:
    found = _TIMESTAMP.match(text)
    if found is None:
        raise ValueError("no YAML time")
    sign, hours, minutes = found["sign"], found["hours"], found["minutes"]
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    year, month, day, *clock = map(int, found.groups()[:6])
    if day > monthrange(year, month)[1] or clock > [24, 0, 0]:
        raise ValueError("no such day or hour")
    return _moment(year, month, day, clock, UTC) - (-offset if sign == "-" else offset)


def _time(text: str, zone: tzinfo) -> datetime:
    """Read text as `Time.parse` does, save that a year must be given: else each scan would give another time."""
    # Its patterns take 7 ms to compile, and most sites never write such a date.
    from syndicator.sources.jekyll import loose_dates

    if len(text) > loose_dates.LONGEST:
        raise ValueError("too long")
    parts = loose_dates.parts_of(_CHINESE.sub(r"\1-\2-\3 ", text))
    year, clock = parts.get("year", 0), [parts.get(name, 0) for name in ("hour", "minute", "second")]
    month, day = (1, 1) if "yday" in parts else (parts.get("month", 1), parts.get("day", 1))
    offset = _offset(parts.get("zone", ""), year, zone)
    if not offset and clock > [24, 0, 0]:
        raise ValueError("no such hour")
    moment = _moment(year, month, day, clock, zone if offset is None else timezone(offset))
    return moment + timedelta(days=_yday(parts, year) - 1)


def _yday(parts: loose_dates.Parts, year: int) -> int:
    yday: int = parts.get("yday", 1)
    if not 1 <= yday <= 365 + isleap(year):
        raise ValueError("no such day of the year")
    return yday


def _moment(year: int, month: int, day: int, clock: list[int], zone: tzinfo) -> datetime:
    """Build a time; a day past the month's end (up to 31) runs over into the next month, as 24:00 and :60 do."""
    hour, minute, second = clock
    if not 1 <= day <= 31 or minute > 59 or second > 60:
        raise ValueError("no such time")
    moment = datetime(year, month, 1) + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)  # noqa: DTZ001
    return moment.replace(tzinfo=zone)


def _offset(name: str, year: int, zone: tzinfo) -> timedelta | None:
    """Return how far a zone is ahead of UTC, as `Time.zone_offset` does; None for one that Ruby does not know."""
    name = name.upper()
    if found := _OFFSET.fullmatch(name):
        hours, _, minutes, seconds = found.groups()
        size = timedelta(hours=int(hours[1:]), minutes=int(minutes or 0), seconds=int(seconds or 0))
        return -size if hours[0] == "-" else size
    if name in _ZONES:
        return timedelta(hours=_ZONES[name])
    days = (datetime(year, month, 1, tzinfo=zone) for month in (1, 7)) if name else ()
    return next((day.utcoffset() for day in days if day.tzname() == name), None)
