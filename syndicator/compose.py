"""Compose what is to be said: a post, a digest or a test becomes a `Message`, with its mail where it goes by e-mail."""

from __future__ import annotations

import re
import secrets
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING

from css_inline import CSSInliner
from xxhash import xxh3_128_hexdigest

from syndicator.models import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from syndicator.models import Delivery, Entry, MessageKind, Recipient
    from syndicator.policy.alerts import News
    from syndicator.templates import Templates
    from syndicator.tokens import Signer

# Octets of the HTML part in base64. Gmail clips what is longer than about 102 kB, and with it the unsubscribe link.
_BUDGET = 80_000
_NOT_IN_A_LINE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
# How many different mails are kept at hand: a post or a digest is rendered once for all readers who get the same.
_KEPT = 32
_UNTITLED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Content:
    """Hold what a mail is about, the same for all readers whose mails differ only in the unsubscribe link."""

    kind: MessageKind
    entries: tuple[Entry, ...]
    more: int
    period: str
    language: str
    zone: str
    titles: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Mail:
    """Hold a rendered mail: `entries` are those it shows, and `Composer._mark` stands for the reader's token."""

    entries: tuple[Entry, ...]
    subject: str
    text: str
    html: str


class Composer:
    """Compose messages for the readers of one site.

    Nothing but templates is read, and the same delivery always gives the same message. Addresses have no slash at
    their end. Every method raises `SettingsError` when a template fails.
    """

    def __init__(
        self,
        *,
        templates: Templates,
        signer: Signer,
        site_title: str,
        site_url: str,
        web_url: str,
        list_domain: str,
        digest_limit: int,
    ) -> None:
        self._templates = templates
        self._signer = signer
        self._site_title = site_title
        self._site_url = site_url
        self._web_url = web_url
        self._list_domain = list_domain
        self._digest_limit = digest_limit
        self._inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
        # At least as long as any token, and unknown to whoever writes the posts.
        self._mark = secrets.token_hex(48)
        self._mail = lru_cache(_KEPT)(self._render_mail)

    def post(self, delivery: Delivery, entry: Entry) -> Message:
        """Compose the message that announces one post."""
        message = self._message("post", delivery.unique_key, delivery.recipient, delivery.created)
        return self._finish(replace(message, entries=(entry,), sequence=entry.sequence), delivery.recipient)

    def digest(
        self, delivery: Delivery, entries: Sequence[Entry], period: str, titles: Mapping[str, str] = _UNTITLED
    ) -> Message:
        """Compose a digest of a period: its newest posts, newest first, and how `more` there are.

        A mail groups them by their first category, under its title in `titles`, and may show fewer, to stay within its
        budget of 80 kB.
        """
        shown = _newest_first(entries)[: self._digest_limit]
        message = replace(
            self._message("digest", delivery.unique_key, delivery.recipient, delivery.created),
            entries=shown,
            more=len(entries) - len(shown),
            period=period,
            sequence=max((entry.sequence for entry in entries), default=0),
        )
        headings = {category: titles[category] for category in map(_category, shown) if category in titles}
        return self._finish(message, delivery.recipient, headings)

    def alert(self, delivery: Delivery, news: Sequence[News], zone: str, language: str) -> Message:
        """Compose what the owner is told of troubles; chats and webhooks get its subject and text."""
        message = self._message("alert", delivery.unique_key, delivery.recipient, delivery.created)
        values = {"site_title": self._site_title, "site_url": self._site_url, "zone": zone, "news": news}

        def render(part: str) -> str:
            return self._templates.render(f"email/alert/{part}", language, kind="alert", **values)

        return replace(
            message,
            language=self._templates.language(language),
            zone=zone,
            subject=_one_line(render("subject.txt")),
            text=render("body.txt"),
            html=self._inliner.inline(render("body.html")) if delivery.recipient.channel == "email" else "",
        )

    def test(self, recipient: Recipient, now: datetime) -> Message:
        """Compose a message that only shows that messages arrive."""
        return self._finish(self._message("test", now.isoformat(), recipient, now), recipient)

    def _message(self, kind: MessageKind, key: str, recipient: Recipient, created: datetime) -> Message:
        """Begin a message; its id depends on what is sent and to whom, never on the try."""
        identity = "\0".join((key, recipient.name, self._list_domain))
        return Message(
            id=f"{kind}.{xxh3_128_hexdigest(identity.encode())}",
            kind=kind,
            subject="",
            created=created,
            language=self._templates.language(recipient.language),
            zone=recipient.zone,
            site_title=self._site_title,
            site_url=self._site_url,
        )

    def _finish(self, message: Message, recipient: Recipient, titles: Mapping[str, str] = _UNTITLED) -> Message:
        """Add the mail for those who get mail, with the reader's own token in it."""
        if recipient.channel != "email":
            return message
        content = _Content(
            message.kind, message.entries, message.more, message.period, message.language, message.zone,
            tuple(titles.items()),
        )  # fmt: skip
        mail = self._mail(content)
        token = self._signer.sign(recipient.id, recipient.name)
        return replace(
            message,
            entries=mail.entries,
            more=message.more + len(message.entries) - len(mail.entries),
            subject=mail.subject,
            text=mail.text.replace(self._mark, token),
            html=mail.html.replace(self._mark, token),
            unsubscribe_url=self._unsubscribe_url(token),
        )

    def _render_mail(self, content: _Content) -> _Mail:
        """Render the fullest mail whose HTML part is within the budget."""
        html = cache(lambda shape: self._inliner.inline(self._render("body.html", content, shape)))
        shape = _fullest(_shapes(content), html)
        shown = {entry.id for entry in shape}
        return _Mail(
            entries=tuple(entry for entry in content.entries if entry.id in shown),
            subject=_one_line(self._render("subject.txt", content, shape)),
            text=self._render("body.txt", content, shape),
            html=html(shape),
        )

    def _render(self, part: str, content: _Content, shape: tuple[Entry, ...]) -> str:
        """Render one part: a post's templates get `entry`, a digest's get `groups`, `total` and `more`."""
        total = len(content.entries) + content.more
        titles = dict(content.titles)
        return self._templates.render(
            f"email/{content.kind}/{part}",
            content.language,
            kind=content.kind,
            site_title=self._site_title,
            site_url=self._site_url,
            unsubscribe_url=self._unsubscribe_url(self._mark),
            zone=content.zone,
            period=content.period,
            entry=shape[0] if shape else None,
            groups=[(titles.get(category, category), list(group)) for category, group in groupby(shape, _category)],
            total=total,
            more=total - len(shape),
        )

    def _unsubscribe_url(self, token: str) -> str:
        return f"{self._web_url}/unsubscribe/{token}"


def _one_line(text: str) -> str:
    return _NOT_IN_A_LINE.sub(" ", text).strip()


def _newest_first(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.published, entry.sequence), reverse=True))


def _category(entry: Entry) -> str:
    return entry.categories[0] if entry.categories else ""


def _by_category(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Put the entries of a category together: the largest first, those without one last."""
    sizes = Counter(map(_category, entries))
    return tuple(sorted(entries, key=lambda entry: (not _category(entry), -sizes[_category(entry)], _category(entry))))


def _shapes(content: _Content) -> list[tuple[Entry, ...]]:
    """List what a mail may show, from the fullest to the shortest: ever fewer summaries, then ever fewer posts.

    A post's mail begins with the whole body.
    """
    entries = _by_category(content.entries)
    bare = tuple(replace(entry, summary="", html="") for entry in entries)
    summaries = tuple(replace(entry, html="") for entry in entries)
    whole = [entries] if content.kind == "post" else []
    fewer_summaries = [summaries[:kept] + bare[kept:] for kept in range(len(bare), 0, -1)]
    fewer_posts = [bare[:kept] for kept in range(len(bare), 0, -1)]
    return whole + fewer_summaries + fewer_posts or [()]


def _fullest(shapes: Sequence[tuple[Entry, ...]], html: Callable[[tuple[Entry, ...]], str]) -> tuple[Entry, ...]:
    """Return the first shape whose HTML is within the budget, or the last one."""

    def fits(shape: tuple[Entry, ...]) -> bool:
        return _encoded_size(html(shape)) <= _BUDGET

    if fits(shapes[0]):  # nearly always
        return shapes[0]
    shorter = shapes[1:] or shapes
    return shorter[bisect_left(shorter[:-1], x=True, key=fits)]


def _encoded_size(text: str) -> int:
    """Return the octets of a text in base64, with the line ends."""
    octets = len(text.encode()) + text.count("\n")
    return -(-octets // 57) * 78
