"""What owners do to their files, on a real disk, with a clock that the tests set: what readers are told of it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import pytest

from syndicator.app import App, ScanWishes
from syndicator.settings import load
from syndicator.store import listings, posts, upkeep
from tests.e2e.site import ROOT, Site, text_of
from tests.records import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta
    from pathlib import Path

    from syndicator.app import BuildReport
    from tests.postgresql import Server

VERSIONS = ROOT.parent / "shared" / "corpora" / "finews" / "versions"
READER = "reader@example.org"
SECOND = MINUTE / 60
SETTLE = 2 * MINUTE


@dataclass
class Owner:
    """Be the owner of a site, who scans whenever the tests say, and a reader who gets everything at once."""

    site: Site
    store_url: str
    now: datetime
    app: App

    def scan(self, after: timedelta = SETTLE, *, silent: bool = False, allow_missing: bool = False) -> BuildReport:
        self.now += after
        return self.app.build(ScanWishes(silent=silent, allow_missing=allow_missing))

    def settle(self) -> None:
        """Scan until all has settled, and send what there is to send."""
        for _ in range(2):
            assert not self.scan().errors
        assert not self.app.deliver_now().keys() - {"sent"}

    def told(self, to: str = READER) -> list[str]:
        """Return the titles of what was queued for somebody, in this order."""
        with self.app.store.read() as connection:
            rows = [row for row in upkeep.listing(connection, to=to, limit=1000) if row.post_id]
            entries = posts.entries(connection, [row.post_id for row in rows])
        return [entries[row.post_id].title for row in reversed(rows)]

    def restart(self) -> None:
        self.app.store.close()
        self.app = App(load(str(self.site.config), {}), lambda: self.now)

    def configure(self, **how: str) -> None:
        store = f'[store]\nurl = "{self.store_url}"\n'
        self.site.configure(settle="2m", **{**how, "more": f"{store}{how.get('more', '')}"})
        text = self.site.config.read_text("utf-8").replace('window = "all"', 'window = "7d"')
        self.site.config.write_text(text, "utf-8")
        self.restart()

    def post(self, slug: str = "first", *, age: timedelta = HOUR, **what: str) -> Path:
        date = f"{self.now - age:%Y-%m-%d %H:%M:%S} +0000"
        return self.site.folder / self.site.post(slug, **{"date": date, **what})

    def record(self, slug: str = "first") -> dict[str, Any]:
        return next(row for path, row in self.site.posts().items() if slug in path)


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/state/syndicator.db"
        return
    server: Server = request.getfixturevalue("postgresql")
    url = server.database()
    yield url
    server.drop(url)


def begin(site: Site, store_url: str) -> Owner:
    now = datetime.now(UTC) + HOUR
    owner = Owner(site, store_url, now, App(load(str(site.config), {}), lambda: now))
    owner.configure()
    site.run("subscribers", "add", READER, "--cadence", "instant")
    return owner


@pytest.fixture
def owner(site: Site, tmp_path: Path) -> Iterator[Owner]:
    owner = begin(site, f"sqlite:///{tmp_path}/state/syndicator.db")
    yield owner
    owner.app.store.close()


@pytest.fixture
def owner_anywhere(site: Site, anywhere: str) -> Iterator[Owner]:
    owner = begin(site, anywhere)
    yield owner
    owner.app.store.close()


# Edits


def test_a_new_footer_in_every_post_is_news_to_nobody(owner_anywhere: Owner) -> None:
    owner = owner_anywhere
    for number in range(30):
        owner.post(f"n{number}")
    owner.settle()
    told, before = owner.told(), owner.site.posts()
    assert len(told) == 30
    for path in (owner.site.folder / "_posts").iterdir():
        path.write_bytes(path.read_bytes() + b"\n[All news](https://news.example/all)\n")
    (report,) = owner.scan().scans
    assert (report.changed, report.announced) == (30, 0)
    owner.settle()
    assert owner.told() == told
    assert {path: row["updated"] for path, row in owner.site.posts().items()} == {
        path: row["updated"] for path, row in before.items()
    }


def test_posts_written_again_every_half_minute_cause_no_write(owner: Owner) -> None:
    paths = [owner.post(f"n{number}") for number in range(5)]
    owner.settle()
    owner.scan(HOUR)
    feeds = {path: path.stat() for path in (owner.site.folder / "public").rglob("*.*")}
    with closing(sqlite3.connect(owner.site.folder / "state" / "syndicator.db")) as watcher:
        version = watcher.execute("PRAGMA data_version").fetchone()
        for _ in range(5):
            for path in paths:
                path.write_bytes(path.read_bytes())
                os.utime(path, ns=(0, int(owner.now.timestamp() * 1e9)))
            (report,) = owner.scan(30 * SECOND).scans
            assert (report.read, report.changed) == (5, 0)
            assert owner.scan(5 * SECOND).scans[0].read == 0  # this process remembers
        assert watcher.execute("PRAGMA data_version").fetchone() == version
    after = {path: path.stat() for path in (owner.site.folder / "public").rglob("*.*")}
    assert {path: (stat.st_ino, stat.st_mtime_ns) for path, stat in after.items()} == {
        path: (stat.st_ino, stat.st_mtime_ns) for path, stat in feeds.items()
    }


def test_posts_written_again_cause_no_write_on_postgresql(site: Site, postgresql: Server) -> None:
    url = postgresql.database()
    owner = begin(site, url)
    paths = [owner.post(f"n{number}") for number in range(5)]
    owner.settle()
    owner.scan(HOUR)
    database = url.partition("?")[0].rpartition("/")[2]
    tables = ("posts", "counters", "feeds", "feed_posts", "feed_files", "contents", "facts", "scans")

    def versions() -> list[Any]:
        return [postgresql.execute(f"SELECT xmin::text, ctid::text FROM {table}", database) for table in tables]

    before = versions()
    for path in paths:
        path.write_bytes(path.read_bytes())
        os.utime(path, ns=(0, int(owner.now.timestamp() * 1e9)))
    owner.scan(30 * SECOND)
    owner.app.store.close()
    assert versions() == before
    postgresql.drop(url)


def test_a_file_that_was_only_touched_is_remembered_once_it_is_quiet(owner: Owner) -> None:
    path = owner.post()
    owner.settle()
    os.utime(path, ns=(0, int((owner.now + 2 * MINUTE).timestamp() * 1e9)))
    reads = []
    for wait in (5 * MINUTE, SECOND, HOUR, SECOND):
        owner.restart()
        reads.append(owner.scan(wait).scans[0].read)
    assert reads == [1, 1, 1, 0]


def test_a_file_that_was_touched_and_went_is_read_when_it_is_back(owner: Owner) -> None:
    path = owner.post()
    owner.settle()
    os.utime(path, ns=(0, int(owner.now.timestamp() * 1e9)))
    assert owner.scan(MINUTE).scans[0].read == 1
    folder, away = path.parent, owner.site.folder / "away"
    folder.rename(away)  # unmounted: nothing of the file itself changes
    folder.mkdir()
    assert owner.scan(MINUTE).scans[0].gone == 1
    folder.rmdir()
    away.rename(folder)
    owner.scan(MINUTE)
    assert owner.record()["state"] == "live"


def test_no_time_that_lies_hides_a_change(owner: Owner) -> None:
    path = owner.post(body="Text number 0.")
    owner.settle()
    stat = path.stat()
    for number in range(1, 5):
        data = path.read_bytes().replace(b"number %d" % (number - 1), b"number %d" % number)
        if number % 2:  # cp -p and rsync --inplace -t: the same file
            path.write_bytes(data)
        else:  # rsync -t, git checkout, a restored backup: another file
            other = path.with_suffix(".new")
            other.write_bytes(data)
            other.replace(path)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        (report,) = owner.scan(SECOND).scans
        assert report.changed == 1
        assert f"number {number}" in owner.site.entry().content[0].value
    assert len(owner.told()) == 1


def test_a_half_written_post_is_announced_once_it_is_whole(owner: Owner) -> None:
    path = owner.post(body="Begin. Middle. End.")
    whole = path.read_bytes()
    for length in (0, 2, 30, whole.index(b"Middle"), 90, 0, whole.index(b"End"), len(whole)):
        path.write_bytes(whole[:length])
        owner.scan(SETTLE - SECOND)
        assert owner.told() == []
    owner.settle()
    (mail,) = owner.site.mails()
    assert mail["Subject"] == "The first post"
    assert "End." in text_of(mail)


def test_a_known_post_that_is_half_written_at_the_moment_keeps_its_place(owner: Owner) -> None:
    path = owner.post()
    owner.settle()
    whole = path.read_bytes()
    entry = owner.site.entry()
    for data in (b"", b"---\ntitle: x\n", whole):
        path.write_bytes(data)
        owner.scan()
        assert owner.site.entry() == entry
    assert len(owner.told()) == 1


def test_a_renamed_category_moves_posts_and_leaves_an_empty_feed(owner: Owner) -> None:
    owner.site.run("subscribers", "add", "old@example.org", "--cadence", "instant", "--category", "rates")
    owner.site.run("subscribers", "add", "new@example.org", "--cadence", "instant", "--category", "interest")
    owner.post()
    owner.settle()
    path = next((owner.site.folder / "_posts").iterdir())
    path.write_text(path.read_text().replace("categories: rates", "categories: interest"))
    owner.settle()
    counts = {feed["slug"]: feed["entries"] for feed in owner.site.rows("feeds") if feed["kind"] == "category"}
    assert counts == {"rates": 0, "interest": 1}
    assert b"<entry>" not in owner.site.files()["feeds/category/rates.atom"]
    assert b"<entry>" in owner.site.files()["feeds/category/interest.atom"]
    assert (owner.told("old@example.org"), owner.told("new@example.org")) == (["The first post"], [])
    owner.post("second", categories="interest")
    owner.settle()
    assert (len(owner.told("old@example.org")), owner.told("new@example.org")) == (1, ["The second post"])


# Places


def test_a_post_that_moves_is_the_same_post(owner_anywhere: Owner) -> None:
    owner = owner_anywhere
    path = owner.post()
    owner.post("second")
    owner.settle()
    was = owner.record()
    archive = owner.site.folder / "archive" / "_posts"
    archive.mkdir(parents=True)
    for target in (path.with_name("2026-01-02-renamed.md"), archive / "2026-01-02-renamed.md"):
        path = path.rename(target)
        (report,) = owner.scan().scans
        assert (report.moved, report.new, report.gone) == (1, 0, 0)
    path.write_text(path.read_text().replace("Unchanged.", "Edited on the way."))
    path = path.rename(owner.site.folder / "_posts" / path.name)
    (report,) = owner.scan().scans
    assert (report.moved, report.new, report.gone) == (1, 0, 0)
    owner.settle()
    assert owner.record("renamed")["id"] == was["id"]
    assert len(owner.told()) == 2


def test_equal_files_that_move_together_are_each_the_same_post(owner: Owner) -> None:
    for slug in ("a", "b", "c"):
        owner.post(slug, title="The same")
    owner.settle()
    ids = {path.rpartition("/")[2]: row["id"] for path, row in owner.site.posts().items()}
    (owner.site.folder / "_posts").rename(owner.site.folder / "moved")
    (owner.site.folder / "_posts").mkdir()
    (owner.site.folder / "moved").rename(owner.site.folder / "_posts" / "2026")
    owner.settle()
    assert {path.rpartition("/")[2]: row["id"] for path, row in owner.site.posts().items()} == ids
    assert len(owner.told()) == 3


def test_a_name_in_other_letters_is_the_same_name(owner: Owner) -> None:
    path = owner.post("Übersicht-ガイド")
    path = path.rename(path.with_name(normalize("NFC", path.name)))
    owner.settle()
    was = owner.record("2026-01-02")
    for name in (normalize("NFD", path.name), path.name.lower(), path.name.upper().replace(".MD", ".md")):
        path = path.rename(path.with_name(name))
        path.write_text(path.read_text() + "\nEdited too.\n")
        (report,) = owner.scan().scans
        assert (report.moved, report.new, report.gone) == (1, 0, 0)
    owner.settle()
    assert owner.record("2026-01-02")["id"] == was["id"]
    assert len(owner.told()) == 1


def test_names_that_differ_in_composition_alone_may_stand_side_by_side(owner: Owner) -> None:
    for form in ("NFC", "NFD"):
        owner.post(normalize("NFC" if form == "NFC" else "NFD", "über"), title=form)
    owner.settle()
    assert len({row["id"] for row in owner.site.posts().values()}) == 2
    assert sorted(owner.told()) == ["NFC", "NFD"]


TWO = '[[sources]]\nname = "archive"\npath = "_archive"\n'


@pytest.mark.parametrize("first", ["posts", "archive"])
def test_a_post_that_goes_to_another_source_is_not_told_again(owner_anywhere: Owner, first: str) -> None:
    owner = owner_anywhere
    archive = owner.site.folder / "_archive" / "_posts"
    archive.mkdir(parents=True)
    owner.configure(source=TWO)
    if first == "archive":
        text = owner.site.config.read_text("utf-8")
        one, other = 'path = "."', 'name = "archive"\npath = "_archive"'
        text = text.replace(other, "<other>").replace(one, other).replace("<other>", f'name = "posts"\n{one}')
        owner.site.config.write_text(text, "utf-8")
        owner.restart()
    path = owner.post()
    owner.post("second")
    owner.settle()
    was = owner.record()
    path.rename(archive / path.name)
    owner.settle()
    assert owner.record()["id"] == was["id"]
    assert owner.record()["source"] == "archive"
    assert len(owner.told()) == 2


def test_a_source_with_another_name_keeps_its_posts(owner_anywhere: Owner) -> None:
    owner = owner_anywhere
    for slug in ("first", "second", "third"):
        owner.post(slug)
    owner.settle()
    ids = {path: row["id"] for path, row in owner.site.posts().items()}
    owner.configure(source='name = "news"')
    path = owner.site.folder / "_posts" / "2026-01-02-second.md"
    path.write_text(path.read_text().replace("Unchanged.", "Edited meanwhile."))
    owner.settle()
    assert {path: row["id"] for path, row in owner.site.posts().items()} == ids
    assert {row["source"] for row in owner.site.posts().values()} == {"news"}
    assert len(owner.told()) == 3
    owner.configure()  # and back
    owner.post("fourth")
    owner.settle()
    assert len(owner.told()) == 4


@pytest.mark.parametrize("path", [".", "link", "inner"])
def test_a_folder_that_two_sources_read_is_refused_for_the_second(owner: Owner, path: str) -> None:
    (owner.site.folder / "link").symlink_to(owner.site.folder)
    (owner.site.folder / "inner" / "_posts").mkdir(parents=True)
    owner.post()
    shutil.copy(owner.post(), owner.site.folder / "inner" / "_posts" / "2026-01-03-inner.md")
    owner.configure(source=f'[[sources]]\nname = "twin"\npath = "{path}"\nkind = "jekyll"\n')
    assert owner.scan().errors.keys() == {"twin"}
    error = owner.scan().errors["twin"]
    assert "is a post of source posts too, and would be announced twice: take one of them out" in error
    assert len(owner.told()) == 2
    assert {row["source"] for row in owner.site.posts().values()} == {"posts"}


def test_a_folder_that_is_empty_for_one_scan_loses_nothing(owner_anywhere: Owner) -> None:
    owner = owner_anywhere
    for slug in ("first", "second", "third"):
        owner.post(slug)
    owner.settle()
    before = owner.site.snapshot()
    folder = owner.site.folder / "_posts"
    folder.rename(owner.site.folder / "away")
    folder.mkdir()
    assert "3 of 3 files are missing" in owner.scan().errors["posts"]
    folder.rmdir()
    (owner.site.folder / "away").rename(folder)
    owner.settle()
    assert owner.site.snapshot() == before


def test_a_loss_that_was_meant_is_taken_and_can_be_undone(owner: Owner) -> None:
    paths = [owner.post(slug) for slug in ("first", "second", "third")]
    owner.settle()
    data = {path: path.read_bytes() for path in paths[:2]}
    for path in data:
        path.unlink()
    (report,) = owner.scan(allow_missing=True).scans
    assert report.gone == 2
    for path, content in data.items():
        path.write_bytes(content)
        os.utime(path, (0, 0))
    owner.settle()
    assert {row["state"] for row in owner.site.posts().values()} == {"live"}
    assert len(owner.told()) == 3


def test_an_older_copy_of_the_folder_is_news_to_nobody(owner: Owner) -> None:
    for slug in ("first", "second"):
        owner.post(slug)
    owner.settle()
    copy = owner.site.folder / "copy"
    shutil.copytree(owner.site.folder / "_posts", copy)
    owner.post("first", body="Later text.")
    owner.post("third")
    owner.settle()
    shutil.rmtree(owner.site.folder / "_posts")
    shutil.copytree(copy, owner.site.folder / "_posts")
    owner.settle()
    assert len(owner.told()) == 3
    assert "Unchanged." in owner.site.entry().content[0].value
    owner.post("third")
    owner.settle()
    assert len(owner.told()) == 3


# States and dates


def test_a_broken_post_is_announced_when_it_is_mended_and_not_again(owner: Owner) -> None:
    path = owner.post()
    whole = path.read_bytes()
    path.write_bytes(b"---\ntitle: never closed\n")
    owner.settle()
    assert (owner.record()["state"], owner.told()) == ("quarantined", [])
    for data in (whole, b"", whole):
        path.write_bytes(data)
        owner.settle()
    assert (owner.record()["state"], owner.told()) == ("live", ["The first post"])


def test_a_post_that_becomes_a_draft_and_live_again_is_told_once(owner: Owner) -> None:
    path = owner.post()
    text = path.read_text()
    for draft in (True, False, True, False):
        path.write_text(text.replace("categories:", "draft: true\ncategories:") if draft else text)
        owner.settle()
        assert (owner.site.entry() is None) == draft
        assert len(owner.told()) == (0 if draft and not owner.told() else 1)


def test_a_post_that_is_withdrawn_and_scheduled_again_returns_at_its_date_and_is_not_told_again(owner: Owner) -> None:
    path = owner.post()
    owner.settle()
    path.write_text(path.read_text().replace("categories:", "draft: true\ncategories:"))
    owner.settle()
    owner.post(age=-DAY)
    owner.settle()
    assert (owner.record()["state"], owner.site.entry()) == ("held", None)
    owner.scan(DAY)
    assert owner.record()["state"] == "live"
    assert owner.site.entry() is not None
    assert len(owner.told()) == 1


def test_a_scheduled_post_is_told_at_the_date_that_counts_in_the_end(owner: Owner) -> None:
    owner.post("forward", age=-3 * DAY)
    owner.post("back", age=-HOUR)
    owner.settle()
    assert owner.told() == []
    owner.post("forward", age=HOUR)
    owner.post("back", age=-DAY)
    owner.settle()
    assert owner.told() == ["The forward post"]
    owner.scan(DAY)
    assert owner.told() == ["The forward post", "The back post"]


def test_a_post_that_is_put_off_before_it_was_told_is_told_at_its_date(owner: Owner) -> None:
    owner.post()
    owner.scan()
    owner.post(age=-DAY)
    owner.settle()
    assert (owner.record()["state"], owner.told()) == ("live", [])
    owner.scan(DAY)
    assert owner.told() == ["The first post"]


def test_a_date_that_is_corrected_by_hours_is_no_news(owner: Owner) -> None:
    path = owner.post()
    owner.settle()
    was = owner.record()
    for hours in (-8, 8, 0):  # read as UTC by mistake, and as another zone, and right
        date = f"{owner.now - hours * HOUR:%Y-%m-%d %H:%M:%S}"
        owner.post(date=date)
        owner.settle()
        assert (owner.record()["state"], owner.record()["id"]) == ("live", was["id"])
    assert path.exists()
    assert len(owner.told()) == 1


def test_who_takes_a_category_that_a_post_gets_later_is_not_told(owner: Owner) -> None:
    owner.site.run("subscribers", "add", "rates@example.org", "--cadence", "instant", "--category", "rates")
    owner.site.run("subscribers", "add", "late@example.org", "--cadence", "instant", "--category", "late")
    owner.site.run("subscribers", "add", "daily@example.org", "--cadence", "daily", "--category", "late")
    owner.post(categories="rates")
    owner.settle()
    owner.post(categories="[rates, late]")
    owner.settle()
    assert owner.app.plan(early=True) == 0
    assert (owner.told("rates@example.org"), owner.told("late@example.org")) == (["The first post"], [])
    assert b"<entry>" in owner.site.files()["feeds/category/late.atom"]


# When


def test_a_post_that_was_ready_long_ago_is_told_by_the_next_scan(owner: Owner) -> None:
    owner.post()
    assert owner.scan().scans[0].announced == 0
    assert owner.scan(SETTLE - SECOND).scans[0].announced == 0
    assert owner.scan(SECOND).scans[0].announced == 1
    owner.post("second")
    owner.scan()
    assert owner.scan(5 * DAY).scans[0].announced == 1  # however late


def test_an_empty_folder_is_refused_though_nothing_is_known_of_its_files(owner: Owner) -> None:
    """So it is after an upgrade, or when a scan was killed half-way."""
    files = [owner.post("one"), owner.post("two")]
    owner.settle()
    with owner.app.store.write() as connection:
        listings.save(connection, "posts", listings.load(connection, "posts"), [])
    for file in files:
        file.unlink()
    (error,) = owner.scan().errors.values()
    assert error.startswith("source posts: 2 of 2 files are missing, so nothing was changed")


def test_what_came_while_nobody_scanned_is_told_while_it_is_news(owner: Owner) -> None:
    owner.post("before")
    owner.settle()
    owner.now += 9 * DAY
    owner.post("old", age=8 * DAY)
    owner.post("new", age=6 * DAY)
    owner.scan()
    (report,) = owner.scan().scans
    assert (report.announced, report.skipped) == (1, 1)
    assert owner.told() == ["The before post", "The new post"]


def test_the_first_scan_of_an_old_site_says_how_many_it_held_back(owner: Owner) -> None:
    for number in range(4):
        owner.post(f"n{number}", age=30 * DAY)
    said = owner.site.run("scan").stdout
    assert said == "source posts: 4 posts found, 0 quarantined: 4 new, 4 too old to announce\n"
    owner.settle()
    assert owner.told() == []


def test_what_has_no_date_but_its_file_s_is_no_news_on_a_first_scan(owner: Owner) -> None:
    notes = owner.site.folder / "_notes"
    notes.mkdir()
    (owner.site.folder / "_config.yml").write_text("collections:\n  notes:\n    output: true\n", "utf-8")
    text = owner.site.config.read_text("utf-8").replace("[[sources]]", '[[sources]]\ncollections = ["posts", "notes"]')
    owner.site.config.write_text(text, "utf-8")
    owner.restart()
    owner.post("dated")
    (notes / "old.md").write_text("---\ntitle: The old note\n---\n", "utf-8")
    owner.settle()
    (notes / "new.md").write_text("---\ntitle: The new note\n---\n", "utf-8")
    owner.settle()
    assert owner.told() == ["The dated post", "The new note"]


def test_a_silent_scan_passes_over_what_is_there_and_not_what_comes(owner: Owner) -> None:
    broken = owner.post("broken")
    whole = broken.read_bytes()
    broken.write_bytes(b"")
    owner.post("here")
    owner.post("scheduled", age=-DAY)
    owner.scan(silent=True)
    broken.write_bytes(whole)
    owner.settle()
    assert owner.told() == []
    owner.scan(DAY)
    owner.post("later")
    owner.settle()
    assert owner.told() == ["The scheduled post", "The later post"]


def test_by_a_clock_that_is_set_back_a_post_settles_anew(owner: Owner) -> None:
    owner.post()
    owner.scan()
    assert owner.scan(-HOUR).scans[0].announced == 0
    assert owner.scan(SETTLE - SECOND).scans[0].announced == 0
    assert owner.scan(SECOND).scans[0].announced == 1


# A script that rewrites one post many times

HEAD = "---\nlayout: post\ntitle: {title}\ndate: {date}\ncategories: {categories}\n---\n"
STAGES: list[tuple[str, str, str, str]] = [
    # what comes first, the date's zone, the categories, the body
    ("\n", "+0800", "tides", "The tide comes in."),  # a blank line first: no front matter at all
    ("", "+0800", "tides", "The tide comes in."),
    ("", "+0800", "tides", "The tide comes in. [Source](https://tides.example/1)"),
    ("", "+0800", "tides", "The tide came in. [Source](https://tides.example/1)"),
    ("", "", "tides", "The tide came in, says the harbour."),  # read as UTC: eight hours ahead
    ("", "+0800", "tides", "The tide came in, says the harbour."),
    ("", "+0800", "sea", "The tide came in, says the harbour."),
]


@pytest.mark.parametrize("wait", [SECOND, SETTLE, HOUR], ids=["at once", "settled", "later"])
def test_a_post_that_a_script_writes_over_and_over_is_one_post(owner: Owner, wait: timedelta) -> None:
    path = owner.site.folder / "_posts" / f"{owner.now - DAY:%Y-%m-%d}-tide.md"
    date = owner.now - DAY / 2
    ids = set()
    for before, zone, categories, body in STAGES:
        local = f"{date + 8 * HOUR:%Y-%m-%d %H:%M:%S} {zone}".strip()
        path.write_text(f"{before}{HEAD.format(title='High tide', date=local, categories=categories)}{body}\n")
        owner.scan(wait)
        ids.add(owner.record("tide")["id"])
    owner.settle()
    assert len(ids) == len(owner.site.posts()) == len(owner.told()) == 1
    assert owner.record("tide")["title"] == "High tide"
    assert owner.record("tide")["categories"] == ["sea"]


@pytest.mark.skipif(not VERSIONS.is_dir(), reason="the corpora are not here")
def test_a_real_post_in_all_its_versions_is_one_post(owner: Owner) -> None:
    shutil.copy(VERSIONS.parent / "_config.yml", owner.site.folder)
    owner.now = datetime(2021, 12, 8, 12, 30, tzinfo=UTC)  # v7 says 12:41 and means Shanghai, v8 says so
    versions = sorted(path for path in VERSIONS.iterdir() if "6928461" in path.name)
    assert len(versions) == 8
    ids: set[str] = set()
    for version in versions:
        shutil.copy(version, owner.site.folder / "_posts" / version.name.partition("@")[0])
        owner.settle()
        ids.update(row["id"] for row in owner.site.posts().values())
    assert len(ids) == len(owner.site.posts()) == len(owner.told()) == 1
