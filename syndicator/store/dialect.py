"""What SQLite and PostgreSQL share but SQLAlchemy spells in each dialect, and the fast way in for many rows."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import func, insert, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Select, Table
    from sqlalchemy.engine import Dialect

T = TypeVar("T")

# Bound parameters in one statement: SQLite before 3.32 allows 999.
_GROUP = 900

# "SYND": other programs in the same database have advisory locks of their own.
_OURS = 0x53594E44


class Turn(IntEnum):
    """Name what only one transaction (WRITE, CLAIM) or process (SCAN, OPENING) does at a time."""

    WRITE = 1
    CLAIM = 2
    SCAN = 3
    OPENING = 4


def take_turn(connection: Connection, turn: Turn) -> None:
    """Wait until no other transaction has this turn; it is over with the transaction. SQLite has one writer anyway.

    A statement of its own: the next one then sees everything that those before committed.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(advisory_lock(turn))


def advisory_lock(turn: Turn, *, of: str = "transaction") -> Select[Any]:
    """Return the query that waits for a lock "of" the transaction or the session."""
    lock = func.pg_advisory_lock if of == "session" else func.pg_advisory_xact_lock
    return select(lock(_OURS, int(turn)))


def now(connection: Connection, clock: datetime) -> datetime:
    """Return the time that all processes on the store agree on: the server's, or on SQLite `clock`, this machine's."""
    if connection.dialect.name == "sqlite":
        return clock
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment.astimezone(UTC)


def upsert(connection: Connection, table: Table) -> Any:
    """Return an INSERT into `table` that knows `on_conflict_do_nothing` and `on_conflict_do_update`, and counts."""
    # Imported by name: loading the dialect that is not in use costs 50 ms.
    statement = importlib.import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert(table)
    return statement.execution_options(preserve_rowcount=True)  # psycopg's is lost without


def insert_rows(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert many rows of values as the driver takes them; `columns` are in the table's order.

    Times are in microseconds and JSON is text. SQLAlchemy's own way handles each value of each row in Python, which
    costs more than the insert itself.
    """
    if not rows:
        return
    statement, positional = _compiled(connection.dialect, table, columns)
    values: Any = rows if positional else [dict(zip(columns, row, strict=True)) for row in rows]
    connection.exec_driver_sql(statement, values)


def in_groups(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield the values in lists that are short enough for `IN (…)`."""
    everything = list(values)
    for start in range(0, len(everything), _GROUP):
        yield everything[start : start + _GROUP]


@lru_cache
def _compiled(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> tuple[str, bool]:
    """Return the SQL of an INSERT, and whether its parameters go by position."""
    compiled = insert(table).values(dict.fromkeys(columns)).compile(dialect=dialect)
    return str(compiled), bool(compiled.positional)
