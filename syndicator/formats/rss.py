"""Write RSS 2.0 after the RSS Advisory Board's profile."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

import feedgen.entry
import feedgen.feed
from lxml import etree

from syndicator.content.fragments import (
    DUBLIN_CORE,
    PUBLISHED,
    UPDATED,
    blank_entry,
    blank_head,
    despite_illegal,
    document,
    escaped,
    feed_title,
    head_shape,
    numbered,
    quoted,
    ready,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from syndicator.content.fragments import HeadShape, Shape
    from syndicator.models import Entry, Feed

_NAMESPACES = {"dc": DUBLIN_CORE, "content": "http://purl.org/rss/1.0/modules/content/"}
# The root declares them. With its `>` a declaration is never text; and an item that lxml knows the prefixes for needs
# no root of its own, which would be a fifth of its cost.
_DECLARATIONS = [f' xmlns:{prefix}="{uri}">'.encode() for prefix, uri in _NAMESPACES.items()]
for _prefix, _uri in _NAMESPACES.items():
    etree.register_namespace(_prefix, _uri)


class Format:
    """Write feeds as RSS 2.0, with the whole text in `content:encoded` and the summary in `description`."""

    extension: ClassVar[str] = "rss"
    media_type: ClassVar[str] = "application/rss+xml"

    def entry(self, entry: Entry) -> bytes:
        """Serialise one `item`. Authors are `dc:creator`: RSS's own `author` must be an e-mail address."""
        return despite_illegal(_item, entry)

    def feed(self, feed: Feed, fragments: Sequence[bytes]) -> bytes:
        """Serialise a whole document around its items, newest first."""
        return document(despite_illegal(_head, feed), b"</channel></rss>", fragments)


class _Creators:
    """Declare Dublin Core for the items' authors; the channel itself has none."""

    def extend_ns(self) -> dict[str, str]:
        return {"dc": DUBLIN_CORE}

    def extend_rss(self, root: Any) -> None:
        """Add nothing."""


def _as_html(text: str) -> str:
    # `html.escape` does the same; its module takes 5 ms to import, for its table of entities.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _item(entry: Entry) -> bytes:
    post = ready(entry)
    return _blank(post.shape) % {
        b"id": _text(entry.id),
        b"title": _text(post.title),
        b"url": _text(entry.url),
        b"published": _rfc_822(entry.published).encode(),
        # A description is HTML to every reader, a summary is plain text.
        b"summary": escaped(_as_html(post.summary)),
        b"body": post.body,
        **numbered("author", map(_text, post.authors)),
        **numbered("category", map(_text, post.categories)),
    }


@lru_cache
def _blank(shape: Shape) -> bytes:
    written: bytes = etree.tostring(blank_entry(shape).rss_entry(), encoding="UTF-8")
    for declaration in _DECLARATIONS:
        written = written.replace(declaration, b">")
    return written.replace(_rfc_822(PUBLISHED).encode(), b"%(published)b")


def _text(text: str) -> bytes:
    """Escape text that is not HTML."""
    return _by_number(escaped(text))


def _head(feed: Feed) -> bytes:
    title = feed_title(feed)
    return _blank_head(head_shape(feed)) % {
        b"title": _text(title),
        b"description": _text(feed.description.strip() or title),
        b"language": _text(feed.language),
        b"updated": _rfc_822(feed.updated).encode(),
        b"url": quoted(f"{feed.url}.{Format.extension}"),
        b"page_url": _text(feed.page_url),
    }


@lru_cache
def _blank_head(shape: HeadShape) -> bytes:
    head = blank_head(shape, Format.media_type)
    head.description("%(description)b")
    head.register_extension("creators", _Creators)
    written: bytes = head.rss_str()
    return written.replace(_rfc_822(UPDATED).encode(), b"%(updated)b")


def _by_number(written: bytes) -> bytes:
    """Write `&` and `<` as the profile has them in text that is not HTML; to an XML parser it is all the same."""
    return written.replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")


def _rfc_822(moment: datetime) -> str:
    """Write a date with a four-digit year, in English whatever the locale, without fractions."""
    moment = whole(moment)
    weekday, month, day, clock, year = moment.ctime().split()
    zone = moment.isoformat(timespec="seconds")[19:].replace(":", "")
    return f"{weekday}, {day:0>2} {month} {year} {clock} {zone}"


# For each date feedgen switches the locale of the whole process to "C" and back, under the feet of all other threads;
# two at once can leave it there, with ASCII as `open`'s encoding. (email.utils takes twice as long as this.)
feedgen.entry.formatRFC2822 = feedgen.feed.formatRFC2822 = _rfc_822
