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
from syndicator.store import locks
from tests.stores import KilledError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "syndicator.db"


_HOLD = """
import sys
from syndicator.store import locks
with getattr(locks, sys.argv[1])(sys.argv[2]):
    print(locks.owner(), flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(kind: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Give another process that holds a lock."""
    command = [sys.executable, "-c", _HOLD, kind, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        assert process.stdout.readline().startswith(f"{process.pid}@")
        yield process
        process.kill()


def test_a_second_service_is_told_who_holds_the_store(path: Path) -> None:
    with holder("service", path) as process:
        words = f"holds this store: process {process.pid} on .*stop it first"
        with pytest.raises(StoreError, match=words), locks.service(str(path)):
            pytest.fail("two services on one store")
        process.kill()
        process.wait()
        with locks.service(str(path)):
            pass  # a holder that was killed holds nothing


def test_a_lock_is_free_after_an_error(path: Path) -> None:
    for _ in range(2):
        with pytest.raises(KilledError), locks.service(str(path)):
            raise KilledError


def test_a_second_scan_waits_for_the_first(path: Path) -> None:
    order: list[str] = []

    def scan() -> None:
        with locks.scan(str(path)):
            order.append("second")

    with holder("scan", path) as first:
        second = threading.Thread(target=scan)
        second.start()
        second.join(0.2)  # enough to get in, if nothing kept it out
        order.append("first")
        first.kill()
        second.join(10)
    assert order == ["first", "second"]


def test_a_service_does_not_keep_others_from_scanning(path: Path) -> None:
    with holder("service", path), locks.scan(str(path)):
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
