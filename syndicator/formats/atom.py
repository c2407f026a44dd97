"""Write Atom 1.0 (RFC 4287)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from syndicator.content.fragments import despite_illegal, document, feed_entry, feed_generator, fragment, not_blank

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


class _Links:
    """Give an entry's links back all that feedgen 1.0.0 drops of them: everything but `href`.

    Without `rel` an enclosure would be a second alternate, which RFC 4287 (4.1.2) forbids.
    """

    def __init__(self) -> None:
        self.links: list[dict[str, str]] = []

    def extend_atom(self, entry: Any) -> None:
        for element, link in zip(entry.iterchildren("link"), self.links, strict=True):
            for name, value in link.items():
                element.set(name, value)


def _entry(entry: Entry) -> bytes:
    written = feed_entry(entry)
    written.author([{"name": name} for name in not_blank(entry.authors)])
    if entry.summary.strip() or not written.content():
        # An entry without content should have a summary (RFC 4287, 4.1.2), if only its title again.
        written.summary(entry.summary.strip() or written.title(), type="text")
    written.register_extension("whole", _Links, rss=False)
    written.whole.links = written.link()
    return fragment(written.atom_entry(), entry.html)


def _head(feed: Feed) -> bytes:
    head = feed_generator(feed, Format.extension, Format.media_type)
    head.author(name=feed.author.strip() or head.title())
    written: bytes = head.atom_str()
    return written
