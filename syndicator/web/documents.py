"""See a feed document as its entries with something around them, without parsing what is in them.

Feeds written here are regular: entries stand beside each other, and what is inside one is escaped. A document in which
that is not certain counts as one that cannot be divided.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Span = tuple[int, int]

_ELEMENTS = {"application/rss+xml": "item", "application/atom+xml": "entry"}
_JSON = "application/feed+json"
# What may hold a tag that is none.
_UNSURE = ("<![CDATA[", "<!--", "<?xml-", "<!DOCTYPE")
# In JSON text this can only be the key: quotes inside strings are escaped.
_ITEMS = re.compile(r'"items"\s*:\s*\[\s*')
_COMMA = re.compile(r"\s*(,\s*|(?=]))")
_PUBLISHED = re.compile(rb'(?:<published>|<pubDate>|"date_published":\s*")([^<"]+)')


class Document(NamedTuple):
    """Hold a feed as bytes: `head`, entries with `joint` between them, `tail`."""

    head: bytes
    entries: tuple[bytes, ...]
    tail: bytes
    joint: bytes

    def of_only(self, entries: Iterable[bytes]) -> bytes:
        """Return the same feed with fewer entries."""
        return self.head + self.joint.join(entries) + self.tail

    def published(self) -> list[datetime]:
        """Return when its entries were published, as far as they say."""
        found = map(_PUBLISHED.search, self.entries)
        return [moment for match in found if match and (moment := _moment(match[1].decode("ascii", "replace")))]


def divide(media_type: str, body: bytes) -> Document | None:
    """Divide a feed, or return None for what is none, or is written in another way than ours are."""
    try:
        text = body.decode()
        if media_type in _ELEMENTS and not any(mark in text for mark in _UNSURE):
            return _document(text, list(_elements(text, _ELEMENTS[media_type])), "\n")
        return _document(text, list(_items(text)), ",") if media_type == _JSON else None
    except (ValueError, IndexError, RecursionError):
        return None


def _elements(text: str, name: str) -> Iterator[_Span]:
    """Yield where each element begins and ends. Raise ValueError where one does not."""
    opening, closing = re.compile(rf"<{name}[\s>]"), f"</{name}>"
    end = 0
    while found := opening.search(text, end):
        end = text.index(closing, found.start()) + len(closing)
        yield found.start(), end


def _items(text: str) -> Iterator[_Span]:
    """Yield where each item of a JSON Feed begins and ends. Raise ValueError or IndexError where that is no list."""
    found = _ITEMS.search(text)
    if not found:
        raise ValueError("a feed without items")
    decoder, start = json.JSONDecoder(), found.end()
    while text[start] != "]":
        _, end = decoder.raw_decode(text, start)
        yield start, end
        comma = _COMMA.match(text, end)
        if not comma:
            raise ValueError("items without a comma")
        start = comma.end()


def _document(text: str, spans: list[_Span], joint: str) -> Document:
    if not spans:
        return Document(text.encode(), (), b"", b"")
    entries = tuple(text[start:end].encode() for start, end in spans)
    return Document(text[: spans[0][0]].encode(), entries, text[spans[-1][1] :].encode(), joint.encode())


def _moment(text: str) -> datetime | None:
    """Read an aware datetime: RFC 3339, or RFC 822 with four digits of the year."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        with suppress(ValueError, TypeError):
            moment = read(text.strip())
            return moment if moment.tzinfo else None
    return None
