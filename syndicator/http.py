"""Speak HTTP: the only module that imports httpx, and not before the first request."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import unquote, urlsplit

from syndicator.models import Outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    import httpx

DESTINATIONS: Final = 64
CONNECTIONS: Final = 2
BODY_LIMIT: Final = 64 * 1024
REPLY_LIMIT: Final = 500
KEEP_ALIVE: Final = 5.0

_SECRET_LENGTH: Final = 8
_CAUSES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (socket.gaierror, "its name does not resolve"),
    (ConnectionRefusedError, "nothing listens there"),
    (ssl.SSLCertVerificationError, "its TLS certificate is not accepted"),
    (ssl.SSLError, "TLS failed: does it speak https?"),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """Hold an answer: lower-case header names, at most 64 kB of body. As text: the status and 500 characters."""

    status: int
    headers: Mapping[str, str]
    body: str

    def __str__(self) -> str:
        text = _one_line(self.body)[:REPLY_LIMIT]
        return f"HTTP {self.status}: {text}" if text else f"HTTP {self.status}"


class Client:
    """Post to many destinations, each with its own two connections; an async context manager.

    `timeout` is in seconds: the deadline of a whole call, and before it the longest wait for a free connection.
    Redirects, cookies, `.netrc` and the proxies of the environment are ignored.
    """

    def __init__(self, *, user_agent: str, timeout: float = 15.0, clock: Callable[[], datetime]) -> None:
        self._headers = {"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        self._timeout = timeout
        self._clock = clock
        self._destinations: dict[str, _Destination] = {}
        for name in ("httpx", "httpcore"):  # They log whole URLs, and a chat's URL is its password.
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        while self._destinations:
            await self._destinations.popitem()[1].transport.aclose()

    async def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        judge: Callable[[Reply], Outcome] | None = None,
    ) -> Outcome:
        """Post once and return what `judge` makes of the answer (by default `verdict`).

        What never left is a retry; what left and got no whole answer in time is unknown; no text names more of the
        URL than scheme and host. Never raises for what the network or the other side does.
        """
        import httpx

        progress = _Progress()
        try:
            request = self._request(url, body, headers, progress)
        except (ValueError, httpx.InvalidURL) as error:
            return Outcome("permanent", f"the request cannot be made: {_one_line(str(error))}")
        try:
            async with self._turn(_origin(request.url)) as transport, asyncio.timeout(self._timeout):
                reply = await _exchange(transport, request)
        except (OSError, UnicodeError, httpx.HTTPError) as error:
            return self._failure(_origin(request.url), error, progress)
        return judge(reply) if judge else verdict(reply, self._clock())

    def _request(self, url: str, body: bytes, headers: Mapping[str, str], progress: _Progress) -> httpx.Request:
        import httpx

        return httpx.Request(
            "POST", web_url(url), content=body, headers={**self._headers, **headers}, extensions={"trace": progress}
        )

    @asynccontextmanager
    async def _turn(self, origin: str) -> AsyncIterator[httpx.AsyncHTTPTransport]:
        """Lend the destination's transport once it has a free connection, and put it last in the dict.

        The first in the dict was used longest ago. The wait counts apart: a request that leaves at the last moment
        could only end as unknown.
        """
        destination = self._destinations.pop(origin, None) or _Destination(_open())
        self._destinations[origin] = destination
        destination.calls += 1
        try:
            await self._evict()
            async with asyncio.timeout(self._timeout):
                await destination.turns.acquire()
            try:
                yield destination.transport
            finally:
                destination.turns.release()
        finally:
            destination.calls -= 1

    async def _evict(self) -> None:
        surplus = max(0, len(self._destinations) - DESTINATIONS)
        idle = [origin for origin, destination in self._destinations.items() if not destination.calls]
        for destination in [self._destinations.pop(origin) for origin in idle[:surplus]]:
            await destination.transport.aclose()

    def _failure(self, origin: str, error: Exception, progress: _Progress) -> Outcome:
        reason = f"nothing within {self._timeout:g} s" if isinstance(error, TimeoutError) else _reason(error)
        if progress.sent:
            return Outcome("unknown", f"{origin}: the request went out and no whole answer came: {reason}")
        return Outcome("retry", f"{origin}: not reached: {reason}")


@dataclass(slots=True)
class _Destination:
    """Hold one origin's connections and how many calls use or want them: only an idle one may be closed."""

    transport: httpx.AsyncHTTPTransport
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS))
    calls: int = 0


@dataclass(slots=True)
class _Progress:
    """Watch a request leave: until its head is out, the other side cannot have acted on it."""

    sent: bool = False

    async def __call__(self, event: str, _: Mapping[str, Any]) -> None:
        self.sent = self.sent or event == "http11.send_request_headers.complete"


def verdict(reply: Reply, now: datetime) -> Outcome:
    """Judge an answer by its status alone (RFC 9110, Standard Webhooks).

    2xx is sent. 410 asks for no more, ever. 400, 413 and 422 refuse these very bytes, which no retry changes: the owner
    hears of it at once and can replay it. All else, 401, 403 and 404 too, is what an endpoint answers while it is
    being redeployed or repaired, so it is tried again, not before its `Retry-After`.
    """
    if 200 <= reply.status < 300:
        return Outcome("sent", str(reply))
    if 300 <= reply.status < 400:
        return Outcome("retry", f"HTTP {reply.status}: redirects are not followed: give the final URL")
    if reply.status == 410:
        return Outcome("permanent", str(reply), disable=True)
    if reply.status == 413:
        return Outcome("too_long", str(reply))
    if reply.status in (400, 422):
        return Outcome("permanent", str(reply))
    return Outcome("retry", str(reply), retry_at=retry_after(reply, now))


def retry_after(reply: Reply, now: datetime) -> datetime | None:
    """Return when the answer's `Retry-After` (seconds or an HTTP date, RFC 9110) allows the next try, if it says so."""
    value = reply.headers.get("retry-after", "").strip()
    try:
        if value.isascii() and value.isdigit():
            return now + timedelta(seconds=int(value))
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return max(now, moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def web_url(url: str) -> str:
    """Return the address as it is, or raise ValueError, without quoting it, when it is not a plain http(s) one."""
    if not url.isprintable() or " " in url:
        raise ValueError("a web address has no spaces or control characters")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an address that begins with https:// or http://, and a host")
    if "@" in parts.netloc:
        raise ValueError("the address must not hold a user name or a password")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("the port of the address is not a number up to 65535") from None
    return url


def json_body(value: object) -> bytes:
    """Serialise to compact UTF-8 JSON, the same bytes for the same value; a lone surrogate becomes `?`."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _open() -> httpx.AsyncHTTPTransport:
    import httpx

    limits = httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=KEEP_ALIVE)
    return httpx.AsyncHTTPTransport(verify=_tls(), trust_env=False, limits=limits)


@cache
def _tls() -> ssl.SSLContext:
    """Trust certifi's authorities, which a bare container lacks, and the system's, where the owner's own are."""
    import httpx

    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


async def _exchange(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> Reply:
    response = await transport.handle_async_request(request)
    try:
        text = (await _beginning(response)).decode(errors="replace")
        return Reply(response.status_code, dict(response.headers), _redacted(text, str(request.url)))
    finally:
        await response.aclose()


async def _beginning(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) >= BODY_LIMIT:
            break
    return bytes(body[:BODY_LIMIT])


def _origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def _redacted(text: str, url: str) -> str:
    """Hide the parts of the URL that may be its secret: error pages like to quote the path they were asked for."""
    parts = urlsplit(url)
    pieces = re.split(r"[/?&=]", f"{parts.path}?{parts.query}")
    hidden = {form for piece in pieces for form in (piece, unquote(piece)) if len(form) >= _SECRET_LENGTH}
    for piece in sorted(hidden, key=len, reverse=True):
        text = text.replace(piece, "***")
    return text


def _one_line(text: str) -> str:
    """Make text safe for a log, a terminal and PostgreSQL: no line breaks, no control characters, no NUL."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())


def _reason(error: Exception) -> str:
    for cause in _chain(error):
        for kind, words in _CAUSES:
            if isinstance(cause, kind):
                return f"{words} ({_one_line(str(cause))})"
    return _one_line(str(error))[:REPLY_LIMIT] or type(error).__name__


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Walk from an error to its root: httpx says "All connection attempts failed", the reason is beneath."""
    while error is not None:
        yield error
        # A group holds one failure for each address of a name.
        error = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error.__cause__ or error.__context__
