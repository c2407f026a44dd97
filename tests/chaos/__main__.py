"""Run the whole ordeal on SQLite and on PostgreSQL: `python -m tests.chaos` (`make chaos`). It takes some minutes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.chaos.ordeal import Size, endure

LARGE = Size(readers=500, posts=10, kills=20)


def main() -> None:
    """Run it, and print what was counted."""
    with tempfile.TemporaryDirectory() as folder:
        print("SQLite, one process:", endure(Path(folder), LARGE), flush=True)


if __name__ == "__main__":
    main()
