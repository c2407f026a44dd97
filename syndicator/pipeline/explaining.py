"""Say what the store knows of one file, and what was made and sent of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from syndicator.models import Reason
from syndicator.policy import explaining as policy
from syndicator.store import posts, traces

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from syndicator.pipeline.publishing import Style
    from syndicator.policy.changes import Record, Rules


def trace(
    connection: Connection, file: tuple[str, str], content: object, rules: Rules, style: Style, now: datetime
) -> Iterator[Reason]:
    """Say what became of a file (source, path): its state, whether it is announced, its feeds, its deliveries.

    `content` is the hash of what the file holds now, if it holds a post.
    """
    source, path = file
    record = posts.records(connection, source, [path]).get(path)
    if record is None or record.id is None:
        yield Reason("state", "unknown", "no scan has found it yet, or it is no post")
        return
    if content not in (None, record.content_hash):
        yield Reason("changed", "yes", "the next scan reads it; what follows is of its content before")
    yield from _known(record, rules, ZoneInfo(style.timezone), now)
    for place in traces.places(connection, record.id):
        shown = "shown" if place.position <= style.limit else f"not shown, the feed holds {style.limit}"
        yield Reason("feed", f"{place.kind}/{place.slug}", f"number {place.position} of {place.total}: {shown}")
    for sent in traces.sendings(connection, record.id):
        last = sent.last.astimezone(ZoneInfo(style.timezone))
        yield Reason("deliveries", f"{sent.number} {sent.state}", f"{sent.kind}, the last at {_shown(last)}")


def _known(record: Record, rules: Rules, zone: ZoneInfo, now: datetime) -> Iterator[Reason]:
    yield Reason("state", record.state, policy.state(record))
    yield Reason("id", record.entry_id)
    yield Reason("first_seen", record.first_seen.astimezone(zone))
    yield Reason("stable_since", record.stable_since.astimezone(zone), "the scan that first met this content")
    if record.updated:
        yield Reason("updated", record.updated.astimezone(zone))
    yield Reason("announce", record.announce, policy.announcing(record, rules, now))


def _shown(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="seconds")
