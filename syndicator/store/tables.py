"""The schema, once, for SQLite and PostgreSQL.

A migration in `migrations/versions` makes each change of it; a test holds the two equal.

Times are UTC in microseconds since 1970 in a BIGINT: the same on both databases, exact, and cheap to compare.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(moment: datetime) -> int:
    """Return the whole microseconds from 1970 to an aware `moment`."""
    return (moment - EPOCH) // _MICROSECOND


class Instant(TypeDecorator[datetime]):
    """Keep an aware datetime as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Turn an aware datetime into microseconds."""
        return None if value is None else (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn microseconds into a datetime in UTC."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def to_json(value: Any) -> str:
    """Return a value as compact JSON; the empty ones, which are most, without the encoder."""
    return _encode(value) if value else "[]"


class Json(TypeDecorator[Any]):
    """Keep lists and mappings as compact JSON text, readable in any SQL shell."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002
        """Turn a value into JSON."""
        return to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """Turn JSON back into a value."""
        return [] if value is None or value == "[]" else json.loads(value)


# BIGINT everywhere but on SQLite, where only INTEGER PRIMARY KEY is the rowid.
Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _partial(name: str, *columns: Column[Any], where: str, unique: bool = False) -> Index:
    """Make an index of some rows only.

    PostgreSQL's condition is added from `info` when that is the database: naming it here loads its dialect, 50 ms.
    """
    return Index(name, *columns, unique=unique, sqlite_where=text(where), info={"where": where})


def one_of(column: str, *values: str) -> CheckConstraint:
    """Return a constraint that `column` holds one of `values`."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=column)


# Small facts: the announce counter, whether deliveries are paused, what the feeds were last written with.
facts = Table("facts", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

counters = Table(
    "counters", metadata, Column("name", Text, primary_key=True), Column("value", BigInteger, nullable=False)
)

# How the service's last scan of each source ended.
scans = Table(
    "scans",
    metadata,
    Column("source", Text, primary_key=True),
    Column("good", Instant),
    Column("reason", Text, nullable=False),
)

# What the file system said of every file when its source was last scanned: pages of `policy.listing`, known by their
# first paths. A source without any is read anew.
listings = Table(
    "listings",
    metadata,
    Column("source", Text, primary_key=True),
    Column("first", Text, primary_key=True),
    Column("page", Text, nullable=False),
)

posts = Table(
    "posts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("entry_id", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("published", Instant),
    Column("updated", Instant),
    Column("categories", Json, nullable=False),
    Column("tags", Json, nullable=False),
    Column("authors", Json, nullable=False),
    Column("language", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("problems", Json, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("stable_since", Instant, nullable=False),
    Column("listed", Boolean, nullable=False),
    Column("announce", Text, nullable=False),
    Column("announce_seq", BigInteger),
    Column("audience", Json, nullable=False, server_default="[]"),
    UniqueConstraint("source", "path"),
    one_of("state", "live", "held", "draft", "quarantined", "gone"),
    one_of("announce", "pending", "announced", "skipped"),
)
# A scan asks who waits to be announced or shown, what it may have missed that moved, and how many are no posts; a
# digest, who was announced.
WAITING = "announce = 'pending' OR state = 'held'"
_partial("ix_posts_waiting", posts.c.source, where=WAITING)
_partial("ix_posts_gone", posts.c.source, posts.c.content_hash, where="state = 'gone'")
_partial("ix_posts_quarantined", posts.c.source, where="state = 'quarantined'")
_partial("ix_posts_announced", posts.c.announce_seq, where="announce_seq IS NOT NULL", unique=True)

# Rendered bodies of the posts that are in a feed or were announced: a post may be gone from the disk by the time
# that a weekly digest or a feed is written.
contents = Table(
    "contents",
    metadata,
    Column("post_id", Id, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("content_hash", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("problems", Json, nullable=False, server_default="[]"),
)
# Whoever asks what is wrong does not read all bodies. Written out, as for `IS_OPEN`.
HAS_PROBLEMS = text("contents.problems != '[]'")
_partial("ix_contents_problems", contents.c.post_id, where="problems != '[]'")

feeds = Table(
    "feeds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("slug_key", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("dirty", Boolean, nullable=False),
    Column("updated", Instant),
    UniqueConstraint("kind", "name"),
    UniqueConstraint("kind", "slug_key"),
)
_partial("ix_feeds_dirty", feeds.c.id, where="dirty")

# Which posts a feed may show, in the order it shows them: the newest are one index range.
feed_posts = Table(
    "feed_posts",
    metadata,
    Column("feed_id", Id, ForeignKey("feeds.id"), primary_key=True, autoincrement=False),
    Column("published", Instant, primary_key=True),
    Column("post_id", Id, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
Index("ix_feed_posts_post_id", feed_posts.c.post_id)

# What was last written, to leave a feed alone whose bytes would be the same.
feed_files = Table(
    "feed_files",
    metadata,
    Column("feed_id", Id, ForeignKey("feeds.id"), primary_key=True, autoincrement=False),
    Column("extension", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
)

# Subscribers (channel "email", name = address) and endpoints (every other channel) alike.
recipients = Table(
    "recipients",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("state_reason", Text, nullable=False),
    Column("declared", Boolean, nullable=False),
    Column("options", Json, nullable=False),
    Column("budget_key", Text, nullable=False),
    Column("created", Instant, nullable=False),
    UniqueConstraint("name_key"),
    one_of("state", "active", "paused", "disabled"),
)

Index("ix_recipients_zone", recipients.c.zone, recipients.c.at)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("recipient_id", Id, ForeignKey("recipients.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("feed", Text, nullable=False),
    Column("cadence", Text, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("ended", Boolean, nullable=False),
    one_of("kind", "site", "category", "tag"),
    one_of("cadence", "instant", "daily", "weekly"),
)
# One that has ended stays, to say what it covered.
_partial(
    "uq_subscriptions_active", *(subscriptions.c[name] for name in ("recipient_id", "kind", "feed", "cadence")),
    where="NOT ended", unique=True,
)  # fmt: skip
Index("ix_subscriptions_recipient_id", subscriptions.c.recipient_id)
Index("ix_subscriptions_feed", subscriptions.c.kind, subscriptions.c.feed, subscriptions.c.cadence)

# When digests are due, and the last period that was planned for all who have that hour.
schedules = Table(
    "schedules",
    metadata,
    *(Column(name, Text, primary_key=True) for name in ("cadence", "zone", "at", "day")),
    Column("period", Text, nullable=False),
    one_of("cadence", "daily", "weekly"),
    sqlite_with_rowid=False,
)

# A frozen choice of posts for one period, shared by all recipients who chose the same.
digests = Table(
    "digests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("period", Text, nullable=False),
    Column("choice", Text, nullable=False),
    Column("created", Instant, nullable=False),
    UniqueConstraint("period", "choice"),
)
digest_posts = Table(
    "digest_posts",
    metadata,
    Column("digest_id", Id, ForeignKey("digests.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("post_id", Id, ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# What goes wrong, or went wrong within the last day: `said` when the owner was last told, `ended` when it was over.
troubles = Table(
    "troubles",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("said", Instant),
    Column("ended", Instant),
)

# What the owner is told, frozen: a list of troubles as they were then.
alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("items", Json, nullable=False),
    Column("zone", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("created", Instant, nullable=False),
)

# The ledger. A lease is `state = 'leased'` until `lease_until`; settling asks for the token, so that a worker that was
# too slow cannot overwrite the one that took over.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("recipient_id", Id, ForeignKey("recipients.id", ondelete="CASCADE"), nullable=False),
    Column("post_id", Id, ForeignKey("posts.id")),
    Column("digest_id", Id, ForeignKey("digests.id")),
    Column("alert_id", Id, ForeignKey("alerts.id")),
    Column("unique_key", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("due", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("lease_token", Text),
    Column("attempts", Integer, nullable=False),
    Column("budget_key", Text, nullable=False),
    Column("folded_into", Id, ForeignKey("deliveries.id")),
    Column("reply", Text, nullable=False),
    Column("created", Instant, nullable=False),
    Column("settled", Instant),
    one_of("kind", "post", "digest", "alert"),
    one_of("state", "queued", "leased", "sent", "unknown", "failed", "cancelled"),
)
# Written out, for SQLite takes an index of some rows only where it sees that the question is about no others.
IS_GONE, IS_QUARANTINED = text("posts.state = 'gone'"), text("posts.state = 'quarantined'")
IS_OPEN = text("deliveries.state IN ('queued', 'leased', 'unknown')")
HAS_FAILED = text("deliveries.state = 'failed'")
_partial("ix_deliveries_due", deliveries.c.due, deliveries.c.id, where="state IN ('queued', 'leased', 'unknown')")
_partial("ix_deliveries_leased", deliveries.c.recipient_id, where="state = 'leased'")
Index("ix_deliveries_recipient_id", deliveries.c.recipient_id)
Index("ix_deliveries_post_id", deliveries.c.post_id)
Index("ix_deliveries_digest_id", deliveries.c.digest_id)
_partial("ix_deliveries_failed", deliveries.c.settled, where="state = 'failed'")

# The unique keys of deliveries that were deleted after their retention: they are never queued again.
spent_keys = Table("spent_keys", metadata, Column("unique_key", Text, primary_key=True), sqlite_with_rowid=False)

# Who does what only one process may do, and until when: the scheduler. The holder renews it; one that ran out is free.
leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("until", Instant, nullable=False),
)
