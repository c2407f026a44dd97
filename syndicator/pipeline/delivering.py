"""Send what is due: claim under a lease, compose, send, settle by the lease's token."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from syndicator.errors import SyndicatorError
from syndicator.models import Outcome
from syndicator.policy import retry
from syndicator.store import facts, ledger, posts, recipients
from syndicator.store.locks import owner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from syndicator.compose import Composer
    from syndicator.models import Delivery, Entry, Message, Recipient
    from syndicator.ports import Channel
    from syndicator.store import Store

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)

# What is sent at once, over all recipients.
_CONCURRENT = 16


@dataclass(frozen=True, slots=True)
class Sending:
    """Hold what sending needs: `channel_for` gives the channel of a recipient, `chance` the jitter in [0, 1)."""

    store: Store
    composer: Composer
    channel_for: Callable[[Recipient], Channel]
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    id_from_url: bool = False


@dataclass(frozen=True, slots=True)
class _Ready:
    """Hold a claimed delivery and what to send for it, or the outcome where there is nothing to send."""

    delivery: Delivery
    message: Message | Outcome


async def deliver(how: Sending, *, limit: int | None = None) -> Counter[str]:
    """Send everything that is due, at most `limit` deliveries; return outcome → number.

    The thread border is crossed twice a batch: to claim and compose, and to settle.
    """
    tally: Counter[str] = Counter()
    while limit is None or tally.total() < limit:
        most = ledger.CLAIM_LIMIT if limit is None else min(ledger.CLAIM_LIMIT, limit - tally.total())
        token, batch = await asyncio.to_thread(_claim, how, most)
        if not batch:
            break
        outcomes = await _send_all(how, token, batch)
        await asyncio.to_thread(_settle, how, token, batch, outcomes)
        tally.update(outcome.state for outcome in outcomes)
    return tally


def _claim(how: Sending, limit: int) -> tuple[str, list[_Ready]]:
    token = f"{owner()}/{uuid4().hex}"
    now = how.clock()
    with how.store.write() as connection:
        paused = facts.get(connection, facts.PAUSED)
        batch = [] if paused else ledger.claim(connection, now, now + LEASE, token, limit)
    return token, _compose(how, batch)


def _compose(how: Sending, batch: Sequence[Delivery]) -> list[_Ready]:
    with how.store.read() as connection:
        chosen = ledger.digest_contents(connection, {item.digest_id for item in batch if item.digest_id is not None})
        single = {item.post_id for item in batch if item.post_id is not None}
        wanted = single | {post_id for _, ids in chosen.values() for post_id in ids}
        entries = posts.entries(connection, wanted, id_from_url=how.id_from_url)
    return [_Ready(item, _message(how.composer, item, entries, chosen)) for item in batch]


def _message(
    composer: Composer, item: Delivery, entries: dict[int, Entry], chosen: dict[int, tuple[str, list[int]]]
) -> Message | Outcome:
    try:
        if item.post_id in entries:
            return composer.post(item, entries[item.post_id])
        if item.digest_id in chosen:
            period, ids = chosen[item.digest_id]
            return composer.digest(item, [entries[post_id] for post_id in ids], period)
    except SyndicatorError as error:  # the owner's template: mended, it goes out at the next try
        return Outcome("retry", reply=str(error))
    return Outcome("permanent", reply="nothing left to send: what it was about was withdrawn")


async def _send_all(how: Sending, token: str, batch: Sequence[_Ready]) -> list[Outcome]:
    """Send a batch, one after the other to the same recipient; prolong the leases while it takes long."""
    lines: dict[int, list[int]] = {}
    for place, ready in enumerate(batch):
        lines.setdefault(ready.delivery.recipient.id, []).append(place)
    outcomes: dict[int, Outcome] = {}
    gate = asyncio.Semaphore(_CONCURRENT)

    async def send_line(places: Sequence[int]) -> None:
        async with gate:
            for place in places:
                outcomes[place] = await _send(how, batch[place])

    waiting = {asyncio.ensure_future(send_line(places)) for places in lines.values()}
    while waiting:
        _, waiting = await asyncio.wait(waiting, timeout=LEASE.total_seconds() / 3)
        if waiting:
            await asyncio.to_thread(_renew, how, token)
    return [outcomes[place] for place in range(len(batch))]


async def _send(how: Sending, ready: _Ready) -> Outcome:
    outcome = ready.message if isinstance(ready.message, Outcome) else await _try(how, ready.delivery, ready.message)
    log.log(
        logging.INFO if outcome.state == "sent" else logging.WARNING,
        "delivery %s",
        outcome.state,
        extra={
            "delivery": ready.delivery.id,
            "recipient": ready.delivery.recipient.id,
            "attempt": ready.delivery.attempts,
        },
    )
    return outcome


async def _try(how: Sending, delivery: Delivery, message: Message) -> Outcome:
    try:
        return await how.channel_for(delivery.recipient).send(message, delivery.recipient)
    except SyndicatorError as error:
        return Outcome("retry", reply=str(error))
    except Exception as error:  # a bug in one channel must not stop the others
        log.exception("channel failed", extra={"delivery": delivery.id})
        return Outcome("retry", reply=f"internal error in channel {delivery.recipient.channel}: {type(error).__name__}")


def _renew(how: Sending, token: str) -> None:
    with how.store.write() as connection:
        ledger.renew(connection, token, how.clock() + LEASE)


def _settle(how: Sending, token: str, batch: Sequence[_Ready], outcomes: Sequence[Outcome]) -> None:
    now = how.clock()
    results = [
        (ready.delivery.id, *retry.settle(outcome, ready.delivery.attempts, now, how.chance()), outcome.reply)
        for ready, outcome in zip(batch, outcomes, strict=True)
    ]
    with how.store.write() as connection:
        ledger.settle(connection, token, results, now)
        for ready, outcome in zip(batch, outcomes, strict=True):
            if outcome.disable:
                recipients.set_state(connection, ready.delivery.recipient.id, "disabled", outcome.reply)
