from __future__ import annotations

from datetime import timedelta

import pytest

from syndicator.policy.clock import DOUBT, Watch, look
from tests.records import DAY, HOUR, MINUTE, NOW

SECOND = timedelta(seconds=1)
START = Watch(NOW, 100.0)


def after(watch: Watch, jump: timedelta, passed: timedelta = 5 * SECOND) -> tuple[Watch, timedelta]:
    """Return what is seen once so much time went by and the clock was set by so much."""
    return look(watch, watch.wall + passed + jump, watch.elapsed + passed.total_seconds())


@pytest.mark.parametrize("drift", [timedelta(0), 59 * SECOND, -59 * SECOND])
def test_a_clock_that_is_corrected_a_little_is_trusted(drift: timedelta) -> None:
    watch, jump = after(START, drift)
    assert watch.trusted()
    assert jump == timedelta(0)


@pytest.mark.parametrize("jump", [-HOUR, -365 * DAY, 2 * MINUTE, 59 * MINUTE])
def test_a_jump_back_or_a_small_one_is_told_and_trusted(jump: timedelta) -> None:
    watch, seen = after(START, jump)
    assert watch.trusted()
    assert seen == jump


def test_a_jump_far_ahead_is_doubted_until_the_clock_is_back() -> None:
    ahead, seen = after(START, 365 * DAY)
    assert not ahead.trusted()
    assert seen == 365 * DAY
    still, nothing = after(ahead, timedelta(0))
    assert not still.trusted()
    assert not nothing
    back, seen = after(still, -365 * DAY)
    assert back.trusted()
    assert seen == -365 * DAY
    assert after(back, timedelta(0))[0].trusted()


def test_a_jump_that_stays_is_believed_in_the_end() -> None:
    """As after a machine has slept."""
    watch, _ = after(START, 3 * HOUR)
    assert not after(watch, timedelta(0), DOUBT - SECOND)[0].trusted()
    believed, _ = after(watch, timedelta(0), DOUBT)
    assert believed.trusted()
    assert after(believed, timedelta(0))[0].trusted()


def test_small_jumps_add_up_only_while_in_doubt() -> None:
    watch = START
    for _ in range(10):
        watch, _ = after(watch, 30 * MINUTE)
        assert watch.trusted()
