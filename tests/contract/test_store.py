"""What the store keeps of posts: their records, their bodies, and the order in which they were announced."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from syndicator.models import Content, Problem
from syndicator.policy.changes import Record
from syndicator.store import feeds, ledger, listings, posts
from tests.records import DAY, HOUR, NOW, broken, post, seen
from tests.stores import (
    ODD,
    KilledError,
    add_post,
    add_subscriber,
    killed_before_commit,
    numbered,
    queue_digest,
    together,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from syndicator.store import Store


def stored(connection: Connection, record: Record) -> Record:
    return posts.records(connection, record.source, [record.path])[record.path]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(seen(), id="live"),
        pytest.param(seen(broken()), id="quarantined, with problems and without dates"),
        pytest.param(
            seen(
                post(ODD, title=ODD, url=ODD, categories=(ODD, ""), tags=(ODD,), authors=(ODD,), summary=ODD),
                problems=(Problem(ODD, 0, ODD), Problem("b.md", 2**31, "")),
                announce="announced", announce_seq=2**40, language=ODD,
            ),
            id="every character",
        ),
        pytest.param(seen(post(title="", summary="", language="", categories=(), tags=(), authors=())), id="empty"),
        pytest.param(
            seen(published=datetime(1, 1, 1, tzinfo=UTC), updated=datetime.max.replace(tzinfo=UTC)),
            id="the first and the last moment",
        ),
        pytest.param(seen(published=datetime(1969, 7, 20, 20, 17, 40, 1, tzinfo=UTC)), id="before 1970"),
    ],
)  # fmt: skip
def test_a_record_comes_back_with_every_field(store: Store, record: Record) -> None:
    with store.write() as connection:
        (post_id,) = posts.save(connection, [record])
    with store.read() as connection:
        assert stored(connection, record) == record._replace(id=post_id)
        assert list(posts.listing(connection)) == [record._replace(id=post_id)]


def test_a_change_replaces_every_field(store: Store) -> None:
    changed: dict[str, Any] = {
        "state": "gone", "published": None, "updated": NOW + DAY, "first_seen": NOW - DAY, "stable_since": NOW + HOUR,
        "listed": False, "announce": "announced", "announce_seq": 9, "problems": (Problem("a.md", 1, "x"),),
        "categories": ("x", "y"), "tags": (), "authors": ("z",), "audience": (("site", ""),),
    }  # fmt: skip
    others = set(Record._fields) - {*changed, "id"}
    texts: dict[str, Any] = {name: f"new {name}" for name in others}
    with store.write() as connection:
        (post_id,) = posts.save(connection, [seen()])
    record = Record(id=post_id, **texts, **changed)
    with store.write() as connection:
        assert posts.save(connection, [record]) == [post_id]
    with store.read() as connection:
        assert list(posts.listing(connection)) == [record]


def test_a_moment_comes_back_in_utc_whatever_zone_it_was_in(store: Store) -> None:
    there = datetime(2026, 3, 6, 21, 4, 9, 5, tzinfo=timezone(timedelta(hours=8)))
    with store.write() as connection:
        add_post(connection, published=there)
    with store.read() as connection:
        (record,) = posts.listing(connection)
    assert record.published == there
    assert record.published.tzinfo is UTC


def test_ids_are_given_in_the_order_asked_for(store: Store) -> None:
    with store.write() as connection:
        known = posts.save(connection, [numbered(number) for number in range(5)])
    mixed = [numbered(7), numbered(2, id=known[2]), numbered(6), numbered(0, id=known[0])]
    with store.write() as connection:
        ids = posts.save(connection, mixed)
        paths = {record.path: record.id for record in posts.listing(connection)}
    assert ids == [paths[record.path] for record in mixed]
    assert (ids[1], ids[3]) == (known[2], known[0])


def test_there_may_be_more_posts_than_a_statement_has_parameters(store: Store) -> None:
    many = [numbered(number) for number in range(2000)]
    with store.write() as connection:
        ids = posts.save(connection, many)
    with store.read() as connection:
        assert posts.records(connection, "posts", (record.path for record in many)).keys() == {r.path for r in many}
        assert posts.entries(connection, ids).keys() == set(ids)
        assert posts.records(connection, "posts", []) == {}


def test_sources_do_not_know_each_other(store: Store) -> None:
    with store.write() as connection:
        posts.save(connection, [seen(), seen(source="blog", entry_id="tag:blog")])
        assert posts.count(connection, "posts") == posts.count(connection, "blog") == (1, 0)
        assert [record.source for record in posts.listing(connection)] == ["blog", "posts"]
        assert posts.records(connection, "other", [seen().path]) == {}


def test_paths_are_those_of_files_that_are_there(store: Store) -> None:
    with store.write() as connection:
        for number, state in enumerate(["live", "gone", "quarantined"]):
            add_post(connection, number, state=state)
        assert posts.paths(connection, "posts") == {"_posts/0.md", "_posts/2.md"}
        assert posts.paths(connection, "blog") == set()


def test_a_listing_is_kept_page_by_page(store: Store) -> None:
    first, second, third = "a\n1\nb\n2", "ä\n3", "Z\n4"
    with store.write() as connection:
        assert listings.load(connection, "posts") == []
        listings.save(connection, "posts", [], [third, first, second])
        listings.save(connection, "blog", [], ["a\n9"])
    with store.write() as connection:
        kept = listings.load(connection, "posts")
        assert kept == [third, first, second]  # by code points, whatever the database's collation
        listings.save(connection, "posts", kept, [third, "a\n1\nb\n5", "c\n6"])
        assert listings.load(connection, "posts") == [third, "a\n1\nb\n5", "c\n6"]
        listings.save(connection, "posts", listings.load(connection, "posts"), [])
        assert listings.load(connection, "posts") == []
        assert listings.load(connection, "blog") == ["a\n9"]


def test_posts_and_quarantined_files_are_counted(store: Store) -> None:
    with store.write() as connection:
        for number, state in enumerate(["live", "live", "held", "draft", "quarantined", "gone", "gone"]):
            add_post(connection, number, state=state)
        assert posts.count(connection, "posts") == (4, 1)
        assert posts.count(connection, "blog") == (0, 0)


def test_those_that_wait_are_live_or_held_and_not_yet_decided(store: Store) -> None:
    states = ["live", "held", "draft", "quarantined", "gone"]
    with store.write() as connection:
        for number, state in enumerate(states):
            add_post(connection, number, state=state)
        add_post(connection, 10, announce="announced", announce_seq=1)
        add_post(connection, 11, announce="skipped")
        assert [record.state for record in posts.pending(connection, "posts")] == ["live", "held"]
        add_post(connection, 12, announce="announced", announce_seq=2, state="held")  # withdrawn, and scheduled again
        add_post(connection, 13, announce="skipped", state="held")
        assert [record.state for record in posts.pending(connection, "posts")] == ["live", "held", "held", "held"]
        assert posts.pending(connection, "blog") == []


def test_missing_posts_are_found_by_what_they_held(store: Store) -> None:
    with store.write() as connection:
        gone = add_post(connection, 1, state="gone")
        add_post(connection, 2)
        add_post(connection, 3, state="gone")
        found = posts.gone_with(connection, "posts", {"bytes-1", "bytes-2", "bytes-9"})
        assert [record.id for record in found] == [gone]
        assert posts.gone_with(connection, "blog", {"bytes-1"}) == []


def test_posts_of_other_sources_are_found_by_what_they_hold(store: Store) -> None:
    with store.write() as connection:
        add_post(connection, 1)
        assert posts.elsewhere_with(connection, "posts", {"bytes-1"}) == []
        add_post(connection, 2, source="blog", content_hash="bytes-1")
        add_post(connection, 3, source="wiki", content_hash="bytes-1", state="gone")
        add_post(connection, 4, source="wiki")
        found = posts.elsewhere_with(connection, "posts", {"bytes-1", "bytes-9"})
    assert [(record.source, record.path) for record in found] == [("blog", "_posts/2.md"), ("wiki", "_posts/3.md")]


def test_posts_whose_source_is_no_longer_there_are_found_by_their_path(store: Store) -> None:
    with store.write() as connection:
        for number, source in enumerate(["alpha", "beta", "gamma", "delta"]):
            add_post(connection, number, source=source, path="_posts/a.md")
        for known in (["beta"], ["beta", "alpha"], ["gamma", "delta", "alpha", "beta"], ["posts", "beta"]):
            left = {record.source for record in posts.orphans_at(connection, known, ["_posts/a.md", "_posts/b.md"])}
            assert left == {"alpha", "beta", "gamma", "delta"} - set(known)
        assert posts.orphans_at(connection, ["beta"], ["_posts/b.md"]) == []


def test_ids_that_are_taken_come_with_those_made_from_them(store: Store) -> None:
    with store.write() as connection:
        for number, entry_id in enumerate(["tag:a", "tag:a;1234", "tag:a;1234-2", "tag:b"]):
            add_post(connection, number, entry_id=entry_id)
        assert posts.taken_ids(connection, ["tag:c"]) == set()
        assert {"tag:a", "tag:a;1234", "tag:a;1234-2"} <= posts.taken_ids(connection, ["tag:a", "tag:c"])


@pytest.mark.parametrize("twin", [{"entry_id": "tag:other"}, {"path": "_posts/other.md"}], ids=["path", "entry id"])
def test_two_posts_never_share_a_path_or_an_id(store: Store, twin: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=r"(?i)unique"), store.write() as connection:
        posts.save(connection, [seen(), seen(**twin)])
    with store.read() as connection:
        assert list(posts.listing(connection)) == []


# The order of announcing


def test_sequences_begin_at_one_and_go_on(store: Store) -> None:
    with store.write() as connection:
        assert posts.last_sequence(connection) == 0
        assert posts.take_sequences(connection, 3) == range(1, 4)
        assert posts.take_sequences(connection, 1) == range(4, 5)
    with store.read() as connection:
        assert posts.last_sequence(connection) == 4


def test_a_transaction_that_fails_leaves_no_gap(store: Store) -> None:
    with pytest.raises(KilledError), killed_before_commit(store) as connection:
        assert posts.take_sequences(connection, 5) == range(1, 6)
    with store.write() as connection:
        assert posts.take_sequences(connection, 1) == range(1, 2)


def test_sequences_have_no_gaps_and_appear_in_order_under_concurrent_writers(store: Store) -> None:
    rounds, writers = 8, 4
    glimpses: list[list[int]] = []

    def announce(writer: int) -> None:
        for turn in range(rounds):
            with store.write() as connection:
                first, second = posts.take_sequences(connection, 2)
                number = 1000 * writer + 2 * turn
                add_post(connection, number, announce="announced", announce_seq=first)
                add_post(connection, number + 1, announce="announced", announce_seq=second)
            with store.read() as connection:
                glimpses.append([row.announce_seq for row in posts.announced_since(connection, 0)])

    together(writers, announce)
    # Whoever looks at any time sees all numbers up to the last: a digest that counts by them misses none.
    assert all(seen == list(range(1, len(seen) + 1)) for seen in glimpses)
    assert max(map(len, glimpses)) == 2 * rounds * writers


def test_announced_posts_come_in_their_order_while_feeds_show_them(store: Store) -> None:
    with store.write() as connection:
        for number, sequence in ((1, 3), (2, 1), (3, 2)):
            add_post(connection, number, announce="announced", announce_seq=sequence)
        add_post(connection, 4, announce="announced", announce_seq=4, listed=False)
        add_post(connection, 5)
        rows = [tuple(row) for row in posts.announced_since(connection, 1)]
        audience = [["site", ""], ["category", "海滨晚报"], ["tag", "潮汐"]]
    assert rows == [(2, 3, audience), (3, 1, audience)]


# Bodies and entries


def test_an_entry_holds_the_post_and_its_body(store: Store) -> None:
    record = seen(announce="announced", announce_seq=7)
    with store.write() as connection:
        (post_id,) = posts.save(connection, [record])
        posts.save_contents(connection, [(post_id, Content(f"<p>{ODD}</p>", "rendered", "bytes-1"))])
        entry = posts.entries(connection, [post_id])[post_id]
        by_url = posts.entries(connection, [post_id], id_from_url=True)[post_id]
    for name in ("title", "url", "published", "updated", "categories", "tags", "authors", "language", "summary"):
        assert getattr(entry, name) == getattr(record, name)
    assert (entry.id, entry.html, entry.sequence) == (record.entry_id, f"<p>{ODD}</p>", 7)
    assert by_url == replace(entry, id=record.url)


@pytest.mark.parametrize(
    ("own", "body", "shown"),
    [("own", Content("x", "rendered", "h"), "own"), ("", Content("x", "rendered", "h"), "rendered"), ("", None, "")],
)
def test_the_summary_is_the_authors_or_the_rendered_one(
    store: Store, own: str, body: Content | None, shown: str
) -> None:
    with store.write() as connection:
        post_id = add_post(connection, summary=own)
        posts.save_contents(connection, [(post_id, body)] if body else [])
        entry = posts.entries(connection, [post_id, 999])[post_id]
    assert (entry.summary, entry.html, entry.sequence) == (shown, "x" if body else "", 0)


def test_a_body_is_stale_until_it_is_rendered_from_what_the_file_holds(store: Store) -> None:
    with store.write() as connection:
        never, old, fresh, gone = (add_post(connection, n, state="gone" if n == 4 else "live") for n in (1, 2, 3, 4))
        posts.save_contents(connection, [(old, Content("", "", "bytes-0")), (fresh, Content("", "", "bytes-3"))])
        ids = [never, old, fresh, gone]
        assert posts.stale_contents(connection, ids) == {
            never: ("posts", "_posts/1.md"),
            old: ("posts", "_posts/2.md"),
        }
        posts.save_contents(connection, [(never, Content("a", "", "bytes-1")), (old, Content("b", "", "bytes-2"))])
        assert posts.stale_contents(connection, ids) == {}
        assert posts.entries(connection, [old])[old].html == "b"


def test_bodies_are_dropped_that_no_feed_shows_and_no_digest_can_ask_for(store: Store) -> None:
    with store.write() as connection:
        records = [
            numbered(1, published=NOW - 9 * DAY, stable_since=NOW - 9 * DAY),  # pushed out of the feed by the next two
            numbered(2, published=NOW - 8 * DAY, stable_since=NOW - 8 * DAY),
            numbered(3, published=NOW - 7 * DAY, stable_since=NOW - 7 * DAY),
            numbered(4, published=NOW - 10 * DAY, stable_since=NOW - HOUR),  # not in the feed, but new to us
        ]  # fmt: skip
        ids = posts.save(connection, records)
        feeds.list_posts(connection, list(zip(ids, records, strict=True)), [])
        posts.save_contents(connection, ((post_id, Content("body", "", "h")) for post_id in ids))
        assert posts.drop_contents(connection, newest=2, announced_before=NOW - 5 * DAY) == 1
        kept = posts.entries(connection, ids)
        assert [kept[post_id].html for post_id in ids] == ["", "body", "body", "body"]


def test_bodies_of_what_is_not_sent_yet_are_kept(store: Store) -> None:
    with store.write() as connection:
        ids = [add_post(connection, number, stable_since=NOW - 50 * DAY) for number in range(3)]
        posts.save_contents(connection, ((post_id, Content("body", "", "h")) for post_id in ids))
        add_subscriber(connection, cadence="instant", also="daily")
        ledger.queue_post(connection, ids[0], {"site": {""}}, NOW)
        queue_digest(connection, "2026-03-06", [ids[1]])
        assert posts.drop_contents(connection, newest=2, announced_before=NOW) == 1
        assert posts.rendered(connection, ids).keys() == {ids[0], ids[1]}
