"""Feeds as entries with something around them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from syndicator.formats import atom, rss
from syndicator.web.documents import divide
from tests.golden.feed_samples import ENTRIES, FEED, written

if TYPE_CHECKING:
    from syndicator.ports import Format

ATOM, RSS, JSON = "application/atom+xml", "application/rss+xml", "application/feed+json"
FORMS = pytest.mark.parametrize("form", [rss.Format(), atom.Format()])


def json_feed(*items: object, **layout: object) -> bytes:
    feed = {"title": '"items": [1, 2]', "items": items, "_more": {"items": [7]}}
    return json.dumps(feed, **layout).encode()  # type: ignore[arg-type]


@FORMS
def test_every_entry_of_ours_is_found_and_all_of_them_make_the_feed_again(form: Format) -> None:
    body = written(form, FEED, ENTRIES)
    document = divide(form.media_type, body)
    assert document
    assert [entry.strip() for entry in document.entries] == [form.entry(entry).strip() for entry in ENTRIES]
    assert document.of_only(document.entries) == body


@FORMS
def test_a_feed_of_some_entries_is_well_formed_and_has_the_same_head(form: Format) -> None:
    document = divide(form.media_type, written(form, FEED, ENTRIES))
    assert document
    for entries in (document.entries[:1], document.entries[3::4], ()):
        etree.fromstring(document.of_only(entries))
        assert document.of_only(entries).startswith(document.head)


@FORMS
def test_a_feed_without_entries(form: Format) -> None:
    body = written(form, FEED, [])
    document = divide(form.media_type, body)
    assert document
    assert (document.entries, document.of_only(()), document.published()) == ((), body, [])


@FORMS
def test_times_are_those_of_the_entries(form: Format) -> None:
    document = divide(form.media_type, written(form, FEED, ENTRIES))
    assert document
    assert document.published() == [entry.published.replace(microsecond=0) for entry in ENTRIES]


@given(st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())), max_size=5), st.booleans())
def test_items_of_any_json_feed(items: list[object], indented: bool) -> None:
    body = json_feed(*items, indent=2 if indented else None, ensure_ascii=indented)
    document = divide(JSON, body)
    assert document
    assert [json.loads(entry) for entry in document.entries] == items
    assert json.loads(document.of_only(document.entries)) == json.loads(body)
    some = json.loads(document.of_only(document.entries[1:]))
    assert (some["items"] or items[1:]) == items[1:]


def test_times_of_json_items() -> None:
    document = divide(JSON, json_feed({"date_published": "2026-03-01T12:00:00Z"}, {"date_published": "never"}, {}))
    assert document
    assert document.published() == [datetime(2026, 3, 1, 12, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (RSS, b"<rss><item>a</rss>"),
        (RSS, b"<rss><item><![CDATA[</item>]]></item></rss>"),
        (RSS, b"<rss><!-- <item></item> --><item></item></rss>"),
        (RSS, b"\xff<rss><item></item></rss>"),
        (JSON, b"{}"),
        (JSON, b'{"items": 1}'),
        (JSON, b'{"items": [1'),
        (JSON, b'{"items": [1 2]}'),
        (JSON, b'{"items": [' + b"[" * 100_000),
        ("text/html", b"<item></item>"),
    ],
)
def test_what_is_written_in_another_way_is_not_divided(media_type: str, body: bytes) -> None:
    assert divide(media_type, body) is None


def test_longer_names_are_other_elements() -> None:
    document = divide(RSS, b"<rss><items/><item>1</item><itemised/><item a='b'>2</item></rss>")
    assert document
    assert document.entries == (b"<item>1</item>", b"<item a='b'>2</item>")


PIECES = [*"[]{}:,1 ", '"items"', "<item>", "</item>", "<entry ", ">", "<published>", "2026"]


@given(st.sampled_from([RSS, ATOM, JSON]), st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
def test_no_body_is_an_error(media_type: str, text: str) -> None:
    document = divide(media_type, text.encode())
    if document:
        document.published()
        assert all(entry in document.of_only(document.entries) for entry in document.entries)
