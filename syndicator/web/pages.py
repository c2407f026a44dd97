"""Serve the pages that people see: the list of feeds, and the end of a subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 -- FastAPI reads annotations when it runs
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.gzip import GZipMiddleware

from syndicator.web.feeds import FeedFiles
from syndicator.web.probes import add_probes
from syndicator.web.rendering import Renderer, answer
from syndicator.web.shelf import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.types import ASGIApp

    from syndicator.models import FeedKind, FeedListing
    from syndicator.policy.redirects import Redirects
    from syndicator.templates import Templates
    from syndicator.web.probes import Probes

BODY_LIMIT = 64_000
# A feed reader offers each of these to choose from: thousands would bury the site's own feed.
DISCOVERED_FEEDS = 100
_KINDS: tuple[FeedKind, ...] = ("site", "category", "tag")
_FORMAT_NAMES = {"rss": "RSS", "atom": "Atom", "json": "JSON"}
_EXPLAINED = (404, 405, 413)
_READ = ["GET", "HEAD"]
_PUBLIC = {"Cache-Control": "public, max-age=60"}
# The address of such a page may be a secret: no cache and no search engine may keep it.
_PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


class Unsubscribe(Protocol):
    """Know what the token in a mail's unsubscribe link stands for."""

    def describe(self, token: str) -> str | None:
        """Return the masked address (`w***@example.com`), None when the token is not valid. Changes nothing."""

    def confirm(self, token: str) -> bool:
        """End the subscription, True again when it has ended already; False when the token is not valid."""


def create_app(
    *,
    output: str,
    media_types: Mapping[str, str],
    redirects: Redirects,
    site_title: str,
    site_url: str,
    feeds_url: str,
    language: str,
    templates: Templates,
    catalogue: Callable[[], Sequence[FeedListing]],
    unsubscribe: Unsubscribe,
    probes: Probes,
) -> ASGIApp:
    """Make the ASGI application: the files of `output` in front, the pages behind them.

    `media_types` maps a feed's extension to its media type, `feeds_url` is the public address of the index page, and
    `language` serves readers who ask for none that we have. The index page of ours is for where there is none among
    the files. `catalogue`, `unsubscribe` and all of `probes` but
    `served` are called in threads.
    """
    site = {
        "site_title": site_title,
        "site_url": site_url,
        "site_language": language,
        "feeds_url": feeds_url.rstrip("/") + "/",
    }
    renderer = Renderer(templates, site)
    pages = _route(renderer, _Index(renderer, catalogue, media_types), _UnsubscribePages(renderer, unsubscribe))
    add_probes(pages, probes)
    address = Address(feeds_url, media_types)
    return FeedFiles(output, address, redirects, pages, observe=probes.served)


class _Index:
    """List every feed: the site's, then categories, then tags, each kind in the catalogue's own order."""

    def __init__(
        self, renderer: Renderer, catalogue: Callable[[], Sequence[FeedListing]], media_types: Mapping[str, str]
    ) -> None:
        self._renderer = renderer
        self._catalogue = catalogue
        self._media_types = media_types
        self._pages: dict[str, tuple[tuple[FeedListing, ...], str]] = {}

    def show(self, request: Request) -> HTMLResponse:
        """Render the page again only when the catalogue changed: thousands of feeds take a third of a second."""
        language = self._renderer.language(request)
        listings = tuple(self._catalogue())
        rendered_from, html = self._pages.get(language, (None, ""))
        if rendered_from != listings:
            html = self._render(language, listings)
            self._pages[language] = (listings, html)
        return answer(html, language, headers=_PUBLIC)

    def _render(self, language: str, listings: Sequence[FeedListing]) -> str:
        groups = {kind: [listing for listing in listings if listing.kind == kind] for kind in _KINDS}
        ordered = [listing for kind in _KINDS for listing in groups[kind]]
        return self._renderer.html(
            "index",
            language,
            groups=groups,
            discovered=ordered[:DISCOVERED_FEEDS],
            media_types=self._media_types,
            format_names=_FORMAT_NAMES,
        )


class _UnsubscribePages:
    """Show and do what an unsubscribe link is for (RFC 8058)."""

    def __init__(self, renderer: Renderer, unsubscribe: Unsubscribe) -> None:
        self._renderer = renderer
        self._unsubscribe = unsubscribe

    def show(self, request: Request, token: str) -> HTMLResponse:
        """Say what the button would do. Mail scanners follow every link, so GET changes nothing."""
        address = self._unsubscribe.describe(token)
        if address is None:
            return self._refuse(request)
        return self._renderer.respond(request, "unsubscribe", headers=_PRIVATE, address=address)

    def confirm(self, request: Request, token: str) -> HTMLResponse:
        """End the subscription at once and without a redirect, whatever the body says (RFC 8058, 3.2)."""
        if not self._unsubscribe.confirm(token):
            return self._refuse(request)
        return self._renderer.respond(request, "message", headers=_PRIVATE, topic="unsubscribed")

    def _refuse(self, request: Request) -> HTMLResponse:
        return self._renderer.respond(request, "message", 404, _PRIVATE, topic="bad_token")


def _route(renderer: Renderer, index: _Index, unsubscribe: _UnsubscribePages) -> FastAPI:
    def refuse(request: Request, error: Exception) -> HTMLResponse:
        """Answer an HTTP error, or an exception that the server then logs, with a page."""
        code, headers = (error.status_code, error.headers) if isinstance(error, StarletteHTTPException) else (500, None)
        topic = f"error_{code}" if code in _EXPLAINED else "error"
        return renderer.respond(request, "message", code, {**_PRIVATE, **(headers or {})}, topic=topic)

    # Without redirects, because RFC 8058 forbids to answer `POST /unsubscribe/<token>/` with one.
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.add_middleware(GZipMiddleware, compresslevel=6)
    app.add_exception_handler(StarletteHTTPException, refuse)
    app.add_exception_handler(Exception, refuse)
    # Endpoints that ask the store are plain functions, which FastAPI calls in its threads.
    app.add_api_route("/", index.show, methods=_READ)
    app.add_api_route("/unsubscribe/{token}", unsubscribe.show, methods=_READ)
    app.add_api_route("/unsubscribe/{token}", unsubscribe.confirm, methods=["POST"], dependencies=[Depends(_drain)])
    return app


async def _drain(request: Request) -> None:
    """Read the body to its end and forget it; refuse one larger than any mail program sends."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_LIMIT:
            raise HTTPException(413)
