"""Find which known post a new file may be: one that moved, within its source or from another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.errors import SourceError
from syndicator.models import Post
from syndicator.store import posts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from syndicator.models import Quarantined
    from syndicator.policy.changes import Record
    from syndicator.ports import Source

    # The other sources in the settings by name, None for one that cannot be read now.
    Others = Mapping[str, Source | None]


def candidates(
    connection: Connection, source: str, fresh: Mapping[str, Post | Quarantined], others: Others
) -> list[Record]:
    """Return the records of missing files that the fresh files of a source may have been.

    A post comes over from another source when its file is no longer there, or when that source is no longer in the
    settings: then it was renamed, perhaps, and what was edited meanwhile is found by its path.
    """
    hashes = {post.content_hash for post in fresh.values() if isinstance(post, Post)}
    own = posts.gone_with(connection, source, hashes)
    same = posts.elsewhere_with(connection, source, hashes)
    orphans = posts.orphans_at(connection, [source, *others], fresh) if fresh else []
    elsewhere = {record.id: record for record in [*_without_file(same, others), *orphans]}
    return [*own, *elsewhere.values()]


def _without_file(records: Iterable[Record], others: Others) -> list[Record]:
    """Leave out the records whose files are still where they were."""
    listed: dict[str, set[str] | None] = {}
    left = []
    for record in records:
        if record.state != "gone" and record.source not in listed:
            listed[record.source] = _paths(others, record.source)
        there = record.state != "gone" and ((paths := listed[record.source]) is None or record.path in paths)
        if not there:
            left.append(record)
    return left


def _paths(others: Others, name: str) -> set[str] | None:
    """Return the paths of a source's files: none of one that is not in the settings, None where nobody can tell."""
    if name not in others:
        return set()
    source = others[name]
    try:
        return {file.path for file in source.files()} if source else None
    except SourceError:
        return None
