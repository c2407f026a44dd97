"""Notice that the clock jumped, by the time that really went by, and decide for how long not to believe it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

# A clock is set by seconds all the time; what is more than this is a mistake, or the end of one.
JUMP = timedelta(minutes=1)
# A clock that is this far ahead would make posts and digests of days to come due at once.
AHEAD = timedelta(hours=1)
# How long such a clock is doubted: a mistake is mended by then, and what stays is a machine that had slept.
DOUBT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Watch:
    """Hold a reading of both clocks, and how far off the wall clock was found since when.

    `elapsed` is in seconds of a clock that only ever goes forward. While in doubt, `off` is how far ahead the wall
    clock is of what was believed, and `doubted` the `elapsed` at which that began.
    """

    wall: datetime
    elapsed: float
    off: timedelta = timedelta(0)
    doubted: float | None = None

    def trusted(self) -> bool:
        """Tell whether what is due by the wall clock may be taken for due."""
        return self.doubted is None


def look(watch: Watch, wall: datetime, elapsed: float) -> tuple[Watch, timedelta]:
    """Return the watch after another reading, and by how much the clock jumped since the last one (0 for not at all).

    One that jumps far ahead is doubted, until it jumps back to about where it was or the doubt has lasted long enough.
    """
    jump = (wall - watch.wall) - timedelta(seconds=elapsed - watch.elapsed)
    if abs(jump) < JUMP:
        jump = timedelta(0)
    off = watch.off + jump
    doubted = watch.doubted
    if doubted is None and off >= AHEAD:
        doubted = elapsed
    if doubted is None or off < AHEAD or elapsed - doubted >= DOUBT.total_seconds():
        off, doubted = timedelta(0), None
    return replace(watch, wall=wall, elapsed=elapsed, off=off, doubted=doubted), jump
