"""What is said of a post is what was decided of it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from syndicator.models import Post, Quarantined, Reason
from syndicator.ports import Explainer
from syndicator.sources.jekyll import Source

SITE = Path(__file__).parent / "sites" / "jekyll"
FIELDS = ("title", "published", "url", "categories", "tags", "authors", "language", "draft", "content_hash")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A writable copy of the fixture site."""
    return Path(shutil.copytree(SITE, tmp_path / "site"))


def source(path: Path) -> Source:
    return Source("posts", str(path), url="https://fallback.example", timezone="UTC")


def write(root: Path, name: str, text: str | bytes) -> str:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def reasons(path: Path, name: str) -> dict[str, Reason]:
    return {reason.field: reason for reason in source(path).explain(name)}


def because(path: Path, name: str, field: str) -> str:
    return reasons(path, name)[field].because


def explained(site: Path, front_matter: str, field: str, name: str = "2024-01-02-x.md") -> str:
    """Return the reason for a field of a post with this front matter."""
    return because(site, write(site, f"_posts/{name}", f"---\n{front_matter}\n---\ntext\n"), field)


def every_file(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", every_file(SITE))
def test_the_values_are_those_that_are_read(name: str) -> None:
    reader = source(SITE)
    listed = name in {file.path for file in reader.files()}
    found, said = (reader.read(name) if listed else None), reasons(SITE, name)
    if isinstance(found, Post):
        body = reader.render(name)
        assert body is not None
        assert {field: said[field].value for field in FIELDS} == {field: getattr(found, field) for field in FIELDS}
        assert said["summary"].value == (found.summary or body.summary) == body.summary
        told = [reason.value for reason in reader.explain(name) if reason.field == "problem"]
        assert told == [problem.text for problem in (*found.problems, *body.problems)]
    elif isinstance(found, Quarantined):
        assert (said["post"].value, said["problem"].value) == ("quarantined", found.problems[-1].text)
    else:
        assert said.keys() == {"post"}
        assert said["post"].value == "none"
        assert said["post"].because


def test_a_jekyll_site_explains_itself() -> None:
    assert isinstance(source(SITE), Explainer)


@pytest.mark.parametrize(
    ("front_matter", "reader"),
    [("title: x", "flat lines"), ("title: {x: y}", "YAML"), ('title: "a "b" c"', "recovered, line by line")],
)
def test_the_reader_of_the_front_matter_is_named(site: Path, front_matter: str, reader: str) -> None:
    name = write(site, "_posts/2024-01-02-x.md", f"---\n{front_matter}\n---\ntext\n")
    said = reasons(site, name)["front matter"]
    assert (said.value, said.because) == (reader, "lines 1 to 3")


def test_a_file_without_front_matter_says_so() -> None:
    assert reasons(SITE, "_posts/2024-01-05-no-front-matter.md")["front matter"].value == "none"


@pytest.mark.parametrize(
    ("front_matter", "why"),
    [
        ("title: Own", "line 2: title: Own"),
        ("title: One\ntitle: Two", "line 3: title: Two"),
        ("title:", "made from the slug"),
        ("title: false", "made from the slug"),
        ("lang: en", "made from the slug"),
        ('"title": quoted key', "title in the front matter"),
    ],
)
def test_where_a_title_comes_from(site: Path, front_matter: str, why: str) -> None:
    assert explained(site, front_matter, "title") == why


@pytest.mark.parametrize(
    ("front_matter", "why"),
    [
        ("date: 2024-01-02 10:00:00 +0800", "line 2: date: 2024-01-02 10:00:00 +0800, in the zone that it names"),
        ("date: 2024-01-02 10:00:00", "line 2: date: 2024-01-02 10:00:00, in UTC, as it names no zone and is not in"),
        ("date: '2024-01-02 10:00:00'", "in the site's zone Asia/Shanghai (_config.yml), as it names none"),
        ("date: 2024-01-02", "line 2: date: 2024-01-02, in the site's zone Asia/Shanghai (_config.yml)"),
        ("date: soon", "2024-01-02 in the file name, midnight in the site's zone Asia/Shanghai (_config.yml)"),
        ("title: x", "2024-01-02 in the file name, midnight in the site's zone Asia/Shanghai (_config.yml)"),
    ],
)
def test_where_a_date_comes_from_and_which_zone_it_is_in(site: Path, front_matter: str, why: str) -> None:
    assert why in explained(site, front_matter, "published")


def test_a_zone_of_the_settings_is_told_from_one_of_the_site(site: Path) -> None:
    (site / "_config.yml").write_text("url: https://s.example\n")
    assert "zone UTC (the settings)" in because(site, "_posts/2024-01-04-quoted-date.md", "published")


def test_a_draft_without_a_date_has_the_files() -> None:
    assert "last changed" in because(SITE, "_drafts/draft.md", "published")
    assert because(SITE, "_drafts/draft.md", "draft") == "it is in _drafts"


@pytest.mark.parametrize(
    ("front_matter", "why"),
    [("draft: true", "line 2: draft: true"), ("published: false", "line 2: published: false"), ("draft: false", "")],
)
def test_what_makes_a_draft(site: Path, front_matter: str, why: str) -> None:
    assert explained(site, front_matter, "draft") == why


@pytest.mark.parametrize(
    ("config", "front_matter", "why"),
    [
        ("", "permalink: /own/:title", "line 2: permalink: /own/:title"),
        ("permalink: pretty", "title: x", "permalink in _config.yml: pretty"),
        ("permalink: /:title", "title: x", "permalink in _config.yml"),
        ("collections: { posts: { permalink: /c/:title } }", "title: x", "collections: posts: permalink in _config"),
        ('defaults: [{scope: {path: _posts}, values: {permalink: /d/:title}}]', "title: x", 'for path "_posts"'),
        ("", "title: x", "Jekyll's own, as _config.yml has none"),
    ],
)  # fmt: skip
def test_where_a_permalink_comes_from(site: Path, config: str, front_matter: str, why: str) -> None:
    (site / "_config.yml").write_text(f"url: https://s.example\n{config}\n")
    assert why in explained(site, front_matter, "permalink")


def test_each_placeholder_is_shown_with_what_it_gave(site: Path) -> None:
    front_matter = "permalink: /:categories/:year-:i_month/:title:output_ext/:nope\ncategory: News"
    said = reasons(site, write(site, "_posts/2024-03-02-My Post.md", f"---\n{front_matter}\n---\n"))
    shown = {field: reason.value for field, reason in said.items() if field.startswith(":")}
    assert shown == {
        ":categories": "news", ":year": "2024", ":i_month": "3", ":title": "My-Post", ":output_ext": ".html",
        ":nope": ":nope",
    }  # fmt: skip
    assert said[":nope"].because == "no placeholder of Jekyll's"
    assert said["url"].value == "https://site.example/blog/news/2024-3/My-Post.html/:nope"


def test_where_categories_come_from(site: Path) -> None:
    (site / "_config.yml").write_text(
        "defaults: [{scope: {path: news}, values: {categories: given, category: single, lang: en}}]\n"
    )
    name = write(site, "news/_posts/2024-01-02-x.md", "---\ncategories: own\n---\n")
    said = reasons(site, name)
    assert said["categories"].value == ("news", "given", "own", "single")
    assert said["categories"].because == (
        'the folder above; categories in the defaults of _config.yml, for path "news"; line 2: categories: own; '
        'category in the defaults of _config.yml, for path "news"'
    )
    assert said["language"].because == 'lang in the defaults of _config.yml, for path "news"'


@pytest.mark.parametrize(
    ("front_matter", "field", "why"),
    [
        ("tags: a b", "tags", "line 2: tags: a b"),
        ("tags: a b\ntag: c", "tags", "line 3: tag: c"),
        ("authors: [Ann]\nauthor: Bo", "authors", "line 2: authors: [Ann]"),
        ("slug: Other", "slug", "line 2: slug: Other"),
        ("title: x", "slug", "from the file name"),
        ("excerpt: Own words", "summary", "line 2: excerpt: Own words"),
        ("description: Own words", "summary", "line 2: description: Own words"),
        ("excerpt_separator: ex", "summary", "what comes before the separator, line 2: excerpt_separator: ex"),
        ("title: x", "summary", "the first paragraphs"),
        ("title: x", "liquid", ""),
    ],
)
def test_where_other_fields_come_from(site: Path, front_matter: str, field: str, why: str) -> None:
    assert explained(site, front_matter, field) == why


def test_a_separator_of_the_site_and_a_more_marker_are_told_apart(site: Path) -> None:
    name = write(site, "_posts/2024-01-02-x.md", "---\ntitle: x\n---\nOne.\n<!-- CUT -->\nTwo.\n<!--more-->\nThree.")
    assert because(site, name, "summary") == "what comes before <!--more-->"
    with (site / "_config.yml").open("a") as config:
        config.write('excerpt_separator: "<!-- CUT -->"\n')
    said = reasons(site, name)["summary"]
    assert (said.value, said.because) == ("One.", "what comes before the separator, excerpt_separator in _config.yml")


def test_what_was_done_with_liquid_is_told(site: Path) -> None:
    body = "{% include x.html %} {{ page.title }}"
    done = reasons(site, write(site, "_posts/2024-01-02-a.md", f"---\ntitle: x\n---\n{body}"))
    assert (done["liquid"].value, done["problem"].because) == ("rendered", "line 4")
    off = reasons(site, write(site, "_posts/2024-01-02-b.md", f"---\nrender_with_liquid: false\n---\n{body}"))
    assert (off["liquid"].value, off["liquid"].because) == ("left as it is", "line 2: render_with_liquid: false")


# Files that are no posts


@pytest.fixture
def odd(site: Path, tmp_path: Path) -> Path:
    """A site with everything that is skipped."""
    write(tmp_path, "outside/2024-01-02-secret.md", "---\ntitle: x\n---\n")
    (site / "_posts/out").symlink_to(tmp_path / "outside")
    (site / "_posts/2024-01-02-out.md").symlink_to(tmp_path / "outside/2024-01-02-secret.md")
    (site / "_posts/2024-01-02-in.md").symlink_to(site / "_posts/2024-01-02-plain.md")
    (site / "_posts/loop").symlink_to(site / "_posts")
    write(site, "_posts/.2024-01-02-hidden.md", "text")
    write(site, "_posts/2024-01-02-backup.md~", "text")
    write(site, "_posts/#dir/2024-01-02-x.md", "text")
    write(site, "2024-01-02-elsewhere.md", "text")
    write(site, "_posts/2024-01-02-photo.jpg", b"\xff\xd8\0")
    os.mkfifo(site / "_posts/2024-01-02-pipe.md")
    return site


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("_posts/.2024-01-02-hidden.md", "Jekyll skips names like its own"),
        ("_posts/2024-01-02-backup.md~", "Jekyll skips names like its own"),
        ("_posts/#dir/2024-01-02-x.md", "or that of a folder it is in"),
        ("node_modules/x/_posts/2024-01-01-never.md", "or Jekyll's own list, names it"),
        ("_site/_posts/2024-01-01-never.md", "or that of a folder it is in"),
        ("excluded/_posts/2024-01-01-never.md", "exclude in _config.yml, or"),
        ("2024-01-02-elsewhere.md", "in no _posts or _drafts folder"),
        ("_posts/2024-01-02-out.md", "is a link that leaves the site"),
        ("_posts/out/2024-01-02-secret.md", "_posts/out is a link that leaves the site"),
        ("_posts/loop/2024-01-02-plain.md", "read under another name, which a link"),
        ("_posts/2024-01-02-pipe.md", "no regular file"),
        ("_posts/2024-01-13-data.yml", "a .yml file holds data"),
        ("_posts/2024-01-02-photo.jpg", "it is not text"),
        ("_posts/fragment.html", "its name is not YYYY-MM-DD-slug.ext"),
        ("_posts/2024-01-02-nowhere.md", "there is no such file"),
    ],
)
def test_why_a_file_is_no_post(odd: Path, name: str, why: str) -> None:
    (said,) = source(odd).explain(name)
    assert (said.field, said.value) == ("post", "none")
    assert why in said.because


def test_no_file_that_is_read_is_said_to_be_none(odd: Path) -> None:
    reader = source(odd)
    for file in reader.files():
        read: Any = reader.read(file.path)
        assert (reasons(odd, file.path).get("post") is None) == isinstance(read, Post)


def test_posts_outside_the_collections_folder_are_explained(site: Path) -> None:
    (site / "_config.yml").write_text("collections_dir: docs\n")
    write(site, "docs/_posts/2024-01-02-x.md", "text")
    assert "docs (collections_dir)" in because(site, "_posts/2024-01-02-plain.md", "post")
    assert reasons(site, "docs/_posts/2024-01-02-x.md")["title"].value == "X"


def test_what_looks_like_a_post_and_is_none_is_listed(odd: Path) -> None:
    left_out = {problem.path: problem.text for problem in source(odd).left_out()}
    assert left_out.keys() == {
        "_posts/#dir/2024-01-02-x.md", "_posts/.2024-01-02-hidden.md", "_posts/2024-01-02-out.md",
        "_posts/2024-01-02-backup.md~", "_posts/fragment.html", "_posts/out", "excluded/_posts/2024-01-01-never.md",
    }  # fmt: skip
    assert all(text.startswith("left out: ") for text in left_out.values())


def test_a_name_that_is_no_utf8_is_left_out_and_can_be_printed(site: Path) -> None:
    with open(os.fsencode(site) + b"/_posts/2024-01-02-\xff.md", "w") as file:
        file.write("text")
    shown = {problem.path: problem.text for problem in source(site).left_out()}
    assert (
        shown["_posts/2024-01-02-\\udcff.md"]
        == "left out: its name is not UTF-8, or holds a control character: rename it"
    )
