"""Say when the service works: interval ticks by APScheduler. What is due is decided by rows and a clock, not here.

Ticks that were missed are made up once (coalesce), however late (no misfire limit), and never overlap themselves. One
that is wanted sooner is brought forward. A clock that jumps is noticed by the event loop's own, which never goes back.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from syndicator.errors import SyndicatorError
from syndicator.policy import clock as timekeeping
from syndicator.policy import pacing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

log = logging.getLogger(__name__)

# How long work in hand may take after the service was told to stop, in seconds.
_GRACE = 20.0
# And how long it then has to give up what it holds.
_LAST_GRACE = 4.0
# Seconds between looks at the clock.
_LOOK = 5.0


@dataclass(frozen=True, slots=True)
class Tick:
    """Hold one kind of work and how often to look for it; `dated` work is left alone while the clock is doubted."""

    name: str
    every: timedelta
    work: Callable[[], Awaitable[object]]
    dated: bool = False


class Every(BaseTrigger):  # type: ignore[misc]
    """Come again so long after now.

    APScheduler's own interval lists every tick that was missed, before it makes one of them: after a clock was set
    ahead by a year that takes minutes.
    """

    def __init__(self, every: timedelta) -> None:
        self._every = every

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        """Return when the next tick is."""
        return now + self._every


class Agenda:
    """Hold when each tick comes and what is under way. Everything is called in the event loop."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._under_way: dict[str, datetime] = {}
        self._last: dict[str, tuple[datetime, datetime]] = {}
        self._wanted: dict[str, datetime] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def hasten(self, name: str, when: datetime) -> None:
        """Have a tick come at `when`, where that is sooner; where it is under way, not before it ended."""
        self._wanted[name] = min(when, self._wanted.get(name, when))
        if name not in self._under_way:
            self._bring_forward(name)

    def begin(self, ticks: Sequence[Tick], keeper: _Timekeeper) -> None:
        """Have all ticks come now, and then at their times."""
        for tick in ticks:
            # Two instances: one that overlaps with its work in hand ends at once, and it is us who see to that.
            self._scheduler.add_job(
                self._start, Every(tick.every), args=(tick, keeper), id=tick.name,
                next_run_time=self._clock(), misfire_grace_time=None, coalesce=True, max_instances=2,
            )  # fmt: skip
        self._scheduler.start()

    def begin_again(self) -> None:
        """Have all ticks come now."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=self._clock())

    async def end(self) -> None:
        """Let no more ticks come, and finish what is under way."""
        self._scheduler.shutdown(wait=False)
        await _finish(self._tasks)

    async def _start(self, tick: Tick, keeper: _Timekeeper) -> None:
        """Work in a task of its own: the scheduler cancels its jobs when it shuts down, and this one is to end well."""
        if tick.name in self._under_way or (tick.dated and not keeper.trusts()):
            return
        self._under_way[tick.name] = self._clock()
        task = asyncio.create_task(_guarded(tick))
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._ended(tick.name, task))
        with suppress(asyncio.CancelledError):  # which the scheduler would log as an error of the job
            await asyncio.shield(task)

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._last[name] = self._under_way.pop(name), self._clock()
        self._bring_forward(name)

    def _bring_forward(self, name: str) -> None:
        when, job = self._wanted.pop(name, None), self._scheduler.get_job(name)
        if when is None or job is None:
            return
        when = pacing.begins(when, *self._last[name]) if name in self._last else when
        if when < job.next_run_time:
            job.modify(next_run_time=when)


async def run(
    ticks: Sequence[Tick],
    serve: Callable[[asyncio.Event], Awaitable[None]],
    clock: Callable[[], datetime],
    stop: asyncio.Event | None = None,
    jumped: Callable[[], Awaitable[object]] | None = None,
    agenda: Agenda | None = None,
) -> None:
    """Tick and serve until SIGTERM or SIGINT, which set `stop`; then finish what is in hand.

    `jumped` is called when the clock jumped; `agenda` is where ticks may be hastened.
    """
    stop, agenda, keeper = stop or asyncio.Event(), agenda or Agenda(clock), _Timekeeper(clock)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    agenda.begin(ticks, keeper)
    watching = asyncio.create_task(_watch(agenda, keeper, stop, jumped))
    try:
        await serve(stop)
    finally:
        stop.set()
        await watching
        await agenda.end()


class _Timekeeper:
    """Read the clock beside the event loop's own: every few seconds, and before work that goes by dates."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._watch = timekeeping.Watch(clock(), self._loop.time())
        self._jump = timedelta(0)

    def trusts(self) -> bool:
        """Look at the clock, and tell whether what is due by it may be taken for due."""
        self._watch, jump = timekeeping.look(self._watch, self._clock(), self._loop.time())
        self._jump += jump
        return self._watch.trusted()

    def take_jump(self) -> timedelta:
        """Return by how much the clock jumped since this was asked last."""
        jump, self._jump = self._jump, timedelta(0)
        return jump


async def _watch(
    agenda: Agenda,
    keeper: _Timekeeper,
    stop: asyncio.Event,
    jumped: Callable[[], Awaitable[object]] | None,
) -> None:
    """Look whether the clock jumped; where it was set back, have all ticks come now instead of that much later."""
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK)
        trusted, jump = keeper.trusts(), keeper.take_jump()
        if not jump:
            continue
        ahead = "set back" if jump < timedelta(0) else "set ahead"
        log.warning("the clock was %s by %s: %s", ahead, abs(jump), _ADVICE[trusted])
        if jump < timedelta(0):
            agenda.begin_again()
        if jumped:
            await _guarded(Tick("mending what the clock left", timekeeping.JUMP, jumped))


_ADVICE = {
    True: "going on by it; see that this machine's time is synchronised",
    False: f"neither posts nor digests are made due by it for {timekeeping.DOUBT}, unless it is set back",
}


async def _finish(working: set[asyncio.Task[None]]) -> None:
    """Wait for the work in hand, and then for what is too slow to give up what it holds."""
    if not working:
        return
    log.info("finishing", extra={"ticks": len(working)})
    _, slow = await asyncio.wait(working, timeout=_GRACE)
    for task in slow:
        task.cancel()
    if slow:
        await asyncio.wait(slow, timeout=_LAST_GRACE)


async def _guarded(tick: Tick) -> None:
    """Let no failure of one tick stop the next."""
    try:
        await tick.work()
    except SyndicatorError as error:
        log.error("%s failed", tick.name, extra={"reason": error})
    except Exception:
        log.exception("%s failed", tick.name)
