"""Be SQLite: one file, and lock files beside it.

Write-ahead log; every writer takes the lock when it begins (BEGIN IMMEDIATE), because a deferred transaction that turns
into a writer fails at once under load; readers are deferred and may not write.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event

from syndicator.errors import StoreError
from syndicator.store.locks import FileLocks

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.exc import DBAPIError

_BUSY_TIMEOUT_MS = 15_000


class Database:
    """Hold the engines and the locks of one file."""

    def __init__(self, url: URL) -> None:
        self.name = url.database or ""
        self.writer = _engine(url, begin="BEGIN IMMEDIATE")
        self.reader = _engine(url, begin="BEGIN", read_only=True)
        self.locks = FileLocks(self.name)

    def prepare(self) -> None:
        """Make an empty file for its owner alone: addresses and secrets go in. SQLite gives its log the same rights."""
        try:
            os.makedirs(os.path.dirname(self.name) or ".", mode=0o700, exist_ok=True)
            os.close(os.open(self.name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        except OSError as error:
            reason = f"{error.strerror}: check [store] url"
            raise StoreError(f"{self.name}: the store cannot be made or opened: {reason}") from error

    def advise(self, error: DBAPIError) -> str | None:
        """Return what to do about a failure, None for one that is a bug of ours."""
        said = str(error.orig)
        known = next((advice for words, advice in _ADVICE.items() if words in said), None)
        return known or ("try again" if error.connection_invalidated else None)


def _engine(url: URL, *, begin: str, read_only: bool = False) -> Engine:
    arguments = {"timeout": _BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
    # An error would quote the addresses and secrets that a statement was to store.
    engine = create_engine(url, hide_parameters=True, connect_args=arguments)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL: a commit that was acknowledged survives a power cut, so that no message goes out twice after one.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        # 16 MiB of log: pages that many commits change, such as those of indexes, are copied from it less often.
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        if read_only:
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


_ADVICE = {
    "disk is full": "make room; nothing was lost, the next run goes on",
    "readonly database": "make the store's folder writable for this user",
    "database is locked": "another process holds the store for too long; try again",
    "unable to open": "check the path and its permissions",
    "disk I/O error": "make room on the disk, or check it; nothing was lost, the next run goes on",
    "malformed": "the file is damaged: restore a backup, or move it away and scan with --no-announce",
    "not a database": "the file is not a Syndicator store: check [store] url",
}
