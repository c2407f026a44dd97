"""Which problems the owner is told of."""

from __future__ import annotations

import pytest

from syndicator.models import Problem
from syndicator.policy.problems import untold

TITLE, LIQUID = Problem("a.md", 2, "title: broken"), Problem("a.md", 9, "Liquid left out")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((), (TITLE, LIQUID), (TITLE, LIQUID)),
        ((TITLE,), (TITLE, LIQUID), (LIQUID,)),
        ((TITLE, LIQUID), (LIQUID,), ()),
        ((TITLE, LIQUID), (), ()),
        ((LIQUID,), (Problem("a.md", 10, LIQUID.text),), ()),
        ((LIQUID,), (Problem("moved.md", 9, LIQUID.text),), ()),
    ],
    ids=["all are new", "one more", "one mended", "all mended", "a line further down", "in a file that was moved"],
)
def test_a_problem_is_told_once(
    before: tuple[Problem, ...], after: tuple[Problem, ...], told: tuple[Problem, ...]
) -> None:
    assert untold(before, after) == told
