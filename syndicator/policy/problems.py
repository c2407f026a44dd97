"""Decide which problems the owner has not been told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from syndicator.models import Problem


def untold(before: Collection[Problem], after: Collection[Problem]) -> tuple[Problem, ...]:
    """Return those of a post's problems that it did not have before.

    The words tell them apart, not the lines: a line more at the top of a file moves every one below it.
    """
    known = {problem.text for problem in before}
    return tuple(problem for problem in after if problem.text not in known)
