"""Read dates as Ruby's `Time.parse` does, which is what Jekyll hands them to."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from syndicator.content.front_matter import Timestamp

if TYPE_CHECKING:
    from datetime import tzinfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(pattern, re.I | re.A)
    for pattern in (
        r"(?P<year>\d{2,4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d)",
        r"(?P<year>\d{4})[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2})(?!\d)",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?=T?\d{6}\b|\b)",
        r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日?",
        rf"\b{_DAY}[\s-]+{_MONTH}[\s,-]+(?P<year>\d{{4}})",
        rf"\b{_MONTH}\s+{_DAY},?\s+(?P<year>\d{{4}})",
        r"(?P<year>\d{4})-(?P<month>\d{1,2})(?![\d-])",
    )
)
_TIME = re.compile(
    r"[T\s,]*(?:(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d*)?)?\s*(?P<half>[ap]m\b)?)?"
    r"\s*(?:(?P<name>[a-z]{1,5})\b)?\s*(?P<offset>[-+]\d{1,2}(?::?\d{2})?)?",
    re.I | re.A,
)
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0, "wet": 0, "bst": 1, "cet": 1, "west": 1, "cest": 2, "eet": 2, "eest": 3,
    "msk": 3, "ist": 5.5, "sgt": 8, "jst": 9, "kst": 9, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7,
    "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10,
}  # fmt: skip


def parse(value: object, zone: tzinfo) -> datetime | None:
    """Return the time that a front matter value names, in the site's zone; None when it names none.

    A quoted time without a zone is in the site's zone, an unquoted one (`Timestamp`) in UTC, a bare date is midnight
    in the site's zone. 30 February is 1 or 2 March. `CST` is UTC-6.
    """
    text = str(value)
    try:
        if len(text) == 25 and text[19] == " ":
            return datetime.fromisoformat(text[:19] + text[20:]).astimezone(zone)
    except (ValueError, OverflowError):
        pass
    try:
        return _parse(text, zone, unquoted=isinstance(value, Timestamp))
    except (ValueError, OverflowError):
        return None


def _parse(text: str, zone: tzinfo, *, unquoted: bool) -> datetime | None:
    date = next(filter(None, (pattern.search(text) for pattern in _DATES)), None)
    if date is None:
        return None
    time = _TIME.match(text, date.end())
    midnight = _midnight(date)
    if time is None or midnight is None:
        return None
    # Ruby refuses a day that the month does not have, and YAML then leaves it a string, as if it were quoted.
    naive_zone = UTC if unquoted and midnight.day == int(date["day"]) else zone
    moment = midnight + _since_midnight(time) if time["hour"] else midnight
    return moment.replace(tzinfo=_zone(time) or naive_zone).astimezone(zone)


def _midnight(date: re.Match[str]) -> datetime | None:
    """Build the day; one past the month's end (up to 31) runs over into the next month."""
    parts = date.groupdict()
    year, day = int(parts["year"]), int(parts.get("day") or 1)
    if len(parts["year"]) == 2:
        year += 1900 if year >= 69 else 2000
    name = parts["month"][:3].lower()
    month = _MONTHS.index(name) + 1 if name in _MONTHS else int(parts["month"])
    if not 1 <= day <= 31:
        return None
    return datetime(year, month, 1) + timedelta(days=day - 1)  # noqa: DTZ001 - the caller knows the zone


def _since_midnight(time: re.Match[str]) -> timedelta:
    hour, minute, second = int(time["hour"]), int(time["minute"]), int(time["second"] or 0)
    if time["half"]:
        hour = hour % 12 + (12 if time["half"].lower() == "pm" else 0)
    if hour > 24 or minute > 59 or second > 60:
        raise ValueError("no such time of day")
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _zone(time: re.Match[str]) -> tzinfo | None:
    if offset := time["offset"]:
        digits = offset[1:].replace(":", "")
        minutes = int(digits[:-2]) * 60 + int(digits[-2:]) if len(digits) > 2 else int(digits) * 60
        return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
    hours = _ZONES.get((time["name"] or "").lower())
    return None if hours is None else timezone(timedelta(hours=hours))
