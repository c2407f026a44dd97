"""Keep processes on one store out of each other's way; name a process, and tell whether it is dead."""

from __future__ import annotations

import fcntl
import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from syndicator.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager


class Locks(Protocol):
    """Keep the processes on one store out of each other's way, with locks that die with their holder."""

    def service(self) -> AbstractContextManager[bool]:
        """Be a service on the store; yield whether it is the only one. Raise StoreError when it would have to be."""

    def scan(self) -> AbstractContextManager[None]:
        """Be the one scan on the store, after waiting for the one under way."""

    def opening(self) -> AbstractContextManager[None]:
        """Be the one that makes or migrates the store."""


class FileLocks:
    """Lock files beside the store at `path` (flock)."""

    def __init__(self, path: str) -> None:
        self._path = path

    @contextmanager
    def service(self) -> Iterator[bool]:
        """Be the one service on the store and yield True; raise StoreError naming the other one."""
        path = f"{self._path}.lock"
        with _locked(path, wait=False) as taken:
            if not taken:
                raise StoreError(
                    f"{self._path}: another `syndicator run` or `worker` holds this store: {_holder(path)}; stop it "
                    "first, or use another [store] url (several services need PostgreSQL)"
                )
            yield True

    @contextmanager
    def scan(self) -> Iterator[None]:
        """Be the one scan on the store, after waiting for the one under way."""
        with _locked(f"{self._path}.scan.lock", wait=True):
            yield

    @contextmanager
    def opening(self) -> Iterator[None]:
        """Be the one that makes or migrates the store: SQLite's switch to a log does not wait for others."""
        with _locked(f"{self._path}.open.lock", wait=True):
            yield


def owner() -> str:
    """Return "pid@host" of this process, as lock files and lease tokens name it."""
    return f"{os.getpid()}@{socket.gethostname()}"


def is_dead(owner_name: str) -> bool:
    """Tell whether a process named by `owner` ran on this host and is gone."""
    pid, _, host = owner_name.partition("@")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return int(pid) == os.getpid()  # our own number, from before a restart (in a container every run is pid 1)


@contextmanager
def _locked(path: str, *, wait: bool) -> Iterator[bool]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"{path}: the lock file cannot be made: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{owner()}\n".encode(), 0)
        yield True
    finally:
        os.close(descriptor)


def _holder(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        pid, _, host = file.read().strip().partition("@")
    return f"process {pid} on {host}" if host else "an unknown process"
