"""Put the parts together: the only module that knows which ones are in use."""

from __future__ import annotations

import logging
import os
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from syndicator import plugins
from syndicator.errors import SettingsError, SourceError
from syndicator.pipeline import restoring
from syndicator.pipeline.publishing import Style
from syndicator.store import Store, facts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from pydantic import BaseModel

    from syndicator.compose import Composer
    from syndicator.http import Client
    from syndicator.mail.transport import Transport
    from syndicator.models import Recipient
    from syndicator.pipeline.enrolling import Enrolment
    from syndicator.ports import Channel, Format, Source
    from syndicator.settings import Settings
    from syndicator.settings.models import EndpointSettings, SourceSettings
    from syndicator.templates import Templates
    from syndicator.tokens import Signer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outlets:
    """Hold what messages leave through, open as long as `Parts.outlets` is entered."""

    http: Client
    mail: Channel


class Parts:
    """Hold what the settings ask for, each part made when it is first needed."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.clock = clock
        self._sources: dict[str, Source] = {}

    @cached_property
    def store(self) -> Store:
        """Open the store, with the declared endpoints in it; one that was a backup is made fit for use."""
        store = Store(self.settings.store.url).open()
        if done := restoring.take_up(store, [item.name for item in self.settings.sources], self.clock()):
            log.warning("%s", done)
        self._declare(store)
        return store

    def source(self, item: SourceSettings) -> Source:
        """Return a source.

        Raise SourceError when no kind recognises its folder, SettingsError for an unknown kind or wrong options.
        """
        if item.name not in self._sources:
            site = self.settings.site
            kind = plugins.load("sources", item.kind or _detect(item), "Source")
            options = self.settings.options("sources", self.settings.sources.index(item), kind.Options)
            self._sources[item.name] = kind(
                item.name, item.path, options=options, url=item.url or site.url, timezone=item.timezone or site.timezone
            )
        return self._sources[item.name]

    def readable_sources(self) -> dict[str, Source]:
        """Return name → source of those that can be made: what they hold can be rendered again."""
        for item in self.settings.sources:
            with suppress(SourceError):
                self.source(item)
        return self._sources

    def folders(self) -> list[str]:
        """Return the folders to watch for new posts and changes."""
        sources = self.readable_sources()
        return [
            folder
            for item in self.settings.sources
            for folder in (sources[item.name].folders() if item.name in sources else [item.path])
        ]

    def written(self) -> list[str]:
        """Return how the paths begin that the service writes to while it runs."""
        folders = [os.path.join(self.settings.feeds.output, "feeds"), self.settings.mail.folder]
        file = self.settings.store.url.removeprefix("sqlite:///")
        return folders if file == self.settings.store.url else [*folders, file]

    def others(self, item: SourceSettings) -> dict[str, Source | None]:
        """Return all other sources by name, None for one that cannot be made."""
        readable = self.readable_sources()
        return {other.name: readable.get(other.name) for other in self.settings.sources if other.name != item.name}

    @cached_property
    def formats(self) -> list[Format]:
        """Return the formats that feeds are written in."""
        return [plugins.load("formats", name, "Format")() for name in self.settings.feeds.formats]

    @cached_property
    def style(self) -> Style:
        """Return the settings that shape feeds."""
        site, feeds = self.settings.site, self.settings.feeds
        return Style(
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

    @asynccontextmanager
    async def outlets(self) -> AsyncIterator[Outlets]:
        """Give what messages leave through, for one event loop; close all of it at the end."""
        from syndicator import __version__
        from syndicator.http import Client

        agent = f"Syndicator/{__version__}"
        async with Client(user_agent=agent, clock=self.clock) as http, self._transport() as transport:
            yield Outlets(http, self._mail(transport))

    def channel(self, recipient: Recipient, outlets: Outlets) -> Channel:
        """Return the channel of a recipient. Raise SettingsError when its options are wrong."""
        if recipient.channel == "email":
            return outlets.mail
        kind = plugins.load("channels", recipient.channel, "Channel")
        options = self._options(recipient, kind)
        channel: Channel = kind(options, outlets.http, self.clock)
        return channel

    def _mail(self, transport: Transport) -> Channel:
        kind = plugins.load("channels", "email", "Channel")
        mail = self.settings.mail
        options = kind.Options(
            sender=mail.sender, reply_to=mail.reply_to, list_name=self.settings.site.title,
            list_domain=mail.list_domain,
        )  # fmt: skip
        channel: Channel = kind(options, transport)
        return channel

    def _transport(self) -> AbstractAsyncContextManager[Transport]:
        mail = self.settings.mail
        if mail.transport == "file":
            from syndicator.mail.transport import FileTransport

            return nullcontext(FileTransport(mail.folder))
        from syndicator.mail.relay import Relay
        from syndicator.mail.smtp import SmtpTransport

        relay = Relay(
            host=mail.host, port=mail.port, security=mail.security, user=mail.user,
            password=mail.password.get_secret_value(), ca_file=mail.ca_file, timeout=mail.timeout.total_seconds(),
        )  # fmt: skip
        return SmtpTransport(relay, connections=mail.connections)

    def _options(self, recipient: Recipient, kind: Any) -> BaseModel:
        """Validate an endpoint's options: those of a declared one are in the settings and never in the store."""
        from pydantic import ValidationError

        declared = {item.name: place for place, item in enumerate(self.settings.endpoints)}
        if recipient.declared and recipient.name in declared:
            options: BaseModel = self.settings.options("endpoints", declared[recipient.name], kind.Options)
            return options
        try:
            options = kind.Options.model_validate(recipient.options)
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            raise SettingsError([f"endpoint {recipient.name}: {wrong}: add it again"]) from None
        return options

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

    def _enrolment(self, item: EndpointSettings) -> Enrolment:
        from syndicator.models import Recipient
        from syndicator.pipeline.enrolling import Enrolment

        recipient = Recipient(
            id=0, channel=item.kind, name=item.name, zone=item.zone, language=item.language, at=item.at, day=item.day,
            declared=True,
        )  # fmt: skip
        return Enrolment(recipient, budget_key(item.options), choices(item.categories, item.tags), item.cadence)


def _detect(item: SourceSettings) -> str:
    for kind in plugins.names("sources"):
        if plugins.load("sources", kind, "detect")(item.path):
            return kind
    raise SourceError(
        f"source {item.name}: no posts found in {item.path}: is it the folder that holds _posts and _config.yml?"
    )


def choices(categories: Sequence[str], tags: Sequence[str]) -> list[tuple[Any, str]]:
    """Return what a recipient chose as (kind, feed): the whole site where nothing is named."""
    named = [*(("category", name) for name in categories), *(("tag", name) for name in tags)]
    return named or [("site", "")]


def budget_key(options: Mapping[str, Any]) -> str:
    """Return the key under which an endpoint shares its rate budget: the host it posts to."""
    return urlsplit(str(options.get("url", ""))).hostname or ""
