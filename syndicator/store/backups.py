"""Copy a SQLite store while others work on it, and mark the copy, so that it is known for one when it is used."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from syndicator.errors import StoreError
from syndicator.store.facts import BACKUP

if TYPE_CHECKING:
    from datetime import datetime


def copy(store: str, target: str, now: datetime) -> None:
    """Write a consistent copy of the store to `target`, for its owner alone, in one step; an older one is replaced.

    Raise StoreError when it cannot be written, or when what was copied is damaged.
    """
    temporary = f"{target}.{os.getpid()}.tmp"
    try:
        os.close(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        _copy(store, temporary, now)
        _sync(temporary)
        os.replace(temporary, target)
        _sync(os.path.dirname(os.path.abspath(target)))
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            os.unlink(temporary)
        raise StoreError(f"{target}: the backup cannot be written: {_reason(error)}") from error


def _copy(store: str, target: str, now: datetime) -> None:
    with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(target)) as copied:
        source.backup(copied)  # in one read transaction: writers go on beside it
        with copied:
            copied.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (BACKUP, now.isoformat()))
        copied.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        found = copied.execute("PRAGMA quick_check").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(f"the store is damaged ({found}): keep your older backups")


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: OSError | sqlite3.Error) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
