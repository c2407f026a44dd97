"""An owner asks what is wrong with the site, and why a post came out as it did."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from pydantic import BaseModel

from syndicator.models import Content, File, Post, Problem
from tests.e2e.site import Service, Site, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers import Receiver

LIQUID = "Before {% include player.html %} after."
BROKEN = '---\ntitle: "a "b" c"\ndate: 2026-01-02 03:04:05 +0000\ncategories: rates\n---\n' + LIQUID + "\n"


class NoOptions(BaseModel):
    """Take no keys of its own."""


class Plain:
    """A source that cannot explain itself, from elsewhere."""

    Options: ClassVar[type[BaseModel]] = NoOptions

    def __init__(self, name: str, path: str, *, url: str, timezone: str, options: BaseModel) -> None:
        self.name, self._url = name, url

    def folders(self) -> list[str]:
        return []

    def files(self) -> Iterator[File]:
        yield File("note.txt", "print", 0)

    def read(self, path: str) -> Post:
        fault = Problem(path, 1, "no title: the file name is used")
        return Post(path, "note", datetime(2026, 1, 2, tzinfo=UTC), f"{self._url}/{path}", "bytes", problems=(fault,))

    def render(self, path: str) -> Content:
        return Content("<p>x</p>", "x", "bytes", (Problem(path, 2, "a link names no post: it is left out"),))


def problems(site: Site, *more: str) -> list[str]:
    """Return the lines of `posts --problems` without the site's folder."""
    lines = site.run("posts", "--problems", *more).stdout.splitlines()
    assert all(line.startswith(f"{site.folder}/") for line in lines)
    return [line.removeprefix(f"{site.folder}/") for line in lines]


def explain(site: Site, path: str) -> dict[str, dict[str, Any]]:
    """Return field → row of `scan --explain` (the last of each)."""
    rows = [json.loads(line) for line in site.run("scan", "--explain", path, "--json").stdout.splitlines()]
    return {row["field"]: row for row in rows}


# What is wrong


def test_problems_of_front_matter_and_of_bodies_are_listed_together(site: Site) -> None:
    path = site.write("broken", BROKEN)
    site.write("empty", "")
    site.post("sound")
    done = site.run("build")
    assert done.stderr.splitlines()[-1] == "3 new warnings; see all again: syndicator posts --problems"
    listed = site.run("posts", "--problems")
    title, liquid, empty = listed.stdout.splitlines()
    assert title.startswith(f"{site.folder}/{path}:2: title: ")
    assert liquid.startswith(f"{site.folder}/{path}:6: Liquid left out")
    assert empty.startswith(f"{site.folder}/_posts/2026-01-02-empty.md:1: empty")
    assert listed.stderr == "3 problems in 2 files (--full looks also at what no reader was shown)\n"
    for line in (title, liquid, empty):
        assert f"warning: {line}" in done.stderr
    assert {row["path"]: len(row["problems"]) for row in site.rows("posts", "--problems")} == {
        path: 2, "_posts/2026-01-02-empty.md": 1,
    }  # fmt: skip
    assert site.posts()[path]["problems"] == [line.removeprefix(f"{site.folder}/") for line in (title, liquid)]


def test_a_problem_is_told_once_and_goes_when_it_is_mended(site: Site) -> None:
    path = site.post(body=LIQUID)
    assert "Liquid" in site.run("build").stderr
    assert site.run("build").stderr == ""
    site.post(body=LIQUID + " And a word more.")
    assert site.run("build").stderr == ""
    assert [line.split(":")[0] for line in problems(site)] == [path]
    site.post(body="Mended.")
    assert site.run("build").stderr == ""
    listed = site.run("posts", "--problems")
    assert listed.stdout == ""
    assert listed.stderr.startswith("no problems (")
    assert site.run("posts", "--problems", "--full").stderr == "no problems\n"
    site.post(body=LIQUID)
    assert "Liquid" in site.run("build").stderr


def test_a_post_that_is_announced_has_its_problems_told_by_the_scan(site: Site) -> None:
    site.post(body=LIQUID)
    assert "Liquid" in site.run("scan").stderr
    assert site.run("build").stderr == ""


def test_a_file_that_is_gone_has_no_problems(site: Site) -> None:
    path = site.write("broken", BROKEN)
    site.post("sound")
    site.run("build")
    (site.folder / path).unlink()
    site.run("build")
    assert problems(site) == []


def test_a_full_look_finds_what_no_reader_was_shown_and_what_is_left_out(site: Site) -> None:
    text = (
        site.config.read_text("utf-8").replace('window = "all"', 'window = "1d"').replace("limit = 1000", "limit = 1")
    )
    site.config.write_text(text, "utf-8")
    old = site.write("old", BROKEN.replace("2026-01-02 03", "2025-01-02 03"))
    site.post("new")
    (site.folder / "_posts/notes.md").write_text("Not a post.")
    site.run("build")
    assert len(problems(site)) == 1
    before = site.snapshot()
    title, liquid, left_out = problems(site, "--full")
    assert title.startswith(f"{old}:2: title:")
    assert liquid.startswith(f"{old}:6: Liquid left out")
    assert left_out.startswith("_posts/notes.md:1: left out: its name is not YYYY-MM-DD-slug.ext")
    assert [row["path"] for row in site.rows("posts", "--problems", "--full")] == [old, "_posts/notes.md"]
    assert site.snapshot() == before


def test_a_full_look_at_a_source_that_cannot_be_read_fails(site: Site) -> None:
    (site.folder / "_posts").rename(site.folder / "elsewhere")
    assert "no posts found" in site.run("posts", "--problems", "--full", code=1).stderr
    assert "--full goes with --problems" in site.run("posts", "--full", code=2).stderr


def test_the_service_logs_a_problem_of_a_body_once(site: Site) -> None:
    with Service(site) as service:
        site.post(body=LIQUID)
        eventually(lambda: "Liquid left out" in service.log, "the warning in the log")
        site.post("second")
        eventually(lambda: site.entry("second"), "the second post")
        assert service.log.count("Liquid left out") == 1
        (site.folder / "_posts").rename(site.folder / "elsewhere")
        told = "warning: " + str(site.folder) + ": no _posts folder"
        eventually(lambda: told in site.run("posts", "--problems").stderr, "the source that is lost")


# Why


def test_a_post_is_explained_from_its_file_to_its_readers(site: Site, receiver: Receiver) -> None:
    site.run("endpoints", "add", "desk", "--kind", "webhook", "--url", f"{receiver.url}/hook")
    path = site.post()
    site.run("build")
    said = explain(site, path)
    row = site.posts()[path]
    for field, name in (("title", "title"), ("published", "published"), ("url", "url"), ("id", "id"),
                        ("state", "state"), ("announce", "announce"), ("categories", "categories")):  # fmt: skip
        assert said[field]["value"] == row[name]
    assert said["file"] == {"field": "file", "value": path, "because": f"source posts, {site.folder}"}
    assert said["announce"]["because"] == "number 1 in the order of announcing"
    assert (said["feed"]["value"], said["feed"]["because"]) == ("category/rates", "number 1 of 1: shown")
    assert said["deliveries"]["value"] == "1 queued"
    site.run("deliver")
    assert explain(site, path)["deliveries"]["value"] == "1 sent"


def test_an_explanation_is_read_by_people(site: Site) -> None:
    path = site.post()
    site.run("build")
    lines = site.run("scan", "--explain", path).stdout.splitlines()
    assert 'title          The first post  ← line 2: title: "The first post"' in lines
    assert "  :title       first" in lines
    assert "published      2026-01-02 03:04:05 +0000  ← line 3: date: 2026-01-02 03:04:05 +0000, in the zone" in (
        "\n".join(lines)
    )
    assert "\x1b" not in "".join(lines)


def test_explaining_writes_nothing_and_needs_no_store(site: Site) -> None:
    path = site.post()
    said = explain(site, path)
    assert said["title"]["value"] == "The first post"
    assert "state" not in said
    assert not (site.folder / "state").exists()


def test_a_file_may_be_named_in_any_way(site: Site) -> None:
    path = site.post()
    site.run("build")
    from_here = os.path.join("..", site.folder.name, path)
    names = (path, f"./{path}", str(site.folder / path), from_here)
    titles = [explain(site, name)["title"]["value"] for name in names]
    link = site.folder.parent / f"link-{site.folder.name}"
    link.symlink_to(site.folder)
    titles.append(explain(site, str(link / path))["title"]["value"])
    assert titles == ["The first post"] * 5
    assert explain(site, from_here)["file"]["value"] == path


@pytest.mark.parametrize("name", ["_posts/none.md", "/etc/passwd", "../secret.md"])
def test_a_path_in_no_source_is_an_error_that_lists_them(site: Site, name: str) -> None:
    said = site.run("scan", "--explain", name, code=2).stderr
    assert said == f"error: {name}: there is no such file in any source: posts ({site.folder})\n"


def test_a_file_of_a_second_source_is_found(site: Site) -> None:
    (site.folder / "other").mkdir()
    other = Site(site.folder / "other")
    path = other.post("second")
    site.configure(source=f'[[sources]]\nname = "other"\npath = "{other.folder}"')
    said = explain(site, path)
    assert (said["file"]["because"], said["title"]["value"]) == (f"source other, {other.folder}", "The second post")
    assert f"posts ({site.folder}), other ({other.folder})" in site.run("scan", "--explain", "none", code=2).stderr


def test_a_source_need_not_explain_itself(site: Site) -> None:
    site.configure(source='kind = "tests.e2e.test_problems:Plain"')
    (site.folder / "note.txt").write_text("x")
    assert "cannot explain its posts" in site.run("scan", "--explain", "note.txt", code=2).stderr
    site.run("build")
    told = ["note.txt:1: no title: the file name is used", "note.txt:2: a link names no post: it is left out"]
    assert problems(site) == problems(site, "--full") == told


def test_a_folder_is_an_error(site: Site) -> None:
    assert "name a file in it" in site.run("scan", "--explain", "_posts", code=2).stderr
    assert "--json goes with --explain" in site.run("scan", "--json", code=2).stderr


def test_a_file_that_is_gone_is_explained_by_what_is_known(site: Site) -> None:
    path = site.post()
    site.post("second")
    site.run("build")
    (site.folder / path).unlink()
    site.run("build")
    said = explain(site, path)
    assert (said["post"]["value"], said["post"]["because"]) == ("none", "there is no such file")
    assert (said["state"]["value"], said["feed"]["value"]) == ("gone", "category/rates")


def test_a_file_that_changed_since_the_scan_says_so(site: Site) -> None:
    path = site.post()
    site.run("build")
    assert "changed" not in explain(site, path)
    site.post(title="Another title")
    assert explain(site, path)["changed"]["value"] == "yes"
    assert explain(site, path)["title"]["value"] == "Another title"


def test_why_a_post_is_not_announced(site: Site) -> None:
    site.configure(settle="1h")
    path, later = site.post(), site.post("later", date="2999-01-01")
    draft = site.write("draft", "---\ntitle: x\ndraft: true\n---\n")
    assert explain(site, path)["title"]["value"] == "The first post"
    site.run("build")
    for name, why in ((path, "unchanged until"), (later, "its time has come"), (draft, "a draft is not announced")):
        assert why in explain(site, name)["announce"]["because"]
    assert explain(site, site.post("unscanned"))["state"]["value"] == "unknown"
