from __future__ import annotations

import pytest

from syndicator.policy.readiness import late_sources
from tests.records import MINUTE, NOW


@pytest.mark.parametrize(
    ("good", "said"),
    [
        (None, ["source posts: not read yet"]),
        (NOW, []),
        (NOW - 3 * MINUTE, []),
        (NOW - 4 * MINUTE, ["source posts: not read since 2026-03-06 11:56:00 UTC"]),
    ],
)
def test_a_source_is_late_after_three_intervals(good: object, said: list[str]) -> None:
    assert list(late_sources({"posts": good}, MINUTE, NOW)) == said  # type: ignore[dict-item]
