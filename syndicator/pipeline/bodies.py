"""Keep rendered bodies, and notice what is newly wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.policy.problems import untold
from syndicator.store import posts, problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from syndicator.models import Content, Problem


def keep_bodies(connection: Connection, bodies: Mapping[int, Content]) -> Iterator[tuple[int, Problem]]:
    """Store bodies, given by the ids of their posts; return (post id, problem) of what nobody was told of yet."""
    before = problems.known(connection, (post_id for post_id, body in bodies.items() if body.problems))
    posts.save_contents(connection, bodies.items())
    return (
        (post_id, problem)
        for post_id, body in bodies.items()
        for problem in untold(before.get(post_id, ()), body.problems)
    )
