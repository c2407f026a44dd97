"""Jekyll's smaller rules: which files it reads, which defaults win, and what becomes of other collections."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from syndicator.errors import SourceError
from syndicator.models import Post, Quarantined
from syndicator.sources.jekyll import Source, defaults
from syndicator.sources.jekyll.patterns import Patterns
from syndicator.sources.jekyll.source import Collections
from tests.plugins.test_jekyll import write

if TYPE_CHECKING:
    from pathlib import Path

FRONT = "---\ntitle: A title\n---\n"


def source(root: Path, *collections: str) -> Source:
    options = Collections.model_validate({"collections": collections or ("posts",)})
    return Source("posts", str(root), url="https://s.example", timezone="UTC", options=options)


def post(root: Path, path: str, *collections: str) -> Post:
    found = source(root, *collections).read(path)
    assert isinstance(found, Post)
    return found


def paths(root: Path, *collections: str) -> list[str]:
    return [file.path for file in source(root, *collections).files()]


def configure(root: Path, **settings: object) -> None:
    """Write a configuration: JSON is YAML."""
    write(root, "_config.yml", json.dumps(settings))


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("lib", "library/a", True),
        ("lib", "a/lib", False),
        ("lib/", "library/a", False),
        ("lib/", "lib/a", True),
        ("/lib", "lib/a", True),
        ("*.txt", "a/b.txt", True),
        ("a/*/c", "a/b/b/c", True),
        ("[^a]x", "bx", True),
        ("", "a", False),
        (None, "a", False),
    ],
)
def test_patterns(pattern: object, path: str, matches: bool) -> None:
    assert Patterns.of([pattern]).match(path) is matches


def test_a_pattern_with_a_slash_matches_the_folder_itself_and_no_longer_name() -> None:
    assert Patterns.of(["lib/"]).match_folder("lib")
    assert not Patterns.of(["lib/"]).match_folder("library")


@pytest.mark.parametrize(
    ("folder", "read"),
    [
        ("_posts/a/b", True),
        ("_posts/_a", False),
        ("_posts/#a", False),
        ("_posts/a/_b", True),
        ("_posts/a~", True),
        ("_posts/.a", False),
        ("_posts/a/.b", False),
        ("_a/_posts", False),
        ("_kept/_posts", True),
        ("_posts/_kept", True),
        ("a~/_posts", False),
        ("a./_posts", False),
        ("node_modules/_posts", False),
        ("a/node_modules/_posts", True),
        ("vendor/_posts", True),
        ("vendor/bundle/_posts", False),
        ("built/_posts", False),
        ("left/_posts", False),
        ("leftover/_posts", True),
        ("out_a/_posts", False),
    ],
)
def test_the_folders_that_are_read(tmp_path: Path, folder: str, read: bool) -> None:
    configure(tmp_path, include=["_kept"], exclude=["left/", "out_*"], destination="built")
    always = write(tmp_path, "_posts/2024-01-01-always.md", FRONT)
    name = write(tmp_path, f"{folder}/2024-01-02-x.md", FRONT)
    assert (name in paths(tmp_path)) is read
    assert always in paths(tmp_path)


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("2024-01-02-x.md", True),
        ("_2024-01-02-x.md", False),
        ("#2024-01-02-x.md", False),
        ("2024-01-02-x.md~", False),
        ("2024-01-02-x.", False),
        (".2024-01-02-x.md", False),
        ("_kept.md", True),
        ("2024-01-02-left.md", False),
    ],
)
def test_the_names_that_are_read(tmp_path: Path, name: str, read: bool) -> None:
    configure(tmp_path, include=["_kept.md"], exclude=["_posts/*left*"])
    write(tmp_path, "_posts/2024-01-01-always.md", FRONT)
    assert (write(tmp_path, f"_posts/{name}", FRONT) in paths(tmp_path)) is read


def test_what_is_both_excluded_and_included_is_read(tmp_path: Path) -> None:
    configure(tmp_path, exclude=["a/b"], include=["a/b", "vendor/bundle/"])
    names = [write(tmp_path, f"{folder}/_posts/2024-01-02-x.md", FRONT) for folder in ("a/b", "vendor/bundle")]
    write(tmp_path, "_posts/2024-01-02-x.md", FRONT)
    assert set(names) < set(paths(tmp_path))


def test_links_to_folders_are_followed_above_posts_and_not_below(tmp_path: Path) -> None:
    write(tmp_path, "_posts/2024-01-02-x.md", FRONT)
    write(tmp_path, "text/2024-01-03-y.md", FRONT)
    (tmp_path / "news").mkdir()
    (tmp_path / "news/_posts").symlink_to("../text")
    (tmp_path / "_posts/linked").symlink_to("../text")
    assert paths(tmp_path) == ["_posts/2024-01-02-x.md", "news/_posts/2024-01-03-y.md"]


def test_a_name_that_is_not_utf_8_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path, "_posts/2024-01-02-x.md", FRONT)
    (tmp_path / os.fsdecode(b"_posts/2024-01-02-caf\xe9.md")).write_text(FRONT)
    assert paths(tmp_path) == ["_posts/2024-01-02-x.md"]
    assert "is not UTF-8" in caplog.text


def test_a_name_with_an_end_of_posts_in_it_gives_the_rest_as_category(tmp_path: Path) -> None:
    assert post(tmp_path, write(tmp_path, "my_posts/_posts/2024-01-02-x.md", FRONT)).categories == ("my",)


@pytest.mark.parametrize("folder", ["_drafts", "news/_drafts", "_drafts/deep/er"])
@pytest.mark.parametrize("name", ["2024-01-02-x.md", "x.md"])
def test_drafts_wherever_they_are_stay_drafts(tmp_path: Path, folder: str, name: str) -> None:
    configure(tmp_path, show_drafts=True, unpublished=True, limit_posts=1)
    draft = post(tmp_path, write(tmp_path, f"{folder}/{name}", "---\ndraft: false\npublished: true\n---\n"))
    assert draft.draft
    assert (draft.published.year == 2024) is name.startswith("2024")


def test_what_is_unpublished_stays_so_whatever_the_configuration_says(tmp_path: Path) -> None:
    configure(tmp_path, unpublished=True)
    assert post(tmp_path, write(tmp_path, "_posts/2024-01-02-x.md", "---\npublished: false\n---\n")).draft


def scoped(path: str | None, kind: str | None = None, **values: object) -> dict[str, object]:
    scope = {name: value for name, value in (("path", path), ("type", kind)) if value is not None}
    return {"scope": scope, "values": values or {"v": f"{path} {kind}"}}


@pytest.mark.parametrize(
    ("scope", "matches"),
    [
        (scoped(""), True),
        (scoped(None), True),
        (scoped("_posts"), True),
        (scoped("_posts/a/2024"), True),
        (scoped("/_posts"), False),
        (scoped("./_posts"), False),
        (scoped("", "post"), True),
        (scoped("", ""), False),
        (scoped("", "drafts"), False),
        (scoped("_posts/*"), True),
        (scoped("./_posts/*"), True),
        (scoped("_posts/*/"), True),
        (scoped("_posts/*/x.md"), False),
        (scoped("_posts/*.md"), False),
        (scoped("**/*.md"), True),
        (scoped("{other,_posts}/?/*"), True),
        (scoped("{other,posts}/*"), False),
    ],
)
def test_the_scope_of_defaults(scope: dict[str, object], matches: bool) -> None:
    assert bool(defaults.read([scope], "").of("_posts/a/2024-01-02-x.md", "posts")) is matches


def test_the_globs_of_defaults_begin_at_the_site_and_other_paths_at_the_collections() -> None:
    sets = [scoped("my/_posts", a=1), scoped("_posts", b=1), scoped("my/_posts/*", c=1), scoped("_posts/*", d=1)]
    assert defaults.read([*sets, scoped("*", e=1)], "my").of("_posts/x.md", "posts") == {"a": 1, "b": 1, "c": 1}


@pytest.mark.parametrize(
    ("sets", "winner"),
    [
        ([scoped(""), scoped("_posts")], "_posts None"),
        ([scoped("_posts"), scoped("")], "_posts None"),
        ([scoped("", "posts"), scoped("")], " posts"),
        ([scoped(""), scoped("", "posts")], " posts"),
        ([scoped("", "posts", v=1), scoped("", "posts", v=2)], 2),
        ([scoped("_posts/a"), scoped("", v=1), scoped("_posts", v=2)], "_posts/a None"),
    ],
)
def test_the_heavier_defaults_win(sets: list[object], winner: object) -> None:
    assert defaults.read(sets, "").of("_posts/a/x.md", "posts") == {"v": winner}


def test_a_set_that_does_not_outweigh_the_heaviest_goes_below_all() -> None:
    sets = [scoped("_posts/a", x=1), scoped("", v="first"), scoped("_posts", v="longer, but later")]
    assert defaults.read(sets, "").of("_posts/a/x.md", "posts") == {"x": 1, "v": "first"}


def test_mappings_are_merged_and_empty_values_leave_what_is_under_them(tmp_path: Path) -> None:
    configure(tmp_path, defaults=[scoped("", "posts", author={"name": "Ann", "site": "a"}, lang="en")])
    found = post(tmp_path, write(tmp_path, "_posts/2024-01-02-x.md", "---\nauthor: {site: b}\nlang:\n---\n"))
    assert (found.authors, found.language) == (("Ann",), "en")
    loop: dict[str, object] = {}
    loop["self"] = loop
    assert list(defaults.merged(loop, loop)) == ["self"]


@pytest.mark.parametrize("value", [None, "x", ["x"], [{"values": 1}], [{"scope": {}}]])
def test_defaults_that_are_none_are_left_out(value: object) -> None:
    assert not defaults.read(value, "")


NEWS: dict[str, object] = {"collections": {"news": {"output": True}}}


@pytest.mark.parametrize(
    ("settings", "name", "url"),
    [
        (NEWS, "sub/a b.md", "/news/sub/a%20b.html"),
        (NEWS, "2024-01-02-x.txt", "/news/2024-01-02-x.txt"),
        ({**NEWS, "permalink": "pretty"}, "x.md", "/news/x/"),
        ({**NEWS, "permalink": "/:year/:title/"}, "x.md", "/news/x/"),
        ({**NEWS, "permalink": "weekdate"}, "x.md", "/news/x"),
        ({**NEWS, "permalink": "/a:output_ext"}, "x.md", "/news/x.html"),
        ({"collections": {"news": {"output": True, "permalink": "/n/:year/:title"}}}, "2024-01-02-x.md", "/n/2024/x"),
        ({"collections": {"news": {"output": True, "permalink": "/:name/:slug"}}}, "s/A.b.md", "/a-b/a-b"),
        ({**NEWS, "defaults": [scoped("", "news", permalink="/d/:title")]}, "x.md", "/d/x"),
        ({**NEWS, "defaults": [scoped("", "posts", permalink="/d")]}, "x.md", "/news/x.html"),
    ],
)  # fmt: skip
def test_the_urls_of_a_collection(tmp_path: Path, settings: dict[str, object], name: str, url: str) -> None:
    configure(tmp_path, **settings)
    assert post(tmp_path, write(tmp_path, f"_news/{name}", FRONT), "news").url == f"https://s.example{url}"


@pytest.mark.parametrize("above", ["", "content"])
def test_a_collection_gives_posts_beside_those_of_posts(tmp_path: Path, above: str) -> None:
    configure(tmp_path, collections={"news": {"output": True}}, collections_dir=above, exclude=["_news/old"])
    base = f"{above}/" if above else ""
    news = [
        write(tmp_path, f"{base}_news/deep/undated.md", FRONT),
        write(tmp_path, f"{base}_news/without-extension", FRONT),
        write(tmp_path, f"{base}_news/2024-01-03-dated.md", "---\npublished: false\n---\n"),
    ]
    write(tmp_path, f"{base}_news/old/left.md", FRONT)
    posts = [write(tmp_path, f"{base}_posts/2024-01-02-x.md", FRONT)]
    assert sorted(paths(tmp_path, "posts", "news")) == sorted(news + posts)
    assert sorted(paths(tmp_path, "news")) == sorted(news)
    assert paths(tmp_path) == posts
    found = [post(tmp_path, name, "news") for name in news]
    assert [(one.title, one.draft) for one in found] == [("A title", False), ("A title", False), ("Dated", True)]
    assert found[2].published.isoformat() == "2024-01-03T00:00:00+00:00"


def test_a_document_without_a_date_takes_its_file_s_and_says_so(tmp_path: Path) -> None:
    configure(tmp_path, collections={"news": {"output": True}})
    name = write(tmp_path, "_news/x.md", FRONT)
    os.utime(tmp_path / name, (0, 1_700_000_000))
    found = post(tmp_path, name, "news")
    assert found.published.isoformat() == "2023-11-14T22:13:20+00:00"
    assert str(found.problems[0]).startswith("_news/x.md:1: no date")


def test_what_jekyll_copies_as_it_is_is_no_post(tmp_path: Path) -> None:
    configure(tmp_path, collections={"news": {"output": True}})
    reader = source(tmp_path, "news")
    assert reader.read(write(tmp_path, "_news/2024-01-02-plain.md", "No front matter.\n")) is None
    assert reader.read(write(tmp_path, "_news/photo.jpg", b"\xff\xd8\0")) is None
    assert reader.read(write(tmp_path, "_news/data.yml", FRONT)) is None
    marked = reader.read(write(tmp_path, "_news/marked.md", "\ufeff" + FRONT))
    assert isinstance(marked, Quarantined)
    assert "byte order mark" in marked.problems[0].text


@pytest.mark.parametrize(
    ("collections", "reason"),
    [
        ({"events": {"output": True}}, r"_config.yml:1: collections: news is not among them, there are events, posts"),
        (["news"], r"_config.yml:1: collections: the documents of news have no pages .* without `output: true`"),
        ({"news": {"output": False}}, r"the documents of news have no pages"),
        ({"news": {"output": True}}, r"no _news folder in it"),
        (None, r"news is not among them, there are posts"),
    ],
)
def test_a_collection_that_cannot_be_linked_to_stops_the_source(
    tmp_path: Path, collections: object, reason: str
) -> None:
    configure(tmp_path, collections=collections)
    write(tmp_path, "_posts/2024-01-02-x.md", FRONT)
    with pytest.raises(SourceError, match=reason):
        source(tmp_path, "posts", "news").files()


def test_a_site_without_configuration_has_no_other_collection(tmp_path: Path) -> None:
    write(tmp_path, "_posts/2024-01-02-x.md", FRONT)
    with pytest.raises(SourceError, match=r"no _config.yml: collections: news is not among them"):
        source(tmp_path, "news").files()


def test_choosing_another_collection_reads_every_file_again(tmp_path: Path) -> None:
    configure(tmp_path, collections={"news": {"output": True}})
    write(tmp_path, "_posts/2024-01-02-x.md", FRONT)
    write(tmp_path, "_news/x.md", FRONT)
    one, both = (next(source(tmp_path, *names).files()) for names in (("news",), ("news", "posts")))
    assert one.path == both.path
    assert one.fingerprint != both.fingerprint


def test_a_configuration_in_toml_is_read_where_there_is_none_in_yaml(tmp_path: Path) -> None:
    write(
        tmp_path,
        "_config.toml",
        'url = "https://t.example"\npermalink = "pretty"\n[[defaults]]\nvalues = {lang = "fi"}\n',
    )
    name = write(tmp_path, "_posts/2024-01-02-x.md", FRONT)
    found = post(tmp_path, name)
    assert (found.url, found.language) == ("https://t.example/2024/01/02/x/", "fi")
    configure(tmp_path, url="https://y.example")
    assert post(tmp_path, name).url == "https://y.example/2024/01/02/x.html"


def test_a_broken_configuration_in_toml_stops_the_source(tmp_path: Path) -> None:
    write(tmp_path, "_config.toml", "url = https\n")
    with pytest.raises(SourceError, match=r"_config.toml: cannot be read .*line 1"):
        source(tmp_path).files()


def test_the_site_may_lie_in_a_folder_of_its_own(tmp_path: Path) -> None:
    configure(tmp_path, source="site", destination="site/out")
    name = write(tmp_path, "site/_posts/2024-01-02-x.md", FRONT)
    write(tmp_path, "site/out/_posts/2024-01-02-x.md", FRONT)
    write(tmp_path, "_posts/2024-01-02-not.md", FRONT)
    assert paths(tmp_path) == [name.removeprefix("site/")]
    assert post(tmp_path, paths(tmp_path)[0]).categories == ()


@pytest.mark.parametrize("folder", ["..", "/srv", "a/../.."])
def test_the_site_does_not_lie_outside(tmp_path: Path, folder: str) -> None:
    configure(tmp_path, source=folder)
    with pytest.raises(SourceError, match=r"leaves the folder: set `path`"):
        source(tmp_path).files()


@pytest.mark.parametrize(
    ("permalink", "path"),
    [
        ("/:title.php", "/x.php"),
        ("/a.b/:title:output_ext", "/a.b/x.html"),
        ("/:title:output_ext.php", "/x.php.php"),
        (":categories/ΣΑΣ/:slug", "/%CF%83%CE%B1%CF%83/%CE%A3%CE%91%CE%A3/x"),
    ],
)
def test_permalinks_of_a_post(tmp_path: Path, permalink: str, path: str) -> None:
    front = f"---\npermalink: {json.dumps(permalink)}\ncategory: ΣΑΣ\n---\n"
    assert post(tmp_path, write(tmp_path, "_posts/2024-01-02-x.md", front)).url == f"https://s.example{path}"
