"""Ask what is wrong with rendered bodies; what is wrong with front matter is in the records of the posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from syndicator.models import Problem
from syndicator.store.dialect import in_groups
from syndicator.store.tables import HAS_PROBLEMS, contents, posts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Select

    # post id → what is wrong with its body
    Problems = dict[int, tuple[Problem, ...]]

_QUERY = select(contents.c.post_id, posts.c.path, contents.c.problems).join(posts).where(HAS_PROBLEMS)


def of_bodies(connection: Connection) -> Problems:
    """Return what is wrong with the bodies that were rendered from what their files hold now."""
    current = (contents.c.content_hash == posts.c.content_hash) & (posts.c.state != "gone")
    return _found(connection, _QUERY.where(current))


def known(connection: Connection, ids: Iterable[int]) -> Problems:
    """Return what was wrong with the bodies of these posts when they were last rendered."""
    found: Problems = {}
    for group in in_groups(ids):
        found |= _found(connection, _QUERY.where(contents.c.post_id.in_(group)))
    return found


def _found(connection: Connection, query: Select[Any]) -> Problems:
    return {
        row.post_id: tuple(Problem(row.path, line, text) for line, text in row.problems)
        for row in connection.execute(query)
    }
