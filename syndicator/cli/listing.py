"""Commands that show what the store knows: posts, feeds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from syndicator.cli.output import as_json, count, moment, rows, tracker, warn
from syndicator.errors import SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from syndicator.cli import Session
    from syndicator.models import Problem
    from syndicator.policy.changes import Record


@click.command()
@as_json
@click.option("--problems", is_flag=True, help="Only what is wrong with them, as file:line: what, and what to do.")
@click.option("--full", is_flag=True, help="With --problems: look through every file now, and change nothing.")
@click.pass_obj
def posts(session: Session, as_json: bool, problems: bool, full: bool) -> None:
    """Show what the last scan knows of every post.

    Bodies are rendered, and their problems known, when a feed or a message first shows them. "posts --problems --full"
    renders all of them (10,000 in a few seconds), and lists the files in the folders of posts that are left out.
    """
    if full and not problems:
        raise UsageError("--full goes with --problems")
    if not problems:
        rows(_known(session), as_json=as_json, columns=("state", "published", "path", "title"))
        return
    found = _examined(session) if full else (row for row in _known(session) if row["problems"])
    if as_json:
        rows(found, as_json=True, columns=())
        return
    said = _print_problems(session, found)
    click.echo(said if full else f"{said} (--full looks also at what no reader was shown)", err=True)
    if not full:
        _warn_of_sources(session)


@click.command()
@as_json
@click.pass_obj
def feeds(session: Session, as_json: bool) -> None:
    """Show every feed: kind, slug, title, entries, URLs, last change."""
    items = (
        {
            "kind": feed.kind, "slug": feed.slug, "title": feed.title, "entries": feed.entries,
            "updated": moment(feed.updated), "urls": feed.urls, "url": next(iter(feed.urls.values()), None),
        }
        for feed in session.app.catalogue()
    )  # fmt: skip
    rows(items, as_json=as_json, columns=("kind", "slug", "title", "entries", "url", "updated"))


def _known(session: Session) -> Iterator[dict[str, Any]]:
    """Yield every post as the store knows it."""
    from syndicator.store import posts as store
    from syndicator.store import problems

    zone = ZoneInfo(session.app.settings.site.timezone)
    with session.app.store.read() as connection:
        of_bodies = problems.of_bodies(connection)
        for record in store.listing(connection):
            yield _post(record, of_bodies.get(record.id or 0, ()), zone)


def _examined(session: Session) -> Iterator[dict[str, Any]]:
    """Yield every file with problems as it is now; go on where a source cannot be read, and fail in the end."""
    failed = []
    for item in session.app.settings.sources:
        try:
            for path, problems in session.app.examine(item, tracker(f"Looking through {item.name}")):
                yield {"source": item.name, "path": path, "problems": [str(problem) for problem in problems]}
        except SourceError as error:
            failed.append(str(error))
    if failed:
        raise SourceError("\n".join(failed))


def _warn_of_sources(session: Session) -> None:
    """Tell of the sources that the service could not read when it last tried."""
    from syndicator.store import sources

    configured = {item.name for item in session.app.settings.sources}
    with session.app.store.read() as connection:
        warn(scan.reason for scan in sources.all_scans(connection) if scan.reason and scan.source in configured)


def _print_problems(session: Session, found: Iterable[Mapping[str, Any]]) -> str:
    """Print a line for each problem, and return their number in words."""
    folders = {item.name: item.path for item in session.app.settings.sources}
    files = problems = 0
    for row in found:
        files += 1
        for problem in row["problems"]:
            problems += 1
            click.echo(os.path.join(folders.get(row["source"], ""), problem))
    return f"{count(problems, 'problem')} in {count(files, 'file')}" if files else "no problems"


def _post(record: Record, of_body: Sequence[Problem], zone: ZoneInfo) -> dict[str, Any]:
    # A file that is gone cannot be mended.
    problems = (*record.problems, *of_body) if record.state != "gone" else ()
    return {
        "source": record.source,
        "path": record.path,
        "id": record.entry_id,
        "title": record.title,
        "published": moment(record.published.astimezone(zone)) if record.published else None,
        "updated": moment(record.updated.astimezone(zone)) if record.updated else None,
        "url": record.url or None,
        "categories": record.categories,
        "tags": record.tags,
        "state": record.state,
        "announce": record.announce,
        "problems": [str(problem) for problem in problems],
    }
