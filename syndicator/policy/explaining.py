"""Say why a post is in its state and whether it is announced, by asking `changes` again, with other rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from syndicator.policy.changes import announcement

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.policy.changes import Record, Rules


def announcing(record: Record, rules: Rules, now: datetime) -> str:
    """Say why a record is announced, will never be, or still waits."""
    if record.announce == "announced":
        return f"number {record.announce_seq} in the order of announcing"
    if _is_too_old(record, rules, now):
        return f"published more than [announce] window = {days(rules.window)} before it was first seen"
    if record.announce == "skipped":
        return "a silent scan found it (--no-announce, a restored store), it was withdrawn, or [announce] was changed"
    if record.state != "live":
        return _WAITS[record.state]
    ready = record.stable_since + rules.settle
    return (
        "the next scan announces it" if ready <= now else f"it must stay unchanged until {ready:%Y-%m-%d %H:%M:%S} UTC"
    )


def _is_too_old(record: Record, rules: Rules, now: datetime) -> bool:
    anew = record._replace(announce="pending", state="live")
    any_age = announcement(anew, replace(rules, window=None), now)
    return announcement(anew, rules, now) == "skipped" != any_age


def state(record: Record) -> str:
    """Say what a record's state means."""
    return _STATES[record.state] + (", and still in the feeds" if record.listed and record.state != "live" else "")


def days(span: timedelta | None) -> str:
    """Return a span as the settings have it."""
    seconds = int((span or timedelta(0)).total_seconds())
    unit, length = next((unit, length) for unit, length in _UNITS if seconds % length == 0)
    return f'"{seconds // length}{unit}"'


_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_WAITS = {
    "held": "it is announced when its time has come",
    "draft": "a draft is not announced before it is published",
    "quarantined": "its file must be mended first",
    "gone": "its file is gone",
}
_STATES = {
    "live": "feeds show it",
    "held": "its date is in the future",
    "draft": "it is a draft, or unpublished",
    "quarantined": "the last scan could make no post of the file",
    "gone": "the last scan did not find the file",
}
