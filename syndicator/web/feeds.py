"""Serve the output folder over HTTP, in front of everything else: RFC 9110 validators, encodings, redirects.

Everything happens in the event loop: a request costs one `lstat`, and a feed that changed one read and one compression
of some hundred kilobytes. A hop to a thread would cost more than that.
"""

from __future__ import annotations

import html
import logging
from typing import TYPE_CHECKING
from urllib.parse import quote

from syndicator.web import paths, security
from syndicator.web.folder import Folder, is_absence
from syndicator.web.negotiation import choose_encoding, is_current, wants_feed_delta
from syndicator.web.shelf import CACHE_BYTES, Address, Shelf
from syndicator.web.versions import Answer, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from syndicator.policy.redirects import Redirects

_log = logging.getLogger(__name__)

_READ = ("GET", "HEAD")
_WISHES = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"a-im"}
_URL_SAFE = "/%:@!$&'()*+,;=~-._?#[]"
_SHOWS_ONLY = {"Content-Security-Policy": security.policy(""), "X-Content-Type-Options": "nosniff"}
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{0}</title>
<h1>{0}</h1>
<p>{1}</p>
<p lang="zh">{2}</p>
"""


class FeedFiles:
    """Serve the files of `output` as a bare ASGI application; what is not there goes to `pages`.

    Below `/feeds/` nothing goes there: what is missing is 404, or 410 where a file `<slug>.gone` says that the feed was
    removed. The owner's redirects come before files, those of presets after them. `address` says how the outside sees
    the folder. Range requests are ignored. `observe` is told the status of every answer.
    """

    def __init__(
        self,
        output: str,
        address: Address,
        redirects: Redirects,
        pages: ASGIApp,
        *,
        cache_bytes: int = CACHE_BYTES,
        observe: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._folder = Folder(output)
        self._shelf = Shelf(self._folder, address, cache_bytes)
        self._address = address
        self._redirects = redirects
        self._pages = pages
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        answer = self._answer(scope) if scope["type"] == "http" else None
        if answer is None:
            await self._pages(scope, receive, send)
            return
        self._observe(answer.code)
        await send({"type": "http.response.start", "status": answer.code, "headers": answer.headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})

    def _answer(self, scope: Scope) -> Answer | None:
        raw_path: bytes = scope["raw_path"]
        if scope["method"] not in _READ:
            return _NOT_ALLOWED if raw_path.startswith(b"/feeds/") else None
        try:
            found = self._shelf.known(raw_path) or self._find(raw_path)
            return self._represent(found, scope["headers"]) if isinstance(found, Version) else found
        except OSError as error:
            return self._explain(raw_path, error)

    def _represent(self, version: Version, headers: Iterable[tuple[bytes, bytes]]) -> Answer:
        wishes = _wishes(headers)
        encoding = choose_encoding(wishes.get(b"accept-encoding", b""))
        form, known = version.form(encoding), wishes.get(b"if-none-match")
        if is_current(known, wishes.get(b"if-modified-since"), form.etag, version.modified):
            return form.unchanged
        if known and wants_feed_delta(wishes.get(b"a-im", b"")):
            return self._shelf.changes(version, known, encoding) or self._shelf.answer(version, encoding)
        return self._shelf.answer(version, encoding)

    def _find(self, raw_path: bytes) -> Version | Answer | None:
        """Return what is at a path that was not asked for before, or has changed since."""
        ordered = self._redirects.ordered(paths.decoded(raw_path))
        if ordered:
            name = self._locate(ordered)
            return self._moved(f"/{name}" if name else ordered)
        name = paths.parse(raw_path)
        version = self._shelf.find(name) if name else None
        return version or self._explain_absence(raw_path)

    def _explain(self, raw_path: bytes, error: OSError) -> Answer | None:
        """Answer 404 for what is not there, and 503 for what is there: a reader given 404 may drop the feed."""
        if is_absence(error):
            return self._explain_absence(raw_path)
        _log.error("cannot read %s: %s", self._folder.path(paths.parse(raw_path) or ""), error.strerror)
        return _UNAVAILABLE

    def _explain_absence(self, raw_path: bytes) -> Answer | None:
        for target in self._redirects.offered(paths.decoded(raw_path)):
            if name := self._locate(target):
                return self._moved(f"/{name}")
        if not raw_path.startswith(b"/feeds/"):
            return None
        stone = paths.tombstone(paths.parse(raw_path) or "")
        return _GONE if stone and self._folder.has(stone) else _NOT_FOUND

    def _locate(self, target: str) -> str | None:
        """Return the name of the feed that a redirect means, in another format where it is not written in that one."""
        stem, _, extension = target.lstrip("/").rpartition(".")
        found = (self._folder.find(f"{stem}.{each}") for each in (extension, *self._address.media_types))
        return next(filter(None, found), None)

    def _moved(self, target: str) -> Answer:
        """Lead to a path of ours, or to an absolute URL."""
        location = quote(target, safe=_URL_SAFE)
        if target.startswith("/"):
            location = self._address.url.rstrip("/") + location
        own = {"Location": location, "Cache-Control": "public, max-age=86400"}
        return _page(301, "Moved", f"The feed is at {html.escape(location)} now.", "订阅源已移至新地址。", own)


def _wishes(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return the headers that choose an answer; lines of the same name make one list (RFC 9110, 5.2)."""
    wishes: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _WISHES:
            wishes[name] = b"%b, %b" % (wishes[name], value) if name in wishes else value
    return wishes


def _page(code: int, title: str, text: str, chinese: str, headers: Mapping[str, str]) -> Answer:
    """Return a small page in both languages: who sees it has no page of ours to look at."""
    body = _PAGE.format(title, text, chinese).encode()
    own = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body)), **_SHOWS_ONLY, **headers}
    return Answer(code, [(name.lower().encode(), value.encode()) for name, value in own.items()], body)


_NOT_FOUND = _page(404, "Not found", "There is no feed at this address.", "此地址没有订阅源。", {})
_GONE = _page(
    410, "Gone", "This feed was removed and will not come back.", "此订阅源已被删除。",
    {"Cache-Control": "public, max-age=3600"},
)  # fmt: skip
_NOT_ALLOWED = _page(
    405, "Method not allowed", "A feed can be read with GET or HEAD only.", "订阅源只能读取。", {"Allow": "GET, HEAD"}
)
_UNAVAILABLE = _page(503, "Not available now", "Try again in a minute.", "请稍后再试。", {"Retry-After": "60"})
