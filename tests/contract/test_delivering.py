"""Sending what is due, on each store: leases that are kept, lost and given back, and a store that goes away."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from syndicator.errors import StoreError
from syndicator.models import Outcome
from syndicator.pipeline.delivering import LEASE, Sending, deliver
from syndicator.store import dialect, ledger, recipients, upkeep
from tests.messages import message
from tests.records import HOUR, NOW
from tests.stores import add_post, add_subscriber

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from syndicator.compose import Composer
    from syndicator.models import Delivery, Message, Recipient
    from syndicator.ports import Channel
    from syndicator.store import Store


SENT = Outcome("sent")


class Paper:
    """Compose every delivery into a message of its key."""

    def post(self, item: Delivery, _: object) -> Message:
        return message(id=item.unique_key)


class Wire:
    """Send as told: wait until `free` is set, then give the outcome."""

    def __init__(self, outcome: Outcome = SENT) -> None:
        self.began: list[str] = []
        self.free = asyncio.Event()
        self.reached = asyncio.Event()
        self._outcome = outcome

    async def send(self, what: Message, _: Recipient) -> Outcome:
        self.began.append(what.id)
        self.reached.set()
        await self.free.wait()
        return self._outcome


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def sending(store: Store, wire: Wire, clock: Callable[[], datetime] = lambda: NOW, **how: Any) -> Sending:
    return Sending(
        store=store, composer=cast("Composer", Paper()), channel_for=lambda _: cast("Channel", wire), clock=clock,
        chance=lambda: 0.0, **how,
    )  # fmt: skip


def queue(store: Store, posts: int = 1, subscribers: int = 1) -> None:
    with store.write() as connection:
        for number in range(subscribers):
            add_subscriber(connection, f"{number}@x.example")
        for number in range(posts):
            ledger.queue_post(connection, add_post(connection, number), {"site": {""}}, NOW)


def states(store: Store) -> list[str]:
    with store.read() as connection:
        return [row.state for row in reversed(upkeep.listing(connection))]


def claim(store: Store, later: timedelta = timedelta(0)) -> list[Delivery]:
    """Claim as another worker would, so much later by the store's clock."""
    with store.write() as connection:
        now = dialect.now(connection, NOW) + later
        return ledger.claim(connection, now, now + LEASE, "them/1", 50)


async def test_nothing_new_is_claimed_after_the_stop_and_what_is_in_hand_is_finished(store: Store) -> None:
    queue(store, posts=2, subscribers=60)  # more than one claim takes
    wire, stop = Wire(), asyncio.Event()
    work = asyncio.create_task(deliver(sending(store, wire, stopped=stop.is_set)))
    await wire.reached.wait()
    stop.set()
    wire.free.set()
    tally = await work
    assert tally == {"sent": ledger.CLAIM_LIMIT}
    assert states(store).count("queued") == 120 - ledger.CLAIM_LIMIT


async def test_what_is_cut_off_is_given_back_at_once_as_unknown(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    queue(store)
    wire = Wire()
    work = asyncio.create_task(deliver(sending(store, wire)))
    await wire.reached.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert states(store) == ["unknown"]
    assert "gave back what was not finished" in caplog.text
    assert len(claim(store)) == 1


async def test_what_was_sent_before_the_cut_is_settled(store: Store) -> None:
    queue(store, posts=2)
    second = asyncio.Event()

    class Once(Wire):
        async def send(self, what: Message, who: Recipient) -> Outcome:
            if self.began:
                second.set()
                await asyncio.Event().wait()
            return await super().send(what, who)

    once = Once()
    once.free.set()
    work = asyncio.create_task(deliver(sending(store, once)))
    await second.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert states(store) == ["sent", "unknown"]


async def test_a_worker_that_lost_its_lease_settles_nothing_and_says_so(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    queue(store)
    wire = Wire(Outcome("permanent", "refused"))
    work = asyncio.create_task(deliver(sending(store, wire), limit=1))
    await wire.reached.wait()
    (taken,) = await asyncio.to_thread(claim, store, LEASE + timedelta(seconds=1))
    wire.free.set()
    await work
    assert states(store) == ["leased"]
    assert "leases were lost before their deliveries were settled" in caplog.text
    with store.write() as connection:
        assert ledger.settle(connection, taken.token, [(taken.id, "sent", NOW, "")], NOW) == 1


@pytest.mark.parametrize("passed", [LEASE / 3, -HOUR], ids=["a third", "set back"])
async def test_leases_are_renewed_at_a_third_and_when_the_clock_was_set_back(store: Store, passed: timedelta) -> None:
    queue(store)
    wire, clock = Wire(), Clock()
    work = asyncio.create_task(deliver(sending(store, wire, clock)))
    await wire.reached.wait()
    before = lease(store)
    clock.now += passed
    if store.url.get_backend_name() == "sqlite":
        await until(lambda: lease(store) == clock.now + LEASE)
    else:
        await until(lambda: lease(store) > before)  # by the server's clock, which no test sets
    wire.free.set()
    await work


async def until(look: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not await asyncio.to_thread(look):  # noqa: ASYNC110 - nothing tells when a row changes
            await asyncio.sleep(0.05)


def lease(store: Store) -> datetime:
    with store.read() as connection:
        (row,) = upkeep.listing(connection)
    until: datetime = row.lease_until
    return until


class Away:
    """A store that goes away and comes back."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away = False

    @contextmanager
    def write(self, **how: bool) -> Iterator[Connection]:
        if self.away:
            raise StoreError("the server is away")
        with self._store.write(**how) as connection:
            yield connection

    def read(self) -> Any:
        return self._store.read()


async def test_what_ended_while_the_store_was_away_is_settled_by_the_next_pass(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    queue(store)
    wire, away = Wire(), Away(store)
    how = sending(cast("Store", away), wire, unsettled=[])
    work = asyncio.create_task(deliver(how))
    await wire.reached.wait()
    away.away = True
    wire.free.set()
    with pytest.raises(StoreError, match="the server is away"):
        await work
    assert states(store) == ["leased"]
    away.away = False
    await deliver(how)
    assert states(store) == ["sent"]
    assert len(wire.began) == 1
    assert how.unsettled == []


async def test_a_recipient_that_is_gone_for_good_is_disabled(store: Store) -> None:
    queue(store, posts=2)
    wire = Wire(Outcome("permanent", "410 Gone", disable=True))
    wire.free.set()
    await deliver(sending(store, wire))
    with store.read() as connection:
        (who,) = recipients.listing(connection, email=True)
    assert (who.state, who.state_reason) == ("disabled", "410 Gone")
