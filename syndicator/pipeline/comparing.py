"""Compare the files of a source with what the store knows of them."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from syndicator.errors import SourceError
from syndicator.models import Post
from syndicator.pipeline import arriving
from syndicator.policy import changes, listing
from syndicator.policy.identity import entry_id, unused
from syndicator.policy.moves import moves
from syndicator.store import listings, posts, scans

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from syndicator.models import File, Quarantined
    from syndicator.pipeline.scanning import Scan, Track
    from syndicator.policy.changes import Record
    from syndicator.ports import Source
    from syndicator.store import Store

    # path → what its file gives
    Found = Mapping[str, Post | Quarantined]


@dataclass(frozen=True, slots=True)
class Survey:
    """Hold what a look at the folder says against what the store knows, after so many commits of scans.

    `changed` files look otherwise than in `kept`, the listing of the last scan; `pages` is the one of this, and `news`
    tells whether to keep it though no record changes.
    """

    commits: int
    files: int
    known: int
    changed: list[File]
    to_read: list[File]
    missing: list[str]
    kept: list[str]
    pages: list[str]
    news: bool


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
    files = listing.doubted(list(source.files()), how.now)
    files.sort(key=itemgetter(0))
    with store.read() as connection:
        commits = scans.commits(connection)
        kept = listings.load(connection, source.name)
        paths = set() if kept else posts.paths(connection, source.name)
        broken = posts.quarantined(connection, source.name)
    changed, missing, pages = listing.compare(files, kept)
    if not kept:
        missing = sorted(paths - {file.path for file in files})
    return Survey(
        commits=commits,
        files=len(files),
        # Only what is asked for is counted: all are known where none is new or missing.
        known=len(paths) if not kept else len(files) if kept == pages else listing.count(kept),
        changed=changed,
        to_read=files if how.full else _to_read(files, changed, broken, how),
        missing=missing,
        kept=kept,
        pages=pages,
        news=pages != kept and listing.is_worth_keeping(changed, how.now),
    )


def _to_read(files: list[File], changed: list[File], broken: set[str], how: Scan) -> list[File]:
    """Return the files that changed since this process read them, and the broken ones: it may be the disk that is."""
    found = [file for file in changed if how.touched.get(file.path) != file.fingerprint]
    if left := broken - {file.path for file in found}:
        found += [file for file in files if file.path in left]
    return found


def decide(store: Store, source: Source, survey: Survey, how: Scan, track: Track) -> Iterator[Step]:
    """Yield every record that this scan changes. Raise SourceError at the end when too much is missing."""
    found = {file.path: post for file in track(survey.to_read) if (post := source.read(file.path))}
    # A file that was a post and no longer is one (its front matter went) is as good as missing.
    missing = survey.missing + [file.path for file in survey.to_read if file.path not in found]
    past = _recall(store, source.name, found, missing, how)
    yield from _observed(source.name, found, past, how, first=not survey.known)
    _guard(source.name, len(past.lost), survey.known, how)
    yield from (Step(record, changes.lost(record, how.rules)) for record in past.lost)
    seen = found.keys() | set(missing)
    yield from (Step(record, changes.waited(record, how.now)) for record in past.waiting if record.path not in seen)


def _recall(store: Store, source: str, found: Found, missing: Sequence[str], how: Scan) -> _Past:
    with store.read() as connection:
        first = posts.is_empty(connection)  # then there is nothing to ask, however many files are new
        known = {} if first else posts.records(connection, source, [*found, *missing])
        fresh = {path: post for path, post in found.items() if path not in known}
        gone = [] if first else arriving.candidates(connection, source, fresh, how.others)
        waiting = posts.pending(connection, source)
        ids = {path: entry_id(how.authority, source, path) for path in fresh}
        taken = set() if first else posts.taken_ids(connection, ids.values())
    lost = [known[path] for path in missing if path in known and known[path].state != "gone"]
    moved = moves(source, fresh, [*lost, *gone])
    kept = {record.id for record in moved.values()}
    return _Past(known, moved, [record for record in lost if record.id not in kept], waiting, ids, taken)


def _observed(source: str, found: Found, past: _Past, how: Scan, *, first: bool) -> Iterator[Step]:
    for path, post in found.items():
        before = past.known.get(path) or past.moved.get(path)
        base = before._replace(source=source) if before else _new(source, post, past, how, first=first)
        yield Step(before, changes.observe(base, post, how.now))


def _new(source: str, post: Post | Quarantined, past: _Past, how: Scan, *, first: bool) -> Record:
    """Begin the record of a new file, and take an entry id for it."""
    free = unused(past.ids[post.path], post.content_hash, past.taken)
    past.taken.add(free)
    record = changes.first_sight(post, source=source, entry_id=free, now=how.now)
    # To a fresh checkout every file is new: what has no date but its file's is no news on a source's first scan.
    undated = first and how.rules.window is not None and isinstance(post, Post) and not post.dated
    return record._replace(announce="skipped") if undated else record


def _guard(source: str, lost: int, known: int, how: Scan) -> None:
    if changes.loses_too_much(lost, known) and not how.allow_missing:
        raise SourceError(
            f"source {source}: {lost} of {known} files are missing, so nothing was changed; if they were taken away on "
            "purpose: syndicator scan --allow-missing"
        )
