"""Write Atom 1.0 (RFC 4287)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from lxml import etree

from syndicator.content.fragments import (
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
    post = ready(entry)
    # An entry without content should have a summary (RFC 4287, 4.1.2), if only its title again.
    shape = post.shape if post.shape.body else post.shape._replace(summary=True)
    return _blank(shape) % {
        b"id": escaped(entry.id),
        b"title": escaped(post.title),
        b"url": quoted(entry.url),
        b"published": _rfc_3339(entry.published),
        b"updated": _rfc_3339(entry.updated),
        b"summary": escaped(post.summary or post.title),
        b"body": post.body,
        **numbered("author", map(escaped, post.authors)),
        **numbered("category", map(quoted, post.categories)),
    }


@lru_cache
def _blank(shape: Shape) -> bytes:
    written: bytes = etree.tostring(blank_entry(shape).atom_entry(), encoding="UTF-8")
    return written.replace(_rfc_3339(PUBLISHED), b"%(published)b").replace(_rfc_3339(UPDATED), b"%(updated)b")


def _head(feed: Feed) -> bytes:
    title = feed_title(feed)
    return _blank_head(head_shape(feed)) % {
        b"id": escaped(feed.id),
        b"title": escaped(title),
        b"description": escaped(feed.description.strip()),
        b"author": escaped(feed.author.strip() or title),
        b"language": quoted(feed.language),
        b"updated": _rfc_3339(feed.updated),
        b"url": quoted(f"{feed.url}.{Format.extension}"),
        b"page_url": quoted(feed.page_url),
    }


@lru_cache
def _blank_head(shape: HeadShape) -> bytes:
    head = blank_head(shape, Format.media_type)
    head.author(name="%(author)b")
    written: bytes = head.atom_str()
    return written.replace(_rfc_3339(UPDATED), b"%(updated)b")


def _rfc_3339(moment: datetime) -> bytes:
    return whole(moment).isoformat().encode()
