"""Read the kinds of value that settings have: each takes what an owner writes, or says what to write instead.

Checks raise `ValueError` with the whole message.
"""

import os
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from syndicator.settings.wording import did_you_mean, has_unprintable, noun, shown

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"([0-9]{1,10})\s*([smhd])")
# Beyond a century, subtracting a duration from a date can leave the calendar.
_LONGEST = timedelta(days=36_500)

# RFC 5646, section 2.1, in small letters and without the grandfathered tags.
_LANGUAGE = re.compile(
    r"[a-z]{2,3}(-[a-z]{3}){0,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(-[0-9a-wy-z](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?"
)


def one_line(text: str) -> str:
    """Return a text stripped; raise `ValueError` when it is not on one line."""
    if has_unprintable(text):
        raise ValueError("has a line break or a control character in it, expected plain text on one line")
    return text.strip()


def filled(text: str) -> str:
    """Return a text on one line, stripped; raise `ValueError` when nothing is in it."""
    if not one_line(text):
        raise ValueError("is empty, expected text")
    return one_line(text)


def _source_name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]+", text):
        raise ValueError(f'{shown(text)} is no name, expected small letters, digits and "-", such as "posts"')
    return text


def _part(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*|[A-Za-z_][\w.]*:[A-Za-z_]\w*", text):
        raise ValueError(f'{shown(text)} is no kind, expected a name such as "rss", or "package.module:Class"')
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        # Less alike would offer "UTC" for "UTC+8".
        near = did_you_mean(text, available_timezones(), 0.8)
        expected = 'expected an IANA name such as "UTC" or "Asia/Shanghai"'
        raise ValueError(f"unknown time zone {shown(text)}, {expected}{near}") from None
    return text


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text.lower()):
        near = text.partition(".")[0].replace("_", "-")
        hint = f'; did you mean "{near}"?' if near != text and _LANGUAGE.fullmatch(near.lower()) else ""
        raise ValueError(f'{shown(text)} is no language tag, expected one such as "en" or "zh-CN" (BCP 47){hint}')
    return text


def _clock(text: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError(f'{shown(text)} is no time of day, expected "HH:MM" from "00:00" to "23:59"')
    return text


def _duration(value: object) -> timedelta:
    """Return a duration as it is, or read a number and a unit: "30s", "5m", "2h", "7d"."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        wrong = shown(value) if isinstance(value, str) else noun(value)
        raise ValueError(f'{wrong} is no duration, expected a number and a unit, such as "30s", "5m", "2h" or "7d"')
    number, unit = int(match[1]), _UNITS[match[2]]
    if number > _LONGEST / timedelta(**{unit: 1}):
        raise ValueError(f"{shown(value)} is too long, expected at most {_LONGEST.days} days")
    return timedelta(**{unit: number})


def _interval(value: object) -> timedelta:
    duration = _duration(value)
    if duration < timedelta(seconds=1):
        raise ValueError(f'{shown(value)} is too short, expected at least "1s"')
    return duration


def _window(value: object) -> timedelta | None:
    if value in ("all", None):
        return None
    try:
        return _duration(value)
    except ValueError as error:
        raise ValueError(f'{error}, or "all"') from None


def resolve(text: str, info: ValidationInfo) -> str:
    """Return an absolute path: `~` is the home folder, the rest is relative to the settings file."""
    folder = info.context["folder"] if info.context else ""
    return os.path.abspath(os.path.join(folder, os.path.expanduser(filled(text))))


def _resolve_optional(text: str, info: ValidationInfo) -> str:
    return text and resolve(text, info)


def _at_least_one(value: object) -> object:
    """Refuse an empty list before its items are looked at: pydantic's own check does not count those with mistakes."""
    if value == []:
        raise ValueError("is empty, expected at least one")
    return value


def or_empty(check: Callable[[str], str]) -> AfterValidator:
    """Return a validator that lets "" pass, where it means "the default"."""
    return AfterValidator(lambda text: text and check(text))


AtLeastOne = BeforeValidator(_at_least_one)
Line = Annotated[str, AfterValidator(one_line)]
Text = Annotated[str, AfterValidator(filled)]
SourceName = Annotated[str, AfterValidator(_source_name)]
Part = Annotated[str, AfterValidator(_part)]
OptionalPart = Annotated[str, or_empty(_part)]
Zone = Annotated[str, AfterValidator(_zone)]
OptionalZone = Annotated[str, or_empty(_zone)]
Language = Annotated[str, AfterValidator(_language)]
OptionalLanguage = Annotated[str, or_empty(_language)]
TimeOfDay = Annotated[str, AfterValidator(_clock)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Interval = Annotated[timedelta, BeforeValidator(_interval)]
Window = Annotated[timedelta | None, BeforeValidator(_window)]
FilePath = Annotated[str, AfterValidator(resolve)]
OptionalFilePath = Annotated[str, AfterValidator(_resolve_optional)]
