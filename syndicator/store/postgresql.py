"""Be PostgreSQL, through psycopg.

Readers see one state (REPEATABLE READ) and are READ ONLY. Writers are READ COMMITTED: each statement sees what was
committed before it. That is enough because writers take turns (`dialect.take_turn`), as on SQLite; only the workers'
claims and settlements run beside them, and these look at single rows, under row locks.

Locks are advisory locks of a session of their own, freed when its connection dies. They ask for a pooler that leaves
sessions alone, or none.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, NullPool, create_engine, event, text

from syndicator.errors import StoreError
from syndicator.store import failures
from syndicator.store.dialect import Turn, advisory_lock
from syndicator.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine
    from sqlalchemy.exc import DBAPIError

_MINIMUM = 14

# Seconds until a server that does not answer counts as away.
_CONNECT_TIMEOUT = 10
# A peer that is gone without a word (a cut cable, a machine without power) is noticed in about 20 s on both sides, and
# one that hangs in the middle of its transaction is not waited for.
_CLIENT = {"keepalives_idle": 8, "keepalives_interval": 4, "keepalives_count": 3, "tcp_user_timeout": 20_000}
_SERVER = {
    "tcp_keepalives_idle": "8s",
    "tcp_keepalives_interval": "4s",
    "tcp_keepalives_count": "3",
    "idle_in_transaction_session_timeout": "60s",
}
# A process that hangs (stopped, swapped out) keeps others from scanning for so long. A scan that takes longer loses its
# lock; `store.scans` sees to it that nothing goes wrong then.
_LOCK_SESSION = {"idle_session_timeout": "5min"}


class Database:
    """Hold the engines and the locks of one database on a server."""

    def __init__(self, url: URL) -> None:
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        if url.get_driver_name() != "psycopg":
            raise StoreError(f"[store] url: the driver {url.get_driver_name()} is not supported: write postgresql://")
        # For people: without the password, and without options, which may hold one too.
        self.name = str(URL.create("postgresql", url.username, None, url.host, url.port, url.database))
        _add_conditions()
        self.writer = _engine(url, pool_pre_ping=True)
        self.reader = _engine(
            url, pool_pre_ping=True,
            execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
        )  # fmt: skip
        self.locks = AdvisoryLocks(self)
        self.sessions = _engine(url, _LOCK_SESSION, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def prepare(self) -> None:
        """Refuse a server that is too old, and a database that cannot hold every character."""
        with self.reader.connect() as connection:
            version = connection.execute(text("SELECT current_setting('server_version_num')::int / 10000")).scalar_one()
            encoding = connection.execute(text("SELECT current_setting('server_encoding')")).scalar_one()
        if version < _MINIMUM:
            raise StoreError(f"{self.name}: the server is PostgreSQL {version}: {_MINIMUM} or newer is needed")
        if encoding != "UTF8":
            raise StoreError(f"{self.name}: the database is in {encoding}: make one in UTF8: createdb -E UTF8")

    def advise(self, error: DBAPIError) -> str | None:
        """Return what to do about a failure, None for one that is a bug of ours."""
        said = failures.reason(error)
        state = getattr(error.orig, "sqlstate", None) or ""
        by_words = next((advice for words, advice in _WORDS.items() if words in said), None)
        by_state = next((advice for begin, advice in _STATES.items() if state.startswith(begin)), None)
        return by_words or by_state or (_AGAIN if error.connection_invalidated or not state else None)


class AdvisoryLocks:
    """Keep processes on one database out of each other's way, wherever they run."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def service(self) -> Iterator[bool]:
        """Be one of several services; yield False, as others may run beside this one."""
        yield False

    @contextmanager
    def scan(self) -> Iterator[None]:
        """Be the one scan on the store, after waiting for the one under way."""
        with self._held(Turn.SCAN):
            yield

    @contextmanager
    def opening(self) -> Iterator[None]:
        """Be the one that makes or migrates the store."""
        with self._held(Turn.OPENING):
            yield

    @contextmanager
    def _held(self, turn: Turn) -> Iterator[None]:
        with failures.named(self._database.name, self._database.advise):
            connection = self._database.sessions.connect()
        try:
            with failures.named(self._database.name, self._database.advise):
                connection.execute(advisory_lock(turn, of="session"))
            yield
        finally:
            connection.close()  # with the session, as nothing pools it, and with the session the lock


def _engine(url: URL, settings: dict[str, str] | None = None, **how: Any) -> Engine:
    options = " ".join(f"-c {name}={value}" for name, value in (_SERVER | (settings or {})).items())
    given = dict(url.query)
    arguments: dict[str, Any] = {"connect_timeout": _CONNECT_TIMEOUT, "application_name": "syndicator"} | _CLIENT
    arguments = {name: value for name, value in arguments.items() if name not in given}
    arguments["options"] = f"{options} {given.get('options', '')}"
    try:
        engine = create_engine(url, hide_parameters=True, connect_args=arguments, **how)
    except ImportError as error:
        raise StoreError(
            f'[store] url: PostgreSQL needs the driver psycopg: pip install "syndicator[postgresql]" ({error})'
        ) from error
    event.listen(engine, "connect", _take_every_text)
    return engine


def _take_every_text(connection: Any, _record: Any) -> None:
    """Store U+0000, which PostgreSQL's text cannot hold, as U+FFFD: a reply that has one must not stop its worker."""
    from psycopg.types.string import StrDumper

    class Dumper(StrDumper):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)

    connection.adapters.register_dumper(str, Dumper)


def _add_conditions() -> None:
    """Give partial indexes their conditions, which `tables` names without loading this dialect."""
    for table in metadata.tables.values():
        for index in table.indexes:
            if "where" in index.info:
                index.dialect_options["postgresql"]["where"] = text(index.info["where"])


_AGAIN = "is the server there? The next run goes on; nothing was lost"

_WORDS = {
    "password authentication failed": "check the user and the password in [store] url",
    "no password supplied": "write the password into [store] url, or set SYNDICATOR_STORE__URL_FILE",
    'FATAL: role "': "check the user in [store] url",
    'FATAL: database "': "check the database in [store] url, or make it: createdb",
    "no pg_hba.conf entry": "let this machine and user in: pg_hba.conf on the server",
    "could not translate host name": "check the host in [store] url",
    "failed to resolve host": "check the host in [store] url",
    "Connection refused": "check the host and the port in [store] url, and whether the server runs",
    "timeout expired": "check the host and the port in [store] url, and what stands between",
    "No such file or directory": "check the socket's folder in [store] url, and whether the server runs",
}

# The first characters of SQLSTATE, which errors have once there is a connection: https://www.postgresql.org/docs/current/errcodes-appendix.html
_STATES = {
    "42501": "give the user its rights: ALTER DATABASE … OWNER TO …",
    "25006": "is it a standby? Name the primary server in [store] url",
    "53100": "the server's disk is full: make room; nothing was lost, the next run goes on",
    "53300": "the server has no connection left: raise max_connections",
    "40": "try again",  # a deadlock: nothing was changed
    "55P03": "try again",
    "08": _AGAIN,
    "57": _AGAIN,
    "25P03": _AGAIN,
    "53": "the server is short of memory or disk: try again",
    "58": "check the server's log",
}
