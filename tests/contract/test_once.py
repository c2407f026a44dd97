"""Each post comes once, whatever changes between announcing it and sending the digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from syndicator.models import Recipient, Subscription
from syndicator.pipeline.enrolling import Enrolment, enrol, leave
from syndicator.pipeline.planning import plan
from syndicator.store import ledger, posts, recipients, upkeep
from tests.records import DAY, HOUR, NOW
from tests.stores import numbered

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.models import Cadence
    from syndicator.pipeline.enrolling import Choice
    from syndicator.policy.changes import Record
    from syndicator.store import Store

WHO = Recipient(0, "email", "wang@example.com", "Asia/Shanghai", "zh-CN")  # 08:00 there; NOW is 20:00 there
SITE: Choice = ("site", "")


def subscribe(store: Store, choice: Choice, cadence: Cadence, now: datetime = NOW) -> int:
    with store.write() as connection:
        return enrol(connection, Enrolment(WHO, "", [choice], cadence), now)


def announce(store: Store, number: int, now: datetime, **how: Any) -> tuple[int, Record]:
    with store.write() as connection:
        (sequence,) = posts.take_sequences(connection, 1)
        record = numbered(number, announce="announced", announce_seq=sequence, tags=(), **how)
        (post_id,) = posts.save(connection, [record])
        ledger.queue_post(connection, post_id, {"site": {""}, "category": set(record.categories)}, now)
    return post_id, record


def got(store: Store) -> list[int]:
    """Return the ids of the posts in all messages that were not withdrawn."""
    with store.read() as connection:
        rows = [row for row in upkeep.listing(connection) if row.state != "cancelled"]
        digests = ledger.digest_contents(connection, [row.digest_id for row in rows if row.digest_id])
    alone = [row.post_id for row in rows if row.post_id]
    return sorted(alone + [post_id for row in rows if row.digest_id for post_id in digests[row.digest_id][1]])


def test_a_post_that_changes_its_category_before_the_digest_comes_once(store: Store) -> None:
    subscribe(store, ("category", "A"), "instant")
    subscribe(store, ("category", "B"), "daily")
    post_id, record = announce(store, 1, NOW, categories=("A",))
    with store.write() as connection:
        posts.save(connection, [record._replace(id=post_id, categories=("B",))])
    plan(store, NOW + DAY)
    assert got(store) == [post_id]


def test_one_who_leaves_after_an_early_digest_and_comes_back_misses_nothing(store: Store) -> None:
    who = subscribe(store, SITE, "daily")
    announce(store, 1, NOW)
    plan(store, NOW + HOUR, early=True)  # takes the period of tomorrow 08:00
    leave(store, who, NOW + HOUR)
    subscribe(store, SITE, "daily", NOW + 2 * HOUR)
    second, _ = announce(store, 2, NOW + 3 * HOUR)
    for days in (1, 2, 3):
        plan(store, NOW + days * DAY)
    assert second in got(store)


def test_a_subscription_that_begins_anew_keeps_what_it_covered(store: Store) -> None:
    who = subscribe(store, SITE, "daily")
    subscribe(store, SITE, "weekly")
    first, _ = announce(store, 1, NOW)
    plan(store, NOW + DAY)  # the daily one
    with store.write() as connection:
        recipients.unsubscribe(connection, who, keep=[Subscription("site", "", "weekly")])
    subscribe(store, SITE, "daily", NOW + DAY)
    plan(store, NOW + 4 * DAY)
    assert got(store) == [first]
