"""Keep what the scans know of posts, their rendered bodies, and the order in which they were announced."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, or_, select, text, true, update

from syndicator.models import Entry, Problem
from syndicator.policy.changes import Record
from syndicator.store.dialect import in_groups, insert_rows, upsert
from syndicator.store.tables import (
    IS_GONE,
    IS_QUARANTINED,
    WAITING,
    contents,
    counters,
    deliveries,
    digest_posts,
    feed_posts,
    posts,
    to_json,
    to_microseconds,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from syndicator.models import Content

ANNOUNCE_COUNTER = "announce_seq"

_COLUMNS = tuple(column.name for column in posts.c if column.name != "id")


def paths(connection: Connection, source: str) -> set[str]:
    """Return the path of every file of a source that is not gone."""
    query = select(posts.c.path).where(posts.c.source == source, posts.c.state != "gone")
    return set(connection.scalars(query))


def count(connection: Connection, source: str) -> tuple[int, int]:
    """Return how many posts of a source there are (live, held or drafts), and how many files are quarantined."""
    everything, gone, quarantined = (
        select(func.count()).select_from(posts).where(posts.c.source == source, *state).scalar_subquery()
        for state in ((), (IS_GONE,), (IS_QUARANTINED,))
    )
    every, missing, aside = connection.execute(select(everything, gone, quarantined)).one()
    return every - missing - aside, aside


def quarantined(connection: Connection, source: str) -> set[str]:
    """Return the paths of a source's files that cannot be read as posts."""
    return set(connection.scalars(select(posts.c.path).where(posts.c.source == source, IS_QUARANTINED)))


def records(connection: Connection, source: str, paths: Iterable[str]) -> dict[str, Record]:
    """Return path → record of those of the given files that are known."""
    found: dict[str, Record] = {}
    for group in in_groups(paths):
        query = select(posts).where(posts.c.source == source, posts.c.path.in_(group))
        found.update((row.path, _record(row)) for row in connection.execute(query))
    return found


def is_empty(connection: Connection) -> bool:
    """Tell whether nothing is known of any post yet: a first scan need not ask what was."""
    return not _any(connection, true())


def pending(connection: Connection, source: str) -> list[Record]:
    """Return the records that wait: to be announced, or (held) for their time, be they announced already or not."""
    waits = posts.c.state.in_(("live", "held"))
    query = select(posts).where(posts.c.source == source, text(f"({WAITING})"), waits)  # as its index says it
    return [_record(row) for row in connection.execute(query)]


def gone_with(connection: Connection, source: str, hashes: Iterable[str]) -> list[Record]:
    """Return the records of a source's missing files that held one of these contents: one of them may have moved."""
    mine = (posts.c.source == source) & IS_GONE
    return _with(connection, posts.c.content_hash, hashes, mine)


def elsewhere_with(connection: Connection, source: str, hashes: Iterable[str]) -> list[Record]:
    """Return the records of all other sources that hold one of these contents: one of them may have come over."""
    others = _not_in([source])
    return _with(connection, posts.c.content_hash, hashes, others) if _any(connection, others) else []


def orphans_at(connection: Connection, sources: Iterable[str], paths: Iterable[str]) -> list[Record]:
    """Return the records at these paths whose source is none of these."""
    others = _not_in(sources)
    return _with(connection, posts.c.path, paths, others) if _any(connection, others) else []


def taken_ids(connection: Connection, entry_ids: Iterable[str]) -> set[str]:
    """Return those of the given entry ids that posts have already; where there are any, also what was made of such."""
    taken = set(_ids(connection, entry_ids))
    if taken:
        made = select(posts.c.entry_id).where(posts.c.entry_id.contains(";"))
        taken.update(connection.execute(made).scalars())
    return taken


def save(connection: Connection, changed: Sequence[Record]) -> list[int]:
    """Insert the records without an id, update the others; return the ids in the order given."""
    fresh = [record for record in changed if record.id is None]
    old = [record for record in changed if record.id is not None]
    ids = _insert(connection, fresh) if fresh else {}
    if old:
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _COLUMNS}
        statement = update(posts).where(posts.c.id == bindparam("row_id")).values(values)
        connection.execute(statement, [{"row_id": r.id, **{f"new_{k}": v for k, v in _row(r).items()}} for r in old])
    return [record.id if record.id is not None else ids[record.entry_id] for record in changed]


def take_sequences(connection: Connection, count: int) -> range:
    """Take the next `count` places in the order of announcing, from a row that this transaction now holds."""
    connection.execute(upsert(connection, counters).values(name=ANNOUNCE_COUNTER, value=0).on_conflict_do_nothing())
    statement = (
        update(counters)
        .where(counters.c.name == ANNOUNCE_COUNTER)
        .values(value=counters.c.value + count)
        .returning(counters.c.value)
    )
    last: int = connection.execute(statement).scalar_one()
    return range(last - count + 1, last + 1)


def last_sequence(connection: Connection) -> int:
    """Return the place of the post announced last, 0 before the first."""
    query = select(counters.c.value).where(counters.c.name == ANNOUNCE_COUNTER)
    return connection.execute(query).scalar() or 0


def save_contents(connection: Connection, rendered: Iterable[tuple[int, Content]]) -> None:
    """Keep rendered bodies, given with the ids of their posts."""
    rows = [
        (post_id, body.content_hash, body.html, body.summary, to_json([(p.line, p.text) for p in body.problems]))
        for post_id, body in rendered
    ]
    for group in in_groups(row[0] for row in rows):
        connection.execute(delete(contents).where(contents.c.post_id.in_(group)))
    insert_rows(connection, contents, ("post_id", "content_hash", "html", "summary", "problems"), rows)


def rendered(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """Return post id → HTML of those that were rendered."""
    found: dict[int, str] = {}
    for group in in_groups(ids):
        query = select(contents.c.post_id, contents.c.html).where(contents.c.post_id.in_(group))
        found.update((post_id, html) for post_id, html in connection.execute(query))
    return found


def entries(connection: Connection, ids: Iterable[int], *, id_from_url: bool = False) -> dict[int, Entry]:
    """Return post id → entry, with the body as it was last rendered ("" where it never was)."""
    found: dict[int, Entry] = {}
    for group in in_groups(ids):
        query = (
            select(posts, contents.c.html, contents.c.summary.label("rendered_summary"))
            .join_from(posts, contents, isouter=True)
            .where(posts.c.id.in_(group))
        )
        found.update((row.id, _entry(row, id_from_url=id_from_url)) for row in connection.execute(query))
    return found


def stale_contents(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return post id → (source, path) of those whose body was never rendered from what their file holds now."""
    stale: dict[int, tuple[str, str]] = {}
    for group in in_groups(ids):
        query = (
            select(posts.c.id, posts.c.source, posts.c.path)
            .join_from(posts, contents, isouter=True)
            .where(posts.c.id.in_(group), posts.c.state == "live")
            .where(contents.c.content_hash.is_distinct_from(posts.c.content_hash))
        )
        stale.update((row.id, (row.source, row.path)) for row in connection.execute(query))
    return stale


def listing(connection: Connection) -> Iterator[Record]:
    """Yield every record, by source and path."""
    for row in connection.execute(select(posts).order_by(posts.c.source, posts.c.path)):
        yield _record(row)


def announced_since(connection: Connection, sequence: int) -> list[Row[*tuple[Any, ...]]]:
    """Return (announce_seq, id, audience) of the listed posts announced after `sequence`, in that order."""
    query = (
        select(posts.c.announce_seq, posts.c.id, posts.c.audience)
        .where(posts.c.announce_seq > sequence, posts.c.listed)
        .order_by(posts.c.announce_seq)
    )
    return list(connection.execute(query))


def drop_contents(connection: Connection, *, newest: int, announced_before: datetime) -> int:
    """Forget the bodies that no feed shows, no message waits for and no digest can ask for any more; return how many.

    `newest` is the number of entries a feed shows; posts that were first seen after `announced_before` are kept.
    """
    ranked = select(feed_posts.c.post_id, _rank().label("place")).subquery()
    shown = select(ranked.c.post_id).where(ranked.c.place <= newest)
    recent = select(posts.c.id).where(posts.c.stable_since >= announced_before)
    # Not NOT IN, for which PostgreSQL would look at all pairs once these no longer fit into its memory.
    old = select(contents.c.post_id).except_(shown, recent, _waited_for())
    return connection.execute(delete(contents).where(contents.c.post_id.in_(old))).rowcount


def _waited_for() -> Any:
    """Select the posts of messages that are to be sent yet, or could be tried again by hand."""
    unsent = deliveries.c.state.not_in(("sent", "cancelled"))
    alone = select(deliveries.c.post_id).where(unsent, deliveries.c.post_id.is_not(None))
    in_digests = select(digest_posts.c.post_id).where(
        digest_posts.c.digest_id.in_(select(deliveries.c.digest_id).where(unsent, deliveries.c.digest_id.is_not(None)))
    )
    return select(alone.union(in_digests).subquery().c.post_id)  # SQLite takes no parentheses around a part of EXCEPT


def _rank() -> Any:
    order = (feed_posts.c.published.desc(), feed_posts.c.post_id.desc())
    return func.row_number().over(partition_by=feed_posts.c.feed_id, order_by=order)


def _not_in(sources: Iterable[str]) -> Any:
    """Match all other sources by the ranges between these, which an index finds empty at once where there are none."""
    names = sorted(sources)
    between = [(posts.c.source > low) & (posts.c.source < high) for low, high in pairwise(names)]
    return or_(posts.c.source < names[0], *between, posts.c.source > names[-1])


def _any(connection: Connection, where: Any) -> bool:
    return connection.execute(select(posts.c.id).where(where).limit(1)).first() is not None


def _with(connection: Connection, column: Any, values: Iterable[str], where: Any) -> list[Record]:
    """Return the records that meet a condition and have one of the values in a column, the oldest first."""
    found: list[Record] = []
    for group in in_groups(values):
        query = select(posts).where(where, column.in_(group)).order_by(posts.c.id)
        found.extend(_record(row) for row in connection.execute(query))
    return found


def _ids(connection: Connection, entry_ids: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for group in in_groups(entry_ids):
        query = select(posts.c.entry_id, posts.c.id).where(posts.c.entry_id.in_(group))
        found.update((entry_id, post_id) for entry_id, post_id in connection.execute(query))
    return found


def _insert(connection: Connection, fresh: Sequence[Record]) -> dict[str, int]:
    """Insert records; return entry id → id. Nobody else writes meanwhile, so that theirs are all the higher ids."""
    highest = connection.execute(select(func.coalesce(func.max(posts.c.id), 0))).scalar_one()
    insert_rows(connection, posts, _COLUMNS, [_values(record) for record in fresh])
    rows = connection.execute(select(posts.c.entry_id, posts.c.id).where(posts.c.id > highest))
    return {entry_id: post_id for entry_id, post_id in rows}  # noqa: C416 - rows are not pairs


def _row(record: Record) -> dict[str, Any]:
    row = record._asdict()
    del row["id"]
    row["problems"] = _problems(record)
    return row


def _values(record: Record) -> tuple[Any, ...]:
    """Return a record as `insert_rows` takes it, in the order of `_COLUMNS`."""
    # Of a new post these are the same moments, twice.
    published = record.published and to_microseconds(record.published)
    seen = to_microseconds(record.first_seen)
    return (
        record.source,
        record.path,
        record.entry_id,
        record.state,
        record.content_hash,
        record.title,
        record.url,
        published,
        published if record.updated is record.published else record.updated and to_microseconds(record.updated),
        _names(record.categories),
        _names(record.tags),
        _names(record.authors),
        record.language,
        record.summary,
        to_json(_problems(record)),
        seen,
        seen if record.stable_since is record.first_seen else to_microseconds(record.stable_since),
        record.listed,
        record.announce,
        record.announce_seq,
        to_json(record.audience),
    )


@lru_cache(maxsize=4096)
def _names(names: tuple[str, ...]) -> str:
    """Return names as JSON. Kept, because most posts share theirs with many."""
    return to_json(names)


def _problems(record: Record) -> list[tuple[str, int, str]]:
    return [(problem.path, problem.line, problem.text) for problem in record.problems]


def _record(row: Row[*tuple[Any, ...]]) -> Record:
    values = row._asdict()
    values["problems"] = tuple(Problem(*problem) for problem in values["problems"])
    for name in ("categories", "tags", "authors"):
        values[name] = tuple(values[name])
    values["audience"] = tuple(map(tuple, values["audience"]))
    return Record(**values)


def _entry(row: Row[*tuple[Any, ...]], *, id_from_url: bool) -> Entry:
    return Entry(
        id=row.url if id_from_url else row.entry_id,
        title=row.title,
        url=row.url,
        published=row.published,
        updated=row.updated,
        html=row.html or "",
        summary=row.summary or row.rendered_summary or "",
        categories=tuple(row.categories),
        tags=tuple(row.tags),
        authors=tuple(row.authors),
        language=row.language,
        sequence=row.announce_seq or 0,
    )
