"""Write dates as Ruby's `strftime` does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_DIRECTIVE = re.compile(r"%([-0^#_:]*)(\d{0,2})([a-zA-Z%+])", re.A)
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

_SHORTHANDS = {
    "c": "%a %b %e %H:%M:%S %Y", "D": "%m/%d/%y", "x": "%m/%d/%y", "F": "%Y-%m-%d", "v": "%e-%^b-%Y",
    "X": "%H:%M:%S", "T": "%H:%M:%S", "r": "%I:%M:%S %p", "R": "%H:%M", "+": "%a %b %e %H:%M:%S %Z %Y",
}  # fmt: skip
_NUMBERS: dict[str, tuple[int, str, Callable[[datetime], int]]] = {
    "Y": (1, "0", lambda at: at.year),
    "C": (2, "0", lambda at: at.year // 100),
    "y": (2, "0", lambda at: at.year % 100),
    "m": (2, "0", lambda at: at.month),
    "d": (2, "0", lambda at: at.day),
    "e": (2, " ", lambda at: at.day),
    "j": (3, "0", lambda at: at.timetuple().tm_yday),
    "H": (2, "0", lambda at: at.hour),
    "k": (2, " ", lambda at: at.hour),
    "I": (2, "0", lambda at: at.hour % 12 or 12),
    "l": (2, " ", lambda at: at.hour % 12 or 12),
    "M": (2, "0", lambda at: at.minute),
    "S": (2, "0", lambda at: at.second),
    "u": (1, "0", lambda at: at.isoweekday()),
    "w": (1, "0", lambda at: at.isoweekday() % 7),
    "G": (4, "0", lambda at: at.isocalendar().year),
    "g": (2, "0", lambda at: at.isocalendar().year % 100),
    "V": (2, "0", lambda at: at.isocalendar().week),
    "U": (2, "0", lambda at: (at.timetuple().tm_yday + 6 - at.isoweekday() % 7) // 7),
    "W": (2, "0", lambda at: (at.timetuple().tm_yday + 6 - at.weekday()) // 7),
    "s": (1, "0", lambda at: int(at.timestamp())),
}
_WORDS: dict[str, Callable[[datetime], str]] = {
    "B": lambda at: _MONTHS[at.month - 1],
    "b": lambda at: _MONTHS[at.month - 1][:3],
    "h": lambda at: _MONTHS[at.month - 1][:3],
    "A": lambda at: _DAYS[at.isoweekday() % 7],
    "a": lambda at: _DAYS[at.isoweekday() % 7][:3],
    "p": lambda at: "PM" if at.hour > 11 else "AM",
    "P": lambda at: "pm" if at.hour > 11 else "am",
    "Z": lambda at: at.tzname() or "",
    "%": lambda _: "%",
    "n": lambda _: "\n",
    "t": lambda _: "\t",
}


def formatted(at: datetime, pattern: str) -> str:
    """Write a time by a pattern: `%Y`, `%-d`, `%^b` and so on; an unknown directive stays as it is."""
    return _DIRECTIVE.sub(lambda found: _directive(at, found), pattern)


def ordinal(day: int) -> str:
    """Return a day of the month with its English suffix."""
    return f"{day}{'th' if day in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def xml_schema(at: datetime) -> str:
    """Write a time as XML Schema and Atom want it."""
    return at.replace(microsecond=0).isoformat()


def _directive(at: datetime, found: re.Match[str]) -> str:
    flags, width, letter = found.groups()
    if letter in _SHORTHANDS:
        return formatted(at, _SHORTHANDS[letter])
    if letter in _NUMBERS:
        least, fill, count = _NUMBERS[letter]
        return _padded(str(count(at)), flags, int(width or least), fill)
    if letter in _WORDS:
        return _cased(_WORDS[letter](at), flags).rjust(int(width or 0))
    if letter in "LN":
        return f"{at.microsecond:06}000"[: int(width or 0) or (3 if letter == "L" else 9)]
    return _offset(at, flags) if letter == "z" else found[0]


def _padded(digits: str, flags: str, width: int, fill: str) -> str:
    if "-" in flags:
        return digits
    return digits.rjust(width, " " if "_" in flags else "0" if "0" in flags else fill)


def _cased(word: str, flags: str) -> str:
    if "^" in flags:
        return word.upper()
    return word.swapcase() if "#" in flags and word.isupper() else word.upper() if "#" in flags else word


def _offset(at: datetime, flags: str) -> str:
    written = at.strftime("%z")[:5] or "+0000"
    return f"{written[:3]}:{written[3:]}" if ":" in flags else written
