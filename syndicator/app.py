"""Put the parts together: the only module that knows which ones are in use, and the only one that reads the clock."""

from __future__ import annotations

import logging
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from syndicator import plugins
from syndicator.errors import SourceError
from syndicator.files import FeedFolder, feed_url
from syndicator.pipeline import publishing, scanning
from syndicator.policy.changes import Rules
from syndicator.store import Store, facts, locks
from syndicator.store import feeds as feed_store

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from pydantic import BaseModel

    from syndicator.compose import Composer
    from syndicator.http import Client
    from syndicator.models import Outcome, Recipient
    from syndicator.pipeline.enrolling import Enrolment
    from syndicator.pipeline.planning import PlanReport
    from syndicator.pipeline.publishing import PublishReport
    from syndicator.pipeline.scanning import ScanReport
    from syndicator.ports import Channel, Format, Source
    from syndicator.settings import Settings
    from syndicator.templates import Templates
    from syndicator.tokens import Signer
    from syndicator.web.pages import FeedListing

log = logging.getLogger(__name__)

RETENTION = timedelta(days=90)
# A weekly digest, and a month of outage on top.
_KEEP_CONTENTS = timedelta(days=40)


def now() -> datetime:
    """Return the time: every other module is handed it."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class BuildReport:
    """Hold what a build did; `errors` name the sources that could not be read."""

    scans: tuple[ScanReport, ...]
    errors: tuple[str, ...]
    published: PublishReport | None


class App:
    """Hold one site's service: its settings, its store, its parts, and what can be asked of them."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = now) -> None:
        self.settings = settings
        self.clock = clock

    # Parts

    @cached_property
    def store(self) -> Store:
        """Open the store, with the declared endpoints in it."""
        store = Store(self.settings.store.url).open()
        self._declare(store)
        return store

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Return name → source. Raise SettingsError for a kind there is none of."""
        site = self.settings.site
        return {
            item.name: plugins.load("sources", item.kind or _detect(item.path, item.name), "Source")(
                item.name, item.path, url=item.url or site.url, timezone=item.timezone or site.timezone
            )
            for item in self.settings.sources
        }

    @cached_property
    def formats(self) -> list[Format]:
        """Return the formats that feeds are written in."""
        return [plugins.load("formats", name, "Format")() for name in self.settings.feeds.formats]

    @cached_property
    def style(self) -> publishing.Style:
        """Return the settings that shape feeds."""
        site, feeds = self.settings.site, self.settings.feeds
        return publishing.Style(
            site_title=site.title, site_url=site.url, description=site.description, author=site.author,
            language=site.language, timezone=site.timezone, feeds_url=feeds.url, authority=feeds.authority,
            limit=feeds.limit, full_text=feeds.content == "full", id_from_url=feeds.id == "url",
            titles={item.name: item.title for item in self.settings.categories},
        )  # fmt: skip

    @cached_property
    def templates(self) -> Templates:
        """Return the templates, the owner's own over the shipped ones."""
        from syndicator.templates import Templates

        return Templates(self.settings.site.templates or None)

    @cached_property
    def signer(self) -> Signer:
        """Return what signs the links in mails, with the keys in `[web] secret_key_file`."""
        from syndicator.tokens import Signer, read_keys

        return Signer(read_keys(self.settings.web.secret_key_file))

    @cached_property
    def composer(self) -> Composer:
        """Return what turns posts into messages."""
        from syndicator.compose import Composer

        return Composer(
            templates=self.templates, signer=self.signer, site_title=self.settings.site.title,
            site_url=self.settings.site.url, web_url=self.settings.web.url,
            list_domain=self.settings.mail.list_domain, digest_limit=self.settings.mail.digest_limit,
        )  # fmt: skip

    # The main job

    def scan(
        self,
        *,
        full: bool = False,
        announce: bool = True,
        allow_missing: bool = False,
        track: scanning.Track = list,
    ) -> BuildReport:
        """Scan every source; one that cannot be read does not stop the others."""
        with locks.scan(self.store.path):
            scans, errors = self._scan(full=full, announce=announce, allow_missing=allow_missing, track=track)
        return BuildReport(tuple(scans), tuple(errors), None)

    def build(
        self,
        *,
        scan: bool = True,
        full: bool = False,
        full_scan: bool = False,
        track_scan: scanning.Track = list,
        track_feeds: publishing.Track = list,
    ) -> BuildReport:
        """Scan, then write the feeds that changed, or all (`full`). Raise OutputError when one cannot be written."""
        with locks.scan(self.store.path):
            scans, errors = self._scan(full=full_scan, track=track_scan) if scan else ([], [])
            published = publishing.publish(
                self.store, self.sources, self.formats, FeedFolder(self.settings.feeds.output), self.style,
                self.clock(), full=full, track=track_feeds,
            )  # fmt: skip
        return BuildReport(tuple(scans), tuple(errors), published)

    def plan(self, *, early: bool = False) -> PlanReport:
        """Queue the digests that are due."""
        from syndicator.pipeline import planning

        return planning.plan(self.store, self.clock(), early=early)

    async def deliver(self, http: Client, limit: int | None = None) -> Counter[str]:
        """Send what is due."""
        from syndicator.pipeline import delivering

        how = delivering.Sending(
            store=self.store,
            composer=self.composer,
            channel_for=lambda recipient: self.channel(recipient, http),
            clock=self.clock,
            chance=random.random,
            id_from_url=self.style.id_from_url,
        )
        return await delivering.deliver(how, limit=limit)

    def deliver_now(self, limit: int | None = None) -> Counter[str]:
        """Send what is due, from a program that has no event loop."""
        import asyncio

        async def run() -> Counter[str]:
            async with self.http() as http:
                return await self.deliver(http, limit)

        return asyncio.run(run())

    def clean_up(self) -> int:
        """Delete settled deliveries and rendered bodies that are past their time; return the number of deliveries."""
        from syndicator.store import ledger, posts

        with self.store.write() as connection:
            posts.drop_contents(
                connection, newest=self.settings.feeds.limit, announced_before=self.clock() - _KEEP_CONTENTS
            )
            return ledger.purge(connection, self.clock() - RETENTION)

    def _scan(
        self, *, full: bool, announce: bool = True, allow_missing: bool = False, track: scanning.Track = list
    ) -> tuple[list[ScanReport], list[str]]:
        scans, errors = [], []
        for item in self.settings.sources:
            how = scanning.Scan(
                rules=Rules(self.settings.announce.window, self.settings.announce.settle, item.on_missing == "keep"),
                authority=self.settings.feeds.authority,
                now=self.clock(),
                full=full,
                announce=announce,
                allow_missing=allow_missing,
            )
            try:
                scans.append(scanning.scan(self.store, self.sources[item.name], how, track))
            except SourceError as error:
                errors.append(str(error))
        return scans, errors

    # Recipients

    @asynccontextmanager
    async def http(self) -> AsyncIterator[Client]:
        """Give the HTTP client that endpoints are reached with."""
        from syndicator import __version__
        from syndicator.http import Client

        async with Client(user_agent=f"Syndicator/{__version__}", clock=self.clock) as client:
            yield client

    def send_test(self, recipient: Recipient) -> Outcome:
        """Send a message that only shows that messages arrive; it is not in the ledger."""
        import asyncio

        async def run() -> Outcome:
            async with self.http() as http:
                return await self.channel(recipient, http).send(self.composer.test(recipient, self.clock()), recipient)

        return asyncio.run(run())

    def channel(self, recipient: Recipient, http: Client) -> Channel:
        """Return the channel of a recipient. Raise SettingsError when its options are wrong."""
        if recipient.channel == "email":
            return self._mail
        kind = plugins.load("channels", recipient.channel, "Channel")
        options = self._options(recipient, kind)
        channel: Channel = kind(options, http, self.clock)
        return channel

    @cached_property
    def _mail(self) -> Channel:
        kind = plugins.load("channels", "email", "Channel")
        mail = self.settings.mail
        options = kind.Options(
            transport=mail.transport, folder=mail.folder, sender=mail.sender, reply_to=mail.reply_to,
            list_name=self.settings.site.title, list_domain=mail.list_domain,
        )  # fmt: skip
        channel: Channel = kind(options)
        return channel

    def _options(self, recipient: Recipient, kind: Any) -> BaseModel:
        """Validate an endpoint's options: those of a declared one are in the settings and never in the store."""
        if recipient.declared:
            names = [item.name for item in self.settings.endpoints]
            declared: BaseModel = self.settings.options(names.index(recipient.name), kind.Options)
            return declared
        valid: BaseModel = kind.Options.model_validate(recipient.options)
        return valid

    def _declare(self, store: Store) -> None:
        """Upsert the endpoints that the settings declare, when those changed since the last time."""
        digest = repr(self.settings.endpoints) if self.settings.endpoints else ""
        with store.read() as connection:
            if facts.get(connection, facts.DECLARED) == digest:
                return
        from syndicator.pipeline import enrolling

        enrolling.declare(store, [self._enrolment(item) for item in self.settings.endpoints], self.clock())
        with store.write() as connection:
            facts.put(connection, facts.DECLARED, digest)

    def _enrolment(self, item: Any) -> Enrolment:
        from syndicator.models import Recipient
        from syndicator.pipeline.enrolling import Enrolment

        recipient = Recipient(
            id=0, channel=item.kind, name=item.name, zone=item.zone, language=item.language, at=item.at, day=item.day,
            declared=True,
        )  # fmt: skip
        return Enrolment(recipient, budget_key(item.options), choices(item.categories, item.tags), item.cadence)

    # The service

    def catalogue(self) -> list[FeedListing]:
        """Return every feed, for the index page."""
        from zoneinfo import ZoneInfo

        from syndicator.web.pages import FeedListing

        zone = ZoneInfo(self.settings.site.timezone)
        with self.store.read() as connection:
            rows, counts = feed_store.all_feeds(connection), feed_store.counts(connection)
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


def _detect(path: str, name: str) -> str:
    for kind in plugins.names("sources"):
        if plugins.load("sources", kind, "detect")(path):
            return kind
    raise SourceError(f"source {name}: no posts found in {path}: is it the folder that holds _posts and _config.yml?")


def choices(categories: Sequence[str], tags: Sequence[str]) -> list[tuple[Any, str]]:
    """Return what a recipient chose as (kind, feed): the whole site where nothing is named."""
    named = [*(("category", name) for name in categories), *(("tag", name) for name in tags)]
    return named or [("site", "")]


def budget_key(options: Mapping[str, Any]) -> str:
    """Return the key under which an endpoint shares its rate budget: the host it posts to."""
    return urlsplit(str(options.get("url", ""))).hostname or ""
