from __future__ import annotations

from typing import Any

import pytest

from syndicator.models import Subscription
from syndicator.policy.choosing import Announced, choose, covered, takes

SITE = ("site", "")


def announced(sequence: int, *feeds: tuple[str, str]) -> Announced:
    return Announced(sequence, sequence * 10, frozenset([SITE, *feeds]))


def daily(feed: str = "", **changes: Any) -> Subscription:
    return subscription("daily", feed, **changes)


def subscription(cadence: Any, feed: str = "", **changes: Any) -> Subscription:
    return Subscription(kind="category" if feed else "site", feed=feed, cadence=cadence, **changes)


TIDE = ("category", "潮汐")
POSTS = [announced(1), announced(2, TIDE), announced(3, ("tag", "潮汐")), announced(4, TIDE)]


@pytest.mark.parametrize(
    ("mine", "ids"),
    [
        pytest.param([daily()], (10, 20, 30, 40), id="the site, in the order of announcing"),
        pytest.param([daily("潮汐")], (20, 40), id="a category, not the tag of the same name"),
        pytest.param([daily("潮汐"), daily()], (10, 20, 30, 40), id="both, each post once"),
        pytest.param([daily("nothing yet")], (), id="a feed that does not exist"),
        pytest.param([daily(start=2, cursor=2)], (30, 40), id="what came after subscribing"),
        pytest.param([daily(cursor=3)], (40,), id="what the last digest did not cover"),
        pytest.param([daily("潮汐", cursor=2), daily(start=3)], (40,), id="two with different pasts"),
        pytest.param([daily(ended=True)], (), id="ended"),
        pytest.param([subscription("weekly")], (), id="another cadence"),
        pytest.param([], (), id="nothing"),
    ],
)
def test_a_digest_takes_what_its_subscriptions_take(mine: list[Subscription], ids: tuple[int, ...]) -> None:
    assert choose(mine, "daily", POSTS) == ids


@pytest.mark.parametrize(
    ("other", "ids"),
    [
        pytest.param(subscription("instant"), (), id="at once"),
        pytest.param(subscription("instant", start=2), (10, 20), id="at once, since the third"),
        pytest.param(subscription("instant", "潮汐"), (10, 30), id="a category at once"),
        pytest.param(subscription("weekly", cursor=2), (30, 40), id="in a weekly digest"),
        pytest.param(subscription("weekly", "潮汐", cursor=3), (10, 30, 40), id="a category in a weekly digest"),
        pytest.param(subscription("instant", ended=True, cursor=2), (30, 40), id="at once, until the third"),
        pytest.param(subscription("weekly", ended=True, cursor=2), (30, 40), id="in a weekly digest that ended"),
        pytest.param(subscription("weekly", ended=True), (10, 20, 30, 40), id="a weekly digest that never came"),
    ],
)
def test_what_another_cadence_delivered_is_left_out(other: Subscription, ids: tuple[int, ...]) -> None:
    assert choose([daily(), other], "daily", POSTS) == ids


def test_an_instant_subscription_covers_all_it_takes_and_a_digest_up_to_its_cursor() -> None:
    assert covered(subscription("instant"), announced(9))
    assert not covered(subscription("instant", start=9), announced(9))
    assert covered(subscription("weekly", cursor=9), announced(9))
    assert not covered(subscription("weekly", cursor=8), announced(9))


def test_a_feed_is_chosen_by_its_exact_name_or_slug() -> None:
    post = announced(1, ("category", "Tech Web"), ("category", "Tech-Web"))
    assert takes(daily("Tech Web"), post)
    assert takes(daily("Tech-Web"), post)
    assert not takes(daily("tech web"), post)
