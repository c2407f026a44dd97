"""Nasty posts that were met in the wild, in words of our own: each with what a reader of feeds must get of it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from syndicator.formats.atom import Format
from syndicator.models import Content, Entry, Post, Quarantined
from syndicator.policy.slugs import allocate
from syndicator.sources.jekyll import Source
from tests.plugins.test_jekyll import write

if TYPE_CHECKING:
    from pathlib import Path


class Blog:
    """Be a site in a folder, read by one source that keeps going while files change."""

    def __init__(self, folder: Path, **config: object) -> None:
        self.folder = folder
        write(folder, "_config.yml", json.dumps({"timezone": "Asia/Shanghai", **config}))
        write(folder, "_posts/2024-01-01-other.md", "---\ntitle: Other\n---\nText.\n")
        self.source = Source("posts", str(folder), url="https://s.example", timezone="UTC")

    def read(self, path: str, text: str) -> Post:
        found = self.source.read(write(self.folder, path, text))
        assert isinstance(found, Post)
        return found

    def render(self, path: str) -> Content:
        found = self.source.render(path)
        assert found is not None
        return found


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return Blog(tmp_path)


def test_no_date_in_the_name_an_empty_title_and_half_a_date_are_one_warning(blog: Blog) -> None:
    path = "_posts/-202401020304.md"
    found = blog.source.read(write(blog.folder, path, '---\nlayout: post\ntitle: ""\ndate: "+0800"\n---\nText.\n'))
    assert isinstance(found, Quarantined)
    assert [problem.path for problem in found.problems] == [path]
    assert isinstance(blog.source.read("_posts/2024-01-01-other.md"), Post)


def test_a_blank_line_before_the_front_matter_hides_it_until_it_is_mended(blog: Blog) -> None:
    path, front = "_posts/2024-01-02-202401022134.md", "---\ntitle: The market turns\ncategories: fast\n---\nText.\n"
    hidden = blog.read(path, f"\n{front}")
    assert (hidden.title, hidden.categories) == ("202401022134", ())
    assert hidden.published.isoformat() == "2024-01-02T00:00:00+08:00"
    assert "very first line" in hidden.problems[0].text
    mended = blog.read(path, front)
    assert (mended.path, mended.title, mended.categories) == (path, "The market turns", ("fast",))


def test_a_date_without_a_zone_is_utc_and_a_zone_corrects_the_same_post(blog: Blog) -> None:
    path, front = "_posts/2024-01-02-x.md", "---\ntitle: x\ndate: 2024-01-02 12:41:23{}\n---\nText.\n"
    assert blog.read(path, front.format("")).published.isoformat() == "2024-01-02T20:41:23+08:00"
    assert blog.read(path, front.format(" +0800")).published.isoformat() == "2024-01-02T12:41:23+08:00"


def test_two_words_are_two_categories(blog: Blog) -> None:
    assert blog.read("_posts/2024-01-02-x.md", "---\ncategories: daily App\n---\n").categories == ("daily", "App")
    both = blog.read("_posts/2024-01-02-y.md", "---\ncategories: ['Two  blanks', 'Daily (App)']\n---\n")
    assert both.categories == ("Two  blanks", "Daily (App)")


def test_categories_that_differ_in_case_only_share_urls_and_no_feed(blog: Blog) -> None:
    upper, lower = (
        blog.read(f"_posts/2024-01-02-{name.lower()}.md", f"---\ncategory: {name}\n---\n")
        for name in ("NetNews", "Netnews")
    )
    assert (upper.categories, lower.categories) == (("NetNews",), ("Netnews",))
    assert upper.url == lower.url == "https://s.example/netnews/2024/01/02/netnews.html"
    taken: set[str] = set()
    assert allocate(upper.categories[0], taken)[1] != allocate(lower.categories[0], taken)[1]


def test_another_category_moves_the_url_and_not_the_path(blog: Blog) -> None:
    path, front = (
        "_posts/2024-01-02-opening.md",
        "---\ntitle: We open\ndate: 2024-01-02 21:33:50 +0800\ncategories: {}\n---\n",
    )
    before, after = (blog.read(path, front.format(category)) for category in ("fast", "house"))
    assert (before.url, after.url) == (
        "https://s.example/fast/2024/01/02/opening.html",
        "https://s.example/house/2024/01/02/opening.html",
    )
    assert before.path == after.path
    assert before.published == after.published


def test_a_number_is_a_category(blog: Blog) -> None:
    found = blog.read("_posts/2024-01-02-x.md", "---\ncategory: 2024\n---\n")
    assert found.categories == ("2024",)
    assert found.url == "https://s.example/2024/2024/01/02/x.html"


def test_a_permalink_that_climbs_stays_encoded(blog: Blog) -> None:
    climbing = blog.read("_posts/2024-01-02-x.md", "---\npermalink: /%2e%2e/%2e%2e/up.html\n---\n")
    assert climbing.url == "https://s.example/%2e%2e/%2e%2e/up.html"
    plain = blog.read("_posts/2024-01-02-y.md", "---\npermalink: /../../up.html\n---\n")
    assert plain.url == "https://s.example/up.html"


def test_a_name_full_of_signs_becomes_a_slug(blog: Blog) -> None:
    found = blog.read("_posts/2024-01-02-signs-+ %20[].markdown", "---\ntitle: Signs\n---\n")
    assert found.url == "https://s.example/2024/01/02/signs-+-20.html"


def test_the_folder_above_is_a_category_and_the_folder_below_is_none(blog: Blog) -> None:
    found = blog.read("above/_posts/below/2024-01-02-x.md", "---\ntitle: x\n---\n")
    assert (found.categories, found.url) == (("above",), "https://s.example/above/2024/01/02/x.html")


def test_keys_twice_dots_in_the_slug_and_a_permalink_of_the_defaults(tmp_path: Path) -> None:
    defaults = [{"scope": {"path": "", "type": "posts"}, "values": {"permalink": ":year/:month/:day/:title/"}}]
    blog = Blog(tmp_path, defaults=defaults)
    front = "---\ntitle: 2.0.0\nredirect_from:\n  - /a\nredirect_from: /b\n---\n"
    found = blog.read("_posts/2024-01-02-tool-2.0.0.md", front)
    assert (found.title, found.url, found.problems) == ("2.0.0", "https://s.example/2024/01/02/tool-2.0.0/", ())


def test_the_last_of_two_titles_wins_and_twins_in_other_languages_are_posts_of_their_own(blog: Blog) -> None:
    french = blog.read("fr/news/_posts/2024-01-02-out.md", "---\ntitle: It is out\ntitle: C'est sorti\nlang: fr\n---\n")
    english = blog.read("en/news/_posts/2024-01-02-out.md", "---\ntitle: It is out\nlang: en\n---\n")
    assert (french.title, french.categories, french.language) == ("C'est sorti", ("fr", "news"), "fr")
    assert french.url != english.url


def test_a_control_character_never_reaches_a_feed(blog: Blog) -> None:
    path = "_posts/2024-01-02-x.md"
    found = blog.read(path, '---\ntitle: "A\\bB"\n---\nBack\bspace and \x1fmore.\n')
    content = blog.render(path)
    entry = Entry(
        id="tag:s.example,2024:x", title=found.title, url=found.url, published=found.published,
        updated=found.published, html=content.html, summary=content.summary,
    )  # fmt: skip
    ET.fromstring(b'<feed xmlns:thr="urn:x">' + Format().entry(entry) + b"</feed>")
    assert "Back" in content.html
    assert not {"\b", "\x1f"} & set(content.html + content.summary + found.title)


def test_tabs_behind_the_items_of_a_list_are_no_part_of_them(blog: Blog) -> None:
    head = 'title: " Old pages: what they cost, and how to be rid of them"\ndate: 2024-01-02\n'
    lists = "authors:\n- robin\t\t\ntags:\n- words and work\n- pages\n"
    found = blog.read("_posts/2024-01-02-old-pages.md", f"---\n{head}{lists}---\nText.\n")
    assert found.title.strip() == "Old pages: what they cost, and how to be rid of them"
    assert (found.authors, found.tags) == (("robin",), ("words and work", "pages"))


def test_a_body_that_begins_with_its_title_in_liquid_has_it_in_words(blog: Blog) -> None:
    path = "_posts/2024-01-02-x.md"
    blog.read(path, "---\ntitle: Why I said no\n---\n{{ page.title }}\n================\n\nIt was late.\n")
    content = blog.render(path)
    assert "{{" not in content.html + content.summary
    assert "Why I said no" in content.html
    assert "It was late." in content.summary
