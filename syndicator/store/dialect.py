"""The two things that SQLite and PostgreSQL spell alike but SQLAlchemy keeps in each dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection, Table

T = TypeVar("T")

# Bound parameters in one statement: SQLite before 3.32 allows 999.
_GROUP = 900


def upsert(connection: Connection, table: Table) -> Any:
    """Return an INSERT into `table` that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def in_groups(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield the values in lists that are short enough for `IN (…)`."""
    everything = list(values)
    for start in range(0, len(everything), _GROUP):
        yield everything[start : start + _GROUP]
