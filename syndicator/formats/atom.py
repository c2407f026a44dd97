"""Write Atom 1.0 (RFC 4287)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from lxml import etree

from syndicator.content.fragments import despite_illegal, document, escaped, feed_generator, filled, ready

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syndicator.models import Entry, Feed


class Format:
    """Write feeds as Atom 1.0, with the whole text as HTML and the summary as plain text."""

    extension: ClassVar[str] = "atom"
    media_type: ClassVar[str] = "application/atom+xml"

    def entry(self, entry: Entry) -> bytes:
        """Serialise one `entry` element; the feed's author stands in where it names none."""
        return despite_illegal(_entry, entry)

    def feed(self, feed: Feed, fragments: Sequence[bytes]) -> bytes:
        """Serialise a whole document around its entries, newest first."""
        return document(despite_illegal(_head, feed), b"</feed>", fragments)


def _entry(entry: Entry) -> bytes:
    shared = ready(entry)
    # An entry without content should have a summary (RFC 4287, 4.1.2), if only its title again.
    summary = escaped(entry.summary.strip() or shared.written.title())
    return filled(etree.tostring(shared.written.atom_entry(), encoding="UTF-8"), summary, shared.body)


def _head(feed: Feed) -> bytes:
    head = feed_generator(feed, Format.extension, Format.media_type)
    head.author(name=feed.author.strip() or head.title())
    written: bytes = head.atom_str()
    return written
