"""The feed files through their ASGI interface."""

from __future__ import annotations

import gzip
import os
import resource
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.asking import MODIFIED, RSS, ask, ask_with_lines, plain, serve, write

if TYPE_CHECKING:
    from pathlib import Path

    from syndicator.web.feeds import FeedFiles

PATH = "/feeds/category/linyiribao.rss"
LAST_MODIFIED = "Sat, 22 Nov 2025 20:00:00 GMT"


@pytest.fixture
def output(tmp_path: Path) -> Path:
    write(tmp_path / "public/feeds/category/linyiribao.rss")
    return tmp_path / "public"


@pytest.fixture
def app(output: Path) -> FeedFiles:
    return serve(output)


def test_get_answers_the_file_with_its_headers(app: FeedFiles) -> None:
    answer = ask(app, PATH)
    assert (answer.status, answer.body) == (200, RSS)
    etag = answer.headers.pop("etag")
    assert answer.headers == {
        "content-type": "application/rss+xml; charset=utf-8",
        "content-length": str(len(RSS)),
        "last-modified": LAST_MODIFIED,
        "cache-control": "public, max-age=300",
        "vary": "Accept-Encoding",
        "link": '<https://feeds.example/news/feeds/category/linyiribao.rss>; rel="self"; type="application/rss+xml"',
    }
    assert len(etag) == 34
    assert etag.startswith('"')


@pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "gzip"}, {"If-None-Match": "*"}])
@pytest.mark.parametrize("path", [PATH, "/feeds/category/none.rss"])
def test_head_has_the_headers_of_get_and_no_body(app: FeedFiles, path: str, headers: dict[str, str]) -> None:
    get, head = ask(app, path, "GET", headers), ask(app, path, "HEAD", headers)
    assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")


def test_chinese_slugs_are_served_percent_encoded(app: FeedFiles, output: Path) -> None:
    write(output / "feeds/tag/临沂日报新闻.atom", b"<feed/>")
    answer = ask(app, "/feeds/tag/%E4%B8%B4%E6%B2%82%E6%97%A5%E6%8A%A5%E6%96%B0%E9%97%BB.atom")
    assert (answer.status, answer.body) == (200, b"<feed/>")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("gzip", "gzip"),
        ("GZip", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", "br"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("gzip;q=0.001", "gzip"),
        ("gzip ; q=1", "gzip"),
        ("*", "br"),
        ("identity, gzip", "gzip"),
        ("identity;q=0.5, gzip;q=1.0", "gzip"),
        ("identity;q=0.5, *;q=0.8", "br"),
        ("deflate, br", "br"),
        ("gzip;q=0, *", "br"),
        ("br;q=0, *", "gzip"),
        ("", None),
        ("identity", None),
        ("deflate", None),
        ("gzip;q=0", None),
        ("gzip;q=0.000", None),
        ("*;q=0", None),
        ("identity;q=0", None),
        ("gzip;q=0.5, identity;q=0.8", None),
        ("gzip;q=much", None),
        ("gzip;q=nan", None),
        (";;,=,;q=1", None),
    ],
)
def test_the_encoding_that_is_liked_best(app: FeedFiles, accept: str, encoding: str | None) -> None:
    answer = ask(app, PATH, headers={"Accept-Encoding": accept})
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-length"] == str(len(answer.body))
    assert plain(answer) == RSS


def test_each_encoding_has_its_own_etag(app: FeedFiles) -> None:
    digest = ask(app, PATH).headers["etag"].strip('"')
    encoded = [ask(app, PATH, headers={"Accept-Encoding": encoding}).headers["etag"] for encoding in ("gzip", "br")]
    assert encoded == [f'"{digest}-gz"', f'"{digest}-br"']


def test_an_etag_of_the_other_encoding_is_another_representation(app: FeedFiles) -> None:
    etag = ask(app, PATH).headers["etag"]
    assert ask(app, PATH, headers={"If-None-Match": etag, "Accept-Encoding": "gzip"}).status == 200


@pytest.mark.parametrize(
    ("template", "status"),
    [
        ("{etag}", 304),
        ("W/{etag}", 304),
        ('"x", W/"y" ,{etag}', 304),
        ('"a,b",{etag}', 304),
        ("*", 304),
        (" * ", 304),
        ('"other"', 200),
        ("", 200),
        ("no quotes", 200),
        ('w"{etag}', 200),
    ],
)
def test_if_none_match(app: FeedFiles, template: str, status: int) -> None:
    etag = ask(app, PATH).headers["etag"]
    assert ask(app, PATH, headers={"If-None-Match": template.format(etag=etag)}).status == status


def test_if_none_match_may_come_in_several_lines(app: FeedFiles) -> None:
    etag = ask(app, PATH).headers["etag"]
    lines = [("if-none-match", '"other"'), ("if-none-match", etag)]
    assert ask_with_lines(app, PATH, "GET", lines).status == 304


@pytest.mark.parametrize(
    ("since", "status"),
    [
        (LAST_MODIFIED, 304),
        ("Saturday, 22-Nov-25 20:00:00 GMT", 304),
        ("Sat Nov 22 20:00:00 2025", 304),
        ("Sun, 23 Nov 2025 00:00:00 GMT", 304),
        ("Sat, 22 Nov 2025 19:59:59 GMT", 200),
        ("yesterday", 200),
        ("", 200),
        ("Sat, 22 Nov 99999999999 20:00:00 GMT", 200),
    ],
)
def test_if_modified_since(app: FeedFiles, since: str, status: int) -> None:
    assert ask(app, PATH, headers={"If-Modified-Since": since}).status == status


def test_if_none_match_wins_over_if_modified_since(app: FeedFiles) -> None:
    etag = ask(app, PATH).headers["etag"]
    stale = {"If-None-Match": '"other"', "If-Modified-Since": LAST_MODIFIED}
    current = {"If-None-Match": etag, "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}
    assert ask(app, PATH, headers=stale).status == 200
    assert ask(app, PATH, headers=stale | {"If-None-Match": ""}).status == 200
    assert ask(app, PATH, headers=current).status == 304


@pytest.mark.parametrize("accept", ["gzip", "br", "identity"])
def test_a_304_repeats_the_validators_and_nothing_of_a_body(app: FeedFiles, accept: str) -> None:
    full = ask(app, PATH, headers={"Accept-Encoding": accept})
    answer = ask(app, PATH, headers={"Accept-Encoding": accept, "If-None-Match": full.headers["etag"]})
    assert (answer.status, answer.body) == (304, b"")
    repeated = ("etag", "last-modified", "cache-control", "vary")
    assert answer.headers == {name: full.headers[name] for name in repeated}


def test_range_requests_get_everything(app: FeedFiles) -> None:
    answer = ask(app, PATH, headers={"Range": "bytes=0-9"})
    assert (answer.status, answer.body) == (200, RSS)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
def test_other_methods_are_not_allowed(app: FeedFiles, method: str) -> None:
    answer = ask(app, PATH, method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_a_replaced_file_is_served_at_once(app: FeedFiles, output: Path) -> None:
    before = ask(app, PATH, headers={"Accept-Encoding": "gzip"})
    write(output / "feeds/category/new.tmp", b"<rss>new</rss>")
    (output / "feeds/category/new.tmp").replace(output / "feeds/category/linyiribao.rss")
    after = ask(app, PATH, headers={"Accept-Encoding": "gzip", "If-None-Match": before.headers["etag"]})
    assert (after.status, gzip.decompress(after.body)) == (200, b"<rss>new</rss>")


def test_the_same_bytes_written_again_keep_their_etag(app: FeedFiles, output: Path) -> None:
    etag = ask(app, PATH).headers["etag"]
    write(output / "feeds/category/linyiribao.rss", modified=MODIFIED + 60)
    answer = ask(app, PATH)
    assert answer.headers["etag"] == etag
    assert answer.headers["last-modified"] == "Sat, 22 Nov 2025 20:01:00 GMT"


def test_a_removed_file_is_gone_at_once_and_may_come_back(app: FeedFiles, output: Path) -> None:
    assert ask(app, PATH).status == 200
    (output / "feeds/category/linyiribao.rss").unlink()
    assert ask(app, PATH).status == 404
    write(output / "feeds/category/linyiribao.rss", b"<rss/>")
    assert ask(app, PATH).body == b"<rss/>"


def test_a_file_is_not_read_again_while_its_status_is_the_same(app: FeedFiles, output: Path) -> None:
    assert ask(app, PATH).body == RSS
    write(output / "feeds/category/linyiribao.rss", RSS.swapcase())
    assert ask(app, PATH).body == RSS


@pytest.mark.parametrize("cache_bytes", [0, len(RSS), 3 * len(RSS)])
def test_answers_do_not_depend_on_what_the_cache_holds(output: Path, cache_bytes: int) -> None:
    app = serve(output, cache_bytes=cache_bytes)
    write(output / "feeds/category/other.rss", b"<rss>other</rss>")
    for _ in range(3):
        plain, zipped = ask(app, PATH), ask(app, PATH, headers={"Accept-Encoding": "gzip"})
        other = ask(app, "/feeds/category/other.rss")
        assert (plain.body, gzip.decompress(zipped.body), other.body) == (RSS, RSS, b"<rss>other</rss>")
        assert ask(app, PATH, headers={"If-None-Match": plain.headers["etag"]}).status == 304


def test_the_cache_stays_within_its_bounds(output: Path) -> None:
    app = serve(output, cache_bytes=200_000)
    for number in range(30):
        write(output / f"feeds/category/{number}.rss", os.urandom(100_000))
    tracemalloc.start()
    for number in range(30):
        assert len(ask(app, f"/feeds/category/{number}.rss").body) == 100_000
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 600_000


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/",
        "/feeds/category",
        "/feeds/category/",
        "/feeds/category/linyiribao",
        "/feeds/category/linyiribao.rss/",
        "/feeds//linyiribao.rss",
        "/feeds/category/none.rss",
        "/feeds/category/linyiribao.rss.gz",
        "/feeds/category/linyiribao.rss.4711.tmp",
        "/feeds/category/a/b/c/d/e/f.rss",
        "/feeds/category/notes.txt",
        "/feeds/category/.hidden.rss",
        "/feeds/category/.rss",
        "/feeds/../secret.rss",
        "/feeds/%2e%2e/secret.rss",
        "/feeds/category/../../../secret.rss",
        "/feeds/category/..%2f..%2f..%2fsecret.rss",
        "/feeds/category/%2e%2e%2flinyiribao.rss",
        "/feeds/category%2flinyiribao.rss",
        "/feeds/category/linyiribao.rss%00",
        "/feeds/category/linyiribao%00.rss",
        "/feeds/category/%ff%fe.rss",
        "/feeds/category/%ed%a0%80.rss",
        f"/feeds/category/{'x' * 300}.rss",
        f"/feeds/category/{'x' * 5000}.rss",
        "/feeds/linyiribao.rss/x.rss",
        "/feeds/category/folder.rss",
        "/feeds/category/pipe.rss",
        "/feeds/category/link.rss",
        "/feeds/category/dangling.rss",
        "/feeds/category/loop.rss",
        "/feeds/linked/secret.rss",
        b"/feeds/category/\xe4\xb8.rss",
    ],
)
def test_not_found(app: FeedFiles, output: Path, path: str | bytes) -> None:
    write(output.parent / "secret.rss", b"secret")
    write(output / "secret.rss", b"secret")
    write(output / "feeds/linyiribao.rss/x.txt", b"secret")
    write(output / "feeds/category/linyiribao.rss.gz", b"secret")
    write(output / "feeds/category/linyiribao.rss.4711.tmp", b"secret")
    write(output / "feeds/category/a/b/c/d/e/f.rss", b"secret")
    write(output / "feeds/category/notes.txt", b"secret")
    write(output / "feeds/category/.hidden.rss", b"secret")
    (output / "feeds/category/folder.rss").mkdir()
    os.mkfifo(output / "feeds/category/pipe.rss")
    (output / "feeds/category/link.rss").symlink_to(output.parent / "secret.rss")
    (output / "feeds/category/dangling.rss").symlink_to(output / "nowhere")
    (output / "feeds/category/loop.rss").symlink_to("loop.rss")
    (output / "feeds/linked").symlink_to(output.parent)
    answer = ask(app, path)
    assert answer.status == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert b"<title>Not found</title>" in answer.body
    assert b"secret" not in answer.body


def test_a_file_that_cannot_be_read_just_now_is_not_called_absent(
    app: FeedFiles, output: Path, caplog: pytest.LogCaptureFixture
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        answer = ask(app, PATH)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    assert f"cannot read {output}/feeds/category/linyiribao.rss: Too many open files" in caplog.text
    assert ask(app, PATH).status == 200


def test_a_missing_output_folder_is_no_error(tmp_path: Path) -> None:
    assert ask(serve(tmp_path / "nowhere"), PATH).status == 404


def test_the_output_folder_itself_may_be_a_link(output: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(output)
    assert ask(serve(tmp_path / "current"), PATH).body == RSS


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> FeedFiles:
    """Make a tree in which every file but one is a secret, with names that are easily hit."""
    root = tmp_path_factory.mktemp("guarded")
    for place in ("", "out", "out/feeds", "out/b", "out/feeds/.a", "out/feeds/a/.b", "feeds/a"):
        for name in ("a.rss", "b.rss"):
            write(root / place / name, b"secret")
    write(root / "out/feeds/a/a.rss", b"inside")
    (root / "out/feeds/a/b.rss").symlink_to(root / "b.rss")
    (root / "out/feeds/b").symlink_to(root)
    return serve(root / "out")


PIECES = [
    "/",
    "%2f",
    "%2F",
    "\\",
    "%5c",
    ".",
    "..",
    "%2e",
    "%2E%2e",
    "a",
    "b",
    "feeds",
    "out",
    ".rss",
    "%00",
    "%",
    "\xff",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(st.characters(max_codepoint=255)))
@example("a/a.rss")
@example("%61/%61%2erss")
@example("../a.rss")
@example("b/b.rss")
def test_no_path_leads_out_of_the_folder(guarded: FeedFiles, rest: str) -> None:
    answer = ask(guarded, b"/feeds/" + rest.encode("latin-1"))
    assert answer.status in (200, 404)
    assert (answer.body == b"inside") == (answer.status == 200)
    assert b"secret" not in answer.body


@given(
    st.text(st.characters(max_codepoint=255)),
    st.sampled_from(["accept-encoding", "if-none-match", "if-modified-since"]),
)
def test_no_header_is_an_error(guarded: FeedFiles, value: str, name: str) -> None:
    assert ask(guarded, "/feeds/a/a.rss", headers={name: value}).status in (200, 304)
