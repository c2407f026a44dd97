"""Decide when work that is asked for between its regular times begins."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

# Runs that are asked for begin at least this far apart.
APART = timedelta(seconds=1)
# A first scan takes long, and says nothing of how long the next one will.
LONGEST_REST = timedelta(seconds=5)


def begins(wanted: datetime, began: datetime, ended: datetime) -> datetime:
    """Return when work wanted at a time begins, after a run that `began` and `ended`.

    However often it is asked for, it takes no more than half of the time, but for runs that are longer than the longest
    rest.
    """
    return max(wanted, began + APART, ended + min(ended - began, LONGEST_REST))
