"""Run the whole ordeal on SQLite and on PostgreSQL: `python -m tests.chaos` (`make chaos`). It takes some minutes.

Exit codes: 0 the books agree, 1 they do not, 2 there is no PostgreSQL.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.chaos.ordeal import Size, endure
from tests.postgresql import Server, programs

LARGE = Size(readers=500, posts=10, kills=20)


def main() -> None:
    """Run both, and print what was counted."""
    print(f"{LARGE.readers * LARGE.posts} mails and as many webhooks, {LARGE.kills} times kill -9", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        print("SQLite, one process:", endure(Path(folder), LARGE), flush=True)
    found = programs()
    if found is None:
        print("there is no PostgreSQL here: apt-get install postgresql", file=sys.stderr)
        sys.exit(2)
    with tempfile.TemporaryDirectory() as folder, Server(found) as server:
        print("PostgreSQL, three:", endure(Path(folder), replace(LARGE, processes=3), server.database()), flush=True)


if __name__ == "__main__":
    main()
