"""The values that travel down the line, all frozen.

Times are aware datetimes; the store keeps them as UTC and the edges show them in the site's or the reader's zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

PostState = Literal["live", "held", "draft", "quarantined", "gone"]
FeedKind = Literal["site", "category", "tag"]
Cadence = Literal["instant", "daily", "weekly"]
MessageKind = Literal["post", "digest", "test", "alert"]
RecipientState = Literal["active", "paused", "disabled"]
DeliveryState = Literal["queued", "leased", "sent", "unknown", "failed", "cancelled"]
OutcomeState = Literal["sent", "retry", "permanent", "unknown", "too_long"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Name a place in a file and what is wrong there, what was done, and what to do."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


class File(NamedTuple):
    """Hold what the file system says of a file without opening it.

    `path` is relative to the source's folder, with `/`. `fingerprint` is size, mtime, ctime and inode: while it stays
    the same the file is not read again. `modified_ns` is the later of mtime and ctime, in nanoseconds since 1970:
    programs that copy set mtime back.
    """

    path: str
    fingerprint: str
    modified_ns: int


class Post(NamedTuple):
    """Hold one post as its source reads it: everything but the body, which `Source.render` makes.

    `url` is absolute and percent-encoded. `summary` is what the front matter says, if it does. `draft` is also true of
    a post that is unpublished. `content_hash` covers the file's bytes. `dated` is False where nothing but the file's
    time says when it was published.
    """

    path: str
    title: str
    published: datetime
    url: str
    content_hash: str
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    language: str = ""
    summary: str = ""
    draft: bool = False
    dated: bool = True
    problems: tuple[Problem, ...] = ()


class Quarantined(NamedTuple):
    """Hold a file that gives no post: no usable title and date. `problems` say why."""

    path: str
    content_hash: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Say how one thing about a file was decided: `value` is JSON (dates are aware datetimes), `because` may be empty.

    A `field` that begins with ":" is a part of the one after it.
    """

    field: str
    value: object
    because: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """Hold a rendered body: `html` is clean with absolute URLs, `summary` is plain text.

    `content_hash` is that of the bytes it was rendered from.
    """

    html: str
    summary: str
    content_hash: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold a post as readers see it, in a feed, a mail or a chat: a `Post` with its identity and its body.

    `id` is the Atom entry id. `sequence` is the place in the order of announcing, 0 before it.
    """

    id: str
    title: str
    url: str
    published: datetime
    updated: datetime
    html: str
    summary: str
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    language: str = ""
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Feed:
    """Hold the head of a feed. `url` has no extension: each format adds its own.

    `page_url` is the web page that the feed stands for, `author` the name for entries that have none.
    """

    id: str
    kind: FeedKind
    name: str
    slug: str
    title: str
    description: str
    url: str
    page_url: str
    author: str
    language: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class FeedListing:
    """Describe one feed for a list of feeds: `entries` is its number of posts.

    `updated` is shown in its own zone; None where the feed never had a post. `urls` has one URL for each extension, of
    those that the application knows the media type of.
    """

    kind: FeedKind
    slug: str
    title: str
    entries: int
    updated: datetime | None
    urls: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Subscription:
    """Say what a recipient takes and how often.

    `feed` is a name or slug as the person wrote it (empty for the whole site); the feed need not exist yet. Posts with
    `announce_seq > start` count. `cursor` is the highest sequence that a digest has covered; an instant subscription
    has covered all, or, once it has ended, what its cursor says.
    """

    kind: FeedKind
    feed: str
    cadence: Cadence
    start: int = 0
    cursor: int = 0
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """Hold one who gets messages: a subscriber (`channel` is "email", `name` the address) or an endpoint.

    `options` are the channel's own settings (URL, secret, …), not validated. `at` is a wall time "HH:MM" and `day` an
    English weekday name, both in `zone`. `declared` recipients come from the settings file.
    """

    id: int
    channel: str
    name: str
    zone: str
    language: str
    at: str = "08:00"
    day: str = "monday"
    state: RecipientState = "active"
    state_reason: str = ""
    declared: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """Hold what is to be said, before a channel turns it into bytes.

    `id` is the same at every try of the same delivery: it becomes the Message-ID and the webhook id. `text` and `html`
    are only composed for channels that show them; an alert has no entries, and always its text. `more` counts posts
    that were left out to keep it short. `sequence` orders a recipient's messages by the announcing of their newest
    post.
    """

    id: str
    kind: MessageKind
    subject: str
    created: datetime
    language: str
    zone: str
    site_title: str
    site_url: str
    entries: tuple[Entry, ...] = ()
    more: int = 0
    period: str = ""
    sequence: int = 0
    text: str = ""
    html: str = ""
    unsubscribe_url: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Say what became of one try to send.

    sent: the other side took it. retry: it did not, and may later (`retry_at`, or the usual back-off when None).
    permanent: it never will; `disable` also stops the recipient. unknown: the request went out and no answer came.
    too_long: refused for its size. `reply` keeps the other side's own words, without secrets.
    """

    state: OutcomeState
    reply: str = ""
    retry_at: datetime | None = None
    disable: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """Hold one claimed row of the ledger: this message, to this recipient, leased under this token."""

    id: int
    kind: MessageKind
    unique_key: str
    recipient: Recipient
    token: str
    attempts: int
    created: datetime
    post_id: int | None = None
    digest_id: int | None = None
    alert_id: int | None = None
