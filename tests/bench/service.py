"""Measure what a running service does each time that it looks: `app.scan` and `app.build`, in this process.

With nothing new it is compared with `git status` over the same files, with one changed post with nothing new; both take
turns.
"""

from __future__ import annotations

import gc
import os
import resource
import time
from typing import TYPE_CHECKING

from syndicator.app import App
from syndicator.cli import GARBAGE_THRESHOLD
from syndicator.settings import load
from tests.bench.measuring import PAIRS, Cost, run
from tests.bench.table import Comparison, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.sites import Ground

# A file that changed this shortly before a scan is read again by the next one (policy.changes).
_RACY_SECONDS = 2.0


def rows(ground: Ground) -> Iterator[tuple[str, ...]]:
    """Yield the rows for a service on a site that was built."""
    gc.set_threshold(GARBAGE_THRESHOLD)  # as every command does
    app = App(load(os.path.join(ground.folder, "syndicator.toml"), {}))
    _look(app)
    time.sleep(_RACY_SECONDS)
    git = ground.git("status", "--short")
    pairs = [(_look(app), run(git, ground.folder)) for _ in range(1 + PAIRS)]
    yield row(Comparison("running, nothing new", "git status", pairs[1:], "≤ 2.5"))
    pairs = [(_look(app, edit=ground.newest), _look(app)) for _ in range(1 + PAIRS)]
    yield row(Comparison("running, one post changed", "nothing new", pairs[1:], "≤ +50 ms", by_difference=True))
    app.store.close()


def _look(app: App, edit: str = "") -> Cost:
    """Scan and publish once, after another line was written to the file `edit`."""
    if edit:
        with open(edit, "a", encoding="utf-8") as file:
            file.write(f"\nThe {time.monotonic_ns()}th edition.\n")
    began, cpu = time.perf_counter(), time.process_time()
    scanned = app.scan().scans[0]
    written = app.build(None).published
    cpu, wall = time.process_time() - cpu, time.perf_counter() - began
    assert not edit or (scanned.changed == 1 and written is not None and written.written), "the post did not change"
    return Cost(cpu, wall, memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
