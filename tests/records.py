"""Posts as sources read them and records as the store keeps them, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from syndicator.models import Post, Problem, Quarantined
from syndicator.policy.changes import Record, Rules, first_sight, observe

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RULES = Rules(window=7 * DAY, settle=2 * MINUTE)


def post(path: str = "_posts/2026-03-06-tide.md", **changes: Any) -> Post:
    fields: dict[str, Any] = {
        "path": path,
        "title": "潮汐 & tide",
        "published": NOW - HOUR,
        "url": "https://news.example/2026/03/06/tide.html",
        "content_hash": "bytes-1",
        "categories": ("海滨晚报",),
        "tags": ("潮汐",),
        "authors": ("陈潮生",),
        "language": "zh-CN",
        "summary": "涨潮了。",
    }
    return Post(**fields | changes)


def broken(path: str = "_posts/2026-03-06-tide.md", content_hash: str = "bytes-broken") -> Quarantined:
    return Quarantined(path, content_hash, (Problem(path, 2, "no title: add a `title:` line"),))


def seen(found: Post | Quarantined | None = None, now: datetime = NOW, **changes: Any) -> Record:
    """Return the record after a scan at `now` read a file for the first time; `changes` are made to the record."""
    found = found or post()
    blank = first_sight(found, source="posts", entry_id=f"tag:news.example,2026:posts/{found.path}", now=now)
    return observe(blank, found, now)._replace(**changes)


def again(known: Record, found: Post | Quarantined, now: datetime) -> Record:
    """Return the record after a later scan read the file."""
    return observe(known, found, now)
