"""Find the parts of a date in text, however it is written, as Ruby's `Date._parse` does: pattern by pattern."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LONGEST = 128
"""Characters; Ruby refuses longer text."""

Parts = dict[str, Any]
"""Whole numbers by name (year, yday, month, day, hour, minute, second), and the `zone` as it is written."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_ERA = r"(?P<era>c(?:e|\.e\.)|b(?:ce|\.c\.e\.)|a(?:d|\.d\.)|b(?:c|\.c\.))?"
_YEAR = r"'?-?[0-9]+(?:(?:st|nd|rd|th)\b)?"
_ERAS = {"m": 1867, "t": 1911, "s": 1925, "h": 1988, "r": 2018}


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)


_SEPARATORS = re.compile(r"(?:[^-+',./:@\w\[\]]|_)+")
_WEEKDAY = _compiled(r"\b(?:sun|mon|tue|wed|thu|fri|sat)[^-/0-9 ]*")
_TIME = _compiled(
    r"(?P<time>(?:[0-9]+ *: *[0-9]+(?: *: *[0-9]+(?:[,.][0-9]*)?)?|[0-9]+ *h(?: *[0-9]+m?(?: *[0-9]+s?)?)?)"
    r"(?: *[ap](?:m\b|\.m\.))?|[0-9]+ *[ap](?:m\b|\.m\.))"
    r"(?: *(?P<zone>(?:gmt|utc?)?[-+][0-9]+(?:[,.:][0-9]+(?::[0-9]+)?)?"
    r"|(?:[^\W\d_]|[. ])+(?:standard|daylight) time\b|[^\W\d_]+(?: dst)?\b))?"
)
_CLOCK = _compiled(
    r"(?P<hour>[0-9]+)h?(?: *:? *(?P<minute>[0-9]+)m?(?: *:? *(?P<second>[0-9]+)(?:[,.][0-9]+)?s?)?)?"
    r"(?: *(?P<half>[ap])(?:m\b|\.m\.))?"
)
_BEFORE_CHRIST = _compiled(r"\b(?:bc\b|bce\b|b\.c\.|b\.c\.e\.)")
_LONE = re.compile(r" *([0-9]{1,2}) *\Z")
_SIGNED = re.compile(r"[-+][0-9]*|[0-9]+")
_NUMBER = re.compile(r"[0-9]+")


def parts_of(text: str) -> Parts:
    """Return what a text says of a date and a time of day; empty where it says nothing."""
    found: Parts = {"short": True}
    text = _WEEKDAY.sub(" ", _SEPARATORS.sub(" ", text), count=1)
    text = _taken(text, _TIME, _read_time, found) or text
    text = next(filter(None, (_taken(text, pattern, read, found) for pattern, read in _DATES)), text)
    if _BEFORE_CHRIST.search(text) and "year" in found:
        found["year"] = 1 - found["year"]
    if lone := _LONE.match(text):
        _read_lone(int(lone[1]), found)
    if found.pop("short") and 0 <= found.get("year", -1) <= 99:
        found["year"] += 1900 if found["year"] >= 69 else 2000
    return found


def _taken(text: str, pattern: re.Pattern[str], read: Callable[[re.Match[str], Parts], None], found: Parts) -> str:
    """Read the pattern's first match; return the text without it, empty where there is none."""
    match = pattern.search(text)
    if match is None:
        return ""
    read(match, found)
    return f"{text[: match.start()]} {text[match.end() :]}"


def _read_time(match: re.Match[str], found: Parts) -> None:
    clock = _CLOCK.match(match["time"])
    if clock is None:
        return
    found |= {name: int(clock[name]) for name in ("hour", "minute", "second") if clock[name]}
    if clock["half"]:
        found["hour"] = found["hour"] % 12 + (12 if clock["half"] in "pP" else 0)
    if match["zone"]:
        found["zone"] = match["zone"]


def _read_lone(number: int, found: Parts) -> None:
    """Take a number that is left over for the day or the hour, whichever is missing."""
    if "hour" in found and "day" not in found and 1 <= number <= 31:
        found["day"] = number
    if "day" in found and "hour" not in found and number <= 24:
        found["hour"] = number


def _read_date(match: re.Match[str], found: Parts) -> None:
    texts = match.groupdict()
    month = texts["month"]
    number = str(_MONTHS.index(month[:3].lower()) + 1) if month[0].isalpha() else month
    _settle(found, texts.get("year"), number, texts.get("day"), texts.get("era"))


def _read_numbers(match: re.Match[str], found: Parts) -> None:
    found |= {name: int(text) for name, text in match.groupdict().items() if text}


def _settle(found: Parts, year: str | None, month: str | None, day: str | None, era: str | None = None) -> None:
    """Find out which number is which: Ruby's `s3e`, step by step.

    A number of more than two digits, or one after an apostrophe, is the year.
    """
    if year is not None and month is not None and day is None:
        year, month, day = day, year, month
    if year is None and day is not None and _is_year(day):
        year, day = day, None
    if year is not None and (number := _SIGNED.search(year)) and number.end() < len(year):
        year, day = day, number[0]
    if month is not None and _is_year(month):
        year, month, day = month, day, year
    if day is not None and _is_year(day):
        year, day = day, year
    if year is not None and (number := _SIGNED.search(year)):
        found["year"] = int(number[0])
        found["short"] = number[0][0] not in "+-" and len(number[0]) <= 2
    for name, text in (("month", month), ("day", day)):
        if text is not None and (number := _NUMBER.search(text)):
            found[name] = int(number[0])
    if era and era[0] in "bB" and "year" in found:
        found["year"] = 1 - found["year"]


def _is_year(text: str) -> bool:
    return len(text) > 2 or text.startswith("'")


def _read_japanese(match: re.Match[str], found: Parts) -> None:
    era, year, month, day = match.groups()
    found |= {"year": int(year) + _ERAS[era.lower()], "month": int(month), "day": int(day)}


_CLOCK_NAMES: Sequence[tuple[str, int]] = (("hour", 2), ("minute", 2), ("second", 2))
_DAY_NAMES: Sequence[tuple[str, int]] = (("year", 4), ("month", 2), ("day", 2))
_FORWARD: dict[int, Sequence[tuple[str, int]]] = {
    2: [("day", 2)],
    3: [("yday", 3)],
    4: [("month", 2), ("day", 2)],
    5: [("year", 2), ("yday", 3)],
    6: [("year", 2), ("month", 2), ("day", 2)],
    7: [("year", 4), ("yday", 3)],
    **{8 + 2 * count: [*_DAY_NAMES, *_CLOCK_NAMES[:count]] for count in range(4)},
}
_BACKWARD: Sequence[tuple[str, int]] = (
    ("second", 2),
    ("minute", 2),
    ("hour", 2),
    ("day", 2),
    ("month", 2),
    ("year", 4),
)


def _read_digits(match: re.Match[str], found: Parts) -> None:
    """Read a run of digits by its length, from its end where a fraction follows; then perhaps the time of day."""
    sign, digits, more, fraction, zone = match.groups()
    backward = more is None and fraction is not None
    if backward:
        _read_backward(digits, found)
    else:
        _read_forward(digits, found, _FORWARD.get(len(digits), ()))
    if more and len(more) % 2 == 0:
        count = len(more) // 2
        _read_forward(more, found, _CLOCK_NAMES[:count] if fraction is None else _CLOCK_NAMES[-count:])
    if sign == "-" and "year" in found:
        found["year"] = -found["year"]
    found["short"] = len(digits) < (14 if backward else 8)
    if zone:
        found["zone"] = zone


def _read_forward(digits: str, found: Parts, names: Sequence[tuple[str, int]]) -> None:
    at = 0
    for name, width in names:
        found[name] = int(digits[at : at + width])
        at += width


def _read_backward(digits: str, found: Parts) -> None:
    for name, width in _BACKWARD if len(digits) not in (9, 11, 13) else ():
        if digits:
            digits, number = digits[:-width], digits[-width:]
            found[name] = int(number)


_DATES: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str], Parts], None]]] = (
    (_compiled(rf"(?P<day>'?[0-9]+)[^-0-9 ]* *{_MONTH}[^-0-9 ']*(?: *{_ERA} *(?P<year>{_YEAR}))?"), _read_date),
    (
        _compiled(rf"\b{_MONTH}[^-0-9 ']* *(?P<day>'?[0-9]+)[^-0-9 ]*(?: *,? *{_ERA} *(?P<year>'?-?[0-9]+))?"),
        _read_date,
    ),
    (_compiled(r"(?P<year>'?[-+]?[0-9]+)-(?P<month>[0-9]+)-(?P<day>'?-?[0-9]+)"), _read_date),
    (_compiled(r"\b([mtshr])([0-9]+)\.([0-9]+)\.([0-9]+)"), _read_japanese),
    (_compiled(rf"(?P<day>'?-?[0-9]+)-{_MONTH}[^-/.]*-(?P<year>'?-?[0-9]+)"), _read_date),
    (_compiled(rf"\b{_MONTH}[^-/.]*-(?P<day>'?-?[0-9]+)(?:-(?P<year>'?-?[0-9]+))?"), _read_date),
    (_compiled(r"(?P<year>'?-?[0-9]+)/ *(?P<month>'?[0-9]+)(?:[^0-9] *(?P<day>'?-?[0-9]+))?"), _read_date),
    (_compiled(r"(?P<year>'?-?[0-9]+)\. *(?P<month>'?[0-9]+)\. *(?P<day>'?-?[0-9]+)"), _read_date),
    # Weeks, of which Ruby makes no time.
    (_compiled(r"\b(?:[0-9]{2}|[0-9]{4})?-?w[0-9]{2}(?:-?[0-9])?\b|-w-[0-9]\b"), _read_numbers),
    (_compiled(r"--(?P<month>[0-9]{2})?-(?P<day>[0-9]{2})\b"), _read_numbers),
    (_compiled(r"--(?P<month>[0-9]{2})(?P<day>[0-9]{2})?\b"), _read_numbers),
    (_compiled(r"(?<![,.])\b(?P<year>[0-9]{2}|[0-9]{4})-(?P<yday>[0-9]{3})\b"), _read_numbers),
    (_compiled(r"(?<![0-9])\b-(?P<yday>[0-9]{3})\b"), _read_numbers),
    (_compiled(r"'(?P<year>[0-9]+)\b"), _read_numbers),
    (_compiled(rf"\b{_MONTH}[^ ]*"), _read_date),
    (_compiled(r"(?P<day>[0-9]+)(?:st|nd|rd|th)\b"), _read_numbers),
    (
        _compiled(r"([-+]?)([0-9]{2,14})(?: *t? *([0-9]{2,6})?(?:[,.]([0-9]*))?)?(?: *(z\b|[-+][0-9]{1,4}\b))?"),
        _read_digits,
    ),
)
