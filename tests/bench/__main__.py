"""Compare Syndicator with Hugo, git, the bare interpreter, the bare drivers and nginx: `python -m tests.bench`.

POSTS (default 10000) is the size of the corpus, BENCH_CORPUS the program that makes it (default
`../shared/bench/make_corpus.py` beside the repository). Everything lives in `.bench/` and is made once.

Exit codes: 0 measured (whatever the ratios are), 1 something failed to run, 2 the corpus program is missing.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

from tests.bench import sites
from tests.bench.measuring import measure
from tests.bench.table import Comparison, lines, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.sites import Ground

_HEADER = ("what", "against", "CPU", "goal", "wall", "CPU, s", "wall, s", "peak, MiB")


def main() -> None:
    """Make what is missing, measure, print."""
    ground = _ground()
    _progress(f"corpus of {ground.posts:,} posts in {ground.folder}")
    ground.make()
    hugo = sites.hugo()
    print(_machine(hugo), end="\n\n")
    print(*lines(_HEADER, [row(item) for item in _comparisons(ground, hugo)]), sep="\n")
    _progress("the running service and parts, in this process")
    # Imported last: the kernel counts what a parent holds when it forks towards its children's peak memory.
    from tests.bench import ledger, parts, service, serving

    print("", *lines(_HEADER, service.rows(ground)), sep="\n")
    steps = [(name, f"{cost:.1f}") for name, cost in parts.costs(ground.site)]
    print("", *lines(("step", "µs a post"), steps), sep="\n")
    print("", *lines(("reading front matter", "CPU"), parts.reading(ground.site)), sep="\n")
    _progress("ledger")
    print("", *ledger.table(), sep="\n")
    _progress("serving")
    print("", *serving.table(), sep="\n")


def _comparisons(ground: Ground, hugo: str) -> Iterator[Comparison]:
    """Yield each comparison once it is measured; each leaves the folders as the next one needs them."""
    build, hugo_build = ground.syndicator("build"), ground.hugo(hugo)

    _progress("cold build")
    pairs = measure(build, hugo_build, ground.folder, prepare=ground.clear)
    ours, theirs = ground.feeds()
    yield Comparison(f"cold build, {ours:,} feed files", f"Hugo, {theirs:,}", pairs, "≤ 0.8")

    _progress("build with nothing new")
    yield Comparison("nothing new", "git status", measure(build, ground.git("status", "--short"), ground.folder))

    _progress("build with one new post")
    pairs = measure(build, hugo_build, ground.folder, prepare=ground.add_post)
    ground.check_newest()
    yield Comparison("one new post", "Hugo, rebuild", pairs, "≤ 0.2")

    _progress("--help")
    pairs = measure(ground.syndicator("--help"), [sys.executable, "-c", ""], ground.folder)
    yield Comparison("--help", "python -c ''", pairs, "≤ +60 ms", by_difference=True)


def _ground() -> Ground:
    generator = os.environ.get("BENCH_CORPUS") or sites.GENERATOR
    if not os.path.isfile(generator):
        _refuse(f"{generator}: the program that makes the corpus is not there: BENCH_CORPUS=/path/to/make_corpus.py")
    posts = os.environ.get("POSTS") or "10000"
    if not posts.isdecimal() or int(posts) < 1:
        _refuse(f"POSTS={posts}: expected a number of posts, such as 10000")
    return sites.Ground(os.path.join(sites.BENCH, str(int(posts))), os.path.abspath(generator), int(posts))


def _machine(hugo: str) -> str:
    """Return what ratios depend on, in one line."""
    hugo_version, git_version = (
        subprocess.run([*command], capture_output=True, text=True, check=True).stdout.split()[place]
        for command, place in (((hugo, "version"), 1), (("git", "--version"), 2))
    )
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, SQLAlchemy {version('sqlalchemy')}, Hugo {hugo_version.partition('-')[0]}, "
        f"git {git_version}"
    )


def _progress(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def _refuse(text: str) -> None:
    print(text, file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
