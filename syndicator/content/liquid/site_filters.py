"""Filters that need the site: addresses, dates in its time zone, Markdown."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from syndicator.content.liquid import times
from syndicator.content.liquid.values import RefusedError, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.content.liquid.running import Run

_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_SAFE = "-._~:/?#[]@!$&'()*+,;=%"
_LONGEST_PATTERN = 500
_LATEST = 253_402_214_400


def _relative_url(run: Run, value: Any) -> str | None:
    if value is None:
        return None
    path = text(value)
    if _ABSOLUTE.match(path):
        return path
    return quote(run.context.base_path + ("/" + path.removeprefix("/") if path else ""), safe=_SAFE)


def _absolute_url(run: Run, value: Any) -> str | None:
    if value is None:
        return None
    path = text(value)
    return path if _ABSOLUTE.match(path) else run.context.site_url + (_relative_url(run, path) or "")


def _strip_index(_run: Run, value: Any) -> str | None:
    return None if value is None else re.sub(r"/index\.html?\Z", "/", text(value))


def _date(run: Run, value: Any, pattern: Any) -> Any:
    wanted = text(pattern)
    at = _time(run, value) if wanted else None
    if len(wanted) > _LONGEST_PATTERN:
        raise RefusedError("too long a pattern for a date")
    return value if at is None else times.formatted(at, wanted)


def _time(run: Run, value: Any) -> datetime | None:
    """Return the time that a value names; None for what names none. The current time is none: it is never the same."""
    if isinstance(value, str) and value.lower() in ("now", "today"):
        raise RefusedError("the text would change with the clock")
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return run.context.time(value.isoformat())
    if isinstance(value, bool) or not isinstance(value, (int, str)) or (type(value) is int and abs(value) > _LATEST):
        return None
    return run.context.time(value)


def _dated(write: Callable[..., str]) -> Callable[..., Any]:
    """Make a filter of a function of a time; what is empty stays as it is."""

    def apply(run: Run, value: Any, *arguments: Any) -> Any:
        if not text(value):
            return value
        at = _time(run, value)
        if at is None:
            raise RefusedError(f"{text(value)[:40]!r} is no date")
        return write(at, *arguments)

    return apply


def _short(at: datetime, kind: Any = None, style: Any = None) -> str:
    return _day(at, "%b", kind, style)


def _long(at: datetime, kind: Any = None, style: Any = None) -> str:
    return _day(at, "%B", kind, style)


def _day(at: datetime, month: str, kind: Any, style: Any) -> str:
    if kind != "ordinal":
        return times.formatted(at, f"%d {month} %Y")
    day = times.ordinal(at.day)
    return times.formatted(at, f"{month} {day}, %Y" if style == "US" else f"{day} {month} %Y")


FILTERS: dict[str, Callable[..., Any]] = {
    "relative_url": _relative_url,
    "absolute_url": _absolute_url,
    "strip_index": _strip_index,
    "date": _date,
    "date_to_string": _dated(_short),
    "date_to_long_string": _dated(_long),
    "date_to_xmlschema": _dated(times.xml_schema),
    "date_to_rfc822": _dated(lambda at: times.formatted(at, "%a, %d %b %Y %H:%M:%S %z")),
    "markdownify": lambda run, value: run.context.markdown(text(value)),
}
