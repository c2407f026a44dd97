"""Keep what the last scan of a source saw of its files; see `policy.listing`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from syndicator.store.dialect import in_groups, insert_rows
from syndicator.store.tables import listings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


def load(connection: Connection, source: str) -> list[str]:
    """Return the pages of a source's listing, in path order; none where it has to be read anew."""
    query = select(listings.c.first, listings.c.page).where(listings.c.source == source)
    return [page for _, page in sorted(map(tuple, connection.execute(query)))]


def save(connection: Connection, source: str, before: Sequence[str], after: Sequence[str]) -> None:
    """Replace the pages of `before`, which are what the store holds, by those of `after`; equal ones are left alone."""
    old, new = set(before), set(after)
    for group in in_groups(map(_first, old - new)):
        connection.execute(delete(listings).where(listings.c.source == source, listings.c.first.in_(group)))
    rows = [(source, _first(page), page) for page in after if page not in old]
    insert_rows(connection, listings, ("source", "first", "page"), rows)


def _first(page: str) -> str:
    return page.partition("\n")[0]
