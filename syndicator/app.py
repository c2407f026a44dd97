"""The service as one object: what can be asked of it, and the one place that reads the clock."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from syndicator.errors import OutputError, SourceError, UsageError
from syndicator.files import FeedFolder, feed_url
from syndicator.models import FeedListing, Reason
from syndicator.parts import Outlets, Parts
from syndicator.pipeline import overlapping, publishing, restoring, scanning
from syndicator.policy.changes import Rules
from syndicator.policy.readiness import MISSED_SCANS
from syndicator.ports import Explainer
from syndicator.store import Store, feeds

if TYPE_CHECKING:
    import asyncio
    from collections import Counter
    from collections.abc import Callable, Iterator, Mapping

    from syndicator.models import Outcome, Problem, Recipient
    from syndicator.pipeline.delivering import Observe, Unsettled
    from syndicator.pipeline.publishing import PublishReport
    from syndicator.pipeline.scanning import ScanReport
    from syndicator.settings import Settings
    from syndicator.settings.models import SourceSettings

RETENTION = timedelta(days=90)
# A weekly digest, and a month of outage on top.
_KEEP_CONTENTS = timedelta(days=40)


def now() -> datetime:
    """Return the time: every other module is handed it."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class BuildReport:
    """Hold what a build did; `errors` tell of each source that could not be read why."""

    scans: tuple[ScanReport, ...]
    errors: Mapping[str, str]
    published: PublishReport | None = None

    @property
    def due(self) -> datetime | None:
        """Return when a post that waits is to be announced or released, and so when to scan again at the latest."""
        return min((scan.due for scan in self.scans if scan.due), default=None)

    def problems(self) -> Iterator[tuple[str, Problem]]:
        """Yield (source, problem) of what is newly wrong with posts."""
        for scan in self.scans:
            yield from ((scan.source, problem) for problem in scan.problems)
        if self.published:
            yield from self.published.problems


@dataclass(frozen=True, slots=True)
class ScanWishes:
    """Hold what a person asks of a scan: read every file, announce nothing, accept that many files are missing."""

    full: bool = False
    silent: bool = False
    allow_missing: bool = False
    track: scanning.Track = list


class App(Parts):
    """Hold one site's service."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = now) -> None:
        super().__init__(settings, clock)
        self._unsettled: Unsettled = []
        self._touched: defaultdict[str, dict[str, str]] = defaultdict(dict)

    def scan(self, wishes: ScanWishes = ScanWishes()) -> BuildReport:
        """Scan every source; one that cannot be read does not stop the others."""
        with self.store.locks.scan():
            return BuildReport(*self._scan(wishes))

    def build(self, wishes: ScanWishes | None, *, full: bool = False, track: publishing.Track = list) -> BuildReport:
        """Scan (unless `wishes` is None), then write the feeds that changed, or all (`full`).

        Raise OutputError when a feed cannot be written.
        """
        with self.store.locks.scan():
            scans, errors = self._scan(wishes) if wishes else ((), {})
            published = publishing.publish(
                self.store,
                self.readable_sources(),
                self.formats,
                FeedFolder(self.settings.feeds.output),
                self.style,
                self.clock(),
                full=full,
                track=track,
            )
        return BuildReport(scans, errors, published)

    def examine(self, item: SourceSettings, track: scanning.Track = list) -> Iterator[tuple[str, tuple[Problem, ...]]]:
        """Read and render all of a source, and yield (path, problems) of every file with any; change nothing."""
        from syndicator.pipeline import examining

        return examining.examine(self.source(item), track)

    def explain(self, item: SourceSettings, path: str) -> Iterator[Reason]:
        """Say how each field of a post was decided and what became of it, without making a store where none is.

        Raise UsageError for a kind of source that cannot explain itself.
        """
        from syndicator.pipeline import explaining

        source = self.source(item)
        if not isinstance(source, Explainer):
            raise UsageError(f"source {item.name}: {item.kind} cannot explain its posts: see syndicator posts")
        yield Reason("file", path, f"source {item.name}, {item.path}")
        reasons = list(source.explain(path))
        yield from reasons
        content = next((reason.value for reason in reasons if reason.field == "content_hash"), None)
        if self.has_store():
            rules, now = self._how(item, ScanWishes()).rules, self.clock()
            with self.store.read() as connection:
                yield from explaining.trace(connection, (item.name, path), content, rules, self.style, now)

    def has_store(self) -> bool:
        """Tell whether there is a store to look into, without making one."""
        return Store(self.settings.store.url).exists()

    def plan(self, *, early: bool = False) -> int:
        """Queue the digests that are due; return how many."""
        from syndicator.pipeline import planning

        return planning.plan(self.store, self.clock(), early=early, catch_up=self.settings.schedule.catch_up)

    def watch(self) -> int:
        """Queue a message to the owner where there is trouble to tell of; return how many troubles that are."""
        from syndicator.pipeline import alerting

        wanted = self.settings.alerts
        if not wanted.to:
            return 0
        how = alerting.Watch(
            to=wanted.to, zone=wanted.zone, language=wanted.language, patience=wanted.after,
            late=MISSED_SCANS * self.settings.schedule.scan, quarantined=wanted.quarantined,
            sources=[item.name for item in self.settings.sources],
        )  # fmt: skip
        return alerting.watch(self.store, how, self.clock())

    async def deliver(
        self,
        outlets: Outlets,
        stop: asyncio.Event | None = None,
        limit: int | None = None,
        observe: Observe = lambda _delivery, _outcome, _took: None,
    ) -> Counter[str]:
        """Send what is due; once `stop` is set, only what was claimed before. `observe` is told of every try."""
        from syndicator.pipeline import delivering

        how = delivering.Sending(
            store=self.store,
            composer=self.composer,
            channel_for=lambda recipient: self.channel(recipient, outlets),
            clock=self.clock,
            chance=random.random,
            stopped=stop.is_set if stop else lambda: False,
            unsettled=self._unsettled,
            id_from_url=self.style.id_from_url,
            observe=observe,
        )
        return await delivering.deliver(how, limit=limit)

    def deliver_now(self, limit: int | None = None) -> Counter[str]:
        """Send what is due, from a program that has no event loop."""
        import asyncio

        async def run() -> Counter[str]:
            async with self.outlets() as outlets:
                return await self.deliver(outlets, limit=limit)

        return asyncio.run(run())

    def hasten(self) -> int:
        """Have sent at once what waits only because a clock was wrong when it was queued; return how many that is."""
        from syndicator.store import upkeep

        with self.store.write() as connection:
            return upkeep.hasten(connection, self.clock())

    def clean_up(self) -> int:
        """Delete settled deliveries and rendered bodies that are past their time; return the number of deliveries."""
        from syndicator.store import posts, upkeep

        with self.store.write() as connection:
            posts.drop_contents(
                connection, newest=self.settings.feeds.limit, announced_before=self.clock() - _KEEP_CONTENTS
            )
            return upkeep.purge(connection, self.clock() - RETENTION)

    def forget(self, recipient: Recipient) -> int:
        """Forget a recipient, with its deliveries and the mails in the mail folder; return how many those were.

        Raise OutputError when a mail cannot be deleted; then the recipient is still there.
        """
        from syndicator.mail import folder
        from syndicator.pipeline import enrolling

        try:
            mails = folder.forget(self.settings.mail.folder, recipient.name) if recipient.channel == "email" else 0
        except OSError as error:
            raise OutputError(f"{error.filename}: cannot be deleted: {error.strerror}: try again") from error
        enrolling.forget(self.store, recipient.id)
        return mails

    def send_test(self, recipient: Recipient) -> Outcome:
        """Send a message that only shows that messages arrive; it is not in the ledger."""
        import asyncio

        async def run() -> Outcome:
            async with self.outlets() as outlets:
                message = self.composer.test(recipient, self.clock())
                return await self.channel(recipient, outlets).send(message, recipient)

        return asyncio.run(run())

    def catalogue(self) -> list[FeedListing]:
        """Return every feed, for the index page."""
        zone = ZoneInfo(self.settings.site.timezone)
        with self.store.read() as connection:
            rows, counts = feeds.all_feeds(connection), feeds.counts(connection)
        return [
            FeedListing(
                kind=row.kind, slug=row.slug, title=row.title, entries=counts.get(row.id, 0),
                updated=row.updated.astimezone(zone) if row.updated else None,
                urls={
                    kind.extension: f"{feed_url(self.settings.feeds.url, row.kind, row.slug)}.{kind.extension}"
                    for kind in self.formats
                },
            )
            for row in rows
        ]  # fmt: skip

    def _scan(self, wishes: ScanWishes) -> tuple[tuple[ScanReport, ...], dict[str, str]]:
        """Scan every source; return the reports, and the errors of those that could not be read."""
        scans: list[ScanReport] = []
        errors: dict[str, str] = {}
        for item in self.settings.sources:
            silent = restoring.is_silent(self.store, item.name)
            how = self._how(item, replace(wishes, silent=wishes.silent or silent))
            try:
                self._refuse_shared(item)
                scans.append(scanning.scan(self.store, self.source(item), how, wishes.track))
                if silent and scans[-1].files:  # a folder that is not mounted yet is no scan
                    restoring.was_scanned(self.store, item.name)
            except SourceError as error:
                errors[item.name] = str(error)
        return tuple(scans), errors

    def _refuse_shared(self, item: SourceSettings) -> None:
        """Raise SourceError when a source before this one in the settings lists some of the same files."""
        source, readable = self.source(item), self.readable_sources()
        for other in self.settings.sources[: self.settings.sources.index(item)]:
            first = readable.get(other.name)
            if first and (path := overlapping.shared(first, other.path, source, item.path)):
                raise SourceError(
                    f"source {item.name}: {path} is a post of source {other.name} too, and would be announced twice: "
                    "take one of them out of the settings, or give each a folder of its own"
                )

    def _how(self, item: SourceSettings, wishes: ScanWishes) -> scanning.Scan:
        announce = self.settings.announce
        return scanning.Scan(
            rules=Rules(announce.window, announce.settle, keep_missing=item.on_missing == "keep"),
            authority=self.settings.feeds.authority,
            now=self.clock(),
            full=wishes.full,
            announce=not wishes.silent,
            allow_missing=wishes.allow_missing,
            others=self.others(item),
            touched=self._touched[item.name],
        )
