"""Messages for the tests of channels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from syndicator.models import Entry, Message, Recipient

NOW = datetime(2026, 10, 1, 1, 30, 5, tzinfo=UTC)
RECIPIENT = Recipient(id=1, channel="webhook", name="desk", zone="Asia/Shanghai", language="zh-CN")


def entry(number: int = 1, **changes: Any) -> Entry:
    fields: dict[str, Any] = {
        "id": f"tag:news.example,2026:posts/{number}",
        "title": f"央行公布第{number}号利率决定",
        "url": f"https://news.example/2026/10/01/rate-{number}.html",
        "published": NOW - timedelta(minutes=number),
        "updated": NOW,
        "html": f"<p>利率<b>不变</b> & {number}</p>",
        "summary": f"第{number}次会议决定维持利率不变。",
        "categories": ("宏观", "Policy"),
        "tags": ("利率",),
        "authors": ("李雷",),
        "language": "zh-CN",
        "sequence": number,
    }
    return Entry(**fields | changes)


def message(**changes: Any) -> Message:
    fields: dict[str, Any] = {
        "id": "msg_0001",
        "kind": "post",
        "subject": "央行公布第1号利率决定",
        "created": NOW,
        "language": "zh-CN",
        "zone": "Asia/Shanghai",
        "site_title": "金融消息",
        "site_url": "https://news.example/",
        "entries": (entry(),),
        "sequence": 1,
    }
    return Message(**fields | changes)


def digest(posts: int, **changes: Any) -> Message:
    entries = tuple(entry(number) for number in range(1, posts + 1))
    fields: dict[str, Any] = {
        "kind": "digest",
        "subject": "金融消息 10月1日",
        "entries": entries,
        "period": "2026-10-01",
        "sequence": posts,
    }
    return message(**fields | changes)


def ping(**changes: Any) -> Message:
    return message(**{"kind": "test", "subject": "Syndicator 测试", "entries": (), "sequence": 0} | changes)
