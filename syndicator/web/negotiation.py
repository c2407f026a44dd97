"""Read the request headers that choose an answer: Accept-*, If-None-Match, If-Modified-Since (RFC 9110), A-IM."""

from __future__ import annotations

import re
from email.utils import mktime_tz, parsedate_tz
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.web.encodings import Encoding

_ENTITY_TAG = re.compile(rb'(?:W/)?("[^"]*")')
# The plain bytes go to those who like nothing else, as no answer at all would help nobody.
_LEAST = 0.0001
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


@lru_cache(maxsize=1024)
def choose_encoding(header: bytes) -> Encoding:
    """Return the encoding that an Accept-Encoding header likes best; of equals, the one that makes bodies shortest.

    Cached, as readers send few different headers; one that nobody else sends costs ten microseconds.
    """
    wishes = weights(header.decode("latin-1"))
    rest = wishes.get("*", 0.0)
    liked: dict[Encoding, float] = {
        "br": wishes.get("br", rest),
        "gzip": wishes.get("gzip", wishes.get("x-gzip", rest)),
        "identity": max(wishes.get("identity", 0.0), _LEAST),
    }
    return max(liked, key=lambda name: liked[name])


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


def entity_tags(header: bytes) -> list[bytes]:
    """Return the tags that an If-None-Match header lists, with their quotes and without the sign of weak ones.

    Two of them are the same in a weak comparison when their bytes are (RFC 9110, 8.8.3.2).
    """
    return _ENTITY_TAG.findall(header)


def is_current(known: bytes | None, since: bytes | None, etag: bytes, modified: int) -> bool:
    """Say whether the client's copy is current (RFC 9110, 13.2.2): If-None-Match alone decides where it is sent.

    `known` and `since` are If-None-Match and If-Modified-Since, `etag` has its quotes, `modified` is in seconds since
    1970.
    """
    if known is not None:
        return known == etag or known.strip() == b"*" or etag in entity_tags(known)
    moment = _seconds(since.decode("latin-1")) if since is not None else None
    return moment is not None and modified <= moment


def wants_feed_delta(header: bytes) -> bool:
    """Say whether an A-IM header takes the instance manipulation "feed" (RFC 3229, 10.5.3)."""
    return weights(header.decode("latin-1")).get("feed", 0.0) > 0


@lru_cache(maxsize=1024)
def _seconds(date: str) -> int | None:
    """Return an HTTP-date as seconds since 1970; None for what is none, which the RFC says to ignore."""
    try:
        parsed = parsedate_tz(date)
        return None if parsed is None else mktime_tz(parsed)
    except (ValueError, OverflowError):
        # The parser lets any year through, and the calendar refuses what is beyond its own.
        return None
