"""Decide what a scan found: new, changed, moved, broken, gone, and what of it is announced (decisions 1 to 7).

Pure: what the store knows and what the source read go in, whole records to be stored come out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from syndicator.models import Post, Problem, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
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


def moves(new: Mapping[str, Post | Quarantined], missing: Iterable[Record]) -> dict[str, Record]:
    """Return, for new paths, the missing record with the same content, where there is exactly one of each."""
    gone: dict[str, list[Record]] = {}
    for record in missing:
        gone.setdefault(record.content_hash, []).append(record)
    arrived: dict[str, list[str]] = {}
    for path, found in new.items():
        arrived.setdefault(found.content_hash, []).append(path)
    return {
        paths[0]: gone[content][0]
        for content, paths in arrived.items()
        if len(paths) == 1 and len(gone.get(content, ())) == 1
    }


def first_sight(post: Post | Quarantined, *, source: str, entry_id: str, now: datetime) -> Record:
    """Return an empty record for a file never seen before, for `observe` to fill."""
    return Record(
        id=None, source=source, path=post.path, entry_id=entry_id, state="quarantined",
        content_hash="", title="", url="", published=None, updated=None, categories=(), tags=(),
        authors=(), language="", summary="", problems=(), first_seen=now, stable_since=now,
    )  # fmt: skip


def observe(known: Record, found: Post | Quarantined, now: datetime) -> Record:
    """Return the record after a scan read the file: what it says now, and what follows from what it was."""
    stable_since = known.stable_since if found.content_hash == known.content_hash else now
    if isinstance(found, Quarantined):  # what was known of it, and its place in the feeds, is kept
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


def announcement(record: Record, rules: Rules, now: datetime) -> Announce:
    """Say whether a record is to be announced now, never, or still waits.

    Eligible is what was published at most `window` before it was first seen, so that the first scan of an old site, a
    restored backup or a mass re-edit announces nothing. Announced is what has not changed for `settle`.
    """
    if record.announce != "pending" or record.state != "live" or record.published is None:
        return record.announce
    if rules.window is not None and record.published < record.first_seen - rules.window:
        return "skipped"
    # A scan in the future was made by a clock that has been set back since: as good as one long ago.
    return "announced" if abs(now - record.stable_since) >= rules.settle else "pending"


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
