from __future__ import annotations

import os
import shutil
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

import pytest

from syndicator.errors import SourceError
from syndicator.models import Content, Post, Quarantined
from syndicator.sources.jekyll import Source, dates, detect

SITE = Path(__file__).parent / "sites" / "jekyll"
FRONT = "---\ntitle: A title\ndate: 2024-01-02 10:00:00 +0800\n---\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A writable copy of the fixture site."""
    return Path(shutil.copytree(SITE, tmp_path / "site"))


def source(path: Path) -> Source:
    return Source("posts", str(path), url="https://fallback.example", timezone="UTC")


def post(path: Path, name: str) -> Post:
    found = source(path).read(name)
    assert isinstance(found, Post)
    return found


def quarantined(path: Path, name: str) -> str:
    found = source(path).read(name)
    assert isinstance(found, Quarantined)
    return str(found.problems[-1])


def content(path: Path, name: str) -> Content:
    found = source(path).render(name)
    assert found is not None
    return found


def write(root: Path, name: str, text: str | bytes) -> str:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def test_detect(tmp_path: Path) -> None:
    assert detect(str(SITE))
    assert not detect(str(tmp_path))
    (tmp_path / "_posts").mkdir()
    assert detect(str(tmp_path))


def test_files_are_those_that_jekyll_reads() -> None:
    paths = [file.path for file in source(SITE).files()]
    assert {path.rpartition("/")[0] for path in paths} == {"_posts", "_posts/below", "_drafts", "news/_posts"}
    assert "_posts/.gitkeep" not in paths


def test_folders_are_those_in_which_posts_come_and_go(site: Path) -> None:
    (site / "_posts/empty").mkdir()
    reader = source(site)
    assert reader.folders() == [str(site)]
    list(reader.files())
    names = ["", "/_posts", "/_posts/below", "/_posts/empty", "/_drafts", "/news", "/news/_posts"]
    assert sorted(reader.folders()) == sorted(f"{site}{name}" for name in names)
    shutil.rmtree(site / "news")
    list(reader.files())
    assert f"{site}/news" not in reader.folders()


def test_a_fingerprint_changes_with_the_file_and_with_the_configuration_that_matters(site: Path) -> None:
    reader = source(site)
    before = {file.path: file.fingerprint for file in reader.files()}
    assert {file.path: file.fingerprint for file in reader.files()} == before
    with (site / "_posts/2024-01-02-plain.md").open("a") as file:
        file.write("more")
    after = {file.path: file.fingerprint for file in reader.files()}
    assert [path for path in after if after[path] != before[path]] == ["_posts/2024-01-02-plain.md"]
    config = site / "_config.yml"
    config.write_text(config.read_text() + "title: New\n")
    assert {file.path: file.fingerprint for file in reader.files()} == after
    config.write_text(config.read_text() + "permalink: pretty\n")
    assert not set(after.values()) & {file.fingerprint for file in reader.files()}
    renamed = reader.read("_posts/2024-01-02-plain.md")
    assert isinstance(renamed, Post)
    assert renamed.url == "https://site.example/blog/alpha/beta/2024/01/02/plain/"


def test_a_post_has_every_field() -> None:
    plain = post(SITE, "_posts/2024-01-02-plain.md")
    assert plain.title == "Plain & simple"
    assert plain.published.isoformat() == "2024-01-02T10:00:00+08:00"
    assert plain.url == "https://site.example/blog/alpha/beta/2024/1/plain.html"
    assert (plain.categories, plain.tags) == (("Alpha", "beta"), ("one", "two"))
    assert (plain.authors, plain.language, plain.draft, plain.problems) == (("Desk",), "zh-CN", False, ())
    assert len(plain.content_hash) == 32
    below = post(SITE, "_posts/below/2024-01-14-below.markdown")
    assert (below.categories, below.authors, below.summary) == (("Whole Name",), ("Ann",), "Short and sweet")


def test_folders_above_posts_and_defaults_by_path() -> None:
    news = post(SITE, "news/_posts/2024-01-15-news-item.html")
    assert news.categories == ("news", "World News", "2024")
    assert news.language == "en"
    assert news.url == "https://site.example/blog/n/news-item/"


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("_posts/2024-01-03-unquoted-date.md", "2024-01-03T18:00:00+08:00"),
        ("_posts/2024-01-04-quoted-date.md", "2024-01-04T10:00:00+08:00"),
        ("_posts/2024-01-05-no-front-matter.md", "2024-01-05T00:00:00+08:00"),
        ("_posts/2024-01-07-bad-date.md", "2024-01-07T00:00:00+08:00"),
    ],
)
def test_dates(name: str, published: str) -> None:
    assert post(SITE, name).published.isoformat() == published


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("2013-02-30", "2013-03-02T00:00:00+08:00"),
        ("2012-02-30 10:00:00", "2012-03-01T10:00:00+08:00"),
        ("2013-05-06 02:12 CST", "2013-05-06T16:12:00+08:00"),
        ("2013-05-06T02:12:52Z", "2013-05-06T10:12:52+08:00"),
        ("2013-05-06 02:12:52.25 +02:00", "2013-05-06T08:12:52+08:00"),
        ("2013-05-06 2:12:52 -5", "2013-05-06T15:12:52+08:00"),
        ("2013/5/6 1:02 pm", "2013-05-06T13:02:00+08:00"),
        ("6 May 2013 10:00", "2013-05-06T10:00:00+08:00"),
        ("Mon, 06 May 2013 10:00:00 GMT", "2013-05-06T18:00:00+08:00"),
        ("May 6th, 2013", "2013-05-06T00:00:00+08:00"),
        ("20130506", "2013-05-06T00:00:00+08:00"),
        ("2013年5月6日 08:30", "2013-05-06T08:30:00+08:00"),
        ("2013-05-06 +0200", "2013-05-06T00:00:00+08:00"),
        ("2013-05-06 24:00", "2013-05-07T00:00:00+08:00"),
        ("Fri Sep 3 11:21:31 CEST 2021", "2021-09-03T11:21:31+08:00"),
        ("2013-05-06 02:12:52 Eastern Standard Time", "2013-05-06T02:12:52+08:00"),
        ("12:41 2021-12-08", "2021-12-08T12:41:00+08:00"),
        ("2021-12-08 10pm", "2021-12-08T22:00:00+08:00"),
        ("20211208T124123Z", "2021-12-08T20:41:23+08:00"),
        ("2021_12_08", "2021-12-08T00:00:00+08:00"),
        ("12-8-21", "2012-08-21T00:00:00+08:00"),
        ("8.12.2021", "2021-12-08T00:00:00+08:00"),
        ("8-Dec-2021", "2021-12-08T00:00:00+08:00"),
        ("Dec '21", "2021-12-01T00:00:00+08:00"),
        ("2021-342", "2021-12-08T00:00:00+08:00"),
        ("H33.12.08", "2021-12-08T00:00:00+08:00"),
        ("69-12-08", "1969-12-08T00:00:00+08:00"),
        ("2021-12-08 25:00:00 +0800", "2021-12-09T01:00:00+08:00"),
        ("2021-12-08 12:41:23 HKT", "2021-12-08T12:41:23+08:00"),
        ("2013-05-06 02:12:52 2013 -0800", "2013-05-06T02:12:52+08:00"),
    ],
)
def test_a_date_means_what_it_means_to_jekyll(site: Path, date: str, published: str) -> None:
    name = write(site, "_posts/2000-01-01-x.md", f"---\ntitle: x\ndate: {date}\n---\n")
    assert post(site, name).published.isoformat() == published


@pytest.mark.parametrize(
    ("zone", "date", "published"),
    [
        ("Europe/Paris", "2021-07-08 12:00 CEST", "2021-07-08T12:00:00+02:00"),
        ("Asia/Tokyo", "2021-07-08 12:00 JST", "2021-07-08T12:00:00+09:00"),
        ("America/New_York", "2021-12-08 12:00 J", "2021-12-08T12:00:00-05:00"),
        ("America/New_York", "2021-12-08 12:00 B", "2021-12-08T05:00:00-05:00"),
    ],
)
def test_zones_are_those_that_ruby_knows(zone: str, date: str, published: str) -> None:
    found = dates.parse(date, ZoneInfo(zone))
    assert found is not None
    assert found.isoformat() == published


@pytest.mark.parametrize(
    "date",
    [
        "noon",
        "12:41",
        "Dec 8",
        "0000-01-01",
        "0001-01-01",
        "10000-01-01",
        "2021-366",
        "2021-12-0",
        "1" * 129,
        "soon",
        "2013-13-01",
        "2013-01-32",
        "2013-01-01 25:00:00",
        "+0800",
        "[1]",
        "99999",
    ],
)
def test_an_impossible_date_is_a_warning_with_its_line(site: Path, date: str) -> None:
    found = post(site, write(site, "_posts/2000-01-01-x.md", f"---\ntitle: x\ndate: {date}\n---\n"))
    assert found.published.isoformat() == "2000-01-01T00:00:00+08:00"
    assert str(found.problems[0]).startswith("_posts/2000-01-01-x.md:3: date: ")


def test_broken_yaml_is_one_warning() -> None:
    broken = post(SITE, "_posts/2024-01-06-broken-title.md")
    assert broken.title == '股价 "跳水" 后: 反弹'
    assert broken.categories == ("emnews",)
    assert broken.published.isoformat() == "2024-01-06T08:00:00+08:00"
    assert [str(problem)[:42] for problem in broken.problems] == ["_posts/2024-01-06-broken-title.md:3: title"]


def test_a_title_that_is_missing_or_empty_comes_from_the_slug() -> None:
    assert post(SITE, "_posts/2024-1-8-empty-TITLE.md").title == "Empty Title"
    assert post(SITE, "_posts/2024-01-05-no-front-matter.md").title == "No Front Matter"


def test_numbers_in_the_configuration_are_names(tmp_path: Path) -> None:
    write(tmp_path, "_config.yml", "baseurl: 2013\nexclude: [2014]\n")
    name = write(tmp_path, "_posts/2000-01-01-x.md", FRONT)
    write(tmp_path, "2014/_posts/2000-01-02-y.md", FRONT)
    assert [file.path for file in source(tmp_path).files()] == [name]
    assert post(tmp_path, name).url == "https://fallback.example/2013/2024/01/02/x.html"


def test_drafts() -> None:
    assert post(SITE, "_posts/2024-01-09-unpublished.md").draft
    assert post(SITE, "_drafts/draft.md").draft
    assert not post(SITE, "_posts/2024-01-02-plain.md").draft


@pytest.mark.parametrize(
    ("line", "draft"),
    [
        ("published: 0", False),
        ("published: no", True),
        ("draft: true", True),
        ("published:", True),
        ('published: "false"', False),
        ("draft: false", False),
    ],
)
def test_what_makes_a_draft(site: Path, line: str, draft: bool) -> None:
    assert post(site, write(site, "_posts/2000-01-01-x.md", f"---\n{line}\n---\ntext")).draft is draft


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("1.10", "1.1"), ("0x1F", "31"), ("1e3", "1e3"), ("1.0e+16", "1.0e+16"), (".inf", "Infinity"),
        ("-.inf", "-Infinity"),
        (".nan", "NaN"), ("yes", "true"), ("no", "X"), ("0", "0"), ("[a, 2]", "a2"), ("{a: b}", "X"), ("1:30", "1:30"),
        ("2021-12-08", "2021-12-08"), ("|\n  two\n  lines", "two lines"), ("''", "X"), ('" a"', " a"),
    ],
)  # fmt: skip
def test_what_a_title_can_be(site: Path, line: str, title: str) -> None:
    assert post(site, write(site, "_posts/2000-01-01-x.md", f"---\ntitle: {line}\n---\n")).title == title


def test_lists_that_hold_one_another_cost_no_time(site: Path) -> None:
    lists = "".join(f"k{at + 1}: &k{at + 1} [{','.join([f'*k{at}'] * 500)}]\n" for at in range(6))
    head = f"k0: &k0 [~, x]\n{lists}title: *k6\ntags: *k6\ncategories: *k6\nauthors: *k6\ndate: *k6\n"
    began = process_time()
    assert post(site, write(site, "_posts/2000-01-01-x.md", f"---\n{head}---\n")).problems
    assert process_time() - began < 1


@pytest.mark.parametrize(
    ("text", "categories", "tags"),
    [
        ("categories: a　b\ntags: a　b c", ("a　b",), ("a　b", "c")),
        ("tags: 2013", (), ()),
        ("tags: [2013, 1.0, yes, 2024-01-02]\ncategory: 0", ("0",), ("2013", "1.0", "true", "2024-01-02")),
        ("tag: 0\ntags: a b", (), ("0",)),
        ("categories: a, b\ntags: x y", ("a,", "b"), ("x", "y")),
        ("categories: [b, a b]\ncategory: c d\ntag: x y", ("b", "a b", "c d"), ("x y",)),
        ("categories: [[a, [b]], ~, 2013]\ntags: [x, ~, x]", ("a", "b", "2013"), ("x",)),
        ("categories: &x [a, *x]", ("a",), ()),
        ("category: 2013\ncategories:", ("2013",), ()),
    ],
)
def test_categories_and_tags(site: Path, text: str, categories: tuple[str, ...], tags: tuple[str, ...]) -> None:
    found = post(site, write(site, "_posts/2000-01-01-x.md", f"---\n{text}\n---\n"))
    assert (found.categories, found.tags) == (categories, tags)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("_posts/-20240112.md", "file name is not YYYY-MM-DD-slug.ext: set aside, rename it"),
        ("_posts/2024-01-10-empty.md", "empty, half-written?"),
        ("_posts/2024-01-11-half-written.md", "the front matter never ends, half-written?"),
    ],
)
def test_a_file_that_gives_no_post_is_quarantined(name: str, reason: str) -> None:
    assert reason in quarantined(SITE, name)
    assert source(SITE).render(name) is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"---\na: \0\n---\n", "UTF-8"),
        ("标题".encode("gb18030"), "UTF-8"),
        (b" " * (4 << 20) + b"xx", "4 MiB"),
        (b" \n", "empty"),
    ],
)
def test_a_file_that_is_no_text_is_quarantined(site: Path, data: bytes, reason: str) -> None:
    assert reason in quarantined(site, write(site, "_posts/2000-01-01-x.md", data))


def test_a_file_that_was_never_meant_to_be_a_post_is_none(site: Path) -> None:
    reader = source(site)
    os.mkfifo(site / "_posts/2000-01-01-pipe.md")
    write(site, "_posts/2000-01-01-photo.jpg", b"\xff\xd8\0")
    for name in ("fragment.html", "2024-01-13-data.yml", "gone.md", "2000-01-01-pipe.md", "2000-01-01-photo.jpg"):
        assert reader.read(f"_posts/{name}") is None
    assert not any("pipe" in file.path for file in reader.files())


def test_an_impossible_date_in_the_name_is_quarantined_unless_the_front_matter_has_one(site: Path) -> None:
    assert "2024-13-01" in quarantined(site, write(site, "_posts/2024-13-01-x.md", "---\ntitle: x\n---\n"))
    assert post(site, write(site, "_posts/2024-13-02-x.md", FRONT)).published.year == 2024


def test_a_file_that_cannot_be_opened_is_quarantined(site: Path) -> None:
    (site / "_posts/2000-01-01-x.md").symlink_to("2000-01-01-x.md")
    assert "cannot be read" in quarantined(site, "_posts/2000-01-01-x.md")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_quarantined(site: Path) -> None:
    name = write(site, "_posts/2000-01-01-x.md", FRONT)
    (site / name).chmod(0)
    assert "cannot be read" in quarantined(site, name)


@pytest.mark.parametrize(
    ("permalink", "path"),
    [
        ("date", "/cat/2024/01/02/my-post.1.html"),
        ("pretty", "/cat/2024/01/02/my-post.1/"),
        ("ordinal", "/cat/2024/002/my-post.1.html"),
        ("weekdate", "/cat/2024/W01/Tue/my-post.1.html"),
        ("none", "/cat/my-post.1.html"),
        (":year-:i_month-:i_day/:hour:minute:second", "/2024-1-2/100000"),
        ("/:short_year/:short_month/:long_month/:long_day/:w_year/:w_day/:y_day", "/24/Jan/January/Tuesday/2024/2/002"),
        ("/:collection/:path", "/posts/2024-01-02-my-post.1"),
        ("/:name/:slug/:slugified_categories", "/2024-01-02-my-post-1/my-post-1/cat"),
        ("/:month_:day", "/01_02"),
        ("/a/../../:title", "/a/my-post.1"),
        ("/%2e%2e/100%/中文 x", "/%2e%2e/100%25/%E4%B8%AD%E6%96%87%20x"),
    ],
)
def test_permalinks(site: Path, permalink: str, path: str) -> None:
    (site / "_config.yml").write_text(f"url: https://s.example/\npermalink: '{permalink}'\ntimezone: Asia/Shanghai\n")
    name = write(site, "_posts/2024-01-02-my-post.1.md", FRONT.replace("title", "category: Cat\ntitle", 1))
    assert post(site, name).url == f"https://s.example{path}"


@pytest.mark.parametrize(
    ("name", "fields", "path"),
    [
        ("2024-01-02-escape-+ %20[].md", "", "/2024/1/escape-+-20.html"),
        (
            "2024-01-02-中文 标题.md",
            "category: 财经 A",
            "/%E8%B4%A2%E7%BB%8F%20a/2024/1/%E4%B8%AD%E6%96%87-%E6%A0%87%E9%A2%98.html",
        ),
        ("2024-01-02-x.md", "permalink: /:year/own", "/2024/own"),
        ("2024-01-02-x.md", "slug: Other One", "/2024/1/Other-One.html"),
        ("2024-01-02-x.text", "", "/2024/1/x.text"),
        ("2024-01-02-x...md", "", "/2024/1/x.html"),
    ],
)
def test_urls_are_encoded_once(site: Path, name: str, fields: str, path: str) -> None:
    found = post(site, write(site, f"_posts/{name}", FRONT.replace("title", f"{fields}\ntitle", 1)))
    assert found.url == f"https://site.example/blog{path}"


def test_an_unknown_placeholder_is_a_warning(site: Path) -> None:
    found = post(site, write(site, "_posts/2024-01-02-x.md", FRONT.replace("title", "permalink: /a/:nope/b\ntitle", 1)))
    assert found.url == "https://site.example/blog/a/:nope/b"
    assert ":nope" in found.problems[0].text


def test_render_makes_clean_html_with_absolute_addresses() -> None:
    body = content(SITE, "_posts/2024-01-02-plain.md")
    base = "https://site.example/blog/alpha/beta/2024"
    assert f'<a href="{base}/docs/">the docs</a>' in body.html
    assert '<a href="https://cdn.example/x">this</a>' in body.html
    assert '<img src="https://site.example/img/a.png" alt="a picture">' in body.html
    assert body.summary == "First paragraph, see the docs and this. Second paragraph with ."
    assert body.content_hash == post(SITE, "_posts/2024-01-02-plain.md").content_hash


def test_render_leaves_html_files_alone() -> None:
    assert content(SITE, "news/_posts/2024-01-15-news-item.html").html == "<p>HTML stays.</p> *stars too*\n"


@pytest.mark.parametrize(
    ("fields", "body", "summary"),
    [
        ("excerpt: Own <b>words</b> &amp; so", "text", "Own words & so"),
        ("title: t", "# Head\n\nBefore.\n<!--more-->\nAfter.", "Before."),
        ("title: t", "Before. <!-- More --> After.", "Before."),
        ("title: t", '<img src="a.png">\n<!--more-->\nAfter.', "After."),
        ("title: t", "Long. " * 60 + "\n<!--more-->\nAfter.", ("Long. " * 60).strip()),
        ('excerpt_separator: "\\n\\n"', "One.\n\nTwo.", "One."),
        ('excerpt_separator: ""', "One.\n\nTwo.", "One. Two."),
        ("title: One!", "<h1>One!</h1>\n\nOne\n\nTwo.", "Two."),
        ("description: See *this* [page](https://x.example/)", "text", "See this page"),
        ("excerpt_separator: CUT", "Before. CUT After.", "Before."),
        ("title: t", "One.\n\n" + "word " * 60, "One. " + "word " * 38 + "word…"),
    ],
)
def test_summaries(site: Path, fields: str, body: str, summary: str) -> None:
    assert content(site, write(site, "_posts/2024-01-02-x.md", f"---\n{fields}\n---\n{body}")).summary == summary


def test_characters_that_xml_forbids_are_left_out_and_told(site: Path) -> None:
    name = write(site, "_posts/2024-01-02-x.md", FRONT + "One.\n\nT\x08wo\x1f.\n")
    body = content(site, name)
    assert body.html == "<p>One.</p>\n<p>Two.</p>\n"
    line = FRONT.count("\n") + 3
    assert [str(problem) for problem in body.problems] == [
        f"{name}:{line}: left out, XML has no such character: U+0008 and 1 more: delete it"
    ]


def test_a_body_of_too_many_tags_is_shown_as_text_and_told(site: Path) -> None:
    body = content(site, write(site, "_posts/2024-01-02-x.html", FRONT + "<i>a</i>" * 30_000))
    assert body.html == "<p>" + "a" * 30_000 + "</p>"
    assert [problem.text for problem in body.problems] == [
        "more than 50,000 tags or 200,000 entities: shown as text, split it"
    ]


def test_liquid_is_rendered_or_reported(site: Path) -> None:
    name = write(
        site,
        "_posts/2024-01-02-x.md",
        FRONT + "{{ page.title }} on {{ site.url }}{{ '/x' | relative_url }}\n"
        "[p]({% post_url 2024-01-03-unquoted-date %}) [n]({% link news/_posts/2024-01-15-news-item.html %})\n"
        "{% include youtube.html %}{{ page.missing }}\n",
    )
    body = content(site, name)
    assert "A title on https://site.example/blog/x" in body.html
    assert "https://site.example/blog/2024/1/unquoted-date.html" in body.html
    assert "https://site.example/blog/n/news-item/" in body.html
    assert "{" not in body.html
    assert [(problem.line, problem.text.partition(":")[0]) for problem in body.problems] == [
        (7, "Liquid left out"),
        (7, "Liquid left out"),
    ]


def test_liquid_has_the_site_its_data_and_its_includes(site: Path, tmp_path: Path) -> None:
    write(site, "_data/releases.yml", "- {version: 1.10, size: 3}\n- {version: '2.0', day: 2024-02-30, size: 4}\n")
    write(site, "_data/people/ann.json", '{"name": "Ann"}')
    write(site, "_data/list.csv", "name,size\nx,1\ny,2\n")
    write(site, "_data/broken.yml", "a: [")
    write(site, "_includes/note.html", "<i>{{ include.text }} {{ page.title }}</i>")
    write(tmp_path, "secret.html", "secret")
    (site / "_includes/leads_out.html").symlink_to(tmp_path / "secret.html")
    write(site, "_posts/beside.txt", "beside")
    name = write(
        site,
        "_posts/2024-01-02-x.md",
        FRONT + "{% assign one = site.data.releases | where: 'version', '2.0' | first %}{{ one.size | plus: 1 }} "
        "{{ one.day }} {{ site.data.releases[0].version }} {{ site.data.people.ann.name }} "
        "{{ site.data.list | map: 'name' | join }} {{ page.id }} {{ page.date | date: '%H' }}\n"
        "{% include note.html text='Hi' %}{% include_relative beside.txt %}{{ site.data.broken.a }}\n"
        "{% include leads_out.html %}{% include ../../secret.html %}{% include_relative ../../secret.html %}",
    )
    body = content(site, name)
    assert "5 2024-02-30 1.1 Ann x y /2024/1/x 10" in body.html
    assert "<i>Hi A title</i>beside" in body.html
    assert "secret" not in body.html
    assert [problem.line for problem in body.problems] == [6, 7, 7, 7]


@pytest.mark.parametrize(
    ("mark", "path"),
    [
        ("post_url 2024-01-03-unquoted-date", "/2024/1/unquoted-date.html"),
        ("post_url 2024-1-3-unquoted-date", "/2024/1/unquoted-date.html"),
        ("post_url below/2024-01-14-below", "/whole%20name/2024/1/below.html"),
        ("post_url 2024-01-14-below", "/whole%20name/2024/1/below.html"),
        ("post_url news/2024-01-15-news-item", "/n/news-item/"),
        ("post_url 2024-01-15-news-item", "/n/news-item/"),
        ("link _posts/2024-01-03-unquoted-date.md", "/2024/1/unquoted-date.html"),
        ("link about.md", "/about.html"),
        ("link other/index.md", "/other/"),
        ("link own.md", "/mine/"),
        ("link img/a.png", "/img/a.png"),
        ("link _docs/guide/x.md", "/manual/guide/x/"),
    ],
)
def test_links_name_posts_pages_documents_and_files(site: Path, mark: str, path: str) -> None:
    config = site / "_config.yml"
    config.write_text(config.read_text() + "collections:\n  docs:\n    permalink: /manual/:path/\n")
    for page in ("about.md", "other/index.md", "_docs/guide/x.md"):
        write(site, page, "---\n---\n")
    write(site, "own.md", "---\npermalink: /mine/\n---\n")
    write(site, "img/a.png", b"\x89PNG")
    body = content(site, write(site, "_posts/2024-01-02-x.md", FRONT + f"[a]({{% {mark} %}})"))
    assert body.problems == ()
    assert f'href="https://site.example/blog{path}"' in body.html


def test_what_bodies_show_of_other_files_counts_as_their_content(site: Path) -> None:
    with_liquid = write(site, "_posts/2024-01-02-x.md", FRONT + "{{ site.data.a.b }}")
    without = write(site, "_posts/2024-01-02-y.md", FRONT + "b")
    raw = write(site, "_posts/2024-01-02-z.md", FRONT.replace("title", "render_with_liquid: false\ntitle") + "{{ a }}")
    reader = source(site)
    seen: list[tuple[object, ...]] = []
    for value in ("one", "another"):
        write(site, "_data/a.yml", f"b: {value}")
        prints = {file.path: file.fingerprint for file in reader.files()}
        posts = [reader.read(name) for name in (with_liquid, without, raw)]
        body = reader.render(with_liquid)
        assert body
        assert value in body.html
        seen.append((prints[without], *(post.content_hash for post in posts if post)))
    assert [before == after for before, after in zip(*seen, strict=True)] == [False, False, True, True]
    shown = reader.render(raw)
    assert shown
    assert "{{ a }}" in shown.html


def test_links_that_leave_the_site_or_turn_in_circles_are_not_followed(site: Path, tmp_path: Path) -> None:
    write(tmp_path, "outside/2024-01-02-secret.md", FRONT)
    (site / "_posts/out").symlink_to(tmp_path / "outside")
    (site / "_posts/2024-01-02-out.md").symlink_to(tmp_path / "outside/2024-01-02-secret.md")
    (site / "_posts/2024-01-02-in.md").symlink_to(site / "_posts/2024-01-02-plain.md")
    (site / "_posts/loop").symlink_to(site / "_posts")
    (site / "loop").symlink_to(site)
    (site / "_posts/2024-01-02-dangling.md").symlink_to(site / "nowhere")
    before = {file.path for file in source(SITE).files()}
    assert {file.path for file in source(site).files()} - before == {"_posts/2024-01-02-in.md"}


def test_a_collections_folder(tmp_path: Path) -> None:
    write(tmp_path, "_config.yml", "collections_dir: my\n")
    write(tmp_path, "my/_posts/2024-01-02-x.md", FRONT)
    write(tmp_path, "my/cat/_posts/2024-01-02-y.md", FRONT)
    write(tmp_path, "_posts/2024-01-02-z.md", FRONT)
    assert [file.path for file in source(tmp_path).files()] == [
        "my/_posts/2024-01-02-x.md",
        "my/cat/_posts/2024-01-02-y.md",
    ]
    assert post(tmp_path, "my/cat/_posts/2024-01-02-y.md").categories == ("cat",)
    assert post(tmp_path, "my/_posts/2024-01-02-x.md").url == "https://fallback.example/2024/01/02/x.html"


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ("title: x\npermalink: 'a\n", "_config.yml:3: "),
        ("timezone: Asia/Beijing\n", "'Asia/Beijing' is not known"),
        ("- a\n", "`key: value` lines expected"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_broken_configuration_stops_the_source(site: Path, config: str | bytes, reason: str) -> None:
    write(site, "_config.yml", config)
    with pytest.raises(SourceError, match=reason):
        source(site).files()


def test_a_folder_without_posts_stops_the_source(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no _posts folder"):
        source(tmp_path).files()
    with pytest.raises(SourceError, match="no such folder"):
        source(tmp_path / "nowhere").files()
