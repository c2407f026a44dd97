"""Whatever happens to files: a post is announced once, when it is ready, and keeps its identity."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from syndicator.models import Content, File, Post, Quarantined
from syndicator.pipeline.scanning import Scan, scan
from syndicator.store import feeds, posts, upkeep
from tests.records import DAY, HOUR, MINUTE, NOW, RULES, broken, post
from tests.stores import add_subscriber

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from syndicator.policy.changes import Record
    from syndicator.store import Store

numbers = count()


class Folder:
    """A source whose files are in memory."""

    Options: ClassVar[type[BaseModel]] = BaseModel

    def __init__(self, name: str) -> None:
        self.name = name
        self._files: dict[str, tuple[Post | Quarantined, File]] = {}

    def write(self, path: str, found: Post | Quarantined, now: datetime) -> None:
        modified = int(now.timestamp() * 1e9)
        file = File(path, f"{found.content_hash}:{modified}", modified)
        self._files[path] = found._replace(path=path), file

    def move(self, old: str, new: str) -> None:
        if old in self._files:
            found, file = self._files.pop(old)
            self._files[new] = found._replace(path=new), file._replace(path=new)

    def delete(self, path: str) -> None:
        self._files.pop(path, None)

    def files(self) -> Iterator[File]:
        yield from [file for _, file in self._files.values()]

    def folders(self) -> list[str]:
        return []

    def read(self, path: str) -> Post | Quarantined | None:
        return self._files[path][0] if path in self._files else None

    def render(self, path: str) -> Content | None:
        found = self.read(path)
        return Content(f"<p>{found.summary}</p>", "", found.content_hash) if isinstance(found, Post) else None


class Site:
    """A folder that is scanned, and all that was ever announced of it."""

    def __init__(self, store: Store, keep_missing: bool = True) -> None:
        self.store, self.folder, self.now = store, Folder(f"source{next(numbers)}"), NOW
        self.rules = replace(RULES, keep_missing=keep_missing)
        self.announced: dict[str, int] = {}
        with store.write() as connection:
            self.subscriber = add_subscriber(connection, f"{self.folder.name}@x.example", self.folder.name)

    def write(self, path: str, found: Post | Quarantined) -> None:
        if isinstance(found, Post):  # a category of its own, so that its subscriber gets its posts alone
            found = found._replace(categories=(self.folder.name,), content_hash=f"{found!r}")
        self.folder.write(path, found, self.now)

    def scan(self, after: Any = HOUR) -> dict[str, Record]:
        """Scan later, check that nothing is announced twice, and return entry id → record."""
        self.now += after
        how = Scan(self.rules, "news.example,2026", self.now, allow_missing=True)
        report = scan(self.store, self.folder, how)
        with self.store.read() as connection:
            known = {one.entry_id: one for one in posts.listing(connection) if one.source == self.folder.name}
            queued = [row for row in upkeep.listing(connection, limit=10_000) if row.recipient_id == self.subscriber]
        fresh = {entry: one for entry, one in known.items() if one.announce_seq and entry not in self.announced}
        assert all(known[entry].announce_seq == sequence for entry, sequence in self.announced.items())
        assert report.announced == report.queued == len(fresh)
        self.announced |= {entry: one.announce_seq or 0 for entry, one in fresh.items()}
        assert len(queued) == len({row.post_id for row in queued}) == len(self.announced)
        return known


contents = st.one_of(
    st.builds(
        post,
        title=st.sampled_from(["one", "two"]),
        summary=st.sampled_from(["text 1", "text 2"]),
        published=st.sampled_from([NOW - 8 * DAY, NOW - 6 * DAY, NOW, NOW + 2 * HOUR, NOW + 3 * DAY]),
        draft=st.sampled_from([False, False, True]),
    ),
    st.builds(broken, content_hash=st.sampled_from(["broken-1", "broken-2"])),
)
places = st.integers(0, 3)
steps = st.one_of(
    st.tuples(st.just("write"), places, contents),
    st.tuples(st.just("write"), places, contents),
    st.tuples(st.just("move"), places, st.none()),
    st.tuples(st.just("delete"), places, st.none()),
    st.tuples(st.just("scan"), st.sampled_from([MINUTE / 2, 2 * MINUTE, HOUR, DAY]), st.none()),
    st.tuples(st.just("scan"), st.sampled_from([MINUTE / 2, 2 * MINUTE, HOUR, DAY]), st.none()),
)


def live_out(site: Site, story: list[tuple[str, Any, Any]]) -> None:
    """Let things happen. A moved file goes to a new path, and its old one is not used again."""
    paths = {place: f"_posts/{place}.md" for place in range(4)}
    for what, where, found in story:
        if what == "scan":
            site.scan(where)
        elif what == "write":
            site.write(paths[where], found)
        elif what == "delete":
            site.folder.delete(paths[where])
        else:
            old, paths[where] = paths[where], f"_posts/moved-{next(numbers)}.md"
            site.folder.move(old, paths[where])


@settings(deadline=None, max_examples=100)
@given(story=st.lists(steps, max_size=20), keep_missing=st.booleans())
def test_a_post_is_announced_once_when_it_is_ready(
    new_store: Callable[[], Store], story: Any, keep_missing: bool
) -> None:
    site = Site(new_store(), keep_missing)
    live_out(site, story)
    site.scan()
    for record in site.scan(10 * DAY).values():  # everything has settled, and every date has come
        there = site.folder.read(record.path)
        assert (there is None) == (record.state == "gone")
        if isinstance(there, Quarantined):
            assert record.state == "quarantined"
        elif there is not None:
            assert record.state == ("draft" if there.draft else "live")
        assert (record.announce_seq is not None) == (record.announce == "announced")
        assert record.state != "live" or record.announce != "pending"


@settings(deadline=None, max_examples=60)
@given(story=st.lists(steps, max_size=20), keep_missing=st.booleans())
def test_feeds_show_exactly_what_is_listed(new_store: Callable[[], Store], story: Any, keep_missing: bool) -> None:
    site = Site(new_store(), keep_missing)
    live_out(site, story)
    listed = {record.id for record in site.scan(10 * DAY).values() if record.listed}
    with site.store.read() as connection:
        feed_id = feeds.ids_of(connection, "category", [site.folder.name]).get(site.folder.name, 0)
        shown = feeds.newest(connection, feed_id, 1000)
    assert len(shown) == len(set(shown))
    assert set(shown) == listed


@settings(deadline=None, max_examples=60)
@given(age=st.integers(-10 * 24, 10 * 24), first=st.integers(0, 60), story=st.lists(st.integers(1, 400), max_size=6))
def test_a_stable_post_within_the_window_is_announced_and_no_other(
    new_store: Callable[[], Store], age: int, first: int, story: list[int]
) -> None:
    """A post `age` hours old, first seen after `first` minutes, and scanned every so many minutes."""
    site = Site(new_store())
    published = NOW - age * HOUR
    site.write("_posts/a.md", post(published=published))
    (entry,) = site.scan(first * MINUTE)
    seen = site.now
    for minutes in story:
        record = site.scan(minutes * MINUTE)[entry]
        eligible = published >= seen - 7 * DAY
        ready = eligible and published <= site.now and site.now - seen >= 2 * MINUTE
        assert (record.announce == "announced") == ready


def test_updated_moves_with_what_readers_saw_and_no_footer(new_store: Callable[[], Store]) -> None:
    site = Site(new_store())
    site.write("_posts/a.md", post(summary="央行降准。"))
    site.scan()
    (first,) = site.scan().values()
    assert first.announce == "announced"
    site.write("_posts/a.md", post(summary='央行降准。</p><p><a href="/">首页</a>｜<a href="/b">返回</a>'))
    (footer,) = site.scan().values()
    assert footer.content_hash != first.content_hash
    assert footer.updated == first.updated == first.published
    site.write("_posts/a.md", post(summary="央行降息。"))
    (text,) = site.scan().values()
    assert text.updated == site.now
    (same,) = site.scan().values()
    assert same == text


def test_a_path_may_be_used_again_after_its_post_moved(new_store: Callable[[], Store]) -> None:
    site = Site(new_store())
    site.write("_posts/news.md", post())
    (first,) = site.scan().values()
    site.folder.move("_posts/news.md", "_posts/old-news.md")
    site.scan()
    site.write("_posts/news.md", post(title="another"))
    known = {record.path: record for record in site.scan().values()}
    assert known["_posts/old-news.md"].entry_id == first.entry_id
    assert known["_posts/news.md"].entry_id != first.entry_id
