"""What SQLite and PostgreSQL share but SQLAlchemy spells in each dialect, and the fast way in for many rows."""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import insert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Table
    from sqlalchemy.engine import Dialect

T = TypeVar("T")

# Bound parameters in one statement: SQLite before 3.32 allows 999.
_GROUP = 900


def upsert(connection: Connection, table: Table) -> Any:
    """Return an INSERT into `table` that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    # Imported by name: loading the dialect that is not in use costs 50 ms.
    return importlib.import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert(table)


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
