"""Follow one post: the feeds that hold it, and the messages it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, or_, select

from syndicator.store.tables import deliveries, digest_posts, feed_posts, feeds

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from syndicator.models import DeliveryState, FeedKind, MessageKind


class Place(NamedTuple):
    """Say where in a feed a post is: `position` counts from 1, the newest, among `total` posts."""

    kind: FeedKind
    name: str
    slug: str
    position: int
    total: int


class Sendings(NamedTuple):
    """Count a post's deliveries of one kind and state; `last` is when the last of them was queued or settled."""

    kind: MessageKind
    state: DeliveryState
    number: int
    last: datetime


def places(connection: Connection, post_id: int) -> list[Place]:
    """Return where a post is in each feed that it belongs to, the site's first."""
    other = feed_posts.alias()
    newer = or_(
        other.c.published > feed_posts.c.published,
        (other.c.published == feed_posts.c.published) & (other.c.post_id > feed_posts.c.post_id),
    )
    same = other.c.feed_id == feed_posts.c.feed_id
    before = select(func.count()).where(same, newer).correlate(feed_posts).scalar_subquery()
    total = select(func.count()).where(same).correlate(feed_posts).scalar_subquery()
    query = select(feeds.c.kind, feeds.c.name, feeds.c.slug, before + 1, total).join(feed_posts)
    rows = connection.execute(query.where(feed_posts.c.post_id == post_id))
    return sorted((Place(*row) for row in rows), key=lambda place: (place.kind != "site", place.kind, place.name))


def sendings(connection: Connection, post_id: int) -> list[Sendings]:
    """Return how many deliveries a post is in, alone and in digests, by their state."""
    its_digests = select(digest_posts.c.digest_id).where(digest_posts.c.post_id == post_id)
    mine = or_(deliveries.c.post_id == post_id, deliveries.c.digest_id.in_(its_digests))
    last = func.max(func.coalesce(deliveries.c.settled, deliveries.c.created), type_=deliveries.c.created.type)
    query = select(deliveries.c.kind, deliveries.c.state, func.count(), last).where(mine)
    grouped = query.group_by(deliveries.c.kind, deliveries.c.state).order_by(deliveries.c.kind, deliveries.c.state)
    return [Sendings(*row) for row in connection.execute(grouped)]
