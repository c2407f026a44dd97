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
from syndicator.store import facts, feeds, ledger, posts, recipients
from syndicator.store.locks import owner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from syndicator.compose import Composer
    from syndicator.models import Delivery, DeliveryState, Entry, Message, Recipient
    from syndicator.ports import Channel
    from syndicator.store import Store

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)

# What is sent at once, over all recipients.
_CONCURRENT = 16

# Seconds between looks for new work while a line takes long.
_LOOK_AGAIN = 1.0

# Seconds to wait for others when one line has ended, to settle them in one transaction.
_TOGETHER = 0.05


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


@dataclass(frozen=True, slots=True)
class _Done:
    """Hold what became of one try."""

    delivery: Delivery
    outcome: Outcome


async def deliver(how: Sending, *, limit: int | None = None) -> Counter[str]:
    """Send everything that is due, at most `limit` deliveries; return outcome → number.

    Each recipient's messages go out in line, the lines beside each other: an endpoint that hangs holds up nobody else.
    What has ended is settled at once, so that a crash repeats next to nothing.
    """
    tally: Counter[str] = Counter()
    claimed = 0
    lines: dict[asyncio.Task[list[_Done]], str] = {}
    gate = asyncio.Semaphore(_CONCURRENT)
    renewed = how.clock()
    while True:
        room = ledger.CLAIM_LIMIT if limit is None else min(ledger.CLAIM_LIMIT, limit - claimed)
        if room > 0 and len(lines) < _CONCURRENT:
            token, batch = await asyncio.to_thread(_claim, how, room)
            claimed += len(batch)
            lines |= {asyncio.create_task(_send_line(how, gate, line)): token for line in _lines(batch)}
        if not lines:
            return tally
        ended = await _some(lines)
        tally.update(done.outcome.state for task in ended for done in task.result())
        if ended:
            await asyncio.to_thread(_settle, how, [(lines.pop(task), task.result()) for task in ended])
        if lines and how.clock() - renewed >= LEASE / 3:
            renewed = how.clock()
            await asyncio.to_thread(_renew, how, set(lines.values()))


async def _some(lines: Iterable[asyncio.Task[list[_Done]]]) -> set[asyncio.Task[list[_Done]]]:
    """Wait for a line to end, and a moment for others; none when it is time to look for new work."""
    ended, rest = await asyncio.wait(lines, timeout=_LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED)
    if ended and rest:
        ended |= (await asyncio.wait(rest, timeout=_TOGETHER))[0]
    return ended


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
        titles = feeds.titles(connection, "category") if chosen else {}
    return [_Ready(item, _message(how.composer, item, entries, chosen, titles)) for item in batch]


def _message(
    composer: Composer,
    item: Delivery,
    entries: dict[int, Entry],
    chosen: dict[int, tuple[str, list[int]]],
    titles: Mapping[str, str],
) -> Message | Outcome:
    try:
        if item.post_id in entries:
            return composer.post(item, entries[item.post_id])
        if item.digest_id in chosen:
            period, ids = chosen[item.digest_id]
            return composer.digest(item, [entries[post_id] for post_id in ids], period, titles)
    except SyndicatorError as error:  # the owner's template: mended, it goes out at the next try
        return Outcome("retry", reply=str(error))
    return Outcome("permanent", reply="nothing left to send: what it was about was withdrawn")


def _lines(batch: Iterable[_Ready]) -> list[list[_Ready]]:
    """Part a batch into one line for each recipient, in the order of the claim."""
    lines: dict[int, list[_Ready]] = {}
    for ready in batch:
        lines.setdefault(ready.delivery.recipient.id, []).append(ready)
    return list(lines.values())


async def _send_line(how: Sending, gate: asyncio.Semaphore, line: Sequence[_Ready]) -> list[_Done]:
    """Send one recipient's messages in order; after one that was not taken, the others wait for their next try."""
    done: list[_Done] = []
    async with gate:
        for place, ready in enumerate(line):
            outcome = await _send(how, ready)
            done.append(_Done(ready.delivery, outcome))
            if outcome.state in ("retry", "unknown") and not isinstance(ready.message, Outcome):
                later = Outcome("retry", "waits for the one before it, which was not taken", outcome.retry_at)
                return done + [_Done(waiting.delivery, later) for waiting in line[place + 1 :]]
    return done


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


def _renew(how: Sending, tokens: Iterable[str]) -> None:
    with how.store.write() as connection:
        for token in tokens:
            ledger.renew(connection, token, how.clock() + LEASE)


def _settle(how: Sending, lines: Iterable[tuple[str, Sequence[_Done]]]) -> None:
    now = how.clock()
    with how.store.write() as connection:
        for token, line in lines:
            ledger.settle(connection, token, [_result(how, done, now) for done in line], now)
            for done in line:
                if done.outcome.disable:
                    recipients.set_state(connection, done.delivery.recipient.id, "disabled", done.outcome.reply)


def _result(how: Sending, done: _Done, now: datetime) -> tuple[int, DeliveryState, datetime, str]:
    state, due = retry.settle(done.outcome, done.delivery.attempts, now, how.chance())
    return done.delivery.id, state, due, done.outcome.reply
