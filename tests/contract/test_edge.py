"""What readers are promised, by whatever serves the output folder: the service, or nginx with config/nginx.conf."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING

import brotli
import httpx
import pytest

from syndicator.policy.redirects import Redirects
from syndicator.web.feeds import FeedFiles
from syndicator.web.server import Server
from syndicator.web.shelf import Address
from tests.asking import MEDIA_TYPES, MODIFIED, pages, write
from tests.nginx import Nginx, brotli_module, program
from tests.servers import Receiver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

RSS = b"<rss>" + b"<item>\xe6\x96\xb0\xe9\x97\xbb</item>" * 500 + b"</rss>"
FEED = "/feeds/category/news.rss"
LAST_MODIFIED = "Sat, 22 Nov 2025 20:00:00 GMT"


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Make a folder as a site has it, with all that must not be served."""
    output = tmp_path / "public"
    for name in ("news.rss", "news.atom", "news.json", "news.html", "News/1.rss"):
        write(output / "feeds/category" / name, RSS)
    for name in ("index.html", "feeds.opml", "feeds/category.opml", "style.css", "find.js", "icon.svg", "icon.png"):
        write(output / name, RSS)
    write(output / "feeds/site/all.atom", RSS)
    write(output / "feeds/tag/临沂日报.atom", RSS)
    write(output / "feeds/tag/old.gone", b"")
    write(output / "feeds/category/packed.rss", RSS)
    write(output / "feeds/category/packed.rss.gz", gzip.compress(RSS, 9, mtime=1))
    write(output / "feeds/category/packed.rss.br", brotli.compress(RSS, quality=11))
    for name in (".hidden.css", "feeds/category/news.rss.12.tmp", "feeds/category/.rss", "feeds/.git/a.rss"):
        write(output / name, b"secret")
    write(tmp_path / "secret.rss", b"secret")
    (output / "feeds/category/link.rss").symlink_to(tmp_path / "secret.rss")
    (output / "feeds/linked").symlink_to(tmp_path)
    return output


@pytest.fixture(params=["service", "nginx"])
async def client(request: pytest.FixtureRequest, output: Path) -> AsyncIterator[httpx.AsyncClient]:
    if request.param == "nginx":
        found = program()
        if not found:
            pytest.skip("nginx is not installed")
        with Nginx(found, str(output)) as nginx:
            async with httpx.AsyncClient(base_url=nginx.url, trust_env=False) as client:
                yield client
        return
    app = FeedFiles(str(output), Address("", MEDIA_TYPES), Redirects.of({}, ["jekyll-feed"]), pages)
    server = Server(app, "127.0.0.1", 0)
    server.bind()
    stop = asyncio.Event()
    task = asyncio.create_task(server.serve(stop))
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        yield client
    stop.set()
    await task


async def get(client: httpx.AsyncClient, path: str, **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in {"accept_encoding": "identity", **headers}.items()}
    return await client.get(path, headers=sent)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        (FEED, "application/rss+xml"),
        ("/feeds/category/news.atom", "application/atom+xml"),
        ("/feeds/category/news.json", "application/feed+json"),
        ("/feeds/category/news.html", "text/html"),
        ("/feeds/tag/%E4%B8%B4%E6%B2%82%E6%97%A5%E6%8A%A5.atom", "application/atom+xml"),
        ("/", "text/html"),
        ("/feeds.opml", "text/x-opml"),
        ("/feeds/category.opml", "text/x-opml"),
        ("/style.css", "text/css"),
        ("/find.js", "text/javascript"),
        ("/icon.svg", "image/svg+xml"),
        ("/icon.png", "image/png"),
    ],
)
async def test_every_file_with_its_type_and_validators(client: httpx.AsyncClient, path: str, media_type: str) -> None:
    answer = await get(client, path)
    assert (answer.status_code, answer.content) == (200, RSS)
    charset = "" if media_type == "image/png" else "; charset=utf-8"
    assert answer.headers["content-type"] == media_type + charset
    assert answer.headers["last-modified"] == LAST_MODIFIED
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["etag"]
    assert answer.headers["content-length"] == str(len(RSS))


@pytest.mark.parametrize("path", [FEED, "/", "/feeds/category/none.rss"])
async def test_head_is_get_without_a_body(client: httpx.AsyncClient, path: str) -> None:
    head, got = await client.head(path), await client.get(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    for name in ("content-type", "etag", "last-modified", "cache-control", "content-encoding", "vary"):
        assert head.headers.get(name) == got.headers.get(name)


@pytest.mark.parametrize("path", [FEED, "/feeds/category/packed.rss", "/style.css"])
async def test_text_is_compressed_for_those_who_take_it(client: httpx.AsyncClient, path: str) -> None:
    plain, zipped = await get(client, path), await get(client, path, accept_encoding="gzip")
    assert (zipped.headers["content-encoding"], zipped.content) == ("gzip", RSS)
    assert plain.headers["etag"] != zipped.headers["etag"]
    assert plain.headers["vary"] == zipped.headers["vary"] == "Accept-Encoding"
    again = await get(client, path, accept_encoding="gzip", if_none_match=zipped.headers["etag"])
    assert again.status_code == 304


async def test_what_is_compressed_beforehand_is_sent_as_it_is(client: httpx.AsyncClient, output: Path) -> None:
    packed = output / "feeds/category/packed.rss.gz"
    answer = await get(client, "/feeds/category/packed.rss", accept_encoding="gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-length"] == str(packed.stat().st_size)


async def test_nginx_sends_brotli_where_it_has_the_module(output: Path) -> None:
    found, module = program(), brotli_module()
    if not found or not module:
        pytest.skip("nginx and its module for brotli are not installed")
    packed = output / "feeds/category/packed.rss.br"
    with Nginx(found, str(output), brotli=module) as nginx:
        async with httpx.AsyncClient(base_url=nginx.url, trust_env=False) as client:
            answer = await get(client, "/feeds/category/packed.rss", accept_encoding="br")
    assert (answer.content, answer.headers["content-encoding"]) == (RSS, "br")
    assert answer.headers["content-length"] == str(packed.stat().st_size)


async def test_a_copy_that_is_current_is_not_sent_again(client: httpx.AsyncClient) -> None:
    etag = (await get(client, FEED)).headers["etag"]
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = await get(client, FEED, if_none_match=known)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
        assert answer.headers["cache-control"] == "public, max-age=300"
    assert (await get(client, FEED, if_none_match='"x"')).status_code == 200
    assert (await get(client, FEED, if_none_match='"x"', if_modified_since=LAST_MODIFIED)).status_code == 200


@pytest.mark.parametrize(
    ("since", "status"),
    [(LAST_MODIFIED, 304), ("Sun, 23 Nov 2025 00:00:00 GMT", 304), ("Sat, 22 Nov 2025 19:59:59 GMT", 200), ("x", 200)],
)
async def test_if_modified_since(client: httpx.AsyncClient, since: str, status: int) -> None:
    assert (await get(client, FEED, if_modified_since=since)).status_code == status


async def test_a_replaced_file_is_served_at_once(client: httpx.AsyncClient, output: Path) -> None:
    etag = (await get(client, FEED)).headers["etag"]
    write(output / "feeds/category/new.tmp", b"<rss/>", modified=MODIFIED + 1)
    (output / "feeds/category/new.tmp").replace(output / FEED.lstrip("/"))
    answer = await get(client, FEED, if_none_match=etag)
    assert (answer.status_code, answer.content) == (200, b"<rss/>")


async def test_a_closed_archive_never_changes(client: httpx.AsyncClient) -> None:
    answer = await get(client, "/feeds/category/News/1.rss")
    assert (answer.status_code, answer.content) == (200, RSS)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/feed.xml", "/feeds/site/all.atom"),
        ("/feed.xml?utm=1", "/feeds/site/all.atom"),
        ("/feed/news.xml", "/feeds/category/news.atom"),
        (
            "/feed/by_tag/%E4%B8%B4%E6%B2%82%E6%97%A5%E6%8A%A5.xml",
            "/feeds/tag/%E4%B8%B4%E6%B2%82%E6%97%A5%E6%8A%A5.atom",
        ),
    ],
)
async def test_old_paths_lead_to_the_feeds(client: httpx.AsyncClient, path: str, target: str) -> None:
    answer = await get(client, path)
    assert (answer.status_code, answer.headers["location"]) == (301, target)
    assert (await get(client, target)).status_code == 200


@pytest.mark.parametrize("path", ["/feeds/tag/old.rss", "/feeds/tag/old.html", "/feeds/tag/old/1.atom"])
async def test_a_removed_feed_is_gone_until_it_is_written_again(
    client: httpx.AsyncClient, output: Path, path: str
) -> None:
    assert (await get(client, path)).status_code == 410
    write(output / path.lstrip("/"))
    assert (await get(client, path)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/category/none.rss",
        "/feeds/category/",
        "/feeds/category",
        "/feeds/category/packed.rss.gz",
        "/feeds/category/news.rss.12.tmp",
        "/feeds/category/.rss",
        "/feeds/.git/a.rss",
        "/feeds/category/link.rss",
        "/feeds/linked/secret.rss",
    ],
)
async def test_nothing_else_is_there(client: httpx.AsyncClient, path: str) -> None:
    answer = await get(client, path)
    assert answer.status_code == 404
    assert b"secret" not in answer.content


@pytest.mark.parametrize("path", [b"/../secret.rss", b"/feeds/../../secret.rss", b"/feeds/%2e%2e/%2e%2e/secret.rss"])
async def test_nothing_outside_is_there(client: httpx.AsyncClient, path: bytes) -> None:
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    writer.write(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.split()[1] in (b"299", b"400", b"404")
    assert b"secret" not in answer


async def test_pages_may_run_and_load_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    for path in ("/", "/feeds/category/news.html"):
        policy = (await get(client, path)).headers["content-security-policy"].split("; ")
        assert {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert "content-security-policy" not in (await get(client, FEED)).headers


async def test_nginx_passes_pages_on_to_the_service(output: Path) -> None:
    found = program()
    if not found:
        pytest.skip("nginx is not installed")
    with Receiver() as service:
        port = httpx.URL(service.url).port
        assert port
        with Nginx(found, str(output), service=port) as nginx:
            async with httpx.AsyncClient(base_url=nginx.url, trust_env=False) as client:
                await client.post("/unsubscribe/abc", data={"List-Unsubscribe": "One-Click"})
                assert (await client.get("/metrics")).status_code == 404
    (asked,) = service.requests
    assert (asked.method, asked.path, asked.body) == ("POST", "/unsubscribe/abc", b"List-Unsubscribe=One-Click")
