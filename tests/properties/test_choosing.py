"""Whatever a person subscribes to, and whenever it is planned: every post comes, and comes once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from syndicator.models import Recipient
from syndicator.pipeline.enrolling import Enrolment, enrol
from syndicator.pipeline.planning import plan
from syndicator.policy import calendar
from syndicator.store import ledger, posts, recipients, upkeep
from syndicator.store.tables import schedules
from tests.records import DAY, HOUR, NOW
from tests.stores import numbered

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from syndicator.models import Cadence, FeedKind, Subscription
    from syndicator.store import Store

AT, WEEKDAY, ZONE = "08:00", "monday", "Asia/Shanghai"
numbers = count()

feeds = st.sampled_from([("site", ""), ("category", "甲"), ("category", "乙"), ("tag", "甲")])
chosen = st.tuples(feeds, st.sampled_from(["instant", "daily", "weekly"]))
some = st.sampled_from([("甲",), ("乙",), ("甲", "乙"), ()])
steps = st.one_of(
    st.tuples(st.just("subscribe"), chosen),
    st.tuples(st.just("end"), st.sets(chosen, max_size=8)),
    st.tuples(st.just("announce"), st.tuples(some, some)),
    st.tuples(st.just("announce"), st.tuples(some, some)),
    st.tuples(st.just("plan"), st.tuples(st.integers(1, 24 * 8), st.sampled_from([False, False, True]))),
)


@dataclass
class Life:
    """Hold one recipient's story.

    `taken` maps a post to the subscriptions that took it. `owed` are the posts that have to have come: at once, or from
    the first planning after their digest's hour; one whose subscription ended before that may come or not.
    """

    store: Store
    now: datetime = NOW
    who: int = 0
    active: set[tuple[tuple[FeedKind, str], Cadence]] = field(default_factory=set)
    ended: set[Any] = field(default_factory=set)
    announced: dict[int, datetime] = field(default_factory=dict)
    taken: dict[int, set[Any]] = field(default_factory=dict)
    owed: set[int] = field(default_factory=set)
    planned_early: bool = False

    def __post_init__(self) -> None:
        """Forget when digests were planned in another story: its clock was ahead of this one's."""
        with self.store.write() as connection:
            connection.execute(delete(schedules))

    def subscribe(self, choice: tuple[tuple[FeedKind, str], Cadence]) -> None:
        if choice in self.ended:  # to begin one cadence anew while another one goes on is not offered
            return
        feed, cadence = choice
        who = Recipient(0, "email", f"{next(numbers)}@x.example", ZONE, "zh-CN", at=AT, day=WEEKDAY)
        with self.store.write() as connection:
            known = recipients.get(connection, self.who)
            self.who = enrol(connection, Enrolment(known or who, "x.example", [feed], cadence), self.now)
        self.active.add(choice)

    def end(self, choices: set[Any]) -> None:
        with self.store.write() as connection:
            keep = [item for item in self._subscriptions(connection) if _choice(item) not in choices]
            recipients.unsubscribe(connection, self.who, keep)
        self.ended |= self.active & choices
        self.active -= choices

    def announce(self, names: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
        categories, tags = names
        with self.store.write() as connection:
            (sequence,) = posts.take_sequences(connection, 1)
            how = {"categories": categories, "tags": tags, "announce": "announced", "announce_seq": sequence}
            (post_id,) = posts.save(connection, [numbered(next(numbers), **how)])
            wanted: dict[FeedKind, tuple[str, ...]] = {"site": ("",), "category": categories, "tag": tags}
            ledger.queue_post(connection, post_id, wanted, self.now)
        here = {("site", ""), *(("category", name) for name in categories), *(("tag", name) for name in tags)}
        self.announced[post_id] = self.now
        self.taken[post_id] = {choice for choice in self.active if choice[0] in here}
        self.owed |= {post_id for _, cadence in self.taken[post_id] if cadence == "instant"}

    def plan(self, when: tuple[int, bool]) -> None:
        hours, early = when
        self.now += hours * HOUR
        plan(self.store, self.now, early=early)
        self.planned_early |= early
        for post_id, choices in self.taken.items():
            # What was planned early has used up its period, and what came after it goes with the next.
            if not self.planned_early and any(self._was_due(post_id, cadence) for _, cadence in choices & self.active):
                self.owed.add(post_id)

    def finish(self) -> None:
        """Let every digest that is still to come have its hour, twice over."""
        for _ in range(2):
            self.now += 8 * DAY
            plan(self.store, self.now)
        self.owed |= {post_id for post_id, choices in self.taken.items() if choices & self.active}

    def delivered(self) -> Counter[int]:
        with self.store.write() as connection:
            rows = [row for row in upkeep.listing(connection, limit=10_000) if row.recipient_id == self.who]
            digests = ledger.digest_contents(connection, {row.digest_id for row in rows if row.digest_id})
            recipients.remove(connection, self.who)
        single = [row.post_id for row in rows if row.post_id]
        return Counter([*single, *(one for row in rows if row.digest_id for one in digests[row.digest_id][1])])

    def _was_due(self, post_id: int, cadence: Cadence) -> bool:
        if cadence == "instant":
            return False
        how = {"at": AT, "day": WEEKDAY, "zone": ZONE}
        return calendar.upcoming(cadence, now=self.announced[post_id], **how).due <= self.now

    def _subscriptions(self, connection: Connection) -> list[Subscription]:
        return recipients.subscriptions_of(connection, [self.who]).get(self.who, [])


def _choice(item: Subscription) -> tuple[tuple[FeedKind, str], Cadence]:
    return (item.kind, item.feed), item.cadence


@settings(deadline=None, max_examples=60)
@given(first=st.lists(chosen, min_size=2, max_size=4), story=st.lists(steps, min_size=4, max_size=14))
def test_every_post_that_a_subscription_took_is_delivered_exactly_once(store: Store, first: Any, story: Any) -> None:
    life = Life(store)
    for name, what in [*(("subscribe", choice) for choice in first), *story]:
        getattr(life, name)(what)
    life.finish()
    delivered = life.delivered()
    assert set(delivered) >= life.owed
    assert set(delivered) <= {post_id for post_id, choices in life.taken.items() if choices}
    assert all(times == 1 for times in delivered.values())
