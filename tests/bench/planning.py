"""Measure how long it takes to plan one digest for very many readers: `python -m tests.bench.planning`.

READERS (default 1000000) take the site daily, a third of them one of fifty categories weekly besides; twenty posts were
announced. On SQLite, in a temporary folder.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from syndicator.pipeline.planning import plan
from syndicator.policy.calendar import Schedule
from syndicator.store import Store, plans, posts
from tests.bench.table import lines
from tests.records import NOW
from tests.stores import add_post

if TYPE_CHECKING:
    from datetime import datetime

_HEADER = ("plan one digest", "seconds", "digests/s", "peak, MiB", "seconds when nothing is due")

_READERS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :readers)
INSERT INTO recipients
SELECT i, 'email', 'r' || i || '@x.example', 'r' || i || '@x.example', 'Asia/Shanghai', 'zh-CN', '08:00', 'monday',
       'active', '', 0, '[]', 'x.example', 0 FROM n"""
_CHOICES = """
INSERT INTO subscriptions (recipient_id, kind, feed, cadence, start, cursor, ended)
SELECT id, 'site', '', 'daily', 0, 0, 0 FROM recipients
UNION ALL SELECT id, 'category', 'c' || (id % 50), 'weekly', 0, 0, 0 FROM recipients WHERE id % 3 = 0"""


def main() -> None:
    """Fill a store, plan, and print what it took."""
    readers = int(os.environ.get("READERS") or "1000000")
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/syndicator.db").open()
        with store.write() as connection:
            connection.execute(text(_READERS), {"readers": readers})
            connection.execute(text(_CHOICES))
            plans.ensure(connection, Schedule("daily", "Asia/Shanghai", "08:00", "", "2026-03-06"))
            for sequence in posts.take_sequences(connection, 20):
                add_post(connection, sequence, announce="announced", announce_seq=sequence)
        due = NOW + timedelta(hours=12)
        took, queued = _timed(store, due)
        idle, _ = _timed(store, due + timedelta(minutes=1))
        store.close()
    assert queued == readers
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    row = (f"{readers:,} readers", f"{took:.1f}", f"{readers / took:,.0f}", f"{memory:.0f}", f"{idle:.4f}")
    print(*lines(_HEADER, [row]), sep="\n")


def _timed(store: Store, now: datetime) -> tuple[float, int]:
    began = time.perf_counter()
    queued = plan(store, now)
    return time.perf_counter() - began, queued


if __name__ == "__main__":
    main()
