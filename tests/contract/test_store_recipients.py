"""What the store keeps of recipients and their subscriptions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from syndicator.models import Recipient, Subscription
from syndicator.store import posts, recipients
from tests.records import NOW
from tests.stores import ODD, add_recipient, add_subscriber

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from syndicator.store import Store


def test_a_recipient_comes_back_with_every_field(store: Store) -> None:
    new = Recipient(
        id=0, channel="webhook", name=f"Desk {ODD}", zone="Asia/Shanghai", language="zh-CN", at="07:30", day="friday",
        declared=True, options={"url": "https://hooks.example/海", "secret": None, "nested": {"a": [1, True]}},
    )  # fmt: skip
    with store.write() as connection:
        recipient_id = recipients.save(connection, new, budget_key="hooks.example", now=NOW)
    with store.read() as connection:
        assert recipients.get(connection, recipient_id) == replace(new, id=recipient_id)
        assert recipients.get(connection, recipient_id + 1) is None


@pytest.mark.parametrize("name", ["Wang.Fang@example.com", "wang.fang@example.com", "WANG.FANG@EXAMPLE.COM"])
def test_a_recipient_is_found_by_its_name_in_any_case(store: Store, name: str) -> None:
    with store.write() as connection:
        recipient_id = add_recipient(connection, "Wang.Fang@example.com")
        found = recipients.find(connection, name)
        assert found is not None
        assert (found.id, found.name) == (recipient_id, "Wang.Fang@example.com")
        assert recipients.find(connection, "wang@example.com") is None


def test_saving_again_brings_the_same_recipient_up_to_date_and_active(store: Store) -> None:
    with store.write() as connection:
        first = add_recipient(connection, "wang@example.com", at="08:00")
        recipients.set_state(connection, first, "paused", "by the owner")
        assert recipients.get(connection, first).state_reason == "by the owner"  # type: ignore[union-attr]
        assert add_recipient(connection, "WANG@example.com", at="09:15") == first
        (found,) = recipients.listing(connection, email=True)
        assert (found.name, found.at, found.state, found.state_reason) == ("WANG@example.com", "09:15", "active", "")


def test_subscribers_and_endpoints_are_listed_apart_by_name(store: Store) -> None:
    with store.write() as connection:
        for name in ("b@x.example", "a@x.example"):
            add_recipient(connection, name)
        for name, channel in (("desk", "feishu"), ("ci", "webhook")):
            add_recipient(connection, name, channel)
        assert [item.name for item in recipients.listing(connection, email=True)] == ["a@x.example", "b@x.example"]
        assert [item.name for item in recipients.listing(connection, email=False)] == ["ci", "desk"]


def mine(connection: Connection, recipient_id: int) -> list[Subscription]:
    return recipients.subscriptions_of(connection, [recipient_id]).get(recipient_id, [])


DAILY = Subscription("category", "甲", "daily", start=3, cursor=3)
WEEKLY = Subscription("site", "", "weekly", start=3, cursor=3)
INSTANT = Subscription("tag", "潮汐", "instant", start=3)


def test_subscriptions_add_up_and_those_there_stay_as_they_are(store: Store) -> None:
    with store.write() as connection:
        who = add_recipient(connection)
        recipients.subscribe(connection, who, [DAILY])
        recipients.subscribe(connection, who, [replace(DAILY, start=9, cursor=9), WEEKLY, INSTANT])
        assert mine(connection, who) == [DAILY, WEEKLY, INSTANT]


def test_an_ended_subscription_begins_anew(store: Store) -> None:
    anew = replace(DAILY, start=9, cursor=9)
    with store.write() as connection:
        who = add_recipient(connection)
        recipients.subscribe(connection, who, [DAILY, WEEKLY])
        assert recipients.unsubscribe(connection, who) == 2
        recipients.subscribe(connection, who, [anew])
        # What ended stays, for what it covered.
        assert mine(connection, who) == [replace(DAILY, ended=True), replace(WEEKLY, ended=True), anew]


def test_unsubscribing_keeps_what_is_asked_for_and_what_was_covered(store: Store) -> None:
    with store.write() as connection:
        posts.take_sequences(connection, 8)
        who, other = add_recipient(connection), add_subscriber(connection, "other@example.com")
        recipients.subscribe(connection, who, [DAILY, WEEKLY, INSTANT])
        assert recipients.unsubscribe(connection, who, keep=[replace(WEEKLY, start=9)]) == 2
        # A digest has covered what its cursor says, an instant subscription all up to now.
        assert mine(connection, who) == [
            replace(DAILY, ended=True), WEEKLY, replace(INSTANT, ended=True, cursor=8),
        ]  # fmt: skip
        assert recipients.unsubscribe(connection, who, keep=[WEEKLY]) == 0
        assert not mine(connection, other)[0].ended


def test_options_are_replaced_as_a_whole(store: Store) -> None:
    with store.write() as connection:
        who = add_recipient(connection, "desk", "webhook", options={"url": "https://a.example", "secret": "old"})
        recipients.set_options(connection, who, {"secret": "new"})
        assert recipients.get(connection, who).options == {"secret": "new"}  # type: ignore[union-attr]


def test_a_recipient_that_is_removed_is_forgotten(store: Store) -> None:
    with store.write() as connection:
        who = add_subscriber(connection)
        recipients.remove(connection, who)
        assert recipients.find(connection, "wang@example.com") is None
        assert mine(connection, who) == []
