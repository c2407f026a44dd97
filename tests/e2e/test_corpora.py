"""Compare with what Jekyll itself made of real sites, where those are at hand beside the repository."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from syndicator.models import Post, Quarantined
from syndicator.sources.jekyll import Source

SHARED = Path(__file__).parents[2].parent / "shared"
CORPORA = SHARED / "corpora"
COMPARE = SHARED / "tools" / "compare_posts.py"
SITES = {
    "finews": 1, "jekyll-docs": 0, "jekyll-test": 1, "brew.sh": 0, "mojombo": 0, "huxpro": 0, "mzlogin": 1,
    "government-github": 0, "ruby-lang": 0,
}  # fmt: skip
"""Each with the number of files that are quarantined."""

pytestmark = pytest.mark.skipif(not COMPARE.exists(), reason="the corpora are not here")


def root(name: str) -> Path:
    return next(folder for folder in (CORPORA / name, CORPORA / "sites" / name) if folder.is_dir())


def row(post: Post) -> dict[str, object]:
    return {
        "path": post.path,
        "title": post.title,
        "published": post.published.isoformat(),
        "url": post.url,
        "categories": post.categories,
        "tags": post.tags,
        "state": "draft" if post.draft else "live",
    }


@pytest.mark.parametrize("name", SITES)
def test_every_field_of_every_post_is_what_jekyll_reads(name: str, tmp_path: Path) -> None:
    source = Source(name, str(root(name)), url="https://site.example", timezone="UTC")
    found = [source.read(file.path) for file in source.files()]
    assert sum(isinstance(one, Quarantined) for one in found) == SITES[name]
    lines = tmp_path / "posts.jsonl"
    lines.write_text("".join(json.dumps(row(one)) + "\n" for one in found if isinstance(one, Post)))
    compared = subprocess.run(
        [sys.executable, str(COMPARE), str(CORPORA / "oracle" / f"{name}.jsonl"), str(lines)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert compared.returncode == 0, compared.stdout + compared.stderr


def test_titles_that_jekyll_cannot_read_are_recovered() -> None:
    source = Source("finews-derived", str(root("finews-derived")), url="https://site.example", timezone="UTC")
    posts = [one for file in sorted(source.files()) if isinstance(one := source.read(file.path), Post)]
    assert len(posts) == 24
    assert [(post.title, post.problems[0].line) for post in posts if post.problems] == [
        ('标题含 "英文引号" 与冒号: 未转义', 3),
        ("标题含反斜杠\\d与'单引号'", 3),
        ("末尾反斜杠\\", 3),
    ]


def test_versions_of_a_post_are_read_as_jekyll_reads_them(tmp_path: Path) -> None:
    source = Source("versions", str(tmp_path), url="https://site.example", timezone="Asia/Shanghai")
    (tmp_path / "_posts").mkdir()
    for line in (CORPORA / "oracle" / "finews-versions.jsonl").read_text("utf-8").splitlines():
        want = json.loads(line)
        (tmp_path / want["path"]).write_bytes((CORPORA / "finews" / "versions" / want["version"]).read_bytes())
        post = source.read(want["path"])
        assert isinstance(post, Post)
        assert (post.title, post.published.isoformat(), post.url) == (
            want["title"],
            want["date"],
            f"https://site.example{want['url']}",
        )


class Audit(HTMLParser):
    """Collects what must not be in a body: active elements, handlers, addresses that are not absolute."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style", "iframe", "form", "object", "embed", "link", "meta"}:
            self.found.append(tag)
        for name, value in attrs:
            address = name in {"href", "src", "poster"}
            if name.startswith(("on", "style")) or (address and not urlsplit(value or "").scheme):
                self.found.append(f"{tag} {name}={value}")


@pytest.mark.parametrize("name", SITES)
def test_bodies_are_safe_and_absolute(name: str) -> None:
    source = Source(name, str(root(name)), url="https://site.example", timezone="UTC")
    for file in list(source.files())[:200]:
        audit = Audit()
        content = source.render(file.path)
        audit.feed(content.html if content else "")
        assert audit.found == [], file.path
