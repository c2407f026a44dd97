"""Read the request headers that choose an answer: Accept-*, If-None-Match, If-Modified-Since (RFC 9110)."""

from __future__ import annotations

import re
from email.utils import mktime_tz, parsedate_tz
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')
_WEIGHT = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


def weights(header: str) -> dict[str, float]:
    """Return the weight, 0 to 1, of each value in an Accept-* header (RFC 9110, 12.4.2), values in lower case.

    A weight that is none counts as 0: what cannot be understood is not taken for a wish.
    """
    found: dict[str, float] = {}
    for element in header.lower().split(","):
        value, *parameters = (part.strip() for part in element.split(";"))
        if value:
            found[value] = _weight(parameters)
    return found


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return float(value) if _WEIGHT.fullmatch(value.strip()) else 0.0
    return 1.0


def prefers_gzip(header: str) -> bool:
    """Say whether an Accept-Encoding header takes gzip, and likes it no less than the plain bytes."""
    wishes = weights(header)
    gzip = wishes.get("gzip", wishes.get("x-gzip", wishes.get("*", 0.0)))
    return gzip > 0 and gzip >= wishes.get("identity", 0.0)


def choose_language(header: str, fallback: str, nearest: Callable[[str], str]) -> str:
    """Return the language that an Accept-Language header likes best, of those we have; else the one for `fallback`.

    `nearest` returns the language we have for a wanted one (BCP 47), which may be a very different one.
    """
    wishes = weights(header)
    for wish in sorted(wishes, key=lambda name: -wishes[name]):
        language = nearest(fallback if wish == "*" else wish)
        if wishes[wish] > 0 and (wish == "*" or _base(language) == _base(wish)):
            return language
    return nearest(fallback)


def _base(language: str) -> str:
    return language.partition("-")[0].lower()


def not_modified(headers: Mapping[str, str], etag: str, modified: int) -> bool:
    """Say whether the client's copy is current (RFC 9110, 13.2.2): If-None-Match alone decides where it is sent.

    `headers` have lower-case names, `etag` is a strong entity tag with its quotes, `modified` seconds since 1970.
    """
    known = headers.get("if-none-match")
    if known is not None:
        return known.strip() == "*" or etag in _ENTITY_TAG.findall(known)
    since = _seconds(headers.get("if-modified-since", ""))
    return since is not None and modified <= since


def _seconds(date: str) -> int | None:
    """Return an HTTP-date as seconds since 1970; None for what is none, which the RFC says to ignore."""
    try:
        parsed = parsedate_tz(date)
        return None if parsed is None else mktime_tz(parsed)
    except (ValueError, OverflowError):
        # The parser lets any year through, and the calendar refuses what is beyond its own.
        return None
