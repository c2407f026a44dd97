"""Whatever a post holds, its feeds are well-formed and say what it says."""

from __future__ import annotations

import calendar
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.formats.atom import Format as Atom
from syndicator.formats.rss import Format as Rss
from syndicator.models import Entry
from tests.golden.feed_samples import FEED, written

if TYPE_CHECKING:
    from syndicator.ports import Format

FORMATS = [pytest.param(Rss(), id="rss"), pytest.param(Atom(), id="atom")]
A = "{http://www.w3.org/2005/Atom}"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
# The characters of XML 1.0, written another way than in the code: all but the controls, the surrogates and two more.
NO_XML = {*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF}

anything = st.text(st.characters())
names = st.lists(anything, max_size=3).map(tuple)
zones = st.one_of(
    st.sampled_from([UTC, *map(ZoneInfo, ("Asia/Shanghai", "America/St_Johns", "Pacific/Apia"))]),
    st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
dates = st.datetimes(datetime(1850, 1, 1), datetime(2150, 1, 1), timezones=zones)
entries = st.builds(
    Entry,
    id=st.uuids().map("urn:uuid:{}".format),
    title=anything,
    url=st.uuids().map("https://news.example/?a=1&b={}".format),
    published=dates,
    updated=dates,
    html=anything,
    summary=anything,
    categories=names,
    tags=names,
    authors=names,
)


def legal(text: str) -> str:
    return "".join(character for character in text if ord(character) not in NO_XML)


def readable(texts: tuple[str, ...]) -> list[str]:
    return [text for text in (legal(text).strip() for text in texts) if text]


@settings(deadline=None)  # a busy machine is no failure
@given(entries)
def test_an_rss_item_says_what_the_post_says(entry: Entry) -> None:
    (item,) = ET.fromstring(written(Rss(), FEED, [entry])).iter("item")
    if legal(entry.title).strip():
        assert item.findtext("title") == legal(entry.title).strip()
    assert item.findtext("link") == entry.url
    assert item.findtext("guid") == entry.id
    summary = description(entry)
    assert item.findtext("description", "") == (summary or shown(entry))
    assert item.findtext(CONTENT, "") == (shown(entry) if summary else "")
    assert [creator.text for creator in item.iter(CREATOR)] == readable(entry.authors)
    assert [category.text for category in item.iter("category")] == terms(entry)
    published = parsedate_to_datetime(item.findtext("pubDate", ""))
    assert item.findtext("pubDate") == format_datetime(published)
    assert same_second(published, entry.published)


@settings(deadline=None)  # a busy machine is no failure
@given(entries)
def test_an_atom_entry_says_what_the_post_says(entry: Entry) -> None:
    (element,) = ET.fromstring(written(Atom(), FEED, [entry])).iter(f"{A}entry")
    if legal(entry.title).strip():
        assert element.findtext(f"{A}title") == legal(entry.title).strip()
    assert [link.attrib for link in element.iter(f"{A}link")] == [
        {"href": entry.url, "rel": "alternate", "type": "text/html"}
    ]
    assert element.findtext(f"{A}id") == entry.id
    assert element.findtext(f"{A}content", "") == shown(entry)
    assert [author.findtext(f"{A}name") for author in element.iter(f"{A}author")] == readable(entry.authors)
    assert [category.get("term") for category in element.iter(f"{A}category")] == terms(entry)
    for name, moment in (("published", entry.published), ("updated", entry.updated)):
        assert same_second(datetime.fromisoformat(element.findtext(f"{A}{name}", "")), moment)


def description(entry: Entry) -> str:
    """Return the summary as HTML."""
    text = legal(entry.summary).strip()
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shown(entry: Entry) -> str:
    """Return the body, where there is one."""
    return body if (body := legal(entry.html)).strip() else ""


def terms(entry: Entry) -> list[str]:
    return list(dict.fromkeys(readable(entry.categories + entry.tags)))


def same_second(read: datetime, given: datetime) -> bool:
    """Tell whether a date came back to the second, and in its own zone unless that was off by seconds."""
    offset = given.utcoffset() or timedelta(0)
    kept = timedelta(0) if offset % timedelta(minutes=1) else offset
    # Timestamps: two zones never agree on a wall time that a change of the clock skips.
    return (read.timestamp(), read.utcoffset()) == (given.timestamp() // 1, kept)


# feedparser guesses whether an RSS title is HTML, and mends what looks like UTF-8 or Windows-1252 read as Latin-1.
unsuspicious = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="&<>\ufffe\uffff")
prose = st.text(unsuspicious.filter(lambda character: not "\x7f" < character <= "\xff"), min_size=1)
readers_entries = entries.map(lambda entry: replace(entry, categories=(), tags=(), authors=()))


@pytest.mark.parametrize("form", FORMATS)
@settings(deadline=None)  # a busy machine is no failure
@given(entry=readers_entries, title=prose, body=prose, categories=st.lists(prose, max_size=2), author=prose)
def test_a_reader_reads_it_back(
    form: Format, entry: Entry, title: str, body: str, categories: list[str], author: str
) -> None:
    post = replace(
        entry, title=title, html=f"<p>{body}</p>", summary=body, categories=tuple(categories), authors=(author,)
    )
    read = feedparser.parse(written(form, FEED, [post]), sanitize_html=False, resolve_relative_uris=False)
    assert not read.bozo, read.get("bozo_exception")
    (item,) = read.entries
    assert (item.id, item.link) == (post.id, post.url)
    assert calendar.timegm(item.published_parsed) == int(post.published.timestamp() // 1)
    if body.strip():
        assert re.sub(r"\s+", " ", item.content[0].value) == re.sub(r"\s+", " ", post.html)
    if title.strip():
        assert item.title == title.strip()
    if author.strip():
        assert item.author == author.strip()
    assert [tag.term for tag in item.get("tags", [])] == terms(post)
