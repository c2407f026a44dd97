"""RSS 2.0, its Advisory Board's profile, and what feedgen alone gets wrong."""

from __future__ import annotations

import locale
import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import feedparser
import pytest

from syndicator.formats.rss import Format
from tests.golden.feed_samples import ABOUT_HTML, BARE_FEED, ENTRIES, FEED, sample, written

if TYPE_CHECKING:
    from syndicator.models import Entry

RFC_822 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")
ALL = (*ENTRIES, ABOUT_HTML)


def channel(entries: tuple[Entry, ...] = ALL) -> ET.Element:
    (element,) = ET.fromstring(written(Format(), FEED, entries))
    return element


def item(entry: Entry) -> ET.Element:
    (element,) = channel((entry,)).iter("item")
    return element


def names(element: ET.Element) -> list[str]:
    return [child.tag.rpartition("}")[2] for child in element]


def test_the_channel_has_what_rss_requires() -> None:
    head = {child.tag: child.text for child in channel(())}
    assert head["title"] == FEED.title
    assert head["link"] == FEED.page_url
    assert head["description"] == FEED.description
    assert head["language"] == FEED.language


def test_a_feed_without_title_and_description_borrows_its_name() -> None:
    (bare,) = ET.fromstring(written(Format(), BARE_FEED, ()))
    assert (bare.findtext("title"), bare.findtext("description")) == (BARE_FEED.name, BARE_FEED.name)
    assert "language" not in names(bare)


def test_the_channel_names_its_own_url_once() -> None:
    links = channel().findall("{http://www.w3.org/2005/Atom}link")
    assert [link.attrib for link in links] == [
        {"href": f"{FEED.url}.rss", "rel": "self", "type": "application/rss+xml"}
    ]


def test_dates_are_rfc_822_with_four_digit_years_in_their_own_zone() -> None:
    dates = [element.text or "" for element in channel().iter() if element.tag in {"pubDate", "lastBuildDate"}]
    assert len(dates) == 1 + len(ALL)
    assert [date for date in dates if not RFC_822.fullmatch(date)] == []
    assert dates[0] == "Fri, 06 Mar 2026 22:05:09 +0800"


def test_a_zone_that_is_off_by_seconds_becomes_utc() -> None:
    old = item(sample(1, published=datetime(1900, 1, 1, 8, 5, 43, tzinfo=ZoneInfo("Asia/Shanghai"))))
    assert old.findtext("pubDate") == "Mon, 01 Jan 1900 00:00:00 +0000"


def test_guids_are_unique_and_permalinks_only_where_they_are_the_url() -> None:
    guids = list(channel().iter("guid"))
    assert len({guid.text for guid in guids}) == len(ALL)
    permanent = [guid.text for guid in guids if guid.get("isPermaLink") != "false"]
    assert permanent == [entry.id for entry in ALL if entry.id == entry.url]


def test_names_are_creators_and_never_an_author() -> None:
    assert "author" not in {element.tag for element in channel().iter()}
    assert names(item(ENTRIES[1])).count("creator") == len(ENTRIES[1].authors)


def test_every_item_has_a_title_and_its_description_comes_before_the_content() -> None:
    for element in channel().iter("item"):
        tags = names(element)
        assert tags[0] == "title"
        assert "encoded" not in tags or tags.index("description") < tags.index("encoded")
        assert len(tags) - tags.count("category") - tags.count("creator") == len(set(tags) - {"category", "creator"})


def test_links_are_absolute() -> None:
    links = [element.text or "" for element in channel().iter("link")]
    assert len(links) == 1 + len(ALL)
    assert all(urlsplit(link).scheme == "https" for link in links)


def test_text_is_escaped_once_and_the_description_which_is_html_twice() -> None:
    fragment = Format().entry(sample(1, title="1 < 2 & 3", summary="1 < 2 & 3")).decode()
    assert "<title>1 &#x3C; 2 &#x26; 3</title>" in fragment
    assert "<description>1 &amp;lt; 2 &amp;amp; 3</description>" in fragment


def test_a_reader_shows_a_title_with_signs_as_it_is() -> None:
    read = feedparser.parse(written(Format(), FEED, ENTRIES[1:2]))
    assert read.entries[0].title == ENTRIES[1].title
    assert read.feed.title == FEED.title


def test_only_the_root_declares_namespaces() -> None:
    document = written(Format(), FEED, ALL).decode()
    root = document[document.index("<rss") : document.index("<channel>")]
    assert re.findall(r"xmlns:(\w+)", document) == re.findall(r"xmlns:(\w+)", root)
    assert set(re.findall(r"xmlns:(\w+)", root)) == {"atom", "content", "dc"}


def test_the_locale_of_the_process_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locale, "setlocale", lambda *_: pytest.fail("another thread would see this locale"))
    assert b"Fri, 06 Mar 2026 21:04:09 +0800" in written(Format(), FEED, ENTRIES)


def test_a_date_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="timezone"):
        Format().entry(replace(ENTRIES[0], published=datetime(2026, 3, 6)))
