"""What the store keeps of feeds: their slugs, which posts they show, and which have to be written again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syndicator.store import feeds, posts
from tests.records import DAY, HOUR, NOW
from tests.stores import ODD, numbered

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from syndicator.policy.changes import Record
    from syndicator.store import Store


def list_now(connection: Connection, *records: Record) -> list[int]:
    """Store records and list them; those with an id are listed again. Return their ids."""
    ids = posts.save(connection, records)
    relisted = [record.id for record in records if record.id is not None]
    feeds.list_posts(connection, list(zip(ids, records, strict=True)), relisted)
    return ids


def clean(connection: Connection) -> None:
    feeds.record_written(connection, [(row.id, row.title, None) for row in feeds.all_feeds(connection)], [])


def dirty(connection: Connection) -> set[tuple[str, str]]:
    return {(row.kind, row.name) for row in feeds.all_feeds(connection) if row.dirty}


def feed(connection: Connection, kind: str, name: str) -> feeds.FeedRow:
    (found,) = (row for row in feeds.all_feeds(connection) if (row.kind, row.name) == (kind, name))
    return found


def test_feeds_come_to_be_with_their_posts(store: Store) -> None:
    with store.write() as connection:
        list_now(connection, numbered(1, categories=("乙", "甲")), numbered(2, categories=("甲",), tags=()))
        found = feeds.all_feeds(connection)
        assert [(row.kind, row.name, row.slug) for row in found] == [
            ("site", "", "all"), ("category", "乙", "乙"), ("category", "甲", "甲"), ("tag", "潮汐", "潮汐"),
        ]  # fmt: skip
        assert all(row.dirty and row.updated is None for row in found)
        assert feeds.counts(connection) == dict(zip((row.id for row in found), (2, 1, 2, 1), strict=True))
        assert feeds.counts(connection, [found[2].id, 999]) == {found[2].id: 2}
        assert feeds.ids_of(connection, "category", ["甲", "丙"]) == {"甲": found[2].id}


def test_case_twins_get_slugs_of_their_own_for_ever(store: Store) -> None:
    with store.write() as connection:
        list_now(connection, numbered(1, categories=("TechWeb",), tags=("techweb",)))
        list_now(connection, numbered(2, categories=("Techweb",), tags=()))
        first, second = (feed(connection, "category", name).slug for name in ("TechWeb", "Techweb"))
        list_now(connection, numbered(3, categories=("Techweb", "TechWeb", "TECHWEB"), tags=()))
        slugs = [row.slug for row in feeds.all_feeds(connection) if row.kind == "category"]
        assert first == "TechWeb"
        assert second.startswith("Techweb-")
        assert {first, second} < set(slugs)
        assert len({slug.casefold() for slug in slugs}) == 3
        assert feed(connection, "tag", "techweb").slug == "techweb"
        assert feeds.slugs_of(connection, "category", ["Techweb", "nothing"]) == {second}


def test_a_post_that_names_a_category_twice_is_in_its_feed_once(store: Store) -> None:
    with store.write() as connection:
        (post_id,) = list_now(connection, numbered(1, categories=("甲", "甲")))
        assert feeds.newest(connection, feed(connection, "category", "甲").id, 10) == [post_id]


def test_the_newest_come_first_and_no_more_than_asked_for(store: Store) -> None:
    published = [NOW - DAY, NOW, NOW - 2 * DAY, NOW, NOW + HOUR]
    with store.write() as connection:
        ids = list_now(connection, *(numbered(number, published=when) for number, when in enumerate(published)))
        site = feed(connection, "site", "").id
        assert feeds.newest(connection, site, 4) == [ids[4], ids[3], ids[1], ids[0]]
        assert feeds.newest(connection, site, 100) == [ids[4], ids[3], ids[1], ids[0], ids[2]]
        assert feeds.newest(connection, 999, 10) == []


def test_exactly_the_feeds_concerned_are_marked(store: Store) -> None:
    with store.write() as connection:
        one, two = list_now(connection, numbered(1, categories=("甲",)), numbered(2, categories=("乙",), tags=()))
        clean(connection)
        assert dirty(connection) == set()
        list_now(connection, numbered(1, id=one, categories=("甲",), title="new"))
        assert dirty(connection) == {("site", ""), ("category", "甲"), ("tag", "潮汐")}
        clean(connection)
        list_now(connection, numbered(2, id=two, categories=("丙",), tags=()))
        assert dirty(connection) == {("site", ""), ("category", "乙"), ("category", "丙")}


def test_a_post_that_leaves_marks_the_feeds_it_was_in_and_makes_none(store: Store) -> None:
    with store.write() as connection:
        (one,) = list_now(connection, numbered(1, categories=("甲",), tags=()))
        clean(connection)
        list_now(connection, numbered(1, id=one, categories=("new",), tags=(), listed=False, state="draft"))
        assert dirty(connection) == {("site", ""), ("category", "甲")}
        assert feeds.counts(connection) == {}


def test_feeds_can_be_marked_one_by_one_or_all(store: Store) -> None:
    with store.write() as connection:
        list_now(connection, numbered(1, categories=("甲",)))
        clean(connection)
        feeds.mark_dirty(connection, [feed(connection, "category", "甲").id])
        assert dirty(connection) == {("category", "甲")}
        feeds.mark_dirty(connection)
        assert dirty(connection) == {("site", ""), ("category", "甲"), ("tag", "潮汐")}


def test_what_was_written_is_remembered(store: Store) -> None:
    with store.write() as connection:
        list_now(connection, numbered(1))
        site, category, _ = feeds.all_feeds(connection)
        feeds.record_written(connection, [(site.id, ODD, NOW)], [(site.id, "rss", 10, "a"), (site.id, "atom", 20, "b")])
        feeds.record_written(connection, [], [(site.id, "rss", 11, "c"), (category.id, "rss", 1, "d")])
        assert feed(connection, "site", "") == replace(site, title=ODD, dirty=False, updated=NOW)
        assert feed(connection, "category", category.name).dirty
        assert feeds.written(connection) == {
            (site.id, "rss"): (11, "c"), (site.id, "atom"): (20, "b"), (category.id, "rss"): (1, "d"),
        }  # fmt: skip
