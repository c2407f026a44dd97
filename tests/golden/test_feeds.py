"""Whole feeds against golden files, and against what feedgen writes without any joining.

`SYNDICATOR_UPDATE_GOLDEN=1 pytest tests/golden/test_feeds.py` writes the golden files anew: read the difference.
"""

from __future__ import annotations

import html
import os
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from feedgen.feed import FeedGenerator

from syndicator.formats.atom import Format as Atom
from syndicator.formats.rss import Format as Rss
from tests.golden.feed_samples import ABOUT_HTML, BARE_FEED, ENTRIES, FEED, written

if TYPE_CHECKING:
    from feedgen.entry import FeedEntry

    from syndicator.models import Entry, Feed
    from syndicator.ports import Format

GOLDEN = Path(__file__).parent / "feeds"
FORMATS = [pytest.param(Rss(), id="rss"), pytest.param(Atom(), id="atom")]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("name", "feed", "entries"), [("full", FEED, (*ENTRIES, ABOUT_HTML)), ("bare", BARE_FEED, ())])
def test_a_feed_is_as_its_golden_file(form: Format, name: str, feed: Feed, entries: tuple[Entry, ...]) -> None:
    golden = GOLDEN / f"{name}.{form.extension}"
    document = written(form, feed, entries)
    if os.environ.get("SYNDICATOR_UPDATE_GOLDEN"):
        golden.write_bytes(document)
    assert document.decode() == golden.read_bytes().decode()


# What feedgen can write by itself: the rest of the samples is there for what it refuses.
PLAIN = [
    entry
    for entry in (*ENTRIES, ABOUT_HTML)
    if entry.title.strip() and "\x00" not in entry.title and entry.html.strip() and entry.summary.strip()
]


def test_joined_fragments_are_the_rss_that_feedgen_writes() -> None:
    whole = by_feedgen(FEED, PLAIN, Rss()).rss_str()
    assert canonical(written(Rss(), FEED, PLAIN)) == canonical(whole)


def test_joined_fragments_are_the_atom_that_feedgen_writes() -> None:
    whole = by_feedgen(FEED, PLAIN, Atom()).atom_str()
    assert canonical(written(Atom(), FEED, PLAIN)) == canonical(whole)


def canonical(document: bytes) -> str:
    """Return the C14N of a feed, less the line ends between its entries."""
    one_line = document.replace(b"\n<item>", b"<item>").replace(b"\n<entry>", b"<entry>").replace(b"\n</", b"</")
    return ET.canonicalize(one_line.decode())


def by_feedgen(feed: Feed, entries: list[Entry], form: Format) -> FeedGenerator:
    whole = FeedGenerator()
    whole.load_extension("dc", atom=False)
    whole.id(feed.id)
    whole.title(feed.title)
    whole.description(feed.description)
    whole.language(feed.language)
    whole.updated(feed.updated)
    whole.generator("Syndicator")
    whole.author(name=feed.author)
    whole.link(href=f"{feed.url}.{form.extension}", rel="self", type=form.media_type)
    whole.link(href=feed.page_url, rel="alternate", type="text/html")
    for entry in entries:
        add(whole, entry)
    return whole


def add(whole: FeedGenerator, entry: Entry) -> None:
    item: FeedEntry = whole.add_entry(order="append")
    item.guid(entry.id, permalink=entry.id == entry.url)
    item.title(entry.title)
    item.link(href=entry.url, rel="alternate", type="text/html")
    item.published(entry.published.replace(microsecond=0))
    item.updated(entry.updated.replace(microsecond=0))
    item.category([{"term": term} for term in dict.fromkeys(entry.categories + entry.tags)])
    item.content(entry.html, type="html")
    item.summary(entry.summary, type="text")
    item.description(html.escape(entry.summary, quote=False), isSummary=False)
    item.content(entry.html, type="html")
    item.author([{"name": name} for name in entry.authors])
    item.dc.dc_creator(list(entry.authors))
    item.register_extension("whole_links", WholeLinks, rss=False)


class WholeLinks:
    """Write what feedgen leaves out of an entry's one link."""

    def extend_atom(self, entry: Any) -> None:
        entry.find("link").set("rel", "alternate")
        entry.find("link").set("type", "text/html")


@pytest.mark.parametrize("form", FORMATS)
def test_a_fragment_fits_every_feed_and_one_bad_entry_changes_no_other(form: Format) -> None:
    good, bad = form.entry(ENTRIES[0]), form.entry(replace(ENTRIES[1], title="\x00", html="\ud800"))
    assert form.feed(FEED, [bad, good]).count(good) == 1
    assert form.feed(BARE_FEED, [good, good]).count(good) == 2


@pytest.mark.parametrize(
    "text", ["> </", ">  </", 'a xmlns:dc="http://purl.org/dc/elements/1.1/">', "<description></description>"]
)
@pytest.mark.parametrize("form", FORMATS)
def test_text_that_looks_like_markup_stays_text(form: Format, text: str) -> None:
    post = replace(ENTRIES[0], title=text, summary=text, html=text, tags=(text,), authors=(text,))
    entry = ET.fromstring(written(form, FEED, [post])).find(".//{*}entry" if form.extension == "atom" else ".//item")
    assert entry is not None
    shown = [*entry.itertext(), *(element.get("term") for element in entry.iter())]
    assert shown.count(text) + shown.count(html.escape(text, quote=False)) == 5


@pytest.mark.parametrize("other", FORMATS)
@pytest.mark.parametrize("form", FORMATS)
def test_a_fragment_is_the_same_whatever_was_written_before_it(form: Format, other: Format) -> None:
    entry = ENTRIES[1]
    there = replace(entry, published=entry.published.astimezone(UTC), updated=entry.updated.astimezone(UTC))
    alone = {id(post): form.entry(replace(post)) for post in (entry, there)}
    assert alone[id(entry)] != alone[id(there)]
    for before, post in [(entry, entry), (entry, there), (there, entry), (there, there)]:
        other.entry(before)
        assert form.entry(post) == alone[id(post)]
