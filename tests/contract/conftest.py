"""Stores for contract tests: a database joins with one more name and one more branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from syndicator.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATABASES = ["sqlite"]


@pytest.fixture(params=DATABASES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database; every other fixture and test knows databases by their URL alone."""
    return {"sqlite": f"sqlite:///{tmp_path}/state/syndicator.db"}[request.param]


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url).open()
    yield opened
    opened.close()
