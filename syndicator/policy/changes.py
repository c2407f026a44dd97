"""Decide what a scan found: new, changed, broken, gone, and what of it is announced (decisions 1 to 7).

Pure: what the store knows and what the source read go in, whole records to be stored come out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from syndicator.models import Post, Problem, Quarantined

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from syndicator.models import PostState

Announce = Literal["pending", "announced", "skipped"]


class Record(NamedTuple):
    """Hold everything the store keeps of one file; `id` is None until it is stored.

    A tuple, because a first scan makes several of every post, and a dataclass takes five times as long.

    `listed` tells whether feeds show it. `stable_since` is the scan that first met this content, `first_seen` the one
    that first met the file. `audience` are the feeds, (kind, name), whose subscribers got it: those at its announcing.
    """

    id: int | None
    source: str
    path: str
    entry_id: str
    state: PostState
    content_hash: str
    title: str
    url: str
    published: datetime | None
    updated: datetime | None
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    authors: tuple[str, ...]
    language: str
    summary: str
    problems: tuple[Problem, ...]
    first_seen: datetime
    stable_since: datetime
    listed: bool = False
    announce: Announce = "pending"
    announce_seq: int | None = None
    audience: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """Hold the settings that decide: `window` None announces posts of any age."""

    window: timedelta | None
    settle: timedelta
    keep_missing: bool = True


def loses_too_much(missing: int, known: int) -> bool:
    """Tell whether a scan that misses so many of its known files should rather stop: all, or two and over a fifth."""
    return missing > 0 and (missing == known > 1 or (missing > 1 and missing * 5 > known))


def first_sight(post: Post | Quarantined, *, source: str, entry_id: str, now: datetime) -> Record:
    """Return an empty record for a file never seen before, for `observe` to fill."""
    return Record(
        id=None, source=source, path=post.path, entry_id=entry_id, state="quarantined",
        content_hash="", title="", url="", published=None, updated=None, categories=(), tags=(),
        authors=(), language="", summary="", problems=(), first_seen=now, stable_since=now,
    )  # fmt: skip


def observe(known: Record, found: Post | Quarantined, now: datetime) -> Record:
    """Return the record after a scan read the file: what it says now, and what follows from what it was.

    A broken file keeps what was known of it, and its place in the feeds.
    """
    stable_since = min(known.stable_since, now) if found.content_hash == known.content_hash else now
    if isinstance(found, Quarantined):
        return known._replace(
            path=found.path, content_hash=found.content_hash, stable_since=stable_since, problems=found.problems,
            state="quarantined",
        )  # fmt: skip
    state = _state(known, found, now)
    return Record(
        id=known.id, source=known.source, path=found.path, entry_id=known.entry_id, state=state,
        content_hash=found.content_hash, title=found.title, url=found.url,
        published=found.published, updated=_updated(known, found, now), categories=found.categories,
        tags=found.tags, authors=found.authors, language=found.language, summary=found.summary,
        problems=found.problems, first_seen=known.first_seen, stable_since=stable_since, listed=state == "live",
        announce=known.announce, announce_seq=known.announce_seq, audience=known.audience,
    )  # fmt: skip


def _state(known: Record, found: Post, now: datetime) -> PostState:
    if found.draft:
        return "draft"
    # A post that readers have seen stays, also when its date moves into the future.
    return "live" if found.published <= now or known.listed else "held"


def _updated(known: Record, found: Post, now: datetime) -> datetime:
    if known.updated is None or not (known.listed or known.announce == "announced"):
        return found.published  # nobody has seen it yet
    return max(known.updated if found.title == known.title else now, found.published)


def rewritten(record: Record, now: datetime) -> Record:
    """Return the record of a post whose text readers saw otherwise before."""
    return record._replace(updated=max(now, record.published or now))


def lost(known: Record, rules: Rules) -> Record:
    """Return the record of a file that is no longer there: it stays in the feeds where missing posts are kept."""
    return known._replace(state="gone", listed=known.listed and rules.keep_missing)


def release(held: Record) -> Record:
    """Return the record of a held post whose time has come."""
    return held._replace(state="live", listed=True)


def waited(record: Record, now: datetime) -> Record:
    """Return the record of a post that waits to be announced, or for its time, and whose file was left alone."""
    if record.stable_since > now:  # by a clock that was set back since: it settles anew
        record = record._replace(stable_since=now)
    return release(record) if record.state == "held" and record.published and record.published <= now else record


def announcement(record: Record, rules: Rules, now: datetime, *, first: bool = False) -> Announce:
    """Say whether a record is to be announced now, never, or still waits.

    Eligible is what was published at most `window` before it was first seen, so that the first scan of an old site, a
    restored backup or a mass re-edit announces nothing. Announced is what has not changed for `settle` and whose date
    has come: also of a post that feeds show already, and that was put off since. What is too old is decided when it has
    settled as well, as a half-written file may lack its date; only the `first` scan of a source decides it at once.
    """
    if record.announce != "pending" or record.state != "live" or record.published is None:
        return record.announce
    settled = now - record.stable_since >= rules.settle
    if rules.window is not None and record.published < record.first_seen - rules.window:
        return "skipped" if settled or first else "pending"
    return "announced" if settled and record.published <= now else "pending"


def passed_over(record: Record) -> bool:
    """Tell whether a scan that catches up silently decides that this post is never announced.

    That is also one that cannot be read at the moment: it may have been announced from a store that was lost. What is
    a draft, or of the future, has its time to come.
    """
    return record.announce == "pending" and record.state in ("live", "quarantined")


def put_off(record: Record) -> Record:
    """Return the record of a post that is not announced after all: its file changed while the scan was going on."""
    return record._replace(announce="pending", audience=())


def due(record: Record, rules: Rules, now: datetime) -> datetime | None:
    """Return when a scan would announce a record that waits now, or release it; None for one that waits for nothing."""
    if record.announce != "pending" or record.published is None or record.state not in ("live", "held"):
        return None
    when = record.published if record.state == "held" else record.stable_since + rules.settle
    return when if when > now else None


def shows_differently(known: Record | None, record: Record) -> bool:
    """Tell whether feeds have to be written again because a record became what it is."""
    if known is None or not (known.listed and record.listed):
        return record.listed or (known is not None and known.listed)
    return any(getattr(known, name) != getattr(record, name) for name in _SHOWN)


_SHOWN = (
    "content_hash", "title", "url", "published", "updated", "categories", "tags", "authors", "language", "summary",
)  # fmt: skip


def decided(record: Record, announce: Announce) -> Record:
    """Return the record once its announcement is decided; who it is for does not change any more."""
    audience = feed_names(record) if announce == "announced" else ()
    # These are the last three fields; `_replace` would take four times as long, for every post of a first scan.
    return Record(*record[:-3], announce, record.announce_seq, audience)


def feed_names(record: Record) -> tuple[tuple[str, str], ...]:
    """Return (kind, name) of every feed that the record belongs to, the site's first."""
    return (("site", ""), *(("category", name) for name in record.categories), *(("tag", name) for name in record.tags))
