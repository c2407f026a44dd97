"""Ask the feed files through their ASGI interface, without a server and without an event loop."""

from __future__ import annotations

import gzip
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import brotli
import pytest

from syndicator.policy.redirects import Redirects
from syndicator.web.feeds import FeedFiles
from syndicator.web.shelf import CACHE_BYTES, Address

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MEDIA_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
RSS = b"<rss>" + b"<item>news</item>" * 50 + b"</rss>"
MODIFIED = 1_763_841_600  # Sat, 22 Nov 2025 20:00:00 GMT


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


async def pages(scope: Any, receive: Any, send: Any) -> None:
    """Be what stands behind the files."""
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"page"})


def serve(
    output: Path,
    *,
    own: dict[str, str] | None = None,
    presets: Sequence[str] = (),
    hubs: Sequence[str] = (),
    cache_bytes: int = CACHE_BYTES,
) -> FeedFiles:
    address = Address("https://feeds.example/news", MEDIA_TYPES, lambda: hubs)
    return FeedFiles(str(output), address, Redirects.of(own or {}, presets), pages, cache_bytes=cache_bytes)


def ask(app: FeedFiles, path: str | bytes, method: str = "GET", headers: dict[str, str] | None = None) -> Answer:
    pairs = [(name.lower(), value) for name, value in (headers or {}).items()]
    return ask_with_lines(app, path, method, pairs)


def ask_with_lines(app: FeedFiles, path: str | bytes, method: str, lines: list[tuple[str, str]]) -> Answer:
    raw_path = path.encode() if isinstance(path, str) else path
    scope = {
        "type": "http",
        "method": method,
        "raw_path": raw_path,
        "path": raw_path.decode(errors="replace"),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in lines],
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    with pytest.raises(StopIteration):
        app(scope, receive, send).send(None)  # it never waits, so that it needs no event loop
    start, *bodies = sent
    answered = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], answered, b"".join(message["body"] for message in bodies))


def write(path: Path, content: bytes = RSS, modified: int = MODIFIED) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (modified, modified))


def plain(answer: Answer) -> bytes:
    """Return a body as it was before it was encoded."""
    decode = {"gzip": gzip.decompress, "br": brotli.decompress}.get(answer.headers.get("content-encoding", ""), bytes)
    body: bytes = decode(answer.body)
    return body
