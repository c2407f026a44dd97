"""Serve the feed files over HTTP: RFC 9110 validators, gzip, nothing outside their folder.

Everything happens in the event loop: a request costs one `lstat`, and a feed that changed one read and one compression
of some hundred kilobytes. A hop to a thread would cost more than that.
"""

from __future__ import annotations

import errno
import gzip
import logging
import os
import stat
from collections import OrderedDict
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import xxhash

from syndicator.web.negotiation import not_modified, prefers_gzip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import Receive, Scope, Send

_log = logging.getLogger(__name__)

CACHE_BYTES = 64 * 1024 * 1024
_CACHE_CONTROL = "public, max-age=300"
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG}
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{0}</title>
<h1>{0}</h1>
<p>{1}</p>
<p lang="zh">{2}</p>
"""
_NOT_FOUND = _PAGE.format("Not found", "There is no feed at this address.", "此地址没有订阅源。")
_NOT_ALLOWED = _PAGE.format("Method not allowed", "A feed can be read with GET or HEAD only.", "订阅源只能读取。")
_UNAVAILABLE = _PAGE.format("Not available now", "Try again in a minute.", "请稍后再试。")

_Status = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Version:
    """Hold what is known of a file as it was read; `digest` is the hash of its bytes, `modified` seconds since 1970."""

    status: _Status
    digest: str
    modified: int

    def etag(self, gzipped: bool) -> str:
        """Return the strong entity tag: each encoding is a representation with its own (RFC 9110, 8.8.3.3)."""
        return f'"{self.digest}-gz"' if gzipped else f'"{self.digest}"'


@dataclass(frozen=True, slots=True)
class _Answer:
    code: int
    headers: Mapping[str, str]
    body: bytes = b""


class FeedFiles:
    """Serve `/feeds/<kind>/<slug>.<extension>` from `<output>/feeds`, as a bare ASGI application.

    `media_types` gives each extension's media type; no other extension is served. Range requests are ignored. Bodies
    are kept in memory up to `cache_bytes`; a file counts as unchanged while its mtime, size and inode stay the same.
    `observe` is told the status of every answer.
    """

    def __init__(
        self,
        output: str,
        media_types: Mapping[str, str],
        cache_bytes: int = CACHE_BYTES,
        observe: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._root = os.path.join(output, "feeds")
        self._media_types = media_types
        self._versions: dict[str, _Version] = {}
        self._bodies = _Bodies(cache_bytes)
        self._observe = observe

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        answer = self._answer(scope)
        self._observe(answer.code)
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.code, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})

    def _answer(self, scope: Scope) -> _Answer:
        if scope["method"] not in ("GET", "HEAD"):
            return _page(405, _NOT_ALLOWED, {"Allow": "GET, HEAD"})
        path = _parse(scope["raw_path"])
        extension = path.rpartition(".")[2] if path else ""
        if path is None or extension not in self._media_types:
            return _page(404, _NOT_FOUND)
        try:
            return self._represent(path, self._media_types[extension], _headers(scope))
        except (OSError, UnicodeEncodeError) as error:
            return self._explain(path, error)

    def _explain(self, path: str, error: OSError | UnicodeEncodeError) -> _Answer:
        """Answer 404 for what is not there, and 503 for what is there: a reader given 404 may drop the feed."""
        self._versions.pop(path, None)
        if isinstance(error, UnicodeEncodeError) or error.errno in _ABSENT:
            return _page(404, _NOT_FOUND)
        _log.error("cannot read %s: %s", os.path.join(self._root, path), error.strerror)
        return _page(503, _UNAVAILABLE, {"Retry-After": "60"})

    def _represent(self, path: str, media_type: str, request: Mapping[str, str]) -> _Answer:
        gzipped = prefers_gzip(request.get("accept-encoding", ""))
        version = self._version(path)
        if not_modified(request, version.etag(gzipped), version.modified):
            return _Answer(304, _validators(version, gzipped))
        version, body = self._body(path, version, gzipped)
        headers = {"Content-Type": f"{media_type}; charset=utf-8", "Content-Length": str(len(body))}
        encoding = {"Content-Encoding": "gzip"} if gzipped else {}
        return _Answer(200, headers | encoding | _validators(version, gzipped), body)

    def _version(self, path: str) -> _Version:
        version = self._versions.get(path)
        if version and version.status == _status(os.lstat(os.path.join(self._root, path))):
            return version
        return self._read(path)[0]

    def _body(self, path: str, version: _Version, gzipped: bool) -> tuple[_Version, bytes]:
        """Return the bytes to send and the version they are of: a newer one, where the file was replaced meanwhile."""
        if (body := self._bodies.get(version.etag(gzipped))) is not None:
            return version, body
        body = self._bodies.get(version.etag(gzipped=False))
        if body is None:
            version, body = self._read(path)
        if gzipped:
            body = gzip.compress(body, compresslevel=6, mtime=0)
            self._bodies.put(version.etag(gzipped), body)
        return version, body

    def _read(self, path: str) -> tuple[_Version, bytes]:
        with open(self._open(path), "rb") as file:
            status = os.fstat(file.fileno())
            body = file.read()
        version = _Version(_status(status), xxhash.xxh3_128_hexdigest(body), int(status.st_mtime))
        self._versions[path] = version
        self._bodies.put(version.etag(gzipped=False), body)
        return version, body

    def _open(self, path: str) -> int:
        """Open a file below the root, following no symbolic link; the caller closes it."""
        kind, name = path.split("/")
        folder = os.open(os.path.join(self._root, kind), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            # O_NONBLOCK: opening a pipe would otherwise wait for its writer.
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        finally:
            os.close(folder)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        return file


class _Bodies:
    """Keep response bodies by entity tag, dropping the least recently used beyond `limit` bytes.

    The versions stay when their bodies go, so that a 304 never reads a file.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._bodies: OrderedDict[str, bytes] = OrderedDict()

    def get(self, etag: str) -> bytes | None:
        body = self._bodies.get(etag)
        if body is not None:
            self._bodies.move_to_end(etag)
        return body

    def put(self, etag: str, body: bytes) -> None:
        self._size += len(body) - len(self._bodies.pop(etag, b""))
        self._bodies[etag] = body
        while self._size > self._limit:
            self._size -= len(self._bodies.popitem(last=False)[1])


def _parse(raw_path: bytes) -> str | None:
    """Return `<kind>/<file name>` of a request's path, None where it names no file that a feed could be in."""
    parts = raw_path.split(b"/")
    if len(parts) != 4 or parts[:2] != [b"", b"feeds"]:
        return None
    try:
        kind, name = (unquote_to_bytes(part).decode() for part in parts[2:])
    except UnicodeDecodeError:
        return None
    safe = all(part and not part.startswith(".") and not {"/", "\0"} & set(part) for part in (kind, name))
    return f"{kind}/{name}" if safe else None


def _headers(scope: Scope) -> dict[str, str]:
    """Return the request's headers by lower-case name; lines of the same name make one list (RFC 9110, 5.2)."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _status(status: os.stat_result) -> _Status:
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev


def _validators(version: _Version, gzipped: bool) -> dict[str, str]:
    """Return the headers that a 304 repeats (RFC 9110, 15.4.5); the server adds Date."""
    return {
        "ETag": version.etag(gzipped),
        "Last-Modified": formatdate(version.modified, usegmt=True),
        "Cache-Control": _CACHE_CONTROL,
        "Vary": "Accept-Encoding",
    }


def _page(code: int, html: str, headers: Mapping[str, str] | None = None) -> _Answer:
    body = html.encode()
    own = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))}
    return _Answer(code, {**own, **(headers or {})}, body)
