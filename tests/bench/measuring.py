"""Run two programs in turn and take what each run cost from the kernel's own accounts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PAIRS = 5
"""Pairs that count; one before them warms the caches of the disk and of both programs."""

_UNWANTED = ("SYNDICATOR_", "HUGO_", "GIT_", "PYTHONDONTWRITEBYTECODE")
_ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(_UNWANTED)},
    "PYTHONPATH": os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
# getrusage(2): kibibytes on Linux, bytes on macOS.
_MAXRSS_PER_MIB = 1 << 20 if sys.platform == "darwin" else 1 << 10


class Cost(NamedTuple):
    """Hold what one run took: seconds of CPU (user and system) and of wall time, peak memory in MiB."""

    cpu: float
    wall: float
    memory: float


def measure(
    ours: Sequence[str], theirs: Sequence[str], folder: str, prepare: Callable[[], object] = lambda: None
) -> list[tuple[Cost, Cost]]:
    """Run both programs in turn in `folder`, after a `prepare` that is not counted; return what each pair cost."""
    pairs = []
    for _ in range(1 + PAIRS):
        prepare()
        pairs.append((run(ours, folder), run(theirs, folder)))
    return pairs[1:]


def run(command: Sequence[str], folder: str) -> Cost:
    """Run a program to its end; exit with 1 and its output when it fails."""
    with open(os.path.join(folder, "output.log"), "w+b") as output:
        began = time.perf_counter()
        # Not subprocess.run: only wait4 tells the usage of this child alone, its own children included.
        process = subprocess.Popen(command, cwd=folder, env=_ENVIRONMENT, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            said = output.read()[-2000:].decode(errors="replace")
            sys.exit(f"{' '.join(command)}: exit {process.returncode}\n{said}")
    return Cost(cpu=usage.ru_utime + usage.ru_stime, wall=wall, memory=usage.ru_maxrss / _MAXRSS_PER_MIB)
