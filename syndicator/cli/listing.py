"""Commands that show what the store knows: posts, feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from syndicator.cli.output import as_json, moment, rows

if TYPE_CHECKING:
    from syndicator.cli import Session
    from syndicator.policy.changes import Record


@click.command()
@as_json
@click.option("--problems", is_flag=True, help="Only those with a warning.")
@click.pass_obj
def posts(session: Session, as_json: bool, problems: bool) -> None:
    """Show what the last scan knows of every post."""
    from syndicator.store import posts as store

    zone = ZoneInfo(session.app.settings.site.timezone)
    with session.app.store.read() as connection:
        wanted = (record for record in store.listing(connection) if record.problems or not problems)
        columns = ("path", "problems") if problems else ("state", "published", "path", "title")
        rows((_post(record, zone) for record in wanted), as_json=as_json, columns=columns)


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


def _post(record: Record, zone: ZoneInfo) -> dict[str, Any]:
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
        "problems": [str(problem) for problem in record.problems],
    }
