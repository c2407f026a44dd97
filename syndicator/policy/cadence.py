"""Say for how long a copy of a feed may be kept: by how often posts came of late."""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

SHORTEST = 5 * 60
LONGEST = 24 * 60 * 60
# Posts whose intervals count.
_NEWEST = 10


def max_age(published: Iterable[datetime]) -> int:
    """Return half the usual interval between the newest posts in seconds, from five minutes to a day.

    The usual one is the median, which neither one long silence nor a batch of three changes much. Half of it, as a copy
    is then seldom a whole post behind. Without two posts nothing is known: the shortest.
    """
    times = sorted(published, reverse=True)[:_NEWEST]
    intervals = [(later - earlier).total_seconds() for later, earlier in pairwise(times)]
    return int(min(max(median(intervals) / 2, SHORTEST), LONGEST)) if intervals else SHORTEST
