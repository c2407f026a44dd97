"""What every test run shares."""

from __future__ import annotations

import os


def pytest_xdist_auto_num_workers() -> int:
    """Give each core two workers: half of what the end-to-end tests do is wait for a process."""
    return 2 * (os.cpu_count() or 1)
