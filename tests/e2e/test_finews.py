"""Two real sites from the first command to the mails and feeds, where the corpora lie beside the repository."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import feedparser
import pytest

from tests.e2e.site import ROOT, Service, Site, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from email.message import EmailMessage

SHARED = ROOT.parent / "shared"
CORPORA = SHARED / "corpora"
BROKEN = "_posts/-202205262391921712.md"
VALIDATOR = os.environ.get("SYNDICATOR_FEEDVALIDATOR", "")
VALIDATOR_PYTHON = os.environ.get("SYNDICATOR_FEEDVALIDATOR_PYTHON", sys.executable)

# Each reader's address, zone and language, and how that language writes a date.
READERS: dict[str, tuple[str, str, Callable[[datetime], str]]] = {
    "shanghai@example.org": ("Asia/Shanghai", "zh-CN", lambda at: f"{at:%Y-%m-%d %H:%M}"),
    "new-york@example.org": ("America/New_York", "en", lambda at: f"{at.day} {at:%b %Y, %H:%M}"),
}

pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not here")


def begin(site: Site, source: Path) -> None:
    """Write the settings with `init`, and change in them what the owner of this site would."""
    site.config.unlink()
    site.run("init", str(site.folder))
    wanted = {
        "title": "金融消息", "timezone": "Asia/Shanghai", "path": str(source), "window": "all", "settle": "0s",
        "limit": 1000,
    }  # fmt: skip
    text = site.config.read_text("utf-8").replace("port = 8080", f"port = {site.port}")
    for key, value in wanted.items():
        literal = str(value) if isinstance(value, int) else f'"{value}"'
        text, found = re.subn(rf"^{key} = .*$", f"{key} = {literal}", text, count=1, flags=re.MULTILINE)
        assert found == 1, key
    site.config.write_text(text, "utf-8")


@pytest.fixture
def finews(site: Site) -> Site:
    begin(site, CORPORA / "finews")
    return site


def live(site: Site) -> dict[str, dict[str, Any]]:
    """Return the posts that readers are to see, by their URL."""
    return {row["url"]: row for row in site.posts().values() if row["state"] == "live"}


def test_the_scan_finds_every_post_and_names_the_broken_file(finews: Site) -> None:
    done = finews.run("scan")
    assert "25 posts found, 1 quarantined" in done.stdout
    assert "25 announced" in done.stdout
    assert done.stderr.splitlines() == [
        f"warning: {CORPORA / 'finews' / BROKEN}:1: file name is not YYYY-MM-DD-slug.ext: set aside, rename it"
    ]
    assert Counter(row["state"] for row in finews.posts().values()) == {"live": 25, "quarantined": 1}
    assert "nothing new" in finews.run("scan").stdout


@pytest.mark.parametrize("name", ["finews", "sites/jekyll-docs"])
def test_every_field_is_what_jekyll_reads(site: Site, name: str) -> None:
    begin(site, CORPORA / name)
    site.run("scan")
    lines = site.folder / "posts.jsonl"
    lines.write_text(site.run("posts", "--json").stdout, "utf-8")
    oracle = CORPORA / "oracle" / f"{Path(name).name}.jsonl"
    command = [sys.executable, str(SHARED / "tools" / "compare_posts.py"), str(oracle), str(lines)]
    compared = subprocess.run(command, capture_output=True, text=True, check=False)
    assert compared.returncode == 0, compared.stdout + compared.stderr


def members(posts: Mapping[str, Mapping[str, Any]], kind: str, slug: str) -> set[str]:
    """Return the URLs of the posts that belong to a feed."""
    if kind == "site":
        return set(posts)
    return {url for url, row in posts.items() if slug in row["categories" if kind == "category" else "tags"]}


def seconds(parsed: Any) -> str:
    return "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+00:00".format(*parsed[:6])


def utc(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(ZoneInfo("UTC")).isoformat()


def test_the_feeds_hold_the_posts_that_are_listed(finews: Site) -> None:
    finews.run("build")
    posts, feeds = live(finews), finews.rows("feeds")
    assert {kind: sum(feed["kind"] == kind for feed in feeds) for kind in ("site", "category", "tag")} == {
        "site": 1,
        "category": len({name for row in posts.values() for name in row["categories"]}),
        "tag": len({name for row in posts.values() for name in row["tags"]}),
    }
    for feed in feeds:
        wanted = members(posts, feed["kind"], feed["slug"])
        assert feed["entries"] == len(wanted)
        for extension, url in feed["urls"].items():
            assert url == f"{finews.url}/feeds/{feed['kind']}/{quote(feed['slug'])}.{extension}"
            read = feedparser.parse(
                (finews.folder / "public" / "feeds" / feed["kind"] / f"{feed['slug']}.{extension}").read_bytes()
            )
            assert not read.bozo, (url, read.get("bozo_exception"))
            assert [entry.link for entry in read.entries] == sorted(
                (entry.link for entry in read.entries), key=lambda link: posts[link]["published"], reverse=True
            )
            assert {entry.link for entry in read.entries} == wanted
            for entry in read.entries:
                row = posts[entry.link]
                assert (entry.id, entry.title) == (row["id"], row["title"])
                assert seconds(entry.published_parsed) == utc(row["published"])
                assert extension != "atom" or seconds(entry.updated_parsed) == utc(row["updated"])


def test_nothing_is_written_again_when_nothing_changed(finews: Site) -> None:
    finews.run("build")
    before = finews.files()
    assert "0 made again, 0 files written" in finews.run("build").stdout
    finews.run("build", "--full")
    assert finews.files() == before


class DigestHtml(HTMLParser):
    """Collects (title, URL, date) of each post: a heading with a link, and the paragraph after it."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[list[str]] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag == "h3":
            self.posts.append(["", "", ""])
        if tag == "a" and "h3" in self._open:
            self.posts[-1][1] = dict(attrs)["href"] or ""
        if tag in ("h3", "p", "a"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            self._open.remove(tag)

    def handle_data(self, data: str) -> None:
        if "h3" in self._open:
            self.posts[-1][0] += data
        elif "p" in self._open and self.posts and not self.posts[-1][2]:
            self.posts[-1][2] = data


def in_html(mail: EmailMessage) -> list[tuple[str, ...]]:
    page = DigestHtml()
    page.feed(text_of(mail, "html"))
    return [tuple(post) for post in page.posts]


def in_text(mail: EmailMessage) -> list[tuple[str, ...]]:
    """Return (title, URL, date) of each post: its first, last and second line."""
    blocks = [block.splitlines() for block in text_of(mail).split("\n\n")]
    return [(lines[0], lines[-1], lines[1]) for lines in blocks if len(lines) > 2 and lines[-1].startswith("http")]


def test_digests_tell_each_reader_every_post_once_in_their_own_time(finews: Site) -> None:
    for address, (zone, language, _) in READERS.items():
        finews.run("subscribers", "add", address, "--cadence", "daily", "--zone", zone, "--language", language)
    finews.run("scan")
    posts = live(finews)
    assert "2 digests queued" in finews.run("digest", "--now").stdout
    assert "2 sent" in finews.run("deliver").stdout
    mails = {str(mail["To"]): mail for mail in finews.mails()}
    assert mails.keys() == READERS.keys()
    for address, (zone, language, written) in READERS.items():
        expected = {
            (row["title"], url, written(datetime.fromisoformat(row["published"]).astimezone(ZoneInfo(zone))))
            for url, row in posts.items()
        }
        mail = mails[address]
        assert mail["Content-Language"] == language
        assert len(in_text(mail)) == len(in_html(mail)) == len(posts)
        assert set(in_text(mail)) == expected
        assert set(in_html(mail)) == expected


def test_nobody_gets_a_post_twice(finews: Site) -> None:
    source = finews.folder / "copy"
    (source / "_posts").mkdir(parents=True)
    for path in [CORPORA / "finews" / "_config.yml", *(CORPORA / "finews" / "_posts").iterdir()]:
        (source / path.relative_to(CORPORA / "finews")).write_bytes(path.read_bytes())
    begin(finews, source)
    for address in READERS:
        finews.run("subscribers", "add", address, "--cadence", "daily")
        finews.run("subscribers", "add", address, "--cadence", "weekly")
        finews.run("subscribers", "add", address, "--cadence", "instant", "--category", "linyiribao")
    for changed in (b"", b"\n[new footer](https://finews.example/)\n", b"\nA new line.\n"):
        for path in (source / "_posts").iterdir():
            path.write_bytes(path.read_bytes() + changed)
        finews.run("build")
        finews.run("digest", "--now")
        finews.run("deliver")
    posts = live(finews)
    told = Counter(
        (str(mail["To"]), url) for mail in finews.mails() for url in posts for _ in range(text_of(mail).count(url))
    )
    assert told == Counter((address, url) for address in READERS for url in posts)
    assert {row["state"] for row in finews.deliveries()} == {"sent"}


@pytest.mark.skipif(not VALIDATOR, reason="SYNDICATOR_FEEDVALIDATOR names no checkout")
def test_the_feed_validator_has_nothing_to_say(finews: Site) -> None:
    finews.run("build")
    urls = [url for feed in finews.rows("feeds") for url in feed["urls"].values()]

    def complaints(url: str) -> str:
        command = [VALIDATOR_PYTHON, "-W", "ignore", str(Path(VALIDATOR, "src", "demo.py")), url, "AA"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        clean = done.returncode == 0 and "No errors or warnings" in done.stdout
        return "" if clean else f"{url}\n{done.stdout}{done.stderr}"

    with Service(finews), ThreadPoolExecutor(2) as pool:
        assert list(filter(None, pool.map(complaints, urls))) == []
