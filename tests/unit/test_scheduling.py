from __future__ import annotations

import asyncio
import logging
import os
import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from syndicator import scheduling
from syndicator.errors import SourceError
from syndicator.policy import pacing
from syndicator.scheduling import Tick, run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

OFTEN, HOURLY = timedelta(milliseconds=5), timedelta(hours=1)


def clock() -> datetime:
    return datetime.now(UTC)


async def until_told(stop: asyncio.Event) -> None:
    await stop.wait()


def after(number: int, then: Callable[[], object]) -> tuple[list[int], Callable[[], Awaitable[None]]]:
    """Return a list of the ticks that ran and work that adds to it and, the so-manieth time, does `then`."""
    ran: list[int] = []

    async def work() -> None:
        ran.append(len(ran) + 1)
        if len(ran) == number:
            then()

    return ran, work


def terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


async def test_ticks_run_at_once_and_again_until_sigterm() -> None:
    ran, work = after(3, terminate)
    await run([Tick("scan", OFTEN, work)], until_told, clock)
    assert ran[:3] == [1, 2, 3]


async def test_ctrl_c_ends_it_too() -> None:
    _, work = after(1, lambda: os.kill(os.getpid(), signal.SIGINT))
    await run([Tick("scan", HOURLY, work)], until_told, clock)


@pytest.mark.parametrize(
    ("failure", "told"),
    [(SourceError("source posts: no such folder"), "source posts: no such folder"), (ZeroDivisionError("a bug"), None)],
)
async def test_a_failing_tick_stops_neither_itself_nor_the_others(
    failure: Exception, told: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    both: set[str] = set()
    failed: list[None] = []

    def done(name: str) -> None:
        both.add(name)
        if both == {"good", "broken"}:
            terminate()

    _, good = after(3, lambda: done("good"))

    async def broken() -> None:
        failed.append(None)
        if len(failed) == 3:
            done("broken")
        raise failure

    with caplog.at_level(logging.ERROR, "syndicator"):
        await run([Tick("broken", OFTEN, broken), Tick("good", OFTEN, good)], until_told, clock)
    assert len(failed) >= 3
    assert {record.getMessage() for record in caplog.records} == {"broken failed"}
    assert {str(record.reason) if hasattr(record, "reason") else None for record in caplog.records} == {told}


async def test_the_error_of_a_bug_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> None:
        terminate()
        raise ZeroDivisionError("a bug")

    await run([Tick("broken", HOURLY, broken)], until_told, clock)
    assert "ZeroDivisionError: a bug" in caplog.text


async def test_work_in_hand_is_finished_after_sigterm(caplog: pytest.LogCaptureFixture) -> None:
    release, steps = asyncio.Event(), list[str]()

    async def work() -> None:
        steps.append("began")
        terminate()
        await release.wait()
        steps.append("ended")

    async def serve(stop: asyncio.Event) -> None:
        await stop.wait()
        steps.append("stopped serving")
        asyncio.get_running_loop().call_later(0.01, release.set)

    await run([Tick("deliver", HOURLY, work)], serve, clock)
    assert steps == ["began", "stopped serving", "ended"]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_work_in_a_thread_is_finished_after_sigterm() -> None:
    began, release, steps = asyncio.Event(), asyncio.Event(), list[str]()
    loop = asyncio.get_running_loop()

    def block() -> None:
        loop.call_soon_threadsafe(began.set)
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result(10)
        steps.append("ended")

    async def serve(stop: asyncio.Event) -> None:
        await began.wait()
        terminate()
        await stop.wait()
        loop.call_later(0.01, release.set)

    await run([Tick("scan", HOURLY, lambda: asyncio.to_thread(block))], serve, clock)
    assert steps == ["ended"]


async def test_work_that_is_too_slow_is_told_to_give_up_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "_GRACE", 0.05)
    steps: list[str] = []

    async def work() -> None:
        terminate()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            steps.append("gave up")

    await run([Tick("deliver", HOURLY, work)], until_told, clock)
    assert steps == ["gave up"]


async def test_work_sees_the_stop_before_it_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    stop = asyncio.Event()

    async def work() -> None:
        terminate()
        await stop.wait()

    await run([Tick("deliver", HOURLY, work)], until_told, clock, stop)
    assert "Traceback" not in caplog.text


async def test_slow_work_does_not_overlap_itself() -> None:
    inside: list[int] = []
    most, ran, others = 0, 0, 0
    three_passed = asyncio.Event()

    async def slow() -> None:
        nonlocal most, ran
        inside.append(1)
        most, ran = max(most, len(inside)), ran + 1
        if others < 9:
            await three_passed.wait()
        inside.pop()

    async def other() -> None:
        nonlocal others
        others += 1
        if others % 3 == 0:
            three_passed.set()
            three_passed.clear()
        if others == 9:
            terminate()

    await run([Tick("slow", OFTEN, slow), Tick("other", OFTEN, other)], until_told, clock)
    assert most == 1
    assert ran >= 2


async def test_an_error_in_serving_ends_it_and_lets_work_finish() -> None:
    ended: list[bool] = []
    began = asyncio.Event()

    async def work() -> None:
        began.set()
        await asyncio.sleep(0)
        ended.append(True)

    async def serve(_: asyncio.Event) -> None:
        await began.wait()
        raise OSError("the address is taken")

    with pytest.raises(OSError, match="the address is taken"):
        await run([Tick("scan", HOURLY, work)], serve, clock)
    assert ended == [True]


def test_ticks_that_were_missed_for_a_year_are_one() -> None:
    scheduler = AsyncIOScheduler(timezone=UTC)
    began = clock()
    job = scheduler.add_job(print, scheduling.Every(OFTEN), next_run_time=began - timedelta(days=365))
    assert len(job._get_run_times(began)) == 1
    assert clock() - began < timedelta(seconds=1)


class SetClock:
    """A clock that can be set."""

    def __init__(self) -> None:
        self.off = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.off


async def test_a_clock_that_jumps_is_told_and_delays_nothing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduling, "_LOOK", 0.01)
    wrong = SetClock()
    mended: list[None] = []

    async def jumped() -> None:
        mended.append(None)

    def set_back() -> None:
        wrong.off = -timedelta(days=1)

    # The second tick is due in an hour, and comes at once when the clock is a day behind.
    ran, work = after(1, set_back)
    _, last = after(2, terminate)

    async def both() -> None:
        await work()
        await last()

    await run([Tick("scan", HOURLY, both)], until_told, wrong, jumped=jumped)
    assert ran == [1, 2]
    assert mended == [None]
    assert "the clock was set back by" in caplog.text


async def test_dated_work_waits_while_a_clock_is_far_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "_LOOK", 0.01)
    wrong = SetClock()

    def set_ahead() -> None:
        wrong.off = timedelta(days=365)

    dated, scan = after(1, set_ahead)
    undated, deliver = after(40, terminate)
    await run([Tick("scan", OFTEN, scan, dated=True), Tick("deliver", OFTEN, deliver)], until_told, wrong)
    assert len(undated) >= 40
    assert len(dated) < 20


async def ticked(*works: tuple[str, Callable[[], Awaitable[None]]], agenda: scheduling.Agenda) -> None:
    ticks = [Tick(name, HOURLY, work) for name, work in works]
    await asyncio.wait_for(run(ticks, until_told, clock, agenda=agenda), 20)


async def test_a_tick_that_is_hastened_comes_at_its_time_and_not_in_an_hour() -> None:
    agenda, times = scheduling.Agenda(clock), list[datetime]()

    async def scan() -> None:
        times.append(clock())
        agenda.hasten("scan", times[0] + timedelta(seconds=1.2))
        if len(times) == 2:
            terminate()

    await ticked(("scan", scan), agenda=agenda)
    assert timedelta(seconds=1.2) <= times[1] - times[0] < timedelta(seconds=5)


async def test_what_is_asked_for_during_work_comes_after_it_once() -> None:
    agenda, times = scheduling.Agenda(clock), list[datetime]()

    async def scan() -> None:
        times.append(clock())
        if len(times) == 1:
            for _ in range(10):
                agenda.hasten("scan", clock())
                await asyncio.sleep(0)
        agenda.hasten("end", clock() + timedelta(seconds=0.5))

    async def end() -> None:
        if len(times) == 2:
            terminate()

    await ticked(("scan", scan), ("end", end), agenda=agenda)
    assert len(times) == 2
    assert times[1] - times[0] >= pacing.APART


async def test_a_tick_is_never_put_off() -> None:
    agenda = scheduling.Agenda(clock)

    async def soon() -> None:
        agenda.hasten("often", clock() + timedelta(days=1))

    ran, often = after(3, terminate)
    await asyncio.wait_for(
        run([Tick("soon", OFTEN, soon), Tick("often", OFTEN, often)], until_told, clock, agenda=agenda), 20
    )
    assert ran[:3] == [1, 2, 3]


async def test_hastening_after_the_end_does_nothing() -> None:
    agenda = scheduling.Agenda(clock)
    ran, work = after(1, terminate)
    await ticked(("scan", work), agenda=agenda)
    agenda.hasten("scan", clock())
    await asyncio.sleep(0.05)
    assert ran == [1]
