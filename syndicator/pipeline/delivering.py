"""Send what is due: claim under a lease, compose, send, settle by the lease's token."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from syndicator.errors import StoreError, SyndicatorError
from syndicator.models import Outcome
from syndicator.policy import retry
from syndicator.store import alerts, dialect, facts, feeds, ledger, posts, recipients
from syndicator.store.locks import owner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from syndicator.compose import Composer
    from syndicator.models import Delivery, DeliveryState, Entry, Message, Recipient
    from syndicator.ports import Channel
    from syndicator.store import Store
    from syndicator.store.alerts import Alert

    Observe = Callable[[Delivery, Outcome, timedelta], None]

log = logging.getLogger(__name__)

# What a worker that died had in hand is taken over after so long.
LEASE = timedelta(seconds=15)

# What is sent at once, over all recipients.
_CONCURRENT = 16

# Seconds between looks for new work while a line takes long.
_LOOK_AGAIN = 1.0

# Seconds to wait for others when one line has ended, to settle them in one transaction.
_TOGETHER = 0.05


@dataclass(frozen=True, slots=True)
class Sending:
    """Hold what sending needs: `channel_for` gives the channel of a recipient, `chance` the jitter in [0, 1).

    Once `stopped` says so, nothing more is claimed. `unsettled` keeps what ended while the store was away: the next
    pass, which is handed the same list, writes it down. `observe` is told of every try and how long it took.
    """

    store: Store
    composer: Composer
    channel_for: Callable[[Recipient], Channel]
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    stopped: Callable[[], bool] = lambda: False
    unsettled: Unsettled = field(default_factory=list)
    id_from_url: bool = False
    observe: Observe = lambda _delivery, _outcome, _took: None


@dataclass(frozen=True, slots=True)
class _Ready:
    """Hold a claimed delivery and what to send for it, or the outcome where there is nothing to send."""

    delivery: Delivery
    message: Message | Outcome


@dataclass(frozen=True, slots=True)
class _Found:
    """Hold what the deliveries of a batch are about: posts, digests as (period, post ids), alerts; titles of feeds."""

    entries: dict[int, Entry]
    chosen: dict[int, tuple[str, list[int]]]
    titles: Mapping[str, str]
    told: dict[int, Alert]


@dataclass(frozen=True, slots=True)
class _Done:
    """Hold what became of one try."""

    delivery: Delivery
    outcome: Outcome


Unsettled = list[_Done]


async def deliver(how: Sending, *, limit: int | None = None) -> Counter[str]:
    """Send everything that is due, at most `limit` deliveries; return outcome → number.

    Each recipient's messages go out in line, the lines beside each other: an endpoint that hangs holds up nobody else.
    What has ended is settled at once, so that a crash repeats next to nothing. Raise StoreError when the store is away
    and nothing is in hand any more. Cancelled, it gives back what is left, as `unknown`.
    """
    work = _Pass(how, limit)
    try:
        while await work.go_on():
            pass
    finally:
        await work.leave()
    return work.tally


class _Pass:
    """Be one pass over what is due, and hold what is in hand: the lines that are being sent, and their tokens."""

    def __init__(self, how: Sending, limit: int | None) -> None:
        self.tally: Counter[str] = Counter()
        self._how = how
        self._left = limit
        self._lines: dict[asyncio.Task[list[_Done]], str] = {}
        self._gate = asyncio.Semaphore(_CONCURRENT)
        self._renewed = how.clock()

    async def go_on(self) -> bool:
        """Do what there is to do now; return False when nothing is left."""
        try:
            await self._keep()
            await self._settle()
            await self._claim()
        except StoreError as error:
            if not self._lines:
                raise
            log.warning("the store is away; what is being sent goes on: %s", error)
        if self._lines:
            await self._collect()
        return bool(self._lines or self._how.unsettled)

    async def leave(self) -> None:
        """End what is still being sent, and let others have it at once."""
        if not self._lines:
            return
        tokens = set(self._lines.values())
        for task in self._lines:
            task.cancel()
        self._take((await asyncio.wait(self._lines))[0])
        await self._settle()
        await asyncio.to_thread(_release, self._how, tokens)

    async def _keep(self) -> None:
        """Renew the leases at a third of their length, and when the clock was set back: they would look impossible."""
        if self._lines and not timedelta(0) <= self._how.clock() - self._renewed < LEASE / 3:
            await asyncio.to_thread(_renew, self._how, set(self._lines.values()))
            self._renewed = self._how.clock()

    async def _settle(self) -> None:
        done = list(self._how.unsettled)
        if done:
            await asyncio.to_thread(_settle, self._how, done)
            del self._how.unsettled[: len(done)]

    async def _claim(self) -> None:
        room = ledger.CLAIM_LIMIT if self._left is None else min(ledger.CLAIM_LIMIT, self._left)
        if not room or len(self._lines) >= _CONCURRENT or self._how.stopped():
            return
        token, batch = await asyncio.to_thread(_claim, self._how, room)
        if self._left is not None:
            self._left -= len(batch)
        for line in _lines(batch):
            self._lines[asyncio.create_task(_send_line(self._how, self._gate, line))] = token

    async def _collect(self) -> None:
        """Wait for a line to end, and a moment for others; for none when it is time to look for new work."""
        ended, rest = await asyncio.wait(self._lines, timeout=_LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED)
        if ended and rest:
            ended |= (await asyncio.wait(rest, timeout=_TOGETHER))[0]
        self._take(ended)

    def _take(self, ended: Iterable[asyncio.Task[list[_Done]]]) -> None:
        for task in ended:
            del self._lines[task]
            done = [] if task.cancelled() else task.result()
            self._how.unsettled.extend(done)
            self.tally.update(one.outcome.state for one in done)


def _claim(how: Sending, limit: int) -> tuple[str, list[_Ready]]:
    token = f"{owner()}/{uuid4().hex}"
    with how.store.write(alone=False) as connection:
        now = dialect.now(connection, how.clock())
        paused = facts.get(connection, facts.PAUSED)
        batch = [] if paused else ledger.claim(connection, now, now + LEASE, token, limit)
    return token, _compose(how, batch) if batch else []


def _compose(how: Sending, batch: Sequence[Delivery]) -> list[_Ready]:
    with how.store.read() as connection:
        chosen = ledger.digest_contents(connection, {item.digest_id for item in batch if item.digest_id is not None})
        single = {item.post_id for item in batch if item.post_id is not None}
        wanted = single | {post_id for _, ids in chosen.values() for post_id in ids}
        entries = posts.entries(connection, wanted, id_from_url=how.id_from_url)
        titles = feeds.titles(connection, "category") if chosen else {}
        told = alerts.contents(connection, {item.alert_id for item in batch if item.alert_id is not None})
    found = _Found(entries, chosen, titles, told)
    return [_Ready(item, _message(how.composer, item, found)) for item in batch]


def _message(composer: Composer, item: Delivery, found: _Found) -> Message | Outcome:
    try:
        if item.post_id in found.entries:
            return composer.post(item, found.entries[item.post_id])
        if item.digest_id in found.chosen:
            period, ids = found.chosen[item.digest_id]
            return composer.digest(item, [found.entries[post_id] for post_id in ids], period, found.titles)
        if item.alert_id in found.told:
            told = found.told[item.alert_id]
            return composer.alert(item, told.news, told.zone, told.language)
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
    """Send one recipient's messages in order; after one that was not taken, the others wait for their next try.

    Cancelled, it returns what was done until then.
    """
    done: list[_Done] = []
    async with gate:
        for place, ready in enumerate(line):
            try:
                outcome = await _send(how, ready)
            except asyncio.CancelledError:
                return done
            done.append(_Done(ready.delivery, outcome))
            if outcome.state in ("retry", "unknown") and not isinstance(ready.message, Outcome):
                later = Outcome("retry", "waits for the one before it, which was not taken", outcome.retry_at)
                return done + [_Done(waiting.delivery, later) for waiting in line[place + 1 :]]
    return done


async def _send(how: Sending, ready: _Ready) -> Outcome:
    began = how.clock()
    outcome = ready.message if isinstance(ready.message, Outcome) else await _try(how, ready.delivery, ready.message)
    how.observe(ready.delivery, outcome, how.clock() - began)
    log.log(
        logging.INFO if outcome.state == "sent" else logging.WARNING,
        "delivery %s",
        outcome.state,
        extra={
            "delivery": ready.delivery.id,
            "kind": ready.delivery.kind,
            "recipient": ready.delivery.recipient.id,
            "channel": ready.delivery.recipient.channel,
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
    with how.store.write(alone=False) as connection:
        until = dialect.now(connection, how.clock()) + LEASE
        for token in tokens:
            ledger.renew(connection, token, until)


def _release(how: Sending, tokens: Iterable[str]) -> None:
    with how.store.write(alone=False) as connection:
        freed = ledger.release(connection, tokens)
    log.warning("gave back what was not finished", extra={"deliveries": freed})


def _settle(how: Sending, ended: Sequence[_Done]) -> None:
    now = how.clock()
    by_token: dict[str, list[_Done]] = {}
    for done in ended:
        by_token.setdefault(done.delivery.token, []).append(done)
    with how.store.write(alone=False) as connection:
        for done in ended:
            if done.outcome.disable:
                recipients.set_state(connection, done.delivery.recipient.id, "disabled", done.outcome.reply)
        settled = sum(
            ledger.settle(connection, token, [_result(how, done, now) for done in group], now)
            for token, group in by_token.items()
        )
    if settled < len(ended):
        log.warning(
            "leases were lost before their deliveries were settled: whoever took them over may repeat them",
            extra={"deliveries": len(ended) - settled},
        )


def _result(how: Sending, done: _Done, now: datetime) -> tuple[int, DeliveryState, datetime, str]:
    state, due = retry.settle(done.outcome, done.delivery.attempts, now, how.chance())
    return done.delivery.id, state, due, done.outcome.reply
