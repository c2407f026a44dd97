from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, func, select

from syndicator.models import RecipientState, Subscription
from syndicator.store import Store, alerts, ledger, posts, recipients, upkeep
from syndicator.store import tables as t
from tests.records import DAY, HOUR, MINUTE, NOW
from tests.stores import add_post, add_recipient, add_subscriber, queue_digest, together

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from syndicator.models import Delivery, DeliveryState, FeedKind

LEASE = 2 * MINUTE
SITE: Mapping[FeedKind, set[str]] = {"site": {""}}


def queue(connection: Connection, post_id: int, now: datetime = NOW, feeds: Any = SITE) -> int:
    return ledger.queue_post(connection, post_id, feeds, now)


def claim(connection: Connection, now: datetime = NOW, token: str = "us/1", limit: int = 50) -> list[Delivery]:
    return ledger.claim(connection, now, now + LEASE, token, limit)


def settle(
    connection: Connection, item: Delivery, state: DeliveryState, due: datetime = NOW, now: datetime = NOW
) -> int:
    return ledger.settle(connection, item.token, [(item.id, state, due, f"said {state}")], now)


def queued(connection: Connection, number: int) -> None:
    """Queue so many posts, due one minute after the other, for one subscriber."""
    add_subscriber(connection)
    for turn in range(number):
        assert queue(connection, add_post(connection, turn), NOW + turn * MINUTE) == 1


def spread(connection: Connection, number: int) -> None:
    """Queue so many posts, due one minute after the other, each for a subscriber of its own."""
    for turn in range(number):
        add_subscriber(connection, f"{turn}@reader.example", feed=f"only-{turn}")
        assert queue(connection, add_post(connection, turn), NOW + turn * MINUTE, {"category": [f"only-{turn}"]}) == 1


def states(connection: Connection) -> list[str]:
    return [row.state for row in reversed(upkeep.listing(connection))]


# Queueing a post: who gets it


@pytest.mark.parametrize(
    ("subscription", "gets"),
    [
        pytest.param({}, True, id="the site"),
        pytest.param({"feed": "海滨晚报"}, True, id="its category by name"),
        pytest.param({"feed": "hai-bin"}, True, id="its category by slug"),
        pytest.param({"feed": "other"}, False, id="another category"),
        pytest.param({"feed": "潮汐"}, False, id="a category with the name of its tag"),
        pytest.param({"feed": "潮汐", "kind": "tag"}, True, id="its tag"),
        pytest.param({"feed": "海滨晚报", "kind": "tag"}, False, id="a tag with the name of its category"),
        pytest.param({"cadence": "daily"}, False, id="daily"),
        pytest.param({"cadence": "weekly"}, False, id="weekly"),
        pytest.param({"ended": True}, False, id="ended"),
    ],
)
def test_a_post_goes_to_those_who_chose_its_feeds_at_once(
    store: Store, subscription: dict[str, Any], gets: bool
) -> None:
    feeds = {"site": {""}, "category": {"海滨晚报", "hai-bin"}, "tag": {"潮汐"}}
    with store.write() as connection:
        add_subscriber(connection, **subscription)
        assert queue(connection, add_post(connection), feeds=feeds) == gets


@pytest.mark.parametrize(("state", "gets"), [("active", True), ("paused", True), ("disabled", False)])
def test_what_is_due_waits_for_the_paused_and_is_not_for_the_disabled(
    store: Store, state: RecipientState, gets: bool
) -> None:
    with store.write() as connection:
        who = add_subscriber(connection)
        recipients.set_state(connection, who, state)
        assert queue(connection, add_post(connection)) == gets
        assert len(claim(connection)) == (state == "active")
        recipients.set_state(connection, who, "active")
        assert len(claim(connection, NOW + HOUR)) == gets


def test_a_post_is_queued_once_for_all_who_want_it(store: Store) -> None:
    with store.write() as connection:
        for name in ("a@x.example", "b@x.example", "c@x.example"):
            add_subscriber(connection, name)
        both = add_subscriber(connection, "a@x.example", "甲")
        post_id = add_post(connection)
        feeds = {"site": {""}, "category": {"甲"}}
        assert queue(connection, post_id, feeds=feeds) == 3
        assert queue(connection, post_id, NOW + DAY, feeds) == 0
        add_subscriber(connection, "d@x.example")
        assert queue(connection, post_id, NOW + DAY, feeds) == 1
        assert Counter(item.recipient.id for item in claim(connection, NOW + DAY))[both] == 1


def test_a_queued_delivery_says_what_it_is(store: Store) -> None:
    with store.write() as connection:
        who = add_recipient(connection, "Wang@Example.com", at="07:00", options={"a": ["海"]})
        recipients.subscribe(connection, who, [Subscription("site", "", "instant")])
        post_id = add_post(connection)
        queue(connection, post_id)
        (row,) = upkeep.listing(connection)
        assert (row.kind, row.state, row.attempts, row.due, row.created) == ("post", "queued", 0, NOW, NOW)
        assert (row.name, row.channel, row.budget_key) == ("Wang@Example.com", "email", "Example.com")
        assert row.settled is None
        assert upkeep.show(connection, row.id) == row
        assert upkeep.show(connection, row.id + 1) is None
        (item,) = claim(connection)
        assert (item.id, item.kind, item.token, item.attempts, item.created) == (row.id, "post", "us/1", 1, NOW)
        assert (item.post_id, item.digest_id, item.unique_key) == (post_id, None, row.unique_key)
        assert item.recipient == recipients.get(connection, who)


# Queueing a digest


def test_a_digest_is_queued_once_for_a_recipient_and_a_period(store: Store) -> None:
    with store.write() as connection:
        one = add_subscriber(connection, "a@x.example", cadence="daily")
        first, second = add_post(connection, 1), add_post(connection, 2)
        assert queue_digest(connection, "2026-03-06", [first]) == 1
        two = add_subscriber(connection, "b@x.example", cadence="daily")
        assert queue_digest(connection, "2026-03-06", [first]) == 1
        assert queue_digest(connection, "2026-03-06", [first, second]) == 0
        recipients.set_state(connection, two, "paused")
        assert queue_digest(connection, "2026-W10", [second, first]) == 1
        recipients.set_state(connection, two, "active")
        taken = claim(connection)
        assert [(item.kind, item.recipient.id) for item in taken] == [("digest", one), ("digest", two), ("digest", one)]
        shared, also_shared, weekly = (item.digest_id for item in taken)
        assert shared == also_shared
        contents = ledger.digest_contents(connection, {shared, weekly, 999})  # type: ignore[arg-type]
        assert contents == {shared: ("2026-03-06", [first]), weekly: ("2026-W10", [first, second])}


def test_a_digest_may_go_to_more_recipients_than_a_statement_has_parameters(store: Store) -> None:
    with store.write() as connection:
        for number in range(950):
            add_subscriber(connection, f"{number}@x.example", cadence="daily")
        assert queue_digest(connection, "2026-03-06", [add_post(connection)]) == 950


# Claiming


def test_the_longest_due_are_claimed_first_up_to_the_limit(store: Store) -> None:
    with store.write() as connection:
        spread(connection, 5)
        first = claim(connection, NOW + 3 * MINUTE, "us/1", limit=3)
        second = claim(connection, NOW + 3 * MINUTE, "us/2", limit=3)
        assert [item.unique_key.rpartition(":")[2] for item in (*first, *second)] == ["1", "2", "3", "4"]
        assert claim(connection, NOW + 3 * MINUTE, "us/3") == []
        assert len(claim(connection, NOW + 4 * MINUTE, "us/3")) == 1


def test_one_who_is_being_sent_to_is_left_alone(store: Store) -> None:
    with store.write() as connection:
        queued(connection, 2)
        (first,) = claim(connection, limit=1)
        assert claim(connection, NOW + MINUTE, "them/1") == []
        settle(connection, first, "sent")
        assert len(claim(connection, NOW + MINUTE, "them/1")) == 1


def test_a_lease_that_ran_out_is_another_try_for_whoever_comes(store: Store) -> None:
    with store.write() as connection:
        queued(connection, 1)
        (dead,) = claim(connection)
        assert claim(connection, NOW + LEASE, "them/1") == []
        (taken,) = claim(connection, NOW + LEASE + MINUTE, "them/1")
        assert (taken.id, taken.token, taken.attempts, taken.unique_key) == (dead.id, "them/1", 2, dead.unique_key)


def test_concurrent_claimers_never_get_the_same_delivery(store: Store) -> None:
    with store.write() as connection:
        for number in range(40):
            add_subscriber(connection, f"{number}@x.example")
        for number in range(5):
            queue(connection, add_post(connection, number))

    def work(worker: int) -> list[int]:
        taken: list[int] = []
        while True:
            with store.write() as connection:
                batch = claim(connection, token=f"worker-{worker}", limit=7)
            if not batch:
                return taken
            with store.write() as connection:
                ledger.settle(connection, f"worker-{worker}", [(item.id, "sent", NOW, "") for item in batch], NOW)
            taken.extend(item.id for item in batch)

    everything = [one for taken in together(4, work) for one in taken]
    assert len(everything) == len(set(everything)) == 200
    with store.read() as connection:
        assert upkeep.counts(connection) == {"sent": 200}
        attempts = connection.execute(select(func.max(t.deliveries.c.attempts))).scalar()
    assert attempts == 1


def test_concurrent_claimers_never_send_to_one_recipient_at_once(store: Store) -> None:
    with store.write() as connection:
        for number in range(3):
            add_subscriber(connection, f"{number}@x.example")
        for number in range(20):
            queue(connection, add_post(connection, number))
    in_hand, twice = set[int](), list[int]()

    def work(worker: int) -> None:
        for turn in range(40):
            token = f"{worker}/{turn}"
            with store.write(alone=False) as connection:
                batch = claim(connection, token=token, limit=2)
            taken = {item.recipient.id for item in batch}
            twice.extend(taken & in_hand)
            in_hand.update(taken)
            time.sleep(0.002)
            in_hand.difference_update(taken)
            with store.write(alone=False) as connection:
                ledger.settle(connection, token, [(item.id, "sent", NOW, "") for item in batch], NOW)

    together(4, work)
    with store.read() as connection:
        assert upkeep.counts(connection) == {"sent": 60}
    assert twice == []


# Leases


def test_a_lease_impossibly_far_ahead_was_made_by_a_clock_that_had_jumped(store: Store) -> None:
    with store.write() as connection:
        queued(connection, 1)
        claim(connection, NOW + HOUR)
        assert claim(connection, NOW + HOUR - LEASE, "them/1") == []  # clocks that differ a little
        (taken,) = claim(connection, NOW, "them/1")
        assert taken.attempts == 2


def test_a_lease_that_is_renewed_is_kept(store: Store) -> None:
    with store.write() as connection:
        spread(connection, 3)
        claim(connection, NOW + MINUTE)
        assert ledger.renew(connection, "us/1", NOW + HOUR) == 2
        assert ledger.renew(connection, "them/1", NOW + HOUR) == 0
        taken = claim(connection, NOW + HOUR, "them/1")
        assert [item.attempts for item in taken] == [1]  # the third; the leases of the others run until this moment


def test_leases_of_the_dead_are_given_back_at_once_as_unknown(store: Store) -> None:
    with store.write() as connection:
        spread(connection, 2)
        (dead,) = claim(connection, token="dead/1", limit=1)
        (alive,) = claim(connection, NOW + MINUTE, token="alive/1", limit=1)
        assert sorted(ledger.lease_tokens(connection)) == ["alive/1", "dead/1"]
        assert ledger.release(connection, ["dead/1", "nobody/1"]) == 1
        assert states(connection) == ["unknown", "leased"]
        (again,) = claim(connection, NOW + MINUTE, token="us/1")
        assert (again.id, again.attempts) == (dead.id, 2)
        assert settle(connection, dead, "sent") == 0
        assert settle(connection, alive, "sent") == 1


# Settling


@pytest.mark.parametrize("state", ["sent", "failed", "cancelled"])
def test_what_is_settled_is_over(store: Store, state: DeliveryState) -> None:
    with store.write() as connection:
        queued(connection, 1)
        (item,) = claim(connection)
        assert settle(connection, item, state, now=NOW + MINUTE) == 1
        (row,) = upkeep.listing(connection)
        assert (row.state, row.reply, row.settled) == (state, f"said {state}", NOW + MINUTE)
        assert (row.lease_until, row.lease_token) == (None, None)
        assert claim(connection, NOW + 365 * DAY) == []


@pytest.mark.parametrize("state", ["queued", "unknown"])
def test_what_is_to_be_tried_again_waits_until_it_is_due(store: Store, state: DeliveryState) -> None:
    with store.write() as connection:
        queued(connection, 1)
        (item,) = claim(connection)
        assert settle(connection, item, state, due=NOW + HOUR) == 1
        (row,) = upkeep.listing(connection, state=state)
        assert (row.due, row.settled, row.reply) == (NOW + HOUR, None, f"said {state}")
        assert claim(connection, NOW + HOUR - MINUTE) == []
        (again,) = claim(connection, NOW + HOUR)
        assert (again.id, again.attempts, again.unique_key) == (item.id, 2, item.unique_key)


def test_a_worker_that_was_too_slow_settles_nothing(store: Store) -> None:
    with store.write() as connection:
        queued(connection, 1)
        (slow,) = claim(connection, token="slow/1")
        (quick,) = claim(connection, NOW + HOUR, token="quick/1")
        assert settle(connection, slow, "failed") == 0
        assert states(connection) == ["leased"]
        assert settle(connection, quick, "sent") == 1
        assert settle(connection, quick, "failed") == 0
        assert states(connection) == ["sent"]


def test_many_are_settled_at_once(store: Store) -> None:
    with store.write() as connection:
        queued(connection, 3)
        one, two, three = claim(connection, NOW + HOUR)
        results: list[tuple[int, DeliveryState, datetime, str]] = [
            (one.id, "sent", NOW, "250 ok"), (two.id, "failed", NOW, "海"), (three.id, "queued", NOW + DAY, "later"),
            (999, "sent", NOW, ""),
        ]  # fmt: skip
        assert ledger.settle(connection, "us/1", results, NOW) == 3
        assert states(connection) == ["sent", "failed", "queued"]
        assert ledger.settle(connection, "us/1", [], NOW) == 0


# What the owner can do


def test_what_waits_is_withdrawn_and_what_is_on_its_way_is_not(store: Store) -> None:
    with store.write() as connection:
        queued(connection, 3)
        unknown, _ = claim(connection, NOW + MINUTE)
        settle(connection, unknown, "unknown")
        everything = t.deliveries.c.id > 0
        assert upkeep.cancel(connection, everything, NOW + HOUR) == 2
        assert states(connection) == ["cancelled", "leased", "cancelled"]
        assert upkeep.cancel(connection, everything, NOW + HOUR) == 0
        assert [row.settled for row in upkeep.listing(connection, state="cancelled")] == [NOW + HOUR] * 2


def test_only_one_recipients_messages_are_withdrawn(store: Store) -> None:
    with store.write() as connection:
        one, two = (add_subscriber(connection, name) for name in ("a@x.example", "b@x.example"))
        queue(connection, add_post(connection))
        assert upkeep.cancel(connection, upkeep.of_recipient(one), NOW) == 1
        assert [item.recipient.id for item in claim(connection)] == [two]


def test_what_ended_is_queued_again_with_all_its_tries(store: Store) -> None:
    with store.write() as connection:
        queued(connection, 5)
        items = claim(connection, NOW + 4 * MINUTE)
        ends: list[DeliveryState] = ["failed", "cancelled", "unknown", "sent"]
        for item, state in zip(items, ends, strict=False):
            settle(connection, item, state, due=NOW + DAY)
        assert upkeep.retry(connection, [*(item.id for item in items), 999], NOW + HOUR) == 3
        assert states(connection) == ["queued", "queued", "queued", "sent", "leased"]
        rows = {row.id: row for row in upkeep.listing(connection, state="queued")}
        assert rows.keys() == {item.id for item in items[:3]}
        assert {(row.attempts, row.due, row.settled) for row in rows.values()} == {(0, NOW + HOUR, None)}


def test_everything_that_failed_can_be_queued_again_after_a_long_outage(store: Store) -> None:
    with store.write() as connection:
        queued(connection, 1)
        (item,) = claim(connection)
        settle(connection, item, "failed")
        assert upkeep.retry(connection, range(70_000), NOW) == 1


def test_what_a_clock_that_was_ahead_has_queued_is_sent_now(store: Store) -> None:
    with store.write() as connection:
        add_subscriber(connection)
        for number, wait in enumerate((1, 3, 8), 1):
            queue(connection, add_post(connection, number), NOW)
            (item,) = claim(connection)
            ledger.settle(connection, item.token, [(item.id, "queued", NOW + wait * DAY, "later")], NOW)
        queue(connection, add_post(connection, 4), NOW + 365 * DAY)
        assert upkeep.hasten(connection, NOW + HOUR) == 2
        waiting = [row.due for row in upkeep.listing(connection)]
        assert waiting == [NOW + HOUR, NOW + HOUR, NOW + 3 * DAY, NOW + DAY]


# Withdrawing a post


@pytest.mark.parametrize("by", ["path", "entry_id"])
def test_a_withdrawn_post_goes_to_nobody_any_more(store: Store, by: str) -> None:
    with store.write() as connection:
        for name in ("a@x.example", "b@x.example"):
            add_subscriber(connection, name, cadence="daily", also="instant")
        post_id = add_post(connection, 1, announce="announced", announce_seq=1)
        other = add_post(connection, 2, announce="announced", announce_seq=2)
        queue(connection, post_id)
        (sent,) = claim(connection, limit=1)
        settle(connection, sent, "sent")
        queue_digest(connection, "2026-03-06", [post_id, other])
        record = posts.records(connection, "posts", ["_posts/1.md"])["_posts/1.md"]
        assert upkeep.withdraw(connection, getattr(record, by), NOW) == 1
        assert states(connection) == ["sent", "cancelled", "queued", "queued"]
        assert [row.id for row in posts.announced_since(connection, 0)] == [other]
        digest_ids = [item.digest_id for item in claim(connection) if item.digest_id]
        assert ledger.digest_contents(connection, digest_ids) == {digest_ids[0]: ("2026-03-06", [other])}


def test_a_post_that_waits_to_be_announced_never_is_once_withdrawn(store: Store) -> None:
    with store.write() as connection:
        add_post(connection)
        assert upkeep.withdraw(connection, "_posts/1.md", NOW) == 0
        assert posts.pending(connection, "posts") == []


def test_a_digest_that_was_sent_keeps_its_posts(store: Store) -> None:
    with store.write() as connection:
        add_subscriber(connection, cadence="daily")
        post_id = add_post(connection)
        queue_digest(connection, "2026-03-06", [post_id])
        (item,) = claim(connection)
        settle(connection, item, "sent")
        upkeep.withdraw(connection, "_posts/1.md", NOW)
        assert ledger.digest_contents(connection, [item.digest_id or 0]) == {item.digest_id: ("2026-03-06", [post_id])}


def test_no_post_is_withdrawn_where_there_is_none(store: Store) -> None:
    with store.write() as connection:
        assert upkeep.withdraw(connection, "_posts/nothing.md", NOW) is None


# Retention


def test_old_deliveries_are_deleted_and_never_queued_again(store: Store) -> None:
    with store.write() as connection:
        add_subscriber(connection, cadence="daily", also="instant")
        post_id = add_post(connection)
        queue(connection, post_id)
        queue_digest(connection, "2026-03-06", [post_id])
        for item, state in zip(claim(connection), ("sent", "failed"), strict=True):
            settle(connection, item, state, now=NOW + HOUR)  # type: ignore[arg-type]
        assert upkeep.purge(connection, NOW + HOUR) == 0
        assert upkeep.purge(connection, NOW + DAY) == 2
        assert upkeep.listing(connection) == []
        assert queue(connection, post_id, NOW + 100 * DAY) == 0
        assert queue_digest(connection, "2026-03-06", [post_id]) == 0
        assert queue(connection, add_post(connection, 2), NOW + 100 * DAY) == 1
        assert queue_digest(connection, "2026-03-07", [post_id]) == 1


def test_what_is_not_settled_is_never_deleted(store: Store) -> None:
    with store.write() as connection:
        queued(connection, 3)
        unknown, _ = claim(connection, NOW + MINUTE)
        settle(connection, unknown, "unknown")
        assert upkeep.purge(connection, NOW + 1000 * DAY) == 0
        assert upkeep.counts(connection) == {"unknown": 1, "leased": 1, "queued": 1}


def test_a_recipient_that_is_removed_leaves_nothing_in_the_ledger(store: Store) -> None:
    with store.write() as connection:
        gone, stays = (add_subscriber(connection, name) for name in ("a@x.example", "b@x.example"))
        queue(connection, add_post(connection))
        upkeep.forget(connection, gone)
        recipients.remove(connection, gone)
        assert [item.recipient.id for item in claim(connection)] == [stays]


def test_another_who_gets_the_id_of_one_removed_is_told_everything(store: Store) -> None:
    with store.write() as connection:
        gone = add_subscriber(connection, "a@x.example")
        post_id = add_post(connection)
        queue(connection, post_id)
        settle(connection, claim(connection)[0], "sent")
        upkeep.purge(connection, NOW + DAY)
        upkeep.forget(connection, gone)
        recipients.remove(connection, gone)
        again = add_subscriber(connection, "b@x.example")
        assert (again == gone) == (connection.dialect.name == "sqlite")  # which gives the highest number again
        assert queue(connection, post_id) == 1


def test_digests_and_alerts_that_no_delivery_is_about_are_deleted(store: Store) -> None:
    with store.write() as connection:
        who, post_id = add_subscriber(connection, cadence="daily"), add_post(connection)
        queue_digest(connection, "2026-03-06", [post_id])
        add_subscriber(connection, "b@x.example", cadence="daily")
        queue_digest(connection, "2026-03-07", [post_id])
        connection.execute(delete(t.deliveries).where(t.deliveries.c.unique_key == f"digest:{who + 1}:2026-03-06"))
        alerts.queue(connection, alerts.Alert((), "UTC", "en"), who, NOW)
        mine = [item for item in claim(connection) if item.recipient.id == who]
        for item in mine:
            settle(connection, item, "sent")
        assert upkeep.purge(connection, NOW + DAY) == 3
        left = [row.digest_id for row in upkeep.listing(connection)]
        assert len(left) == 1
        assert connection.execute(select(t.digests.c.id)).scalars().all() == left
        assert connection.execute(select(t.digest_posts.c.digest_id)).scalars().all() == left
        assert connection.execute(select(func.count()).select_from(t.alerts)).scalar() == 0


def test_a_digest_that_was_made_just_now_is_kept(store: Store) -> None:
    with store.write() as connection:
        ledger.digest(connection, "2026-03-06", [add_post(connection)], NOW)
        upkeep.purge(connection, NOW)
        assert connection.execute(select(func.count()).select_from(t.digests)).scalar() == 1


# Looking at it


def test_the_newest_are_listed_first(store: Store) -> None:
    with store.write() as connection:
        queued(connection, 4)
        (item,) = claim(connection)
        settle(connection, item, "failed")
        ids = [row.id for row in upkeep.listing(connection)]
        assert ids == sorted(ids, reverse=True)
        assert [row.id for row in upkeep.listing(connection, limit=2)] == ids[:2]
        assert [row.id for row in upkeep.listing(connection, state="failed")] == [item.id]
        assert upkeep.listing(connection, state="sent") == []
        assert upkeep.counts(connection) == {"failed": 1, "queued": 3}


def test_they_are_listed_by_recipient_and_time(store: Store) -> None:
    with store.write() as connection:
        add_subscriber(connection, "a@x.example")
        add_subscriber(connection, "b@x.example")
        for turn in range(2):
            queue(connection, add_post(connection, turn), NOW + turn * HOUR)
        assert [row.name for row in upkeep.listing(connection, to="A@X.example")] == ["a@x.example"] * 2
        assert [row.created for row in upkeep.listing(connection, since=NOW + MINUTE)] == [NOW + HOUR] * 2
        assert len(upkeep.listing(connection, to="a@x.example", since=NOW + HOUR, state="queued")) == 1
        assert upkeep.listing(connection, to="nobody") == []


def test_what_can_be_sent_again_is_what_failed_or_waits_for_another_try(store: Store) -> None:
    with store.write() as connection:
        queued(connection, 5)
        states: tuple[DeliveryState, ...] = ("failed", "queued", "unknown", "sent")
        for turn, state in enumerate(states):
            (item,) = claim(connection, NOW + DAY, f"us/{turn}", 1)
            settle(connection, item, state, NOW + 2 * DAY)
        failed, queued_again, unknown, _sent, _never_tried = sorted(row.id for row in upkeep.listing(connection))
        assert upkeep.unsent(connection) == [failed, queued_again, unknown]
        assert upkeep.unsent(connection, failed_only=True) == [failed]
        assert upkeep.unsent(connection, since=NOW + MINUTE) == [queued_again, unknown]
        assert upkeep.unsent(connection, to="nobody") == []
