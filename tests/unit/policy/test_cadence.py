"""How long a copy of a feed may be kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from syndicator.policy.cadence import max_age

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = 3600, 86_400


def times(*hours: float) -> list[datetime]:
    return [NOON - timedelta(hours=each) for each in hours]


@pytest.mark.parametrize(
    ("published", "seconds"),
    [
        ([], 300),
        (times(0), 300),
        (times(0, 0, 0), 300),
        (times(0, 0.1), 300),
        (times(0, 2), HOUR),
        (times(0, 2, 4, 6, 8), HOUR),
        (times(8, 0, 4, 2, 6), HOUR),
        (times(0, 2, 4, 5000), HOUR),
        (times(0, 0, 2, 4, 6), HOUR),
        (times(0, 24, 48), DAY / 2),
        (times(0, 24 * 7, 24 * 14), DAY),
        (times(*range(0, 20, 2), *range(1000, 9000, 500)), HOUR),
    ],
)
def test_half_the_usual_interval_of_the_newest_posts_within_bounds(published: list[datetime], seconds: int) -> None:
    assert max_age(published) == seconds
