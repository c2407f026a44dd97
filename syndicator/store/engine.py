"""Open the store, bring its schema up to date, and hand out transactions.

What is SQLite's or PostgreSQL's own is in the module of that name; everything else is the same on both.
"""

from __future__ import annotations

import importlib
import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from syndicator.errors import StoreError
from syndicator.store import failures
from syndicator.store.dialect import Turn, take_turn
from syndicator.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import URL, Connection, Engine

    from syndicator.store.locks import Locks

log = logging.getLogger(__name__)

# The newest migration. alembic (a quarter of a second) is imported only when the store says another one.
SCHEMA_VERSION = "0009"

_DATABASES = ("sqlite", "postgresql")


class Database(Protocol):
    """Hold what is a database's own. `name` is the store as errors call it, without a password."""

    name: str
    writer: Engine
    reader: Engine

    @property
    def locks(self) -> Locks:
        """Return the locks between processes."""

    def prepare(self) -> None:
        """Make the database fit to be opened, or raise StoreError."""

    def advise(self, error: DBAPIError) -> str | None:
        """Return what to do about a failure, None for one that is a bug of ours."""


class Store:
    """Hold the engines for one store.

    `url` is an SQLAlchemy URL: `sqlite:////absolute/path.db` or `postgresql://user:password@host:port/name`. Call
    `open` before the first transaction.
    """

    def __init__(self, url: str) -> None:
        self.url = _parse(url)
        self._database = _database(self.url)
        self.name = self._database.name
        self.locks = self._database.locks

    def open(self) -> Store:
        """Create or migrate the schema where needed, and return self.

        Raise StoreError when the store cannot be reached or opened, is no database, or was written by a newer version.
        """
        try:
            self._database.prepare()
            with self.locks.opening():
                version = self._version()
                if version is None:
                    self._create()
                elif version != SCHEMA_VERSION:
                    self._migrate(version)
        except DBAPIError as error:
            advice = self._database.advise(error) or "check [store] url"
            raise StoreError(f"{self.name}: the store cannot be opened: {failures.reason(error)}: {advice}") from error
        return self

    def exists(self) -> bool:
        """Tell whether there is a store to open, without making one."""
        return self.url.get_backend_name() != "sqlite" or os.path.exists(self.name)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a transaction that sees one state of the store and changes nothing."""
        with self._guard(), self._database.reader.begin() as connection:
            yield connection

    @contextmanager
    def write(self, *, alone: bool = True) -> Iterator[Connection]:
        """Give a transaction that commits when the block ends and rolls back when it raises.

        Transactions that read and then write by what they read are `alone`: one at a time, on every database. What
        decides row by row (claiming, settling) need not be; on SQLite it is anyway.
        """
        with self._guard(), self._database.writer.begin() as connection:
            if alone:
                take_turn(connection, Turn.WRITE)
            yield connection

    def close(self) -> None:
        """Close every connection; SQLite's last one folds the write-ahead log into the file."""
        self._database.reader.dispose()
        self._database.writer.dispose()

    def _guard(self) -> AbstractContextManager[None]:
        return failures.named(self.name, self._database.advise)

    def _version(self) -> str | None:
        with self._database.writer.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def _create(self) -> None:
        """Make the newest schema at once, which is what all migrations together make."""
        with self._database.writer.begin() as connection:
            metadata.create_all(connection)
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": SCHEMA_VERSION})

    def _migrate(self, version: str) -> None:
        from syndicator.store import migrations  # alembic costs a quarter of a second

        if version not in migrations.known_versions():
            raise StoreError(
                f"{self.name}: this store was written by a newer Syndicator (schema {version}, this one knows up to "
                f"{SCHEMA_VERSION}): install that version again, or restore a backup from before"
            )
        migrations.upgrade(self._database.writer)
        log.info("the store was brought up to date", extra={"was": version, "is": SCHEMA_VERSION})


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError("[store] url: not a database URL, expected sqlite:///state/syndicator.db") from error
    kind = parsed.get_backend_name()
    if kind not in _DATABASES:
        raise StoreError(f"[store] url: {kind} is not supported, use sqlite:///PATH or postgresql://user@host/name")
    return parsed


def _database(url: URL) -> Database:
    # Imported by name: the dialect of PostgreSQL costs 50 ms.
    database: Database = importlib.import_module(f"syndicator.store.{url.get_backend_name()}").Database(url)
    return database
