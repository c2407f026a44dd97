"""What every test run shares."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.postgresql import Server, programs

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_xdist_auto_num_workers() -> int:
    """Give each core two workers: half of what the end-to-end tests do is wait for a process."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server for each worker of the tests, started by the first test that asks for it."""
    found = programs()
    if found is None:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    with Server(found) as server:
        yield server
