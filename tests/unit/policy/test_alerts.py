from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from syndicator.policy.alerts import News, Sign, Trouble, decide
from tests.records import DAY, HOUR, MINUTE, NOW

if TYPE_CHECKING:
    from datetime import datetime


class Owner:
    """Look at the signs again and again, as the service does, and note what the owner is told."""

    def __init__(self) -> None:
        self.known: dict[str, Trouble] = {}

    def look(self, now: datetime, *signs: Sign) -> list[str]:
        decision = decide(signs, self.known, HOUR, now)
        self.known = {trouble.key: trouble for trouble in decision.known}
        return [_words(item) for item in decision.news]


def _words(item: News) -> str:
    return f"{'over ' if item.over else ''}{item.trouble.key}"


def relay(now: datetime, **how: Any) -> Sign:
    return Sign("relay", "relay", newest=now, **how)


@pytest.fixture
def owner() -> Owner:
    return Owner()


def test_what_may_pass_is_told_after_a_while_and_then_once_a_day(owner: Owner) -> None:
    told = {}
    for minutes in range(0, 3 * 24 * 60, 10):
        now = NOW + minutes * MINUTE
        if news := owner.look(now, relay(now)):
            told[minutes / 60] = news
    assert told == {1: ["relay"], 25: ["relay"], 49: ["relay"]}


def test_what_passes_before_the_owner_was_told_is_never_told(owner: Owner) -> None:
    assert owner.look(NOW, relay(NOW)) == []
    assert owner.look(NOW + 59 * MINUTE, relay(NOW)) == []
    assert owner.look(NOW + HOUR) == []
    assert owner.known == {}


def test_the_end_is_told_once(owner: Owner) -> None:
    owner.look(NOW, relay(NOW))
    assert owner.look(NOW + HOUR, relay(NOW)) == ["relay"]
    assert owner.look(NOW + 2 * HOUR) == ["over relay"]
    assert owner.look(NOW + 3 * HOUR) == []


def test_one_that_comes_and_goes_is_told_once_a_day(owner: Owner) -> None:
    owner.look(NOW, relay(NOW))
    assert owner.look(NOW + HOUR, relay(NOW)) == ["relay"]
    assert owner.look(NOW + 2 * HOUR) == ["over relay"]
    for hours in range(3, 24, 2):
        assert owner.look(NOW + hours * HOUR, relay(NOW)) == []
    later = NOW + 26 * HOUR
    assert owner.look(later, relay(later)) == ["relay"]
    assert owner.look(later + HOUR) == ["over relay"]


def test_the_end_of_a_spell_nobody_was_told_of_is_not_told(owner: Owner) -> None:
    owner.look(NOW, relay(NOW))
    owner.look(NOW + HOUR, relay(NOW))
    owner.look(NOW + 2 * HOUR)
    assert owner.look(NOW + 3 * HOUR, relay(NOW)) == []
    assert owner.look(NOW + 4 * HOUR) == []


def test_what_went_well_meanwhile_is_another_spell(owner: Owner) -> None:
    owner.look(NOW, relay(NOW))
    assert owner.look(NOW + HOUR, relay(NOW, worked=NOW + 50 * MINUTE)) == []
    assert owner.look(NOW + 2 * HOUR, relay(NOW, worked=NOW + 50 * MINUTE)) == ["relay"]


def test_that_it_goes_well_again_is_told_though_something_still_fails(owner: Owner) -> None:
    owner.look(NOW, relay(NOW))
    assert owner.look(NOW + HOUR, relay(NOW)) == ["relay"]
    assert owner.look(NOW + 2 * HOUR, relay(NOW, worked=NOW + 90 * MINUTE)) == ["over relay"]
    assert owner.look(NOW + 4 * HOUR) == []


@pytest.mark.parametrize("kind", ["disabled", "digest", "quarantined"])
def test_what_stays_is_told_at_once_and_not_again(owner: Owner, kind: Any) -> None:
    sign = Sign(kind, kind, newest=NOW - MINUTE)
    assert owner.look(NOW, sign) == [kind]
    assert owner.look(NOW + 2 * DAY, sign) == []
    assert owner.look(NOW + 3 * DAY) == [f"over {kind}"]


def test_more_failed_digests_are_told_the_next_day(owner: Owner) -> None:
    assert owner.look(NOW, Sign("digest", "digest", newest=NOW - MINUTE)) == ["digest"]
    more = Sign("digest", "digest", count=2, newest=NOW + HOUR)
    assert owner.look(NOW + 2 * HOUR, more) == []
    assert owner.look(NOW + DAY, more) == ["digest"]
    assert owner.look(NOW + 2 * DAY, more) == []


def test_several_are_told_together_each_by_its_own_rule(owner: Owner) -> None:
    source = Sign("source:posts", "source", "posts", newest=NOW)
    owner.look(NOW, source, relay(NOW))
    assert owner.look(NOW + HOUR, source, relay(NOW), Sign("disabled:desk", "disabled", "desk")) == [
        "source:posts",
        "relay",
        "disabled:desk",
    ]
    assert owner.look(NOW + 2 * HOUR, relay(NOW)) == ["over source:posts", "over disabled:desk"]


def test_a_trouble_keeps_its_beginning_and_takes_the_newest_words() -> None:
    before = Trouble("relay", "relay", "", "421 busy", 3, since=NOW, said=NOW + HOUR)
    sign = Sign("relay", "relay", reason="450 later", count=9, newest=NOW + 2 * HOUR)
    decision = decide([sign], {"relay": before}, HOUR, NOW + 2 * HOUR)
    assert decision.known == (Trouble("relay", "relay", "", "450 later", 9, since=NOW, said=NOW + HOUR),)
