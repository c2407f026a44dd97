"""Read a source and record what is new, changed or gone; announce what is ready."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from syndicator.content.text import visible_text
from syndicator.pipeline import comparing
from syndicator.pipeline.bodies import keep_bodies
from syndicator.pipeline.comparing import Step
from syndicator.policy import changes
from syndicator.policy.problems import untold
from syndicator.store import feeds, ledger, listings, posts, scans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from syndicator.models import Content, FeedKind, File, Problem
    from syndicator.pipeline.arriving import Others
    from syndicator.pipeline.comparing import Survey
    from syndicator.policy.changes import Record, Rules
    from syndicator.ports import Source
    from syndicator.store import Store

    Track = Callable[[Sequence[File]], Iterable[File]]

T = TypeVar("T")

# Posts in one transaction: a first scan of 100,000 holds the store for a moment at a time.
_COMMIT_POSTS = 1_000


@dataclass(frozen=True, slots=True)
class ScanReport:
    """Count what one scan of one source found.

    `posts` and `quarantined` are what the source holds after the scan, all else is news; `files` were listed, `read`
    ones opened; `skipped` posts are too old to be announced. `problems` are those that were not there before. `due` is
    when the next post is to be announced or released: a scan before that finds no more than changes.
    """

    source: str
    posts: int = 0
    files: int = 0
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
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """Hold how to scan: the rules, the clock's `now`, and what the person asked for.

    `full` reads every file. `announce` False catches up silently. `allow_missing` accepts a loss of over a fifth.
    `others` are the other sources in the settings: posts come over from them. `touched` (path → fingerprint) is what
    the scans of this process read again and found as it was: it is kept from one scan to the next, not in the store.
    """

    rules: Rules
    authority: str
    now: datetime
    full: bool = False
    announce: bool = True
    allow_missing: bool = False
    others: Others = field(default_factory=dict)
    touched: dict[str, str] = field(default_factory=dict)


def scan(store: Store, source: Source, how: Scan, track: Track = list) -> ScanReport:
    """Scan one source and commit what it shows. Raise SourceError when too much of it is missing."""
    survey = comparing.survey(store, source, how)
    steps = list(comparing.decide(store, source, survey, how, track))
    report = _report(source.name, survey, steps)
    decided = [_announce(step, how, first=not survey.known) for step in steps]
    changed = [step for step in decided if step.record != step.known]
    # A listing that is worth keeping is kept, be there records to go with it or not.
    chunks = list(_chunks(_in_order(changed))) or ([()] if survey.news else [])
    for number, chunk in enumerate(chunks, 1):
        report = _commit(store, source, chunk, how, report, survey, number, last=number == len(chunks))
    how.touched.clear()
    how.touched.update({} if chunks else {file.path: file.fingerprint for file in survey.changed})
    with store.read() as connection:
        found, quarantined = posts.count(connection, source.name)
    due = min((due for step in decided if (due := changes.due(step.record, how.rules, how.now))), default=None)
    return replace(report, posts=found, quarantined=quarantined, due=due)


def _in_order(steps: Iterable[Step]) -> list[Step]:
    """Sort by publication, so that ids and the order of announcing follow it."""
    return sorted(steps, key=lambda step: (step.record.published is not None, step.record.published, step.record.path))


def _commit(
    store: Store, source: Source, changed: Sequence[Step], how: Scan, report: ScanReport, survey: Survey,
    number: int, *, last: bool,
) -> ScanReport:  # fmt: skip
    """Store one chunk, counted from 1: posts, feeds, announcements and instant deliveries, in one transaction.

    The listing says that files were read: it is kept with the last chunk, and none until then, so that a scan that is
    killed in between is made again. Raise StoreError when other scans committed since the survey: what this one
    decided may be outdated.
    """
    changed, bodies = _rendered(store, source, changed, how.now)
    announced = {step.record.path for step in changed if _newly(step, "announced")}
    with store.write() as connection:
        scans.count_commit(connection, survey.commits + number - 1)
        listings.save(connection, source.name, survey.kept if number == 1 else [], survey.pages if last else [])
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
    store: Store, source: Source, steps: Sequence[Step], now: datetime
) -> tuple[list[Step], dict[str, Content]]:
    """Render what is announced now, and what changed since readers saw it; return path → body of these.

    A post whose visible text is another counts as updated now. One whose file has changed since it was read is not
    announced yet, nor is that text taken: it has not settled.
    """
    with store.read() as connection:
        seen = posts.rendered(connection, (step.record.id or 0 for step in steps if _edited(step)))
    wanted = [step.record for step in steps if _newly(step, "announced") or step.record.id in seen]
    bodies = {
        record.path: body
        for record in wanted
        if (body := source.render(record.path)) and body.content_hash == record.content_hash
    }
    steps = [step if step.record.path in bodies else _put_off(step) for step in steps]
    return [_compared(step, seen, bodies, now) for step in steps], bodies


def _put_off(step: Step) -> Step:
    return Step(step.known, changes.put_off(step.record)) if _newly(step, "announced") else step


def _edited(step: Step) -> bool:
    return step.known is not None and step.known.content_hash != step.record.content_hash


def _compared(step: Step, seen: Mapping[int, str], bodies: Mapping[str, Content], now: datetime) -> Step:
    before, body = seen.get(step.record.id or 0), bodies.get(step.record.path)
    if before is None or body is None or visible_text(before) == visible_text(body.html):
        return step
    return Step(step.known, changes.rewritten(step.record, now))


def _announce(step: Step, how: Scan, *, first: bool) -> Step:
    decision = changes.announcement(step.record, how.rules, how.now, first=first)
    if not how.announce and changes.passed_over(step.record):
        decision = "skipped"
    return step if decision == step.record.announce else Step(step.known, changes.decided(step.record, decision))


def _newly(step: Step, decision: changes.Announce) -> bool:
    return step.record.announce == decision and (step.known is None or step.known.announce != decision)


def _list(connection: Connection, steps: Sequence[Step], records: Sequence[Record], ids: Sequence[int]) -> None:
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


def _report(source: str, survey: Survey, steps: Sequence[Step]) -> ScanReport:
    read = [step for step in steps if step.record.state != "gone"]
    return ScanReport(
        source=source,
        files=survey.files,
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
