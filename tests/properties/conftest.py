from __future__ import annotations

import shutil
from itertools import count
from typing import TYPE_CHECKING

import pytest

from syndicator.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give one store for all examples of a module: each takes a source, or a recipient, of its own."""
    opened = Store(f"sqlite:///{tmp_path_factory.mktemp('state')}/syndicator.db").open()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Store]]:
    """Give what opens an empty store for one example, and closes the one before it."""
    folder, numbers = tmp_path_factory.mktemp("stores"), count(1)
    Store(f"sqlite:///{folder}/0.db").open().close()
    last: list[Store] = []

    def make() -> Store:
        if last:
            last.pop().close()
        path = shutil.copy(folder / "0.db", folder / f"{next(numbers)}.db")
        last.append(Store(f"sqlite:///{path}").open())
        return last[0]

    yield make
    if last:
        last.pop().close()
