"""Stores for contract tests: a database joins with one more name and one more branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from syndicator.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgresql import Server

DATABASES = ["sqlite", "postgresql"]


@pytest.fixture(params=DATABASES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database; every other fixture and test knows databases by their URL alone."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/state/syndicator.db"
        return
    server: Server = request.getfixturevalue("postgresql")
    url = server.database()
    yield url
    server.drop(url)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url).open()
    yield opened
    opened.close()
