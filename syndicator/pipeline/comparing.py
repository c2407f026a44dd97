"""Compare the files of a source with what the store knows of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syndicator.errors import SourceError
from syndicator.pipeline import arriving
from syndicator.policy import changes
from syndicator.policy.identity import entry_id, unused
from syndicator.policy.moves import moves
from syndicator.store import posts, scans

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from syndicator.models import File, Post, Quarantined
    from syndicator.pipeline.scanning import Scan, Track
    from syndicator.policy.changes import Record
    from syndicator.ports import Source
    from syndicator.store import Store

    # path → the file, and what it gives
    Found = Mapping[str, tuple[File, Post | Quarantined]]


@dataclass(frozen=True, slots=True)
class Survey:
    """Hold what a look at the folder says against what the store knows, after so many commits of scans."""

    commits: int
    files: int
    known: int
    to_read: list[File]
    missing: list[str]


@dataclass(frozen=True, slots=True)
class Step:
    """Hold a record before and after; `known` is None for a new one."""

    known: Record | None
    record: Record


@dataclass(frozen=True, slots=True)
class _Past:
    """Hold what the store knows of the files that were read or missed.

    `moved` are the records that new paths had elsewhere, `lost` those of files that went, `waiting` those of posts that
    wait for their time. `ids` are the entry ids for new paths, of which some may be `taken`.
    """

    known: dict[str, Record]
    moved: dict[str, Record]
    lost: list[Record]
    waiting: list[Record]
    ids: dict[str, str]
    taken: set[str]


def survey(store: Store, source: Source, how: Scan) -> Survey:
    """List the files, and say which are to be read and which are missing. Raise SourceError when they cannot be."""
    files = list(source.files())
    with store.read() as connection:
        known = posts.fingerprints(connection, source.name)
        commits = scans.commits(connection)
    here = {file.path for file in files}
    for path in how.touched.keys() - known.keys():
        del how.touched[path]
    last = known | how.touched if how.touched else known
    to_read = files if how.full else [file for file in files if last.get(file.path) != file.fingerprint]
    return Survey(commits, len(files), len(known), to_read, [path for path in known if path not in here])


def decide(store: Store, source: Source, survey: Survey, how: Scan, track: Track) -> Iterator[Step]:
    """Yield every record that this scan changes. Raise SourceError at the end when too much is missing."""
    found = {file.path: (file, post) for file in track(survey.to_read) if (post := source.read(file.path))}
    # A file that was a post and no longer is one (its front matter went) is as good as missing.
    missing = survey.missing + [file.path for file in survey.to_read if file.path not in found]
    past = _recall(store, source.name, found, missing, how)
    yield from _observed(source.name, found, past, how)
    _guard(source.name, len(past.lost), survey.known, how)
    yield from (Step(record, changes.lost(record, how.rules)) for record in past.lost)
    seen = found.keys() | set(missing)
    yield from (Step(record, changes.waited(record, how.now)) for record in past.waiting if record.path not in seen)


def _recall(store: Store, source: str, found: Found, missing: Sequence[str], how: Scan) -> _Past:
    with store.read() as connection:
        first = posts.is_empty(connection)  # then there is nothing to ask, however many files are new
        known = {} if first else posts.records(connection, source, [*found, *missing])
        fresh = {path: post for path, (_, post) in found.items() if path not in known}
        gone = [] if first else arriving.candidates(connection, source, fresh, how.others)
        waiting = posts.pending(connection, source)
        ids = {path: entry_id(how.authority, source, path) for path in fresh}
        taken = set() if first else posts.taken_ids(connection, ids.values())
    lost = [known[path] for path in missing if path in known and known[path].state != "gone"]
    moved = moves(source, fresh, [*lost, *gone])
    kept = {record.id for record in moved.values()}
    return _Past(known, moved, [record for record in lost if record.id not in kept], waiting, ids, taken)


def _observed(source: str, found: Found, past: _Past, how: Scan) -> Iterator[Step]:
    """Yield the records of the files that were read, and remember which of them were only touched."""
    for path, (file, post) in found.items():
        before = past.known.get(path) or past.moved.get(path)
        base = before._replace(source=source) if before else _new(source, post, past, how)
        record = changes.observe(base, post, changes.fingerprint(file, how.now), how.now)
        spared = changes.spared(before, record, file, how.now)
        if spared is before and record.fingerprint:
            how.touched[path] = record.fingerprint
        yield Step(before, spared)


def _new(source: str, post: Post | Quarantined, past: _Past, how: Scan) -> Record:
    """Begin the record of a new file, and take an entry id for it."""
    free = unused(past.ids[post.path], post.content_hash, past.taken)
    past.taken.add(free)
    return changes.first_sight(post, source=source, entry_id=free, now=how.now)


def _guard(source: str, lost: int, known: int, how: Scan) -> None:
    if changes.loses_too_much(lost, known) and not how.allow_missing:
        raise SourceError(
            f"source {source}: {lost} of {known} files are missing, so nothing was changed; if they were taken away on "
            "purpose: syndicator scan --allow-missing"
        )
