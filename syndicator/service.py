"""Run the service, whole or in parts: pages and feeds over HTTP; the ticks that scan, plan, deliver and clean up."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from syndicator import scheduling, watching
from syndicator.app import ScanWishes
from syndicator.duty import Duty
from syndicator.errors import OutputError
from syndicator.health import Health
from syndicator.metrics import Metrics
from syndicator.policy.redirects import Redirects
from syndicator.scheduling import Agenda, Tick
from syndicator.store import facts, leases, ledger, locks, recipients, sources
from syndicator.tokens import fingerprint
from syndicator.web.pages import create_app
from syndicator.web.server import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from syndicator.app import App, BuildReport
    from syndicator.web.probes import Probes

log = logging.getLogger(__name__)


def run(app: App, announce: Callable[[str], None]) -> None:
    """Serve and work until SIGTERM or Ctrl-C; `announce` is told the address once it listens.

    Raise StoreError when another service holds the store (SQLite), SyndicatorError when the address is taken,
    SettingsError when there is nothing to watch folders with.
    """
    watching.require(app.settings)
    with app.store.locks.service() as alone:
        if alone:
            _free_dead_leases(app)
        metrics = Metrics(app.store, app.clock)
        server = make_server(app, Health(app, metrics if app.settings.web.metrics else None))
        server.bind()
        announce(server.url)
        asyncio.run(_work(app, server.serve, metrics, alone=alone))
    app.store.close()


def work(app: App) -> None:
    """Work without serving, until SIGTERM or Ctrl-C.

    Raise StoreError when another service holds the store (SQLite), SettingsError when there is nothing to watch with.
    """
    watching.require(app.settings)
    with app.store.locks.service() as alone:
        if alone:
            _free_dead_leases(app)
        asyncio.run(_work(app, _idle, Metrics(app.store, app.clock), alone=alone))
    app.store.close()


def serve(app: App, announce: Callable[[str], None]) -> None:
    """Serve without working, until SIGTERM or Ctrl-C. Raise SyndicatorError when the address is taken."""
    metrics = Metrics(app.store, app.clock) if app.settings.web.metrics else None
    server = make_server(app, Health(app, metrics))
    server.bind()
    announce(server.url)
    asyncio.run(scheduling.run([], server.serve, app.clock))
    app.store.close()


def make_server(app: App, probes: Probes) -> Server:
    """Return the web server for an app's feeds, pages and probes."""
    settings = app.settings
    pages = create_app(
        output=settings.feeds.output,
        media_types={kind.extension: kind.media_type for kind in app.formats},
        redirects=Redirects.of(settings.redirects.paths, settings.redirects.presets),
        site_title=settings.site.title,
        site_url=settings.site.url,
        feeds_url=settings.feeds.url,
        language=settings.site.language,
        templates=app.templates,
        catalogue=app.catalogue,
        unsubscribe=Unsubscribing(app),
        probes=probes,
    )
    return Server(pages, settings.web.host, settings.web.port)


class Unsubscribing:
    """Do what the unsubscribe links in mails are for."""

    def __init__(self, app: App) -> None:
        self._app = app

    def describe(self, token: str) -> str | None:
        """Return the address a token stands for, masked; None for a token that is not ours."""
        found = self._find(token)
        return _masked(found[1]) if found else None

    def confirm(self, token: str) -> bool:
        """End all subscriptions of the address; True again when they have ended already."""
        from syndicator.pipeline import enrolling

        found = self._find(token)
        if found:
            enrolling.leave(self._app.store, found[0], self._app.clock())
        return found is not None

    def _find(self, token: str) -> tuple[int, str] | None:
        """Return the recipient's id and address, None when the token is not ours or the id is now another's."""
        signed = self._app.signer.read(token)
        if signed is None:
            return None
        with self._app.store.read() as connection:
            recipient = recipients.get(connection, signed[0])
        known = recipient is not None and fingerprint(recipient.name) == signed[1]
        return (recipient.id, recipient.name) if recipient and known else None


async def _work(app: App, serve: Callable[[asyncio.Event], Awaitable[None]], metrics: Metrics, *, alone: bool) -> None:
    """Do all that there is to do at its time; scan, plan, watch and clean up only while no other process does."""
    every = app.settings.schedule
    duty, stop, agenda = Duty(app.store, app.clock, alone=alone), asyncio.Event(), Agenda(app.clock)
    async with app.outlets() as outlets, _watching(app, duty, agenda) as look:
        ticks = [
            Tick("scan", every.scan, lambda: _look(app, duty, agenda, metrics, look), dated=True),
            Tick("digests", every.digests, lambda: duty.do(app.plan), dated=True),
            Tick("deliver", every.deliver, lambda: app.deliver(outlets, stop, observe=metrics.tried)),
            Tick("alerts", every.scan, lambda: duty.do(app.watch), dated=True),
            Tick("cleanup", every.cleanup, lambda: duty.do(app.clean_up), dated=True),
        ]
        await asyncio.to_thread(app.hasten)
        await scheduling.run(
            ticks, lambda stop: _on_duty(duty, serve, stop), app.clock, stop,
            jumped=lambda: asyncio.to_thread(app.hasten), agenda=agenda,
        )  # fmt: skip


@asynccontextmanager
async def _watching(app: App, duty: Duty, agenda: Agenda) -> AsyncIterator[Callable[[], object]]:
    """Give what is to be called after each scan, to watch the folders that it looked into."""
    if not app.settings.schedule.watch:
        yield lambda: None
        return
    loop = asyncio.get_running_loop()

    def changed() -> bool:
        loop.call_soon_threadsafe(agenda.hasten, "scan", app.clock())
        return duty.holds()

    with watching.watch(changed, app.written()) as watcher:
        yield lambda: watcher.look(app.folders())


async def _look(app: App, duty: Duty, agenda: Agenda, metrics: Metrics, look: Callable[[], object]) -> None:
    """Scan, and have what follows from it come at its time: sending at once, the next scan when a post is due."""
    report = await duty.do(lambda: _scan(app, duty, metrics))
    if report is None:
        return
    if report.due:
        agenda.hasten("scan", report.due)
    if any(scan.queued for scan in report.scans):
        agenda.hasten("deliver", app.clock())
    await asyncio.to_thread(look)


async def _on_duty(duty: Duty, serve: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event) -> None:
    keeping = asyncio.create_task(duty.keep(stop))
    try:
        await serve(stop)
    finally:
        stop.set()
        await keeping


async def _idle(stop: asyncio.Event) -> None:
    await stop.wait()


def _scan(app: App, duty: Duty, metrics: Metrics) -> BuildReport:
    """Scan and write feeds, once a day with every file read."""
    now = app.clock()
    with app.store.read() as connection:
        last = facts.get(connection, facts.FULL_SCAN)
    due = bool(last) and now - datetime.fromisoformat(last) >= app.settings.schedule.full_scan
    report = app.scan(ScanWishes(full=due, track=duty.while_held))
    _remember(app, report, full=due or not last)
    metrics.scanned(report, app.clock() - now)
    log_scans(report)
    _publish(app, duty, metrics)
    return report


def _publish(app: App, duty: Duty, metrics: Metrics) -> None:
    """Write the feeds that changed, and remember why when that cannot be done."""
    try:
        report = app.build(None, track=duty.while_held)
    except OutputError as error:
        _note_unwritten(app, str(error))
        raise
    _note_unwritten(app, "")
    metrics.published(report)
    log_problems(report)


def _note_unwritten(app: App, reason: str) -> None:
    with app.store.read() as connection:
        same = facts.get(connection, facts.UNWRITTEN) == reason
    if not same:
        with app.store.write() as connection:
            facts.put(connection, facts.UNWRITTEN, reason)


def _remember(app: App, report: BuildReport, *, full: bool) -> None:
    """Keep how the scans ended, for probes and alerts, which may be asked of another process."""
    now = app.clock()
    with app.store.write() as connection:
        for scan in report.scans:
            sources.succeeded(connection, scan.source, now)
        for source, reason in report.errors.items():
            sources.failed(connection, source, reason)
        if full:
            facts.put(connection, facts.FULL_SCAN, now.isoformat())


def log_problems(report: BuildReport) -> None:
    """Log what is newly wrong with posts."""
    for source, problem in report.problems():
        log.warning("problem in a post", extra={"source": source, "problem": problem})


def log_scans(report: BuildReport) -> None:
    """Log what scans found, where they found anything."""
    log_problems(report)
    for source, reason in report.errors.items():
        log.error("source not read", extra={"source": source, "reason": reason})
    for scan in report.scans:
        if scan.new or scan.changed or scan.gone or scan.moved or scan.announced:
            log.info(
                "scanned",
                extra={
                    "source": scan.source, "new": scan.new, "changed": scan.changed, "gone": scan.gone,
                    "announced": scan.announced, "queued": scan.queued,
                },
            )  # fmt: skip


def _free_dead_leases(app: App) -> None:
    """Take over what a process that died had in hand: no other service can be running beside us."""
    with app.store.write() as connection:
        leases.free(connection, leases.SCHEDULER)
        dead = [token for token in ledger.lease_tokens(connection) if locks.is_dead(token.partition("/")[0])]
        freed = ledger.release(connection, dead)
    if freed:
        log.warning("freed leases of a process that died", extra={"deliveries": freed})


def _masked(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"
