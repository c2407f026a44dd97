from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from syndicator.models import Outcome
from syndicator.policy.retry import WAITS, next_try, settle

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
ALMOST_ONE = 1 - 1e-9


def waits(chance: float) -> list[timedelta]:
    return [again - NOW for tries in range(1, len(WAITS) + 1) if (again := next_try(tries, NOW, chance))]


def test_waits_grow_from_seconds_to_hours_and_end_after_about_three_days() -> None:
    steady = waits(0)
    assert steady[0] <= timedelta(seconds=10)
    assert all(one <= two for one, two in pairwise(steady))
    assert timedelta(days=2.5) < sum(steady, timedelta()) < timedelta(days=3.5)
    assert next_try(len(WAITS) + 1, NOW, 0) is None
    assert next_try(10**9, NOW, 0) is None


def test_chance_spreads_a_wait_and_never_shortens_it() -> None:
    for least, some, most in zip(waits(0), waits(0.5), waits(ALMOST_ONE), strict=True):
        assert least < some < most <= least * 1.2


def test_a_delivery_that_was_never_tried_waits_like_one_tried_once() -> None:
    assert next_try(0, NOW, 0) == next_try(1, NOW, 0)


def test_what_was_sent_is_settled_now() -> None:
    assert settle(Outcome("sent"), 3, NOW, 0.5) == ("sent", NOW)


@pytest.mark.parametrize("state", ["permanent", "too_long"])
def test_what_can_never_be_sent_fails_at_the_first_try(state: str) -> None:
    assert settle(Outcome(state), 1, NOW, 0) == ("failed", NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(("state", "waiting"), [("retry", "queued"), ("unknown", "unknown")])
def test_what_may_be_sent_later_waits_until_its_tries_are_used_up(state: str, waiting: str) -> None:
    outcome = Outcome(state)  # type: ignore[arg-type]
    assert settle(outcome, 1, NOW, 0) == (waiting, next_try(1, NOW, 0))
    assert settle(outcome, len(WAITS), NOW, 0) == (waiting, next_try(len(WAITS), NOW, 0))
    assert settle(outcome, len(WAITS) + 1, NOW, 0) == ("failed", NOW)


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        pytest.param(timedelta(hours=1), timedelta(hours=1), id="longer than ours"),
        pytest.param(timedelta(seconds=1), timedelta(seconds=WAITS[0]), id="shorter than ours"),
        pytest.param(timedelta(days=-1), timedelta(seconds=WAITS[0]), id="in the past"),
        pytest.param(timedelta(days=365), timedelta(days=7), id="for ever"),
    ],
)
def test_the_other_side_may_ask_for_a_longer_wait_but_not_for_a_shorter(asked: timedelta, waited: timedelta) -> None:
    assert settle(Outcome("retry", retry_at=NOW + asked), 1, NOW, 0) == ("queued", NOW + waited)
