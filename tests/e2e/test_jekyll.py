"""Let Jekyll itself read the sites of the tests, and compare every field of every post."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from syndicator.models import Post
from syndicator.sources.jekyll import Source
from syndicator.sources.jekyll.source import Collections

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = Path(__file__).parent / "jekyll_rows.rb"
SITES = Path(__file__).parents[1] / "plugins" / "sites"

BETTER = {
    "_posts/2024-01-06-broken-title.md": "its front matter is recovered, where Jekyll takes it for none",
    "_posts/2024-01-07-bad-date.md": "its date is one warning, where Jekyll stops",
    "_posts/2024-01-10-empty.md": "it may be half-written, so it waits, where Jekyll takes it for a post",
    "_posts/2024-01-11-half-written.md": "so may this",
    "_posts/2024-1-8-empty-TITLE.md": "an empty title is none",
}
"""The files that are read differently on purpose, with the reason."""

STYLES = ["date", "pretty", "ordinal", "weekdate", "none"]
TEMPLATES = [
    "/:categories/:short_year-:i_month-:i_day/:hour:minute:second/:title",
    ":year/:month_:day/:slug/",
    "/:collection/:path:output_ext",
    "/:w_year/:week/:w_day/:short_day/:long_day/:y_day/:name",
    "/:short_month/:long_month/../:slugified_categories/./:slug.html",
    "/été/:title:output_ext",
]
SLUGS = [
    "plain", "Upper-Case", "two words", "v1.2.3", "a--b", "-a-", "it's", "a+b=c", "100%", "[x]", "a_b", "标题",
    "Œuvre", "½-Ⅷ", "dots..", "(a),b;c@d!", "~", "1",
]  # fmt: skip
FRONTS = [
    "title: A title\n",
    "categories: One two\ndate: 2021-01-01 00:30:00 -0800\n",
    'categories: ["C#", "a/b", "ÄÖ ü"]\ncategory: c & d\ntags: [x, y z]\n',
    "slug: Own Slug, v.2\ntags: a b\ndate: 2020-12-31 23:59:59\n",
    "permalink: /own/:title/:categories:output_ext\ntag: only this\ncategory: k\n",
    "date: '2020-02-03 04:05'\npublished: false\n",
]
EXTENSIONS = [".md", ".markdown", ".MD", ".html", ".txt"]
HOMES = ["_posts", "_posts/deep/er", "news/_posts", "Größe/zwei worte/_posts", "_drafts"]

pytestmark = pytest.mark.skipif(not shutil.which("jekyll"), reason="Jekyll is not installed")


def theirs(folder: Path, *collections: str) -> dict[str, dict[str, Any]]:
    done = subprocess.run(["ruby", ROWS, folder, *collections], capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    for row in rows:
        # Jekyll repeats a number in a list of categories, and a tag that was written twice; a feed says each once.
        row |= {field: [one for one in dict.fromkeys(row[field]) if one] for field in ("categories", "tags")}
        row["date"] = datetime.fromisoformat(row["date"])
    return {row["path"]: row for row in rows}


def ours(folder: Path, *collections: str) -> dict[str, dict[str, Any]]:
    options = Collections.model_validate({"collections": collections})
    source = Source("posts", str(folder), url="https://s.example", timezone="UTC", options=options)
    found = [source.read(file.path) for file in source.files()]
    return {post.path: row(post) for post in found if isinstance(post, Post)}


def row(post: Post) -> dict[str, Any]:
    return {
        "path": post.path,
        "title": post.title,
        "date": post.published,
        "url": unquote("/" + post.url.split("/", 3)[3].removeprefix("blog/")),
        "categories": list(post.categories),
        "tags": list(post.tags),
        "live": not post.draft,
    }


def same(folder: Path, *collections: str, least: int) -> None:
    """Assert that both read the same of the same files, and no fewer than `least`, so that something is compared."""
    mine, jekylls = ours(folder, *collections), theirs(folder, *collections)
    for path in BETTER:
        mine.pop(path, None)
        jekylls.pop(path, None)
    assert len(jekylls) >= least
    assert {path: mine.get(path) for path in jekylls} == jekylls
    assert mine.keys() == jekylls.keys()


@pytest.mark.parametrize(
    ("name", "collections", "least"), [("jekyll", ["posts"], 8), ("collections", ["posts", "notes", "releases"], 18)]
)
def test_the_sites_of_the_tests(tmp_path: Path, name: str, collections: list[str], least: int) -> None:
    folder = Path(shutil.copytree(SITES / name, tmp_path / name))
    for path in folder.rglob("*.*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    same(folder, *collections, least=least)


def names() -> Iterator[tuple[str, str]]:
    """Yield paths, and a front matter for each: every slug, folder and extension meets several of the others."""
    wheels = map(itertools.cycle, (FRONTS, EXTENSIONS, HOMES))
    for number, (slug, front, extension, home) in enumerate(zip(SLUGS * 3, *wheels, strict=False)):
        yield f"{home}/20{number % 25:02}-{number % 12 + 1}-{number % 28 + 1}-{slug}{extension}", front


def fill(folder: Path) -> None:
    for path, front in names():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"---\n{front}---\nText.\n", "utf-8")


def configure(folder: Path, **settings: object) -> None:
    """Write a configuration: JSON is YAML."""
    (folder / "_config.yml").write_text(json.dumps(settings), "utf-8")


@pytest.mark.parametrize("style", STYLES)
def test_hard_names_under_every_style(tmp_path: Path, style: str) -> None:
    configure(tmp_path, permalink=style, timezone="America/New_York")
    fill(tmp_path)
    same(tmp_path, "posts", least=50)


def test_hard_names_under_every_placeholder(tmp_path: Path) -> None:
    scopes = {f"{number}": template for number, template in enumerate(TEMPLATES)}
    defaults = [{"scope": {"path": path}, "values": {"permalink": template}} for path, template in scopes.items()]
    configure(tmp_path, defaults=defaults, timezone="Asia/Kolkata")
    for path in scopes:
        fill(tmp_path / path)
    same(tmp_path, "posts", least=300)
