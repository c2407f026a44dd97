"""Atom 1.0 as RFC 4287 has it, and what feedgen alone gets wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from syndicator.formats.atom import Format
from tests.golden.feed_samples import ABOUT_HTML, BARE_FEED, ENTRIES, FEED, sample, written

if TYPE_CHECKING:
    from syndicator.models import Entry, Feed

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
ALL = (*ENTRIES, ABOUT_HTML)
A = "{http://www.w3.org/2005/Atom}"


def document(feed: Feed = FEED, entries: tuple[Entry, ...] = ALL) -> ET.Element:
    return ET.fromstring(written(Format(), feed, entries))


def element(entry: Entry) -> ET.Element:
    (found,) = document(entries=(entry,)).iter(f"{A}entry")
    return found


@pytest.mark.parametrize("feed", [FEED, BARE_FEED])
def test_feed_and_entries_have_one_id_title_and_date_of_change(feed: Feed) -> None:
    root = document(feed)
    for part in (root, *root.iter(f"{A}entry")):
        for name in ("id", "title", "updated"):
            (found,) = part.findall(f"{A}{name}")
            assert (found.text or "").strip()


def test_the_head_says_what_the_feed_is() -> None:
    root = document()
    assert root.findtext(f"{A}title") == FEED.title
    assert root.findtext(f"{A}subtitle") == FEED.description
    assert root.findtext(f"{A}author/{A}name") == FEED.author
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == FEED.language


def test_a_feed_without_an_author_borrows_its_title() -> None:
    assert document(BARE_FEED).findtext(f"{A}author/{A}name") == BARE_FEED.name


def test_the_feed_links_to_itself_and_to_its_page() -> None:
    assert [link.attrib for link in document().findall(f"{A}link")] == [
        {"href": f"{FEED.url}.atom", "rel": "self", "type": "application/atom+xml"},
        {"href": FEED.page_url, "rel": "alternate", "type": "text/html"},
    ]


def test_an_entry_has_one_alternate_link_with_all_its_attributes() -> None:
    for entry in ALL:
        (link,) = element(entry).findall(f"{A}link")
        assert link.attrib == {"href": entry.url, "rel": "alternate", "type": "text/html"}
        assert urlsplit(entry.url).scheme == "https"


def test_ids_are_unique() -> None:
    ids = [found.text for found in document().iter(f"{A}id")]
    assert len(set(ids)) == len(ids) == 1 + len(ALL)


def test_dates_are_rfc_3339_in_their_own_zone() -> None:
    dates = [found.text or "" for found in document().iter() if found.tag in {f"{A}updated", f"{A}published"}]
    assert len(dates) == 1 + 2 * len(ALL)
    assert [date for date in dates if not RFC_3339.fullmatch(date)] == []
    later = element(ENTRIES[11])
    assert later.findtext(f"{A}published") == "2026-02-28T23:59:59-05:00"
    assert later.findtext(f"{A}updated") == "2026-03-01T00:00:00+05:30"


def test_a_zone_that_is_off_by_seconds_becomes_utc() -> None:
    old = element(sample(1, published=datetime(1900, 1, 1, 8, 5, 43, tzinfo=ZoneInfo("Asia/Shanghai"))))
    assert old.findtext(f"{A}published") == "1900-01-01T00:00:00+00:00"


def test_content_is_html_and_the_summary_plain_text_each_escaped_once() -> None:
    fragment = Format().entry(sample(1, title="1 < 2", summary="1 < 2", html="<p>1 &lt; 2</p>")).decode()
    assert "<title>1 &lt; 2</title>" in fragment
    assert '<summary type="text">1 &lt; 2</summary>' in fragment
    assert '<content type="html">&lt;p&gt;1 &amp;lt; 2&lt;/p&gt;</content>' in fragment


def test_an_entry_has_content_or_a_summary() -> None:
    for entry in ALL:
        found = element(entry)
        assert (found.findtext(f"{A}content") or found.findtext(f"{A}summary") or "").strip()


@pytest.mark.parametrize(
    ("title", "summary", "shown"),
    [
        (" ", "How it begins", "How it begins"),
        ("\x00", "Line one\nline two", "Line one line two"),
        ("", "x" * 60, "x" * 60),
        ("", "x" * 61, "x" * 60 + "…"),
        ("", " ", "Untitled"),
    ],
)
def test_an_empty_title_is_the_beginning_of_the_summary(title: str, summary: str, shown: str) -> None:
    assert element(sample(1, title=title, summary=summary)).findtext(f"{A}title") == shown


def test_only_the_root_declares_a_namespace() -> None:
    assert re.findall(r"xmlns[^ >]*", written(Format(), FEED, ALL).decode()) == ['xmlns="http://www.w3.org/2005/Atom"']


def test_a_date_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="timezone"):
        Format().entry(replace(ENTRIES[0], updated=datetime(2026, 3, 6)))
