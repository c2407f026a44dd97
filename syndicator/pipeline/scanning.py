"""Read a source and record what is new, changed or gone; announce what is ready."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from syndicator.content.text import visible_text
from syndicator.errors import SourceError
from syndicator.pipeline.bodies import keep_bodies
from syndicator.policy import changes
from syndicator.policy.identity import entry_id
from syndicator.policy.problems import untold
from syndicator.store import feeds, ledger, posts, scans

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from syndicator.models import Content, FeedKind, File, Post, PostState, Problem, Quarantined
    from syndicator.policy.changes import Record, Rules
    from syndicator.ports import Source
    from syndicator.store import Store

    Track = Callable[[Sequence[File]], Iterable[File]]

T = TypeVar("T")

# Posts in one transaction: a first scan of 100,000 holds the store for a moment at a time.
_COMMIT_POSTS = 1_000

_POSTS: tuple[PostState, ...] = ("live", "held", "draft")


@dataclass(frozen=True, slots=True)
class ScanReport:
    """Count what one scan of one source found.

    `posts` and `quarantined` are what the source holds after the scan, all else is news; `read` files were opened;
    `skipped` posts are too old to be announced. `problems` are those that were not there before.
    """

    source: str
    posts: int = 0
    read: int = 0
    new: int = 0
    changed: int = 0
    moved: int = 0
    gone: int = 0
    quarantined: int = 0
    announced: int = 0
    skipped: int = 0
    queued: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Scan:
    """Hold how to scan: the rules, the clock's `now`, and what the person asked for.

    `full` reads every file. `announce` False catches up silently. `allow_missing` accepts a loss of over a fifth.
    """

    rules: Rules
    authority: str
    now: datetime
    full: bool = False
    announce: bool = True
    allow_missing: bool = False


@dataclass(frozen=True, slots=True)
class _Survey:
    """Hold what a look at the folder says against what the store knows, after so many commits of scans."""

    commits: int
    files: int
    known: int
    to_read: list[File]
    missing: list[str]


@dataclass(frozen=True, slots=True)
class _Step:
    """Hold a record before and after; `known` is None for a new one."""

    known: Record | None
    record: Record


def scan(store: Store, source: Source, how: Scan, track: Track = list) -> ScanReport:
    """Scan one source and commit what it shows. Raise SourceError when too much of it is missing."""
    survey = _survey(store, source, how)
    steps = list(_decide(store, source, survey, how, track))
    report = _report(source.name, survey, steps)
    decided = [_announce(step, how) for step in steps]
    changed = [step for step in decided if step.record != step.known]
    for commits, chunk in enumerate(_chunks(_in_order(changed)), survey.commits):
        report = _commit(store, source, chunk, how, report, commits)
    with store.read() as connection:
        states = posts.count_states(connection, source.name)
    return replace(
        report, posts=sum(states.get(state, 0) for state in _POSTS), quarantined=states.get("quarantined", 0)
    )


def _survey(store: Store, source: Source, how: Scan) -> _Survey:
    files = list(source.files())
    with store.read() as connection:
        known = posts.fingerprints(connection, source.name)
        commits = scans.commits(connection)
    here = {file.path for file in files}
    to_read = files if how.full else [file for file in files if known.get(file.path) != file.fingerprint]
    return _Survey(commits, len(files), len(known), to_read, [path for path in known if path not in here])


def _decide(store: Store, source: Source, survey: _Survey, how: Scan, track: Track) -> Iterator[_Step]:
    """Yield every record that this scan changes."""
    found = {file.path: (file, post) for file in track(survey.to_read) if (post := source.read(file.path))}
    # A file that was a post and no longer is one (its front matter went) is as good as missing.
    missing = survey.missing + [file.path for file in survey.to_read if file.path not in found]
    with store.read() as connection:
        first = posts.is_new(connection, source.name)
        known = {} if first else posts.records(connection, source.name, [*found, *missing])
        fresh = {path: post for path, (_, post) in found.items() if path not in known}
        lost = [known[path] for path in missing if path in known and known[path].state != "gone"]
        contents = {post.content_hash for post in fresh.values()}
        gone = [] if first else posts.gone_with(connection, source.name, contents)
        waiting = posts.pending(connection, source.name)
        ids = {path: entry_id(how.authority, source.name, path) for path in fresh}
        taken = set() if first else posts.taken_ids(connection, ids.values())
    moved = changes.moves(fresh, [*lost, *gone])
    for path, (file, post) in found.items():
        before = known.get(path) or moved.get(path)
        base = before or _new(source.name, post, ids[path], taken, how.now)
        yield _Step(before, changes.observe(base, post, changes.fingerprint(file, how.now), how.now))
    kept = {record.id for record in moved.values()}
    lost = [record for record in lost if record.id not in kept]
    _guard(source.name, len(lost), survey.known, how)
    yield from (_Step(record, changes.lost(record, how.rules)) for record in lost)
    seen = found.keys() | set(missing)
    yield from (_Step(record, _released(record, how)) for record in waiting if record.path not in seen)


def _guard(source: str, lost: int, known: int, how: Scan) -> None:
    if changes.loses_too_much(lost, known) and not how.allow_missing:
        raise SourceError(
            f"source {source}: {lost} of {known} files are missing, so nothing was changed; if they were taken away on "
            "purpose: syndicator scan --allow-missing"
        )


def _new(source: str, post: Post | Quarantined, wanted: str, taken: Container[str], now: datetime) -> Record:
    """Begin the record of a new file; its entry id is another where a post that moved away from its path keeps it."""
    free = f"{wanted};{post.content_hash[:8]}" if wanted in taken else wanted
    return changes.first_sight(post, source=source, entry_id=free, now=now)


def _released(record: Record, how: Scan) -> Record:
    due = record.state == "held" and record.published is not None and record.published <= how.now
    return changes.release(record) if due else record


def _in_order(steps: Iterable[_Step]) -> list[_Step]:
    """Sort by publication, so that ids and the order of announcing follow it."""
    return sorted(steps, key=lambda step: (step.record.published is not None, step.record.published, step.record.path))


def _commit(
    store: Store, source: Source, changed: Sequence[_Step], how: Scan, report: ScanReport, commits: int
) -> ScanReport:
    """Store one chunk: posts, feeds, announcements and instant deliveries, in one transaction.

    Raise StoreError when there were not as many `commits` of scans before: what this one decided may be outdated.
    """
    changed, bodies = _rendered(store, source, changed, how.now)
    announced = {step.record.path for step in changed if _newly(step, "announced")}
    with store.write() as connection:
        scans.count_commit(connection, commits)
        sequences = iter(posts.take_sequences(connection, len(announced)) if announced else ())
        records = [
            step.record._replace(announce_seq=next(sequences)) if step.record.path in announced else step.record
            for step in changed
        ]
        ids = posts.save(connection, records)
        _list(connection, changed, records, ids)
        numbered = dict(zip((record.path for record in records), ids, strict=True))
        faults = keep_bodies(connection, {numbered[path]: body for path, body in bodies.items()})
        queued = sum(_queue(connection, numbered[record.path], record, how.now) for record in records
                     if record.path in announced)  # fmt: skip
    return replace(
        report,
        announced=report.announced + len(announced),
        skipped=report.skipped + sum(_newly(step, "skipped") for step in changed),
        queued=report.queued + queued,
        problems=report.problems + tuple(problem for _, problem in faults),
    )


def _rendered(
    store: Store, source: Source, steps: Sequence[_Step], now: datetime
) -> tuple[list[_Step], dict[str, Content]]:
    """Render what is announced now, and what changed since readers saw it; return path → body of these.

    A post whose visible text is another counts as updated now.
    """
    with store.read() as connection:
        seen = posts.rendered(connection, (step.record.id or 0 for step in steps if _edited(step)))
    wanted = [step.record for step in steps if _newly(step, "announced") or step.record.id in seen]
    bodies = {record.path: body for record in wanted if (body := source.render(record.path))}
    return [_compared(step, seen, bodies, now) for step in steps], bodies


def _edited(step: _Step) -> bool:
    return step.known is not None and step.known.content_hash != step.record.content_hash


def _compared(step: _Step, seen: Mapping[int, str], bodies: Mapping[str, Content], now: datetime) -> _Step:
    before, body = seen.get(step.record.id or 0), bodies.get(step.record.path)
    if before is None or body is None or visible_text(before) == visible_text(body.html):
        return step
    return _Step(step.known, changes.rewritten(step.record, now))


def _announce(step: _Step, how: Scan) -> _Step:
    decision = changes.announcement(step.record, how.rules, how.now)
    if not how.announce and step.record.state == "live" and step.record.announce == "pending":
        decision = "skipped"
    return step if decision == step.record.announce else _Step(step.known, changes.decided(step.record, decision))


def _newly(step: _Step, decision: changes.Announce) -> bool:
    return step.record.announce == decision and (step.known is None or step.known.announce != decision)


def _list(connection: Connection, steps: Sequence[_Step], records: Sequence[Record], ids: Sequence[int]) -> None:
    shown = [
        (step, record, post_id)
        for step, record, post_id in zip(steps, records, ids, strict=True)
        if changes.shows_differently(step.known, record)
    ]
    relisted = [post_id for step, _, post_id in shown if step.known is not None]
    feeds.list_posts(connection, [(post_id, record) for _, record, post_id in shown], relisted)


def _queue(connection: Connection, post_id: int, record: Record, now: datetime) -> int:
    return ledger.queue_post(connection, post_id, _wanted_by(connection, record), now)


def _wanted_by(connection: Connection, record: Record) -> Mapping[FeedKind, set[str]]:
    """Return, by kind, every name and slug under which a person may have subscribed to the record's feeds."""
    names: dict[FeedKind, set[str]] = {"site": {""}}
    for kind, its in (("category", record.categories), ("tag", record.tags)):
        if its:
            names[kind] = set(its) | feeds.slugs_of(connection, kind, its)  # type: ignore[index, arg-type]
    return names


def _report(source: str, survey: _Survey, steps: Sequence[_Step]) -> ScanReport:
    read = [step for step in steps if step.record.state != "gone"]
    return ScanReport(
        source=source,
        read=len(survey.to_read),
        new=sum(step.known is None and step.record.state != "quarantined" for step in read),
        changed=sum(step.known is not None and step.known.content_hash != step.record.content_hash for step in read),
        moved=sum(step.known is not None and step.known.path != step.record.path for step in read),
        gone=len(steps) - len(read),
        problems=tuple(
            problem
            for step in read
            if step.record.problems
            for problem in untold(step.known.problems if step.known else (), step.record.problems)
        ),
    )


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _COMMIT_POSTS):
        yield items[start : start + _COMMIT_POSTS]
