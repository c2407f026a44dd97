"""Write what RSS and Atom share, through feedgen: an entry once, and its bytes into every feed that shows it.

Both formats take the same `FeedEntry` and `FeedGenerator` and add what only they have. A fragment is an entry as it
reads inside a root that declares the namespaces; a document is a feed's head with fragments joined into it.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from syndicator.models import Entry, Feed

    Value = TypeVar("Value", Entry, Feed)

# What feedgen writes for a body, the longest text by far: one blank, as no other text of an entry is.
_BODY = " "
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TITLE_LENGTH = 60
_MINUTE = timedelta(minutes=1)


def feed_entry(entry: Entry) -> FeedEntry:
    """Hand over to feedgen what both formats show of an entry.

    Categories and tags are both categories here. Raise ValueError for characters that XML cannot hold, and for dates
    without a zone.
    """
    written = FeedEntry()
    written.guid(entry.id, permalink=entry.id == entry.url)
    written.title(_title(entry))
    written.link(href=entry.url, rel="alternate", type="text/html")
    written.published(_whole(entry.published))
    written.updated(_whole(entry.updated))
    written.category([{"term": name} for name in dict.fromkeys(not_blank(entry.categories + entry.tags))])
    if entry.html.strip():
        written.content(_BODY, type="html")
    return written


def feed_generator(feed: Feed, extension: str, media_type: str) -> FeedGenerator:
    """Hand over to feedgen what both formats show of a feed's head; raise as `feed_entry` does."""
    head = FeedGenerator()
    head.id(feed.id)
    head.title(feed.title.strip() or feed.name.strip() or feed.url)
    head.subtitle(feed.description.strip())
    head.updated(_whole(feed.updated))
    head.language(feed.language)
    head.generator("Syndicator")
    head.link(href=f"{feed.url}.{extension}", rel="self", type=media_type)
    # feedgen takes the last link for the channel's own, whatever its relation.
    head.link(href=feed.page_url, rel="alternate", type="text/html")
    return head


def not_blank(names: Iterable[str]) -> list[str]:
    """Return the names, trimmed, that are not blank: an empty author or category makes a feed invalid."""
    return [trimmed for name in names if (trimmed := name.strip())]


def fragment(element: Any, html: str, declarations: Iterable[bytes] = ()) -> bytes:
    """Serialise an element as UTF-8, its body in place, without the namespace `declarations` that its root makes.

    A declaration ends with the `>` of its tag, and so is never text. Raise as `feed_entry` does.
    """
    written: bytes = etree.tostring(element, encoding="UTF-8")
    for declaration in declarations:
        written = written.replace(declaration, b">")
    return written.replace(f">{_BODY}</".encode(), b">" + _escaped(html) + b"</", 1)


def document(head: bytes, closing: bytes, fragments: Sequence[bytes]) -> bytes:
    """Join fragments into a feed that has none yet, before its `closing` tags, each on a line of its own."""
    return b"\n".join((head.removesuffix(closing), *fragments, closing + b"\n"))


def despite_illegal(write: Callable[[Value], bytes], value: Value) -> bytes:
    """Write an entry or a feed, without those of its characters that XML 1.0 (section 2.2) cannot hold.

    The writing looks at every character anyway: looking first would cost as much again.
    """
    try:
        return write(value)
    except ValueError:
        return write(_legal(value))


@lru_cache(maxsize=1)
def _escaped(text: str) -> bytes:
    """Escape text as lxml does, at a third of its cost, and once for the two formats that write an entry in turn."""
    written = text.encode()
    if "\ufffe" in text or "\uffff" in text or written.translate(None, _CONTROLS) != written:
        raise ValueError("characters that XML cannot hold")
    return written.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;").replace(b"\r", b"&#13;")


def _legal(value: Value) -> Value:
    return replace(value, **{field.name: _cleaned(getattr(value, field.name)) for field in fields(value)})


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _ILLEGAL.sub("", value)
    return tuple(map(_cleaned, value)) if isinstance(value, tuple) else value


def _title(entry: Entry) -> str:
    """Return the title, or how the summary begins: in a reader's list of titles "Untitled" says nothing."""
    return entry.title.strip() or _beginning(" ".join(entry.summary.split())) or "Untitled"


def _beginning(text: str) -> str:
    return text if len(text) <= _TITLE_LENGTH else text[:_TITLE_LENGTH].rstrip() + "…"


def _whole(moment: datetime) -> datetime:
    """Drop what RFC 822 cannot write, or RFC 3339: fractions, and zones off by seconds, as all were before 1901."""
    offset = moment.utcoffset()
    if offset is not None and offset % _MINUTE:
        moment = moment.astimezone(UTC)
    return moment.replace(microsecond=0) if moment.microsecond else moment
