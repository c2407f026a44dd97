"""Locks between processes, which die with their holder."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from syndicator.errors import StoreError
from syndicator.store import Store, locks
from tests.stores import KilledError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgresql import Server

ROOT = Path(__file__).parents[2]


_HOLD = """
import sys
from syndicator.store import Store, locks
with getattr(Store(sys.argv[2]).locks, sys.argv[1])():
    print(locks.owner(), flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(kind: str, url: str) -> Iterator[subprocess.Popen[str]]:
    """Give another process that holds a lock."""
    command = [sys.executable, "-c", _HOLD, kind, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        assert process.stdout.readline().startswith(f"{process.pid}@")
        yield process
        process.kill()


@pytest.fixture
def sqlite(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path}/syndicator.db")


def test_a_second_service_on_sqlite_is_told_who_holds_the_store(sqlite: Store) -> None:
    with holder("service", f"sqlite:///{sqlite.name}") as process:
        words = f"holds this store: process {process.pid} on .*stop it first"
        with pytest.raises(StoreError, match=words), sqlite.locks.service():
            pytest.fail("two services on one store")
        process.kill()
        process.wait()
        with sqlite.locks.service() as alone:
            assert alone  # a holder that was killed holds nothing


def test_several_services_share_a_postgresql(postgresql: Server) -> None:
    url = postgresql.database()
    with holder("service", url), Store(url).locks.service() as alone:
        assert not alone


@pytest.mark.parametrize("kind", ["service", "scan", "opening"])
def test_a_lock_is_free_after_an_error(store: Store, kind: str) -> None:
    for _ in range(2):
        with pytest.raises(KilledError), getattr(store.locks, kind)():
            raise KilledError


@pytest.mark.parametrize("kind", ["scan", "opening"])
def test_a_second_one_waits_for_the_first_and_a_killed_one_holds_nothing(
    store: Store, store_url: str, kind: str
) -> None:
    order: list[str] = []

    def wait() -> None:
        with getattr(store.locks, kind)():
            order.append("second")

    with holder(kind, store_url) as first:
        second = threading.Thread(target=wait)
        second.start()
        second.join(0.2)  # enough to get in, if nothing kept it out
        order.append("first")
        first.kill()
        second.join(10)
    assert order == ["first", "second"]


def test_one_lock_does_not_wait_for_another(store: Store, store_url: str) -> None:
    with holder("service", store_url), holder("opening", store_url), store.locks.scan(), store.write():
        pass


def test_the_dead_are_told_from_the_living() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        host = locks.owner().partition("@")[2]
        name = f"{process.pid}@{host}"
        assert not locks.is_dead(name)
        process.kill()
        process.wait()
        assert locks.is_dead(name)
        assert not locks.is_dead(f"{process.pid}@elsewhere.example")  # nobody can know from here
        assert locks.is_dead(locks.owner())  # one of the same number ran before us
        assert not locks.is_dead("nonsense")
