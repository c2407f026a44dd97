from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from syndicator.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give one store for all examples of a module: each takes a source, or a recipient, of its own."""
    opened = Store(f"sqlite:///{tmp_path_factory.mktemp('state')}/syndicator.db").open()
    yield opened
    opened.close()
