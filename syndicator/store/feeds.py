"""Keep which feeds there are, which posts each may show, and what was last written of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, bindparam, delete, func, insert, select, update

from syndicator.policy import slugs
from syndicator.policy.changes import feed_names
from syndicator.store.dialect import in_groups, insert_rows, upsert
from syndicator.store.tables import feed_files, feed_posts, feeds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from syndicator.models import FeedKind
    from syndicator.policy.changes import Record


SITE_SLUG = "all"


@dataclass(frozen=True, slots=True)
class FeedRow:
    """Hold a feed as it is stored. `updated` is None until it was written."""

    id: int
    kind: FeedKind
    name: str
    slug: str
    title: str
    dirty: bool
    updated: datetime | None


def all_feeds(connection: Connection) -> list[FeedRow]:
    """Return every feed: the site's, then categories, then tags, each by name."""
    order = {"site": 0, "category": 1, "tag": 2}
    rows = connection.execute(select(*(feeds.c[name] for name in FeedRow.__slots__)))
    return sorted((FeedRow(*row) for row in rows), key=lambda row: (order[row.kind], row.name))


def mark_dirty(connection: Connection, ids: Iterable[int] | None = None) -> None:
    """Have the given feeds written again, or all."""
    if ids is None:
        connection.execute(update(feeds).values(dirty=True))
        return
    for group in in_groups(ids):
        connection.execute(update(feeds).where(feeds.c.id.in_(group)).values(dirty=True))


def list_posts(connection: Connection, listed: Sequence[tuple[int, Record]], relisted: Iterable[int]) -> None:
    """Put posts into the feeds that they belong to now, and mark all feeds concerned, old and new.

    `listed` are (post id, record); `relisted` the ids of those among them that may be in feeds already.
    """
    touched = _unlist(connection, relisted)
    ids = _feed_ids(connection, {name for _, record in listed if record.listed for name in feed_names(record)})
    rows = [
        (ids[name], published, post_id)
        for post_id, record in listed
        if record.listed and record.published
        for published in (to_microseconds(record.published),)
        for name in dict.fromkeys(feed_names(record))
    ]
    insert_rows(connection, feed_posts, ("feed_id", "published", "post_id"), rows)
    mark_dirty(connection, touched | {feed_id for feed_id, _, _ in rows})


def newest(connection: Connection, feed_id: int, limit: int) -> list[int]:
    """Return the ids of the posts a feed shows, newest first."""
    return list(connection.execute(_NEWEST, {"wanted": feed_id, "most": limit}).scalars())


# Asked for every feed that is written: building the statement each time would cost more than running it.
_NEWEST = (
    select(feed_posts.c.post_id)
    .where(feed_posts.c.feed_id == bindparam("wanted"))
    .order_by(feed_posts.c.published.desc(), feed_posts.c.post_id.desc())
    .limit(bindparam("most", type_=Integer))
)


def counts(connection: Connection, ids: Iterable[int] | None = None) -> dict[int, int]:
    """Return feed id → number of posts, of the given feeds or of all; empty feeds are left out."""
    query = select(feed_posts.c.feed_id, func.count()).group_by(feed_posts.c.feed_id)
    queries = [query] if ids is None else [query.where(feed_posts.c.feed_id.in_(group)) for group in in_groups(ids)]
    return {feed_id: number for each in queries for feed_id, number in connection.execute(each)}


def ids_of(connection: Connection, kind: FeedKind, names: Iterable[str]) -> dict[str, int]:
    """Return name → id of those of the feeds that exist."""
    found: dict[str, int] = {}
    for group in in_groups(names):
        query = select(feeds.c.name, feeds.c.id).where(feeds.c.kind == kind, feeds.c.name.in_(group))
        found.update((name, feed_id) for name, feed_id in connection.execute(query))
    return found


def titles(connection: Connection, kind: FeedKind) -> dict[str, str]:
    """Return name → title of the feeds of a kind."""
    rows = connection.execute(select(feeds.c.name, feeds.c.title).where(feeds.c.kind == kind))
    return {name: title for name, title in rows}  # noqa: C416 - rows are not pairs


def slugs_of(connection: Connection, kind: FeedKind, names: Iterable[str]) -> set[str]:
    """Return the slugs of the feeds with these names."""
    query = select(feeds.c.slug).where(feeds.c.kind == kind, feeds.c.name.in_(list(names)))
    return set(connection.execute(query).scalars())


def written(connection: Connection) -> dict[tuple[int, str], tuple[int, str]]:
    """Return (feed id, extension) → (size in bytes, hash) of every feed file as it was last written."""
    rows = connection.execute(select(feed_files))
    return {(row.feed_id, row.extension): (row.size, row.hash) for row in rows}


def record_written(
    connection: Connection, done: Sequence[tuple[int, str, datetime | None]], files: Sequence[tuple[int, str, int, str]]
) -> None:
    """Record feeds as (id, title, updated), now clean, and files as (feed id, extension, size, hash)."""
    if done:
        statement = update(feeds).where(feeds.c.id == bindparam("row_id"))
        values = {"dirty": False, "title": bindparam("new_title"), "updated": bindparam("new_updated")}
        connection.execute(
            statement.values(values), [{"row_id": i, "new_title": title, "new_updated": at} for i, title, at in done]
        )
    if files:
        insertion = upsert(connection, feed_files)
        fresh = {"size": insertion.excluded.size, "hash": insertion.excluded.hash}
        connection.execute(
            insertion.on_conflict_do_update(index_elements=["feed_id", "extension"], set_=fresh),
            [{"feed_id": i, "extension": kind, "size": size, "hash": digest} for i, kind, size, digest in files],
        )


def _unlist(connection: Connection, post_ids: Iterable[int]) -> set[int]:
    """Take posts out of all feeds; return the ids of these feeds."""
    touched: set[int] = set()
    for group in in_groups(post_ids):
        here = feed_posts.c.post_id.in_(group)
        touched.update(connection.execute(select(feed_posts.c.feed_id).where(here).distinct()).scalars())
        connection.execute(delete(feed_posts).where(here))
    return touched


def _feed_ids(connection: Connection, names: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return (kind, name) → id, making the feeds that are new."""
    known = _known(connection, names)
    fresh = sorted(names - known.keys())
    if fresh:
        connection.execute(insert(feeds), _new_rows(connection, fresh))
        known |= _known(connection, set(fresh))
    return known


def _known(connection: Connection, names: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    kinds: set[FeedKind] = {kind for kind, _ in names}  # type: ignore[misc]
    return {
        (kind, name): feed_id
        for kind in kinds
        for name, feed_id in ids_of(connection, kind, (name for its, name in names if its == kind)).items()
    }


def _new_rows(connection: Connection, names: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    taken: dict[str, set[str]] = {}
    for row in connection.execute(select(feeds.c.kind, feeds.c.slug_key)):
        taken.setdefault(row.kind, set()).add(row.slug_key)
    rows = []
    for kind, name in names:
        slug, slug_key = slugs.allocate(name or SITE_SLUG, taken.setdefault(kind, set()))
        rows.append({"kind": kind, "name": name, "slug": slug, "slug_key": slug_key, "title": name, "dirty": True})
    return rows
