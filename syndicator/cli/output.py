"""Print for people and for programs: columns, JSON lines, progress."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

T = TypeVar("T")

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")


def rows(items: Iterable[Mapping[str, Any]], *, as_json: bool, columns: Sequence[str]) -> None:
    """Print JSON lines with every field, or the given columns: a table on a terminal, tab-separated elsewhere."""
    if as_json:
        for item in items:
            click.echo(json.dumps(item, ensure_ascii=False, default=str))
    elif sys.stdout.isatty():
        _table(items, columns)
    else:
        for item in items:
            click.echo("\t".join(_cell(item[column]) for column in columns))


def warn(lines: Iterable[object]) -> None:
    """Print warnings to stderr."""
    for line in lines:
        click.echo(f"warning: {line}", err=True)


def tracker(description: str) -> Callable[[Sequence[T]], Iterable[T]]:
    """Return what wraps a list that is worked through: with a progress bar on a terminal, and bare elsewhere."""

    def track(items: Sequence[T]) -> Iterable[T]:
        return _bar(items, description) if sys.stderr.isatty() and len(items) > 1 else items

    return track


def moment(value: datetime | None) -> str | None:
    """Return a time as ISO 8601, to the second."""
    return value.isoformat(timespec="seconds") if value else None


def count(number: int, noun: str) -> str:
    """Return "1 post", "2 posts"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _bar(items: Sequence[T], description: str) -> Iterator[T]:
    from rich.console import Console
    from rich.progress import track

    yield from track(items, description, console=Console(stderr=True), transient=True)


def _table(items: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for item in items:
        table.add_row(*(_cell(item[column]) for column in columns))
    Console().print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
