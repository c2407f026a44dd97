"""Write RSS 2.0 after the RSS Advisory Board's profile."""

from __future__ import annotations

import html
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, ClassVar

import feedgen.entry
import feedgen.feed
from feedgen.util import xml_elem

from syndicator.content.fragments import despite_illegal, document, feed_entry, feed_generator, fragment, not_blank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syndicator.models import Entry, Feed

# For each date feedgen switches the locale of the whole process to "C" and back, under the feet of all other threads;
# two at once can leave it there, with ASCII as `open`'s encoding. email.utils writes the same date without a locale.
feedgen.entry.formatRFC2822 = feedgen.feed.formatRFC2822 = format_datetime

_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_NAMESPACES = {
    "dc": _DUBLIN_CORE,
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
}


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
    """Name an item's authors as Dublin Core does; the channel has none, but declares the namespace for its items.

    feedgen's own extension tries fifteen elements on every item, a tenth of the whole cost.
    """

    def __init__(self) -> None:
        self.names: list[str] = []

    def extend_ns(self) -> dict[str, str]:
        return {"dc": _DUBLIN_CORE}

    def extend_rss(self, element: Any) -> None:
        for name in self.names:
            xml_elem(f"{{{_DUBLIN_CORE}}}creator", element).text = name


def _item(entry: Entry) -> bytes:
    written = feed_entry(entry)
    # A description is HTML to every reader, a summary is plain text.
    written.description(html.escape(entry.summary.strip(), quote=False), isSummary=True)
    written.register_extension("creators", _Creators)
    written.creators.names = not_blank(entry.authors)
    item = fragment(written.rss_entry(), _NAMESPACES)
    # All is plain text but the description and the content, which feedgen puts between the title and the guid.
    body, rest = item.index(b"</title>"), item.rindex(b"<guid")
    return _by_number(item[:body]) + item[body:rest] + _by_number(item[rest:])


def _head(feed: Feed) -> bytes:
    head = feed_generator(feed, Format.extension, Format.media_type)
    head.description(head.subtitle() or head.title())
    head.register_extension("creators", _Creators)
    return _by_number(head.rss_str())


def _by_number(written: bytes) -> bytes:
    """Write `&` and `<` as the profile has them in text that is not HTML; to an XML parser it is all the same."""
    return written.replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")
