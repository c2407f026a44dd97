"""Choose the posts of a digest: each post goes to a recipient once, with the earliest cadence that takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syndicator.models import Cadence, Subscription


@dataclass(frozen=True, slots=True)
class Announced:
    """Hold an announced post and the feeds it belongs to: (kind, name) and (kind, slug) of each."""

    sequence: int
    post_id: int
    feeds: frozenset[tuple[str, str]]


def takes(subscription: Subscription, post: Announced) -> bool:
    """Tell whether a subscription takes a post: it chose the feed before the post was announced."""
    return post.sequence > subscription.start and (subscription.kind, subscription.feed) in post.feeds


def covered(subscription: Subscription, post: Announced) -> bool:
    """Tell whether a subscription has delivered a post already, at once or in a digest."""
    instant = subscription.cadence == "instant" and not subscription.ended
    return takes(subscription, post) and (instant or post.sequence <= subscription.cursor)


def choose(subscriptions: Sequence[Subscription], cadence: Cadence, posts: Iterable[Announced]) -> tuple[int, ...]:
    """Return the ids of the posts for a digest of `cadence`, in the order of announcing.

    `subscriptions` are all that one recipient has, the ended ones too: what they covered is not sent again.
    """
    active = [item for item in subscriptions if item.cadence == cadence and not item.ended]
    return tuple(
        post.post_id
        for post in posts
        if any(takes(item, post) for item in active) and not any(covered(item, post) for item in subscriptions)
    )
