"""Decide whether the service does its work, from how its last scans ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, timedelta

# A scan that was missed once or twice may only have taken long.
MISSED_SCANS = 3


def late_sources(good: Mapping[str, datetime | None], interval: timedelta, now: datetime) -> Iterator[str]:
    """Say of each source that was not read lately since when; `good` tells when each last was (None: never)."""
    for source, last in good.items():
        if last is None:
            yield f"source {source}: not read yet"
        elif now - last > MISSED_SCANS * interval:
            yield f"source {source}: not read since {last:%Y-%m-%d %H:%M:%S} UTC"
