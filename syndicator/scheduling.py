"""Say when the service works: interval ticks by APScheduler. What is due is decided by rows and a clock, not here.

Ticks that were missed are made up once (coalesce), however late (no misfire limit), and never overlap themselves. A
clock that jumps is noticed by the event loop's own, which only goes forward.
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

from syndicator.errors import SyndicatorError
from syndicator.policy import clock as timekeeping

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


async def run(
    ticks: Sequence[Tick],
    serve: Callable[[asyncio.Event], Awaitable[None]],
    clock: Callable[[], datetime],
    stop: asyncio.Event | None = None,
    jumped: Callable[[], Awaitable[object]] | None = None,
) -> None:
    """Tick and serve until SIGTERM or SIGINT, which set `stop`; then finish what is in hand.

    `jumped` is called when the clock jumped.
    """
    stop = stop or asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    working: set[asyncio.Task[None]] = set()
    doubted = asyncio.Event()
    scheduler = AsyncIOScheduler(timezone=UTC)
    for tick in ticks:
        scheduler.add_job(
            _start, "interval", args=(tick, working, doubted), seconds=tick.every.total_seconds(), id=tick.name,
            next_run_time=clock(), misfire_grace_time=None, coalesce=True, max_instances=1,
        )  # fmt: skip
    scheduler.start()
    watching = asyncio.create_task(_watch(scheduler, clock, stop, doubted, jumped))
    try:
        await serve(stop)
    finally:
        stop.set()
        await watching
        scheduler.shutdown(wait=False)
        await _finish(working)


async def _watch(
    scheduler: AsyncIOScheduler,
    clock: Callable[[], datetime],
    stop: asyncio.Event,
    doubted: asyncio.Event,
    jumped: Callable[[], Awaitable[object]] | None,
) -> None:
    """Look whether the clock jumped; where it was set back, have all ticks come now instead of that much later."""
    loop = asyncio.get_running_loop()
    watch = timekeeping.Watch(clock(), loop.time())
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK)
        watch, jump = timekeeping.look(watch, clock(), loop.time())
        if watch.trusted():
            doubted.clear()
        else:
            doubted.set()
        if jump:
            ahead = "set back" if jump < timedelta(0) else "set ahead"
            log.warning("the clock was %s by %s: %s", ahead, abs(jump), _ADVICE[watch.trusted()])
            for job in scheduler.get_jobs() if jump < timedelta(0) else ():
                job.modify(next_run_time=clock())
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


async def _start(tick: Tick, working: set[asyncio.Task[None]], doubted: asyncio.Event) -> None:
    """Work in a task of its own: the scheduler cancels its jobs when it shuts down, and this one is to end well."""
    if tick.dated and doubted.is_set():
        return
    task = asyncio.create_task(_guarded(tick))
    working.add(task)
    task.add_done_callback(working.discard)
    with suppress(asyncio.CancelledError):  # which the scheduler would log as an error of the job
        await asyncio.shield(task)


async def _guarded(tick: Tick) -> None:
    """Let no failure of one tick stop the next."""
    try:
        await tick.work()
    except SyndicatorError as error:
        log.error("%s failed", tick.name, extra={"reason": error})
    except Exception:
        log.exception("%s failed", tick.name)
