"""Open the store, bring its schema up to date, and hand out transactions.

SQLite: write-ahead log; every writer takes the lock when it begins (BEGIN IMMEDIATE), because a deferred transaction
that turns into a writer fails at once under load; readers are deferred and may not write.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from syndicator.errors import StoreError
from syndicator.store import locks
from syndicator.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

# The newest migration. alembic (a quarter of a second) is imported only when the store says another one.
SCHEMA_VERSION = "0003"

_BUSY_TIMEOUT_MS = 15_000


class Store:
    """Hold the engines for one store.

    `url` is an SQLAlchemy URL, `sqlite:////absolute/path.db`. Call `open` before the first transaction.
    """

    def __init__(self, url: str) -> None:
        try:
            self.url = make_url(url)
        except ArgumentError as error:
            raise StoreError("[store] url: not a database URL, expected sqlite:///state/syndicator.db") from error
        if self.url.get_backend_name() != "sqlite":
            raise StoreError(f"[store] url: {self.url.get_backend_name()} is not supported yet, use sqlite:///PATH")
        self.path = self.url.database or ""
        self._writer = _sqlite_engine(self.url.render_as_string(hide_password=False), begin="BEGIN IMMEDIATE")
        self._reader = _sqlite_engine(self.url.render_as_string(hide_password=False), begin="BEGIN", read_only=True)

    def open(self) -> Store:
        """Create or migrate the schema where needed, and return self.

        Raise StoreError when the file cannot be opened, is no database, or was written by a newer version.
        """
        try:
            _make_private(self.path)
            with locks.opening(self.path):
                version = self._version()
                if version is None:
                    self._create()
                elif version != SCHEMA_VERSION:
                    self._migrate(version)
        except OSError as error:
            reason = f"{error.strerror}: check [store] url"
            raise StoreError(f"{self.path}: the store cannot be made or opened: {reason}") from error
        except DBAPIError as error:
            raise StoreError(f"{self.path}: the store cannot be opened: {error.orig}") from error
        return self

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a transaction that sees one state of the store and changes nothing."""
        with self._guard(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a transaction that commits when the block ends and rolls back when it raises."""
        with self._guard(), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection; the last one folds the write-ahead log into the file."""
        self._reader.dispose()
        self._writer.dispose()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if error.connection_invalidated or _is_environment(error):
                raise StoreError(f"{self.path}: {error.orig}: {_advice(error)}") from error
            raise

    def _version(self) -> str | None:
        with self._writer.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def _create(self) -> None:
        """Make the newest schema at once, which is what all migrations together make."""
        with self._writer.begin() as connection:
            if inspect(connection).has_table("alembic_version"):
                return  # another process made it while this one waited for the lock
            metadata.create_all(connection)
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": SCHEMA_VERSION})

    def _migrate(self, version: str) -> None:
        from syndicator.store import migrations  # alembic costs a quarter of a second

        if version not in migrations.known_versions():
            raise StoreError(
                f"{self.path}: this store was written by a newer Syndicator (schema {version}, this one knows up to "
                f"{SCHEMA_VERSION}): install that version again, or restore a backup from before"
            )
        migrations.upgrade(self._writer)


def _make_private(path: str) -> None:
    """Make an empty file for its owner alone: addresses and secrets go in. SQLite gives its log the same rights."""
    os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def _sqlite_engine(url: str, *, begin: str, read_only: bool = False) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL: a commit that was acknowledged survives a power cut, so that no message goes out twice after one.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        if read_only:
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


_ENVIRONMENT = {
    "disk is full": "make room; nothing was lost, the next run goes on",
    "readonly database": "make the store's folder writable for this user",
    "database is locked": "another process holds the store for too long; try again",
    "unable to open": "check the path and its permissions",
    "disk I/O error": "check the disk",
    "malformed": "the file is damaged: restore a backup, or move it away and scan with --no-announce",
    "not a database": "the file is not a Syndicator store: check [store] url",
}


def _is_environment(error: DBAPIError) -> bool:
    return any(words in str(error.orig) for words in _ENVIRONMENT)


def _advice(error: DBAPIError) -> str:
    return next((advice for words, advice in _ENVIRONMENT.items() if words in str(error.orig)), "try again")
