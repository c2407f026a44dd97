"""Digests are planned by schedule, in sets: who gets one, with which posts, and what happens when it is late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from syndicator.models import Recipient
from syndicator.pipeline.enrolling import Enrolment, enrol
from syndicator.pipeline.planning import plan
from syndicator.store import ledger, plans, posts, recipients, upkeep
from tests.records import DAY, HOUR, MINUTE, NOW
from tests.stores import numbered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from syndicator.models import Cadence
    from syndicator.pipeline.enrolling import Choice
    from syndicator.store import Store

SITE: Choice = ("site", "")
EIGHT = NOW + 12 * HOUR  # 08:00 of 7 March in Shanghai; NOW is 20:00 of the 6th there


def enrolled(
    store: Store, name: str, *choices: Choice, cadence: Cadence = "daily", now: datetime = NOW, **how: Any
) -> int:
    who = Recipient(0, "email", f"{name}@x.example", "Asia/Shanghai", "zh-CN", **how)
    with store.write() as connection:
        return enrol(connection, Enrolment(who, "x.example", choices or [SITE], cadence), now)


def announced(store: Store, number: int, category: str = "甲") -> int:
    with store.write() as connection:
        (sequence,) = posts.take_sequences(connection, 1)
        record = numbered(number, announce="announced", announce_seq=sequence, categories=(category,), tags=())
        return posts.save(connection, [record])[0]


def digests(store: Store) -> dict[tuple[int, str], list[int]]:
    """Return (recipient, period) → ids of the posts."""
    with store.read() as connection:
        rows = upkeep.listing(connection, limit=None)
        contents = ledger.digest_contents(connection, {row.digest_id for row in rows})
    return {(row.recipient_id, contents[row.digest_id][0]): contents[row.digest_id][1] for row in rows}


@pytest.fixture
def statements(store: Store) -> Iterator[list[str]]:
    """Give the list to which every statement that writes is added."""
    seen: list[str] = []

    def record(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(store._database.writer, "before_cursor_execute", record)
    yield seen
    event.remove(store._database.writer, "before_cursor_execute", record)


def test_nobody_who_joins_later_gets_what_was_announced_before(store: Store) -> None:
    one = enrolled(store, "one")
    first = announced(store, 1)
    two = enrolled(store, "two")
    second = announced(store, 2)
    assert plan(store, EIGHT) == 2
    assert digests(store) == {(one, "2026-03-07"): [first, second], (two, "2026-03-07"): [second]}


def test_each_gets_what_its_own_subscriptions_take(store: Store) -> None:
    taken: Choice = ("category", "甲")
    more: Choice = ("category", "乙")
    one, both, also = enrolled(store, "a", taken), enrolled(store, "b", taken, more), enrolled(store, "c", taken)
    enrolled(store, "c", more, cadence="instant")
    first, second = announced(store, 1, "甲"), announced(store, 2, "乙")
    plan(store, EIGHT)
    period = "2026-03-07"
    assert digests(store) == {(one, period): [first], (both, period): [first, second], (also, period): [first]}


def test_names_that_read_like_several_subscriptions_are_one_name(store: Store) -> None:
    enrolled(store, "plain", ("category", "甲"), ("category", "乙"))
    odd = enrolled(store, "odd", ("category", "甲:0\ntakes:category:1:乙"))
    announced(store, 1, "甲")
    assert plan(store, EIGHT) == 1
    assert not [recipient for recipient, _ in digests(store) if recipient == odd]


def test_a_period_is_planned_once_and_an_empty_one_passes(store: Store) -> None:
    enrolled(store, "one")
    assert plan(store, EIGHT) == 0
    announced(store, 1)
    assert plan(store, EIGHT + HOUR) == 0
    assert plan(store, EIGHT + DAY) == 1
    assert plan(store, EIGHT + DAY + HOUR) == 0


def test_what_another_planner_has_planned_meanwhile_is_left_alone(store: Store) -> None:
    enrolled(store, "one")
    with store.write() as connection:
        (schedule,) = plans.listing(connection)
        assert plans.pass_period(connection, schedule, "2026-03-07")
        assert not plans.pass_period(connection, schedule, "2026-03-07")


def test_one_who_was_paused_gets_all_with_the_next_digest(store: Store) -> None:
    who = enrolled(store, "one")
    with store.write() as connection:
        recipients.set_state(connection, who, "paused")
    first = announced(store, 1)
    assert plan(store, EIGHT) == 0
    with store.write() as connection:
        recipients.set_state(connection, who, "active")
    second = announced(store, 2)
    assert plan(store, EIGHT + DAY) == 1
    assert digests(store) == {(who, "2026-03-08"): [first, second]}


def test_one_who_moves_the_hour_has_one_digest_a_day(store: Store) -> None:
    who = enrolled(store, "one", at="08:00")
    announced(store, 1)
    assert plan(store, EIGHT) == 1
    enrolled(store, "one", at="20:00", now=EIGHT + HOUR)
    announced(store, 2)
    assert plan(store, EIGHT + 12 * HOUR) == 0
    assert plan(store, EIGHT + 36 * HOUR) == 1
    assert [period for _, period in digests(store)] == ["2026-03-08", "2026-03-07"]
    assert {recipient for recipient, _ in digests(store)} == {who}


@pytest.mark.parametrize(
    ("catch_up", "expected"),
    [
        ("late", {"2026-03-09": [1], "2026-03-10": [2]}),
        ("merge", {"2026-03-10": [1, 2]}),
        ("skip", {"2026-03-10": [2]}),
    ],
)
def test_after_two_days_of_downtime(store: Store, catch_up: Any, expected: dict[str, list[int]]) -> None:
    enrolled(store, "one")
    announced(store, 1)
    plan(store, EIGHT + 2 * DAY + 2 * HOUR, catch_up=catch_up)
    announced(store, 2)
    plan(store, EIGHT + 3 * DAY, catch_up=catch_up)
    assert {period: posts for (_, period), posts in digests(store).items()} == expected


@pytest.mark.parametrize("catch_up", ["late", "merge", "skip"])
def test_a_few_minutes_are_not_late(store: Store, catch_up: Any) -> None:
    enrolled(store, "one")
    announced(store, 1)
    assert plan(store, EIGHT + 59 * MINUTE, catch_up=catch_up) == 1


def test_a_clock_that_was_a_year_ahead_neither_repeats_nor_blocks(store: Store) -> None:
    who = enrolled(store, "one")
    first = announced(store, 1)
    assert plan(store, EIGHT + 365 * DAY) == 1  # as far as it can tell, a year of downtime
    second = announced(store, 2)
    assert [plan(store, EIGHT + hours * HOUR) for hours in (1, 2, 23, 24, 25)] == [0, 0, 0, 1, 0]
    assert digests(store) == {(who, "2027-03-07"): [first], (who, "2026-03-08"): [second]}


def test_a_clock_that_is_set_back_over_the_hour_sends_no_second_digest(store: Store) -> None:
    who = enrolled(store, "one")
    first = announced(store, 1)
    assert plan(store, EIGHT) == 1
    assert plan(store, EIGHT - HOUR) == 0
    second = announced(store, 2)
    assert plan(store, EIGHT) == 0
    assert plan(store, EIGHT + DAY) == 1
    assert digests(store) == {(who, "2026-03-07"): [first], (who, "2026-03-08"): [second]}


def test_a_thousand_readers_cost_as_many_statements_as_ten(store: Store, statements: list[str]) -> None:
    needed = []
    for number, readers in enumerate((10, 1000)):
        for reader in range(readers):
            enrolled(store, f"{number}-{reader}", now=NOW + number * DAY)
        announced(store, number)
        statements.clear()
        assert plan(store, EIGHT + number * DAY) >= readers
        needed.append(len(statements))
    # The ten of the first day have other cursors than those who joined since: one signature more.
    assert needed[1] <= needed[0] + 5
