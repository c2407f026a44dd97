"""What is served besides the bytes of a feed: headers that relate it, other files, redirects, changed entries only."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.formats import atom, rss
from syndicator.policy.redirects import PRESETS
from tests.asking import MODIFIED, RSS, Answer, ask, plain, serve, write
from tests.golden.feed_samples import FEED, sample, written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from syndicator.models import Entry
    from syndicator.ports import Format
    from syndicator.web.feeds import FeedFiles

BASE = "https://feeds.example/news"
FORMATS: dict[str, Format] = {"rss": rss.Format(), "atom": atom.Format()}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    write(tmp_path / "public/feeds/category/News.rss")
    return tmp_path / "public"


def served(output: Path, path: str, **headers: str) -> Answer:
    return ask(serve(output), path, headers={name.replace("_", "-"): value for name, value in headers.items()})


# -- bodies made beforehand


def test_a_compressed_sibling_is_sent_as_it_is(output: Path) -> None:
    packed = gzip.compress(RSS, 9, mtime=1)
    write(output / "feeds/category/News.rss.gz", packed)
    answer = served(output, "/feeds/category/News.rss", accept_encoding="gzip")
    assert (answer.body, answer.headers["content-length"]) == (packed, str(len(packed)))


def test_the_sibling_of_an_earlier_version_is_not(output: Path) -> None:
    write(output / "feeds/category/News.rss.gz", gzip.compress(RSS), modified=MODIFIED + 60)
    write(output / "feeds/category/News.rss", b"<rss>new</rss>", modified=MODIFIED + 30)
    assert plain(served(output, "/feeds/category/News.rss", accept_encoding="gzip")) == b"<rss>new</rss>"


# -- what a feed is related to


def test_links_name_the_feed_its_page_and_its_hubs(output: Path) -> None:
    write(output / "feeds/tag/临沂.atom", written(FORMATS["atom"], FEED, []))
    write(output / "feeds/tag/临沂.html")
    hubs = ["https://hub.example/", "https://other.example/hub"]
    answer = ask(serve(output, hubs=hubs), "/feeds/tag/%E4%B8%B4%E6%B2%82.atom")
    assert answer.headers["link"].split(", ") == [
        f'<{BASE}/feeds/tag/%E4%B8%B4%E6%B2%82.atom>; rel="self"; type="application/atom+xml"',
        f'<{BASE}/feeds/tag/%E4%B8%B4%E6%B2%82.html>; rel="alternate"; type="text/html"',
        '<https://hub.example/>; rel="hub"',
        '<https://other.example/hub>; rel="hub"',
    ]


def test_an_archive_never_changes_and_no_hub_tells_of_it(output: Path) -> None:
    write(output / "feeds/category/News/1.rss")
    answer = ask(serve(output, hubs=["https://hub.example/"]), "/feeds/category/News/1.rss")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["link"] == f'<{BASE}/feeds/category/News/1.rss>; rel="self"; type="application/rss+xml"'


@pytest.mark.parametrize("extension", FORMATS)
def test_a_copy_is_good_for_half_the_usual_interval(output: Path, extension: str) -> None:
    entries = [sample(number, published=FEED.updated - timedelta(hours=3 * number)) for number in range(20)]
    write(output / f"feeds/tag/a.{extension}", written(FORMATS[extension], FEED, entries))
    assert served(output, f"/feeds/tag/a.{extension}").headers["cache-control"] == "public, max-age=5400"


# -- files that are no feeds


def test_the_index_is_a_file_where_there_is_one(output: Path) -> None:
    app = serve(output)
    assert ask(app, "/").body == b"page"
    write(output / "index.html", b"<p>index")
    for path in ("/", "/index.html"):
        answer = ask(app, path)
        assert (answer.body, answer.headers["content-type"]) == (b"<p>index", "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/feeds/category/News.html", "text/html; charset=utf-8"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/feeds/category.opml", "text/x-opml; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/assets/find.js", "text/javascript; charset=utf-8"),
        ("/assets/index.json", "application/json; charset=utf-8"),
        ("/assets/icon.svg", "image/svg+xml; charset=utf-8"),
        ("/favicon.ico", "image/x-icon"),
        ("/assets/icon.png", "image/png"),
    ],
)
def test_other_files_are_served_with_their_types(output: Path, path: str, media_type: str) -> None:
    write(output / path.lstrip("/"), b"x" * 1000)
    answer = served(output, path, accept_encoding="gzip, br")
    assert (plain(answer), answer.headers["content-type"]) == (b"x" * 1000, media_type)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "public, max-age=300"
    is_text = "charset" in media_type
    assert (answer.headers.get("content-encoding"), answer.headers.get("vary")) == (
        ("br", "Accept-Encoding") if is_text else (None, None)
    )


def test_a_page_may_do_what_is_written_in_it_and_nothing_else(output: Path) -> None:
    write(output / "feeds/category/News.html", b"<style>p{}</style><script>find()</script>")
    policy = served(output, "/feeds/category/News.html").headers["content-security-policy"].split("; ")
    style, script = (base64.b64encode(hashlib.sha256(text).digest()).decode() for text in (b"p{}", b"find()"))
    assert policy[:3] == [
        "default-src 'none'",
        f"style-src 'self' 'sha256-{style}'",
        f"script-src 'self' 'sha256-{script}'",
    ]
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    "path",
    [
        "/unsubscribe/x",
        "/healthz",
        "/notes.md",
        "/style.css.gz",
        "/.hidden.css",
        "/.well-known/a.txt",
        "/style.css.12.tmp",
        "/linked.css",
        "/folder.css",
        "/%2e%2e/secret.css",
        "/..%2fsecret.css",
        "*",
        "",
        "//style.css",
        "/none.css",
    ],
)
def test_everything_else_is_for_the_pages(output: Path, path: str) -> None:
    for name in ("notes.md", "style.css", "style.css.gz", ".hidden.css", ".well-known/a.txt", "style.css.12.tmp"):
        write(output / name, b"secret")
    write(output.parent / "secret.css", b"secret")
    (output / "linked.css").symlink_to("style.css")
    (output / "folder.css").mkdir()
    assert (served(output, path).status, served(output, path).body) == (299, b"page")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_what_changes_something_is_for_the_pages(output: Path, method: str) -> None:
    write(output / "style.css")
    assert ask(serve(output, presets=["wordpress"]), "/style.css", method).status == 299
    assert ask(serve(output, presets=["wordpress"]), "/feed/", method).status == 299


# -- redirects


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/feed/News.xml", "/feeds/category/News.rss"),
        ("/feed/news.xml", "/feeds/category/News.rss"),
        ("/feed/by_tag/%E4%B8%B4%E6%B2%82.xml", "/feeds/tag/%E4%B8%B4%E6%B2%82.atom"),
        ("/feed/by_tag/a%20b.xml", "/feeds/tag/a-b.json"),
    ],
)
def test_a_path_of_another_generator_leads_to_the_feed_in_a_format_that_there_is(
    output: Path, path: str, target: str
) -> None:
    write(output / "feeds/tag/临沂.atom")
    write(output / "feeds/tag/a-b.json")
    answer = ask(serve(output, presets=["jekyll-feed"]), path)
    assert (answer.status, answer.headers["location"]) == (301, BASE + target)


@pytest.mark.parametrize(
    "path", ["/feed.xml", "/feed/none.xml", "/feed/by_tag/News.xml", "/feed/.xml", "/feed/%ff.xml"]
)
def test_a_path_that_leads_to_no_feed_is_no_redirect(output: Path, path: str) -> None:
    assert ask(serve(output, presets=["jekyll-feed"]), path).status == 299


def test_a_file_comes_before_a_preset_and_an_own_redirect_before_a_file(output: Path) -> None:
    write(output / "index.xml", b"<a/>")
    write(output / "feeds/site/all.rss")
    assert ask(serve(output, presets=["hugo"]), "/index.xml").body == b"<a/>"
    app = serve(output, own={"/index.xml": "/feeds/site/all.rss", "/feeds/category/News.rss": "/feeds/site/all.rss"})
    assert ask(app, "/index.xml").headers["location"] == f"{BASE}/feeds/site/all.rss"
    assert ask(app, "/feeds/category/News.rss").headers["location"] == f"{BASE}/feeds/site/all.rss"


def test_own_redirects_lead_anywhere_and_keep_what_they_cannot_find(output: Path) -> None:
    own = {"/a": "https://other.example/x?y=<z>", "/b/:c": "/feeds/category/:c.rss", "/d": "/nowhere/日.rss"}
    app = serve(output, own=own)
    answer = ask(app, "/a")
    assert answer.headers["location"] == "https://other.example/x?y=%3Cz%3E"
    assert b"<z>" not in answer.body
    assert ask(app, "/b/news").headers["location"] == f"{BASE}/feeds/category/News.rss"
    assert ask(app, "/b/%0d%0aSet-Cookie:x").headers["location"] == f"{BASE}/feeds/category/Set-Cookie-x.rss"
    assert ask(app, "/d").headers["location"] == f"{BASE}/nowhere/%E6%97%A5.rss"


# -- removed feeds


@pytest.mark.parametrize("path", ["/feeds/tag/x.rss", "/feeds/tag/x.html", "/feeds/tag/x/1.atom"])
def test_a_removed_feed_is_gone_for_good_until_it_is_written_again(output: Path, path: str) -> None:
    app = serve(output)
    assert ask(app, path).status == 404
    write(output / "feeds/tag/x.gone", b"")
    assert ask(app, path).status == 410
    assert ask(app, "/feeds/tag/x.gone").status == 410
    write(output / path.lstrip("/"))
    assert ask(app, path).status == 200


def test_other_feeds_are_not_gone_with_it(output: Path) -> None:
    write(output / "feeds/category.gone", b"")
    write(output / "feeds/category/Old.gone", b"")
    app = serve(output)
    assert [ask(app, f"/feeds/category/{name}").status for name in ("News.rss", "Ol.rss", "Old.rss")] == [200, 404, 410]


# -- changed entries only (RFC 3229)


class Reader:
    """Be a reader that asks for what is new since it last came."""

    def __init__(self, app: FeedFiles, path: str, encoding: str = "identity") -> None:
        self._app, self._path = app, path
        self._headers = {"A-IM": "feed", "Accept-Encoding": encoding}

    def come(self) -> Answer:
        answer = ask(self._app, self._path, headers=self._headers)
        self._headers["If-None-Match"] = answer.headers["etag"]
        return answer


def publish(output: Path, extension: str, entries: Sequence[Entry]) -> None:
    """Replace the feed as the service does."""
    path = output / f"feeds/tag/a.{extension}"
    write(path.with_suffix(".tmp"), written(FORMATS[extension], FEED, entries))
    os.replace(path.with_suffix(".tmp"), path)


def titles(answer: Answer) -> list[str]:
    parsed = feedparser.parse(plain(answer))
    assert not parsed.bozo
    assert parsed.feed.title
    return [entry.title for entry in parsed.entries]


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_a_reader_gets_the_entries_that_are_new_or_changed(output: Path, extension: str, encoding: str) -> None:
    reader = Reader(serve(output), f"/feeds/tag/a.{extension}", encoding)
    publish(output, extension, [sample(number) for number in (3, 2, 1)])
    first = reader.come()
    assert (first.status, titles(first)) == (200, ["Post 3", "Post 2", "Post 1"])
    assert reader.come().status == 304
    publish(output, extension, [sample(4), sample(3), replace(sample(2), title="Rewritten")])
    part = reader.come()
    assert (part.status, titles(part)) == (226, ["Post 4", "Rewritten"])
    whole = served(output, f"/feeds/tag/a.{extension}", accept_encoding=encoding)
    assert part.headers["etag"] == whole.headers["etag"]
    assert part.headers.get("content-encoding") == whole.headers.get("content-encoding")
    assert part.headers["content-length"] == str(len(part.body))
    assert part.headers["im"] == "feed"
    assert part.headers["cache-control"] == "no-store, im"
    assert part.headers["vary"] == "Accept-Encoding, A-IM, If-None-Match"
    assert reader.come().status == 304


def test_items_of_a_json_feed_too(output: Path) -> None:
    def put(*items: object) -> None:
        write(output / "feeds/tag/a.json", json.dumps({"version": "1.1", "items": items}).encode())

    reader = Reader(serve(output), "/feeds/tag/a.json")
    put({"id": "1"}, {"id": "2"})
    assert reader.come().status == 200
    put({"id": "3"}, {"id": "1"}, {"id": "2", "title": "new"})
    part = reader.come()
    assert (part.status, json.loads(part.body)) == (
        226,
        {"version": "1.1", "items": [{"id": "3"}, {"id": "2", "title": "new"}]},
    )


def test_several_versions_are_remembered_and_the_oldest_forgotten(output: Path) -> None:
    app = serve(output)
    readers = []
    for number in range(20):
        publish(output, "atom", [sample(each) for each in range(number, max(number - 3, -1), -1)])
        readers.append(Reader(app, "/feeds/tag/a.atom"))
        assert readers[-1].come().status == 200
    assert (titles(readers[-2].come()), titles(readers[-3].come())) == (["Post 19"], ["Post 19", "Post 18"])
    assert [reader.come().status for reader in (readers[10], readers[0])] == [226, 200]


@pytest.mark.parametrize(
    ("wish", "known"),
    [("feed", '"0123"'), ("feed", "*, x"), ("feed", 'W/"feed"'), ("gzip", None), ("feed;q=0", None), ("", None)],
)
def test_who_does_not_ask_or_names_no_version_gets_the_whole_feed(output: Path, wish: str, known: str | None) -> None:
    app = serve(output)
    publish(output, "rss", [sample(1)])
    etag = ask(app, "/feeds/tag/a.rss").headers["etag"]
    publish(output, "rss", [sample(2), sample(1)])
    answer = ask(app, "/feeds/tag/a.rss", headers={"A-IM": wish, "If-None-Match": known or etag})
    assert (answer.status, titles(answer)) == (200, ["Post 2", "Post 1"])
    assert "im" not in answer.headers
    assert answer.headers["vary"] == "Accept-Encoding"


def test_the_whole_feed_in_another_encoding_is_no_earlier_version(output: Path) -> None:
    app = serve(output)
    publish(output, "rss", [sample(1)])
    etag = ask(app, "/feeds/tag/a.rss").headers["etag"]
    answer = ask(app, "/feeds/tag/a.rss", headers={"A-IM": "feed", "If-None-Match": etag, "Accept-Encoding": "gzip"})
    assert answer.status == 200


def test_feedparser_reads_the_part(output: Path) -> None:
    app = serve(output)
    publish(output, "atom", [sample(1)])
    etag = ask(app, "/feeds/tag/a.atom").headers["etag"]
    publish(output, "atom", [sample(2), sample(1)])
    answer = ask(app, "/feeds/tag/a.atom", headers={"A-IM": "feed", "If-None-Match": etag})
    (entry,) = feedparser.parse(answer.body).entries
    assert entry.id == sample(2).id


# -- whatever is asked


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FeedFiles:
    output = tmp_path_factory.mktemp("served")
    for name in ("index.html", "feeds.opml", "a.css", "feeds/tag/a.rss", "feeds/tag/b.gone", "feeds/site/all.atom"):
        write(output / name)
    write(output / "feeds/tag/c.json", b'{"items": [1, 2]}')
    return serve(output, own={"/x/:y": "/feeds/tag/:y.rss"}, presets=sorted(PRESETS))


PIECES = [
    "/",
    "feeds",
    "feed",
    "tag",
    "a",
    "b",
    "c",
    ".rss",
    ".json",
    ".xml",
    ".",
    "..",
    "%2f",
    "%00",
    "%ff",
    "x",
    "site",
]
VALUES = ["gzip", "br", "identity", "feed", "*", ";q=", "0.5", ",", '"', "W/", " ", "Sat, 22 Nov 2025 20:00:00 GMT"]
any_text = st.text(st.characters(max_codepoint=255))
paths = st.lists(st.sampled_from(PIECES), max_size=9).map("".join) | any_text
values = st.lists(st.sampled_from(VALUES)).map("".join) | any_text
names = st.sampled_from(["accept-encoding", "if-none-match", "if-modified-since", "a-im", "range", "host"])


@given(paths, st.dictionaries(names, values), st.sampled_from(["GET", "HEAD", "POST", "BREW"]))
def test_no_request_is_an_error_and_every_length_is_right(
    app: FeedFiles, path: str, headers: dict[str, str], method: str
) -> None:
    answer = ask(app, b"/" + path.encode("latin-1"), method, headers)
    assert answer.status in (200, 226, 299, 301, 304, 404, 405, 410)
    if method != "HEAD" and answer.status not in (299, 304):
        assert answer.headers["content-length"] == str(len(answer.body))
    assert not any({"\r", "\n"} & set(value) for value in answer.headers.values())
