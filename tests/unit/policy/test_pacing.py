from __future__ import annotations

from datetime import timedelta

import pytest

from syndicator.policy.pacing import begins
from tests.records import NOW

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("wanted", "took", "begins_at"),
    [
        (10, 0.01, 10),  # long after the last run: at once
        (0.5, 0.01, 1),  # on its heels: a second after that began
        (1, 0.01, 1),
        (3, 3, 6),  # a run of three seconds is followed by a rest of three
        (7, 3, 7),
        (61, 60, 65),  # of a minute, by five seconds
    ],
)
def test_work_that_is_asked_for_begins_at_once_unless_it_just_ran(wanted: float, took: float, begins_at: float) -> None:
    assert begins(NOW + wanted * SECOND, NOW, NOW + took * SECOND) == NOW + begins_at * SECOND


@pytest.mark.parametrize("took", [0.001, 0.4, 2.5])
def test_work_that_is_asked_for_all_the_time_never_starves_and_takes_half_of_the_time_at_most(took: float) -> None:
    now, busy, runs = NOW, timedelta(0), 0
    while now < NOW + 60 * SECOND:
        busy, runs = busy + took * SECOND, runs + 1
        now = begins(now + took * SECOND, now, now + took * SECOND)
    assert busy <= (now - NOW) / 2
    assert runs >= 60 // max(1, 2 * took)


def test_a_clock_that_was_set_back_during_a_run_does_not_shorten_the_pause() -> None:
    assert begins(NOW, NOW, NOW - 3600 * SECOND) == NOW + SECOND
