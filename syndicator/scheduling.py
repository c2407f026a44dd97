"""Say when the service works: interval ticks by APScheduler. What is due is decided by rows and a clock, not here.

Ticks that were missed are made up once (coalesce), however late (no misfire limit), and never overlap themselves.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from syndicator.errors import SyndicatorError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime, timedelta

log = logging.getLogger(__name__)

# How long work in hand may take after the service was told to stop, in seconds.
_GRACE = 20.0
# And how long it then has to give up what it holds.
_LAST_GRACE = 4.0


@dataclass(frozen=True, slots=True)
class Tick:
    """Hold one kind of work and how often to look for it."""

    name: str
    every: timedelta
    work: Callable[[], Awaitable[object]]


async def run(
    ticks: Sequence[Tick],
    serve: Callable[[asyncio.Event], Awaitable[None]],
    clock: Callable[[], datetime],
    stop: asyncio.Event | None = None,
) -> None:
    """Tick and serve until SIGTERM or SIGINT, which set `stop`; then finish what is in hand."""
    stop = stop or asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    working: set[asyncio.Task[None]] = set()
    scheduler = AsyncIOScheduler(timezone=UTC)
    for tick in ticks:
        scheduler.add_job(
            _start, "interval", args=(tick, working), seconds=tick.every.total_seconds(), id=tick.name,
            next_run_time=clock(), misfire_grace_time=None, coalesce=True, max_instances=1,
        )  # fmt: skip
    scheduler.start()
    try:
        await serve(stop)
    finally:
        stop.set()
        scheduler.shutdown(wait=False)
        await _finish(working)


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


async def _start(tick: Tick, working: set[asyncio.Task[None]]) -> None:
    """Work in a task of its own: the scheduler cancels its jobs when it shuts down, and this one is to end well."""
    task = asyncio.create_task(_guarded(tick))
    working.add(task)
    task.add_done_callback(working.discard)
    with suppress(asyncio.CancelledError):
        await asyncio.shield(task)


async def _guarded(tick: Tick) -> None:
    """Let no failure of one tick stop the next."""
    try:
        await tick.work()
    except SyndicatorError as error:
        log.error("%s failed: %s", tick.name, error)
    except Exception:
        log.exception("%s failed", tick.name)
