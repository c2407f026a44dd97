"""The web edge over real HTTP: uvicorn on a free port of the loopback interface."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import signal
import threading
import time
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from statistics import median
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from syndicator.errors import SyndicatorError
from syndicator.models import FeedListing
from syndicator.policy.redirects import Redirects
from syndicator.templates import Templates
from syndicator.web.pages import DISCOVERED_FEEDS, create_app
from syndicator.web.server import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from starlette.types import ASGIApp

    from syndicator.models import FeedKind

MEDIA_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml"}
UPDATED = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
RSS = b"<rss>" + b"<item/>" * 500 + b"</rss>"


def listing(kind: FeedKind, slug: str, title: str, entries: int = 3, updated: datetime | None = UPDATED) -> FeedListing:
    base = f"https://feeds.example/feeds/{kind}/{slug}"
    return FeedListing(kind, slug, title, entries, updated, {"rss": f"{base}.rss", "atom": f"{base}.atom"})


class Subscriptions:
    """Know one valid token, and count what was done."""

    def __init__(self) -> None:
        self.active = True
        self.broken = False
        self.calls: list[str] = []

    def describe(self, token: str) -> str | None:
        self.calls.append("describe")
        return "w***@example.com" if token == "good" else None

    def confirm(self, token: str) -> bool:
        self.calls.append("confirm")
        if self.broken:
            raise RuntimeError("the store is away")
        self.active = self.active and token != "good"
        return token == "good"


class Probes:
    """Be well until told otherwise, and count what is served."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.numbers: tuple[bytes, str] | None = (b"up 1\n", "text/plain; version=0.0.4")
        self.accepted: list[str] = []
        self.statuses: list[int] = []

    def problems(self) -> list[str]:
        return self.wrong

    def metrics(self, accept: str) -> tuple[bytes, str] | None:
        self.accepted.append(accept)
        return self.numbers

    def served(self, status: int) -> None:
        self.statuses.append(status)


class Site:
    """Hold what the application is given, for tests to change."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self.listings = [listing("category", "linyiribao", "临沂日报"), listing("site", "site", "Example news")]
        self.subscriptions = Subscriptions()
        self.probes = Probes()

    def app(self, language: str = "en", templates: Templates | None = None) -> ASGIApp:
        return create_app(
            output=str(self.output),
            redirects=Redirects(),
            media_types=MEDIA_TYPES,
            site_title="Example <news>",
            site_url="https://example.org",
            feeds_url="https://feeds.example",
            language=language,
            templates=templates or Templates(),
            catalogue=lambda: self.listings,
            unsubscribe=self.subscriptions,
            probes=self.probes,
        )


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    server = Server(app, "127.0.0.1", 0)
    server.bind()
    stop = asyncio.Event()
    task = asyncio.create_task(server.serve(stop))
    try:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
            yield client
    finally:
        stop.set()
        await task


@pytest.fixture
def site(tmp_path: Path) -> Site:
    path = tmp_path / "feeds/category/linyiribao.rss"
    path.parent.mkdir(parents=True)
    path.write_bytes(RSS)
    return Site(tmp_path)


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(site.app()) as client:
        yield client


class Page(HTMLParser):
    """Collect a page's elements and its visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag and wanted.items() <= attrs.items()]


# -- feeds


async def test_a_feed_over_http(client: httpx.AsyncClient) -> None:
    answer = await client.get("/feeds/category/linyiribao.rss")
    assert (answer.status_code, answer.content) == (200, RSS)
    assert answer.headers["content-type"] == "application/rss+xml; charset=utf-8"
    assert answer.headers["content-encoding"] == "br"
    assert int(answer.headers["content-length"]) < len(RSS)
    assert "date" in answer.headers
    assert "server" not in answer.headers


def test_a_body_does_not_wait_for_its_headers_to_be_acknowledged(site: Site) -> None:
    """On a connection that stays open a client acknowledges after 40 ms, unless it has more to send."""
    server = Server(site.app(), "127.0.0.1", 0)
    server.bind()
    stop = threading.Event()

    async def serve() -> None:
        ended = asyncio.Event()
        task = asyncio.create_task(server.serve(ended))
        await asyncio.to_thread(stop.wait)
        ended.set()
        await task

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        with httpx.Client(base_url=server.url, trust_env=False) as client:
            took = [client.get("/feeds/category/linyiribao.rss").elapsed for _ in range(41)]
    finally:
        stop.set()
        thread.join()
    assert sorted(took)[20] < timedelta(milliseconds=30)


async def test_head_of_a_feed(client: httpx.AsyncClient) -> None:
    path = "/feeds/category/linyiribao.rss"
    get, head = await client.get(path), await client.head(path)
    assert head.content == b""
    names = ("content-length", "content-type", "content-encoding", "etag", "last-modified", "cache-control", "vary")
    assert [head.headers[name] for name in names] == [get.headers[name] for name in names]


async def test_a_conditional_request_and_its_304_on_one_connection(client: httpx.AsyncClient) -> None:
    path = "/feeds/category/linyiribao.rss"
    first = await client.get(path)
    second = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
    third = await client.get(path)
    assert (second.status_code, second.content, third.content) == (304, b"", RSS)
    assert second.headers["etag"] == first.headers["etag"]


async def test_a_kept_connection_does_not_wait_for_acknowledgements(client: httpx.AsyncClient) -> None:
    took = []
    for _ in range(11):
        began = time.perf_counter()
        await client.get("/feeds/category/linyiribao.rss")
        took.append(time.perf_counter() - began)
    assert median(took) < 0.03  # the kernel waits for 40 ms


async def test_paths_that_lead_elsewhere(client: httpx.AsyncClient, site: Site) -> None:
    (site.output / "secret.rss").write_bytes(b"secret")
    for path in ("/feeds/%2e%2e/secret.rss", "/feeds/category/..%2f..%2fsecret.rss", "/feeds%2fcategory/a.rss"):
        assert (await client.get(path)).status_code == 404


# -- the index page


async def test_the_index_lists_every_feed_in_order(client: httpx.AsyncClient, site: Site) -> None:
    site.listings = [
        listing("tag", "a", "Tag A"),
        listing("category", "b", "Category B", entries=1),
        listing("category", "c", "Category C", entries=0, updated=None),
        listing("site", "site", "The site"),
    ]
    answer = await client.get("/")
    page = Page(answer.text)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    titles = re.findall(r"<b[^>]*>(.*?)</b>", answer.text)
    assert titles == ["The site", "Category B", "Category C", "Tag A"]
    assert [link["href"] for link in page.all("a") if str(link["href"]).endswith(".rss")] == [
        f"https://feeds.example/feeds/{path}.rss" for path in ("site/site", "category/b", "category/c", "tag/a")
    ]
    assert [time["datetime"] for time in page.all("time")] == ["2026-11-22T09:30:00+00:00"] * 3
    assert "3 posts" in page.text
    assert "1 post ·" in page.text
    assert "0 posts" in page.text


async def test_feed_readers_find_the_feeds(client: httpx.AsyncClient) -> None:
    page = Page((await client.get("/")).text)
    assert [(link["type"], link["title"], link["href"]) for link in page.all("link", rel="alternate")] == [
        ("application/rss+xml", "Example news (RSS)", "https://feeds.example/feeds/site/site.rss"),
        ("application/atom+xml", "Example news (Atom)", "https://feeds.example/feeds/site/site.atom"),
        ("application/rss+xml", "临沂日报 (RSS)", "https://feeds.example/feeds/category/linyiribao.rss"),
        ("application/atom+xml", "临沂日报 (Atom)", "https://feeds.example/feeds/category/linyiribao.atom"),
    ]


async def test_thousands_of_feeds_are_listed_and_a_hundred_offered(client: httpx.AsyncClient, site: Site) -> None:
    site.listings = [listing("category", f"c{n}", f"分类{n}") for n in range(2000)]
    site.listings += [listing("tag", f"t{n}", f"标签{n}") for n in range(2000)]
    page = Page((await client.get("/")).text)
    assert len(page.all("time")) == 4000
    assert len(page.all("link", rel="alternate")) == DISCOVERED_FEEDS * len(MEDIA_TYPES)


async def test_the_index_follows_the_catalogue(client: httpx.AsyncClient, site: Site) -> None:
    assert "New feed" not in (await client.get("/")).text
    site.listings.append(listing("tag", "new", "New feed"))
    assert "New feed" in (await client.get("/")).text
    site.listings.clear()
    assert "There are no feeds yet" in (await client.get("/")).text


async def test_titles_are_text_and_never_markup(client: httpx.AsyncClient, site: Site) -> None:
    site.listings = [listing("tag", "x", '<script>alert("1")</script>')]
    page = Page((await client.get("/")).text)
    assert page.all("script") == []
    assert '<script>alert("1")</script>' in page.text
    assert "Feeds of Example <news>" in page.text


@pytest.mark.parametrize("path", ["/", "/unsubscribe/good", "/unsubscribe/bad", "/nowhere"])
async def test_pages_load_nothing_and_allow_nothing_but_their_style(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    page = Page(answer.text)
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"].split("; ")
    assert policy[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "img", "iframe", "object", "base"})
    assert not any("src" in attrs or "style" in attrs for _, attrs in page.elements)
    assert {link["rel"] for link in page.all("link")} <= {"alternate", "canonical"}
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize("path", ["/", "/unsubscribe/good", "/nowhere"])
@pytest.mark.parametrize(
    ("site_language", "accept", "language"),
    [
        ("en", "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("zh-CN", "en-GB,en;q=0.9", "en"),
        ("zh-CN", "fr", "zh-CN"),
        ("zh-CN", None, "zh-CN"),
        ("fr", None, "en"),
    ],
)
async def test_pages_speak_the_readers_language(
    site: Site, path: str, site_language: str, accept: str | None, language: str
) -> None:
    transport = httpx.ASGITransport(app=site.app(site_language))
    async with httpx.AsyncClient(transport=transport, base_url="http://pages") as client:
        answer = await client.get(path, headers={"Accept-Language": accept} if accept else {})
    assert Page(answer.text).all("html") == [{"lang": language}]
    assert answer.headers["content-language"] == language
    assert "Accept-Language" in answer.headers["vary"]


async def test_the_owners_template_and_its_style_are_used(site: Site, tmp_path: Path) -> None:
    own = tmp_path / "templates/web/index.html"
    own.parent.mkdir(parents=True)
    own.write_text('{% extends "default:web/index.html" %}{% block title %}Ours{% endblock %}', encoding="utf-8")
    transport = httpx.ASGITransport(app=site.app(templates=Templates(str(tmp_path / "templates"))))
    async with httpx.AsyncClient(transport=transport, base_url="http://pages") as client:
        assert "<title>Ours</title>" in (await client.get("/")).text


# -- unsubscribing


async def test_get_shows_what_would_happen_and_changes_nothing(client: httpx.AsyncClient, site: Site) -> None:
    answer = await client.get("/unsubscribe/good")
    page = Page(answer.text)
    assert answer.status_code == 200
    assert "w***@example.com" in page.text
    assert page.all("form") == [{"method": "post"}]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex"
    await client.head("/unsubscribe/good")
    assert site.subscriptions.calls == ["describe", "describe"]
    assert site.subscriptions.active


@pytest.mark.parametrize(
    "request_body",
    [
        {},
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b"\xff\x00 not a form", "headers": {"Content-Type": "multipart/form-data"}},
        {"content": b"x" * 64_000},
    ],
    ids=["none", "urlencoded", "multipart", "nonsense", "largest"],
)
async def test_post_unsubscribes_every_time_alike(
    client: httpx.AsyncClient, site: Site, request_body: dict[str, Any]
) -> None:
    for _ in range(2):
        answer = await client.post("/unsubscribe/good", **request_body)
        assert answer.status_code == 200
        assert "You are unsubscribed" in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
        assert not site.subscriptions.active


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("token", ["bad", "%F0%9F%92%A5", "x" * 3000, "good.", "%00"])
async def test_a_token_that_is_not_valid(client: httpx.AsyncClient, site: Site, method: str, token: str) -> None:
    answer = await client.request(method, f"/unsubscribe/{token}")
    assert answer.status_code == 404
    assert method == "HEAD" or "This link does not work" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert site.subscriptions.active


async def pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 1000


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_too_large_is_refused(client: httpx.AsyncClient, site: Site, chunked: bool) -> None:
    content: Any = pieces(70) if chunked else b"x" * 70_000
    answer = await client.post("/unsubscribe/good", content=content)
    assert answer.status_code == 413
    assert "Too much was sent" in answer.text
    assert site.subscriptions.calls == []


async def test_no_address_ends_in_a_redirect(client: httpx.AsyncClient) -> None:
    for path in ("/unsubscribe/good/", "/unsubscribe", "/healthz/", "/feeds"):
        assert (await client.post(path)).status_code == 404


async def test_a_store_in_trouble_gives_a_page_and_the_next_request_works(
    client: httpx.AsyncClient, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.subscriptions.broken = True
    answer = await client.post("/unsubscribe/good")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "the store is away" not in answer.text
    assert "the store is away" in caplog.text
    site.subscriptions.broken = False
    assert (await client.post("/unsubscribe/good")).status_code == 200


# -- the rest


@pytest.mark.parametrize("path", ["/nowhere", "/docs", "/redoc", "/openapi.json", "/admin/", "/%ff"])
async def test_unknown_paths_give_a_page(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Page not found" in answer.text
    assert "https://feeds.example/" in {link["href"] for link in Page(answer.text).all("a")}


async def test_a_method_that_is_not_taken_says_which_are(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/unsubscribe/good")
    assert answer.status_code == 405
    assert "This is not possible here" in answer.text
    assert "allow" in answer.headers


async def test_health(client: httpx.AsyncClient) -> None:
    get, head = await client.get("/healthz"), await client.head("/healthz")
    assert (get.status_code, get.text, head.status_code, head.text) == (200, "ok", 200, "")


# -- the server


async def test_a_port_in_use_is_named_with_what_to_do(site: Site) -> None:
    first = Server(site.app(), "127.0.0.1", 0)
    first.bind()
    with pytest.raises(SyndicatorError) as caught:
        Server(site.app(), "127.0.0.1", first.port).bind()
    address = f"127.0.0.1:{first.port}"
    assert str(caught.value) == f"{address} is in use: stop the other program or set [web] port"
    await stop_at_once(first)


@pytest.mark.parametrize("host", ["192.0.2.1", "not a host", "a..b"])
def test_an_address_of_elsewhere_is_named_with_what_to_do(site: Site, host: str) -> None:
    with pytest.raises(SyndicatorError) as caught:
        Server(site.app(), host, 8080).bind()
    assert str(caught.value) == f"{host}:8080 is not an address of this machine: set [web] host"


async def test_serving_before_binding_is_a_mistake(site: Site) -> None:
    with pytest.raises(RuntimeError, match="bind"):
        await Server(site.app(), "127.0.0.1", 0).serve(asyncio.Event())


async def test_the_url_of_an_ipv6_address(site: Site) -> None:
    server = Server(site.app(), "::1", 0)
    try:
        server.bind()
    except SyndicatorError:
        pytest.skip("no IPv6 on this machine")
    assert server.url == f"http://[::1]:{server.port}"
    await stop_at_once(server)


async def stop_at_once(server: Server) -> None:
    stop = asyncio.Event()
    stop.set()
    await server.serve(stop)


async def test_the_stop_event_ends_it_and_frees_the_port(site: Site) -> None:
    server = Server(site.app(), "127.0.0.1", 0)
    server.bind()
    stop = asyncio.Event()
    task = asyncio.create_task(server.serve(stop))
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        assert (await client.get("/healthz")).text == "ok"
        stop.set()
        await task
        with pytest.raises(httpx.ConnectError):
            await client.get("/healthz")
    again = Server(site.app(), "127.0.0.1", server.port)
    again.bind()
    await stop_at_once(again)


class Slow(list[FeedListing]):
    """Be a catalogue that takes as long as a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.entered, self.leave = threading.Event(), threading.Event()

    def __iter__(self) -> Iterator[FeedListing]:
        self.entered.set()
        self.leave.wait(30)
        return super().__iter__()


@pytest.mark.parametrize("hangs", [False, True])
async def test_a_running_request_may_end_but_not_hold_the_server_up(site: Site, hangs: bool) -> None:
    site.listings = slow = Slow()
    server = Server(site.app(), "127.0.0.1", 0)
    server.bind()
    stop = asyncio.Event()
    task = asyncio.create_task(server.serve(stop))
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=20) as client:
        request = asyncio.create_task(client.get("/"))
        await asyncio.to_thread(slow.entered.wait, 10)
        stop.set()
        await asyncio.wait({task}, timeout=10 if hangs else 0.5)
        assert task.done() == hangs
        slow.leave.set()
        await task
        if not hangs:
            assert (await request).status_code == 200
        request.cancel()


async def test_cancelling_closes_the_port(site: Site) -> None:
    server = Server(site.app(), "127.0.0.1", 0)
    server.bind()
    task = asyncio.create_task(server.serve(asyncio.Event()))
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        assert (await client.get("/healthz")).text == "ok"
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        with pytest.raises(httpx.ConnectError):
            await client.get("/healthz")


async def test_signals_stay_with_the_program(client: httpx.AsyncClient) -> None:
    await client.get("/healthz")
    handlers: list[Any] = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert not any("uvicorn" in getattr(handler, "__module__", "") for handler in handlers)


# Probes


async def test_it_is_ready_when_nothing_is_wrong_and_says_in_words_what_is(
    site: Site, client: httpx.AsyncClient
) -> None:
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.text, ready.headers["cache-control"]) == (200, "ok", "no-store")
    site.probes.wrong = ["source posts: not read yet", "no room"]
    unready = await client.get("/readyz")
    assert (unready.status_code, unready.text) == (503, "source posts: not read yet\nno room")
    assert (await client.get("/healthz")).text == "ok"


async def test_metrics_come_as_they_are_made_or_not_at_all(site: Site, client: httpx.AsyncClient) -> None:
    shown = await client.get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert (shown.status_code, shown.content) == (200, b"up 1\n")
    assert shown.headers["content-type"] == "text/plain; version=0.0.4"
    assert site.probes.accepted == ["application/openmetrics-text"]
    site.probes.numbers = None
    assert (await client.get("/metrics")).status_code == 404


async def test_every_answer_to_a_request_for_a_feed_is_told_to_the_probes(
    site: Site, client: httpx.AsyncClient
) -> None:
    tag = (await client.get("/feeds/category/linyiribao.rss")).headers["etag"]
    await client.get("/feeds/category/linyiribao.rss", headers={"If-None-Match": tag})
    await client.get("/feeds/category/none.rss")
    await client.get("/")
    assert site.probes.statuses == [200, 304, 404]
