"""Print how the post in one file was decided."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from syndicator.cli.output import moment, rows
from syndicator.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from syndicator.app import App
    from syndicator.cli import Session
    from syndicator.models import Reason
    from syndicator.settings.models import SourceSettings

_NAMES = 15
"""Columns for the names of fields."""

_WIDTH = 120


def print_reasons(session: Session, given: str, *, as_json: bool) -> None:
    """Print the reasons for a file that a person names, for people or as JSON lines.

    Raise UsageError where no source has such a file.
    """
    item, path = _file(session.app, given)
    reasons = session.app.explain(item, path)
    if as_json:
        rows(map(_row, reasons), as_json=True, columns=())
    else:
        _print(reasons)


def _file(app: App, given: str) -> tuple[SourceSettings, str]:
    """Return the source and the path in it that a person means: one that is there, or else one that was."""
    sources = app.settings.sources
    named = [(item, path) for item in sources for path in _paths(item.path, given)]
    there = (one for one in named if os.path.lexists(os.path.join(one[0].path, one[1])))
    found = next(there, None) or next((one for one in named if _was_known(app, *one)), None)
    if found is None:
        places = ", ".join(f"{item.name} ({item.path})" for item in sources)
        raise UsageError(f"{given}: there is no such file in any source: {places}")
    if os.path.isdir(os.path.join(found[0].path, found[1])):
        raise UsageError(f"{given}: that is a folder: name a file in it")
    return found


def _paths(folder: str, given: str) -> Iterator[str]:
    """Yield what a path may be within a source: below its folder as it stands, or as seen from where one works."""
    here, there = os.path.abspath(folder), os.path.abspath(given)
    parent, name = os.path.split(there)
    seen = [(here, os.path.join(here, given)), (here, there)]
    # Links on the way to the file do not count, one that is the file does.
    seen.append((os.path.realpath(here), os.path.join(os.path.realpath(parent), name)))
    paths = (os.path.relpath(path, start) for start, path in seen)
    return (path for path in paths if path.split(os.sep)[0] != os.pardir)


def _was_known(app: App, item: SourceSettings, path: str) -> bool:
    from syndicator.store import posts

    if not app.has_store():
        return False
    with app.store.read() as connection:
        return path in posts.records(connection, item.name, [path])


def _row(reason: Reason) -> dict[str, object]:
    value = moment(reason.value) if isinstance(reason.value, datetime) else reason.value
    return {"field": reason.field, "value": value, "because": reason.because}


def _print(reasons: Iterable[Reason]) -> None:
    """Print a line for each reason, the why below what is too long to stand beside it."""
    for reason in reasons:
        name = f"  {reason.field}" if reason.field.startswith(":") else reason.field.replace("_", " ")
        line = f"{name:<{_NAMES}}{_shown(reason.value)}"
        apart = "  " if len(line) + len(reason.because) < _WIDTH else f"\n{'':<{_NAMES}}"
        click.echo(line + (click.style(f"{apart}← {reason.because}", dim=True) if reason.because else ""))


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        utc = f" = {value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if value.utcoffset() else ""
        return f"{value:%Y-%m-%d %H:%M:%S %z}{utc}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (", ".join(value) if isinstance(value, tuple) else str(value)) or "–"
