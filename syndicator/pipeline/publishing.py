"""Write the feeds that changed, and only those.

A feed is written when a scan marked it, when the settings that shape it changed, or when its file is not there as it
was last written. Its bytes are compared with the last ones before they replace them, so that ETags stay.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from xxhash import xxh3_128_hexdigest

from syndicator.files import feed_url
from syndicator.models import Feed
from syndicator.pipeline.bodies import keep_bodies
from syndicator.policy.identity import feed_id
from syndicator.store import facts, feeds, posts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from syndicator.files import FeedFolder
    from syndicator.models import Content, Entry, Problem
    from syndicator.ports import Format, Source
    from syndicator.store import Store
    from syndicator.store.feeds import FeedRow

    Track = Callable[[Sequence[Sequence[FeedRow]]], Iterable[Sequence[FeedRow]]]
    # (feed id, extension) → (size, hash) as last written
    _Last = Mapping[tuple[int, str], tuple[int, str]]

# Feeds in one commit: what a crash makes us write again.
_GROUP = 100


@dataclass(frozen=True, slots=True)
class Style:
    """Hold the settings that shape feeds. `titles` names categories; `authority` is that of tag URIs."""

    site_title: str
    site_url: str
    description: str
    author: str
    language: str
    timezone: str
    feeds_url: str
    authority: str
    limit: int
    full_text: bool
    id_from_url: bool
    titles: Mapping[str, str] = field(default_factory=dict)

    def digest(self, formats: Iterable[Format]) -> str:
        """Return a short hash that changes when feeds must be written again though no post changed."""
        return xxh3_128_hexdigest(repr((self, [kind.extension for kind in formats])).encode())


@dataclass(frozen=True, slots=True)
class PublishReport:
    """Count what was done: `feeds` there are, `checked` again, `written` files.

    `problems` are (source, problem) of the bodies that were rendered, those that were not there before.
    """

    feeds: int
    checked: int
    written: int
    problems: tuple[tuple[str, Problem], ...] = ()


def publish(
    store: Store,
    sources: Mapping[str, Source],
    formats: Sequence[Format],
    folder: FeedFolder,
    style: Style,
    now: datetime,
    *,
    full: bool = False,
    track: Track = list,
) -> PublishReport:
    """Bring the feed files up to date. Raise OutputError when one cannot be written; the next run goes on there."""
    with store.read() as connection:
        known = feeds.all_feeds(connection)
        last = feeds.written(connection)
        restyled = facts.get(connection, facts.FEED_STYLE) != style.digest(formats)
    sizes = folder.sizes()
    every = full or restyled
    stale = [row for row in known if every or row.dirty or not _intact(row, formats, last, sizes)]
    press = _Press(store, sources, formats, folder, style, now, last)
    for rows in track([stale[start : start + _GROUP] for start in range(0, len(stale), _GROUP)]):
        press.print(rows)
    if restyled:
        with store.write() as connection:
            facts.put(connection, facts.FEED_STYLE, style.digest(formats))
    return PublishReport(len(known), len(stale), press.written, tuple(press.problems))


def _intact(row: FeedRow, formats: Sequence[Format], last: _Last, sizes: Mapping[tuple[str, str], int]) -> bool:
    """Tell whether every file of a feed has the size that was last written."""
    extensions = [kind.extension for kind in formats]
    written = [last[row.id, extension][0] for extension in extensions if (row.id, extension) in last]
    return written == [sizes.get((row.kind, f"{row.slug}.{extension}")) for extension in extensions]


@dataclass(frozen=True, slots=True)
class _Printed:
    """Hold what feeds need of an entry once it is serialised."""

    updated: datetime
    tags: frozenset[str]
    fragments: Mapping[str, bytes]


class _Press:
    """Write feeds a group at a time; every entry is rendered and serialised once, however many feeds show it."""

    def __init__(
        self,
        store: Store,
        sources: Mapping[str, Source],
        formats: Sequence[Format],
        folder: FeedFolder,
        style: Style,
        now: datetime,
        last: _Last,
    ) -> None:
        self._store, self._sources, self._formats = store, sources, formats
        self._folder, self._style, self._now, self._last = folder, style, now, last
        self._zone = ZoneInfo(style.timezone)
        self._printed: dict[int, _Printed] = {}
        self.written = 0
        self.problems: list[tuple[str, Problem]] = []

    def print(self, rows: Sequence[FeedRow]) -> None:
        """Write a group of feeds and commit that they are clean."""
        with self._store.read() as connection:
            shown = {row.id: feeds.newest(connection, row.id, self._style.limit) for row in rows}
            wanted = {post_id for ids in shown.values() for post_id in ids} - self._printed.keys()
            entries = posts.entries(connection, wanted, id_from_url=self._style.id_from_url)
            unrendered = posts.stale_contents(connection, wanted)
        bodies = self._render(unrendered)
        for post_id, entry in entries.items():
            self._printed[post_id] = self._serialise(entry, bodies.get(post_id) or entry)
        titles = self._titles(rows, shown)
        done: list[tuple[int, str, datetime | None]] = []
        files: list[tuple[int, str, int, str]] = []
        for row in rows:
            feed = self._feed(row, titles[row.id], shown[row.id])
            files += self._write(row, feed, shown[row.id])
            done.append((row.id, titles[row.id], feed.updated))
        with self._store.write() as connection:
            faults = keep_bodies(connection, bodies)
            feeds.record_written(connection, done, files)
        self.problems += ((unrendered[post_id][0], problem) for post_id, problem in faults)

    def _render(self, unrendered: Mapping[int, tuple[str, str]]) -> dict[int, Content]:
        bodies = {
            post_id: body
            for post_id, (source, path) in unrendered.items()
            if source in self._sources and (body := self._sources[source].render(path))
        }
        self.problems += [
            (unrendered[post_id][0], problem) for post_id, body in bodies.items() for problem in body.problems
        ]
        return bodies

    def _serialise(self, entry: Entry, body: Content | Entry) -> _Printed:
        entry = replace(
            entry,
            published=entry.published.astimezone(self._zone),
            updated=entry.updated.astimezone(self._zone),
            html=body.html if self._style.full_text else "",
            summary=body.summary,
        )
        fragments = {kind.extension: kind.entry(entry) for kind in self._formats}
        return _Printed(entry.updated, frozenset(entry.tags), fragments)

    def _feed(self, row: FeedRow, title: str, shown: Sequence[int]) -> Feed:
        style = self._style
        updated = max((self._printed[post_id].updated for post_id in shown), default=row.updated or self._now)
        return Feed(
            id=feed_id(style.authority, row.kind, row.slug),
            kind=row.kind,
            name=row.name,
            slug=row.slug,
            title=style.site_title if row.kind == "site" else f"{title} – {style.site_title}",
            description=style.description or style.site_title,
            url=feed_url(style.feeds_url, row.kind, row.slug),
            page_url=style.site_url,
            author=style.author,
            language=style.language,
            updated=updated.astimezone(self._zone),
        )

    def _write(self, row: FeedRow, feed: Feed, shown: Sequence[int]) -> Iterator[tuple[int, str, int, str]]:
        """Write the formats whose bytes changed; yield what to record of them."""
        for kind in self._formats:
            data = kind.feed(feed, [self._printed[post_id].fragments[kind.extension] for post_id in shown])
            digest = xxh3_128_hexdigest(data)
            if self._last.get((row.id, kind.extension)) != (len(data), digest) or self._is_missing(row, kind):
                self._folder.write(row.kind, row.slug, kind.extension, data)
                self.written += 1
                yield row.id, kind.extension, len(data), digest

    def _is_missing(self, row: FeedRow, kind: Format) -> bool:
        return not self._folder.has(row.kind, row.slug, kind.extension, self._last[row.id, kind.extension][0])

    def _titles(self, rows: Sequence[FeedRow], shown: Mapping[int, Sequence[int]]) -> dict[int, str]:
        """Return feed id → title: as the settings name it; else, for a category, the tag that it shares with no other.

        (The first user's categories are slugs, and the one tag of their posts is the newspaper's name.)
        """
        configured = {row.id: self._style.titles.get(row.name) or self._style.titles.get(row.slug) for row in rows}
        shared = {
            row.id: tags
            for row in rows
            if row.kind == "category" and not configured[row.id] and len(tags := self._shared_tags(shown[row.id])) == 1
        }
        with self._store.read() as connection:
            named = _same_posts(connection, {feed_id: next(iter(tags)) for feed_id, tags in shared.items()})
        plain = {row.id: row.name or self._style.site_title for row in rows}
        return {row.id: configured[row.id] or named.get(row.id) or plain[row.id] for row in rows}

    def _shared_tags(self, shown: Sequence[int]) -> frozenset[str]:
        tags = [self._printed[post_id].tags for post_id in shown]
        return frozenset.intersection(*tags) if tags else frozenset()


def _same_posts(connection: Connection, tags: Mapping[int, str]) -> dict[int, str]:
    """Return those of the given category id → tag pairs where the tag has as many posts as the category."""
    ids = feeds.ids_of(connection, "tag", set(tags.values()))
    counted = feeds.counts(connection, [*tags, *ids.values()])
    return {category: tag for category, tag in tags.items() if counted.get(category) == counted.get(ids.get(tag, 0))}
