"""The watcher on real folders: what it tells of, what it leaves out, and what it does when folders come and go."""

from __future__ import annotations

import os
import shutil
import sys
import time
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

import pytest

from syndicator.errors import SettingsError
from syndicator.settings import load
from syndicator.watching import Matter, Watcher, require, watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# On the slowest of machines. What is not to come is waited for much shorter: a change is told within a quarter.
PATIENCE, NEVER = 10, 1.0


class Told:
    """Count what a watcher tells."""

    def __init__(self, *, go_on: bool = True) -> None:
        self.times = 0
        self.go_on = go_on
        self._event = Event()

    def __call__(self) -> bool:
        self.times += 1
        self._event.set()
        return self.go_on

    def wait(self, seconds: float = PATIENCE) -> bool:
        told = self._event.wait(seconds)
        self._event.clear()
        return told


@contextmanager
def watching(*folders: Path, ours: tuple[Path, ...] = ()) -> Iterator[tuple[Watcher, Told]]:
    """Watch folders, from when it tells for the first time, which is of what may have come before."""
    pytest.importorskip("watchfiles")
    told = Told()
    with watch(told, map(str, ours)) as watcher:
        watcher.look(map(str, folders))
        assert told.wait()
        yield watcher, told


def test_it_tells_of_files_that_are_made_changed_renamed_and_deleted(tmp_path: Path) -> None:
    post = tmp_path / "post.md"
    with watching(tmp_path) as (_, told):
        post.write_text("one")
        assert told.wait()
        post.write_text("two")
        assert told.wait()
        post.rename(tmp_path / "renamed.md")
        assert told.wait()
        (tmp_path / "renamed.md").unlink()
        assert told.wait()


def test_it_tells_once_of_an_editor_that_writes_aside_and_renames(tmp_path: Path) -> None:
    with watching(tmp_path) as (_, told):
        (tmp_path / ".post.md.swp").write_text("half")
        (tmp_path / "post.md~").write_text("old")
        assert not told.wait(NEVER)
        (tmp_path / ".post.md.swp").rename(tmp_path / "post.md")
        assert told.wait()
        assert told.times == 2


def test_many_changes_are_told_of_a_few_times(tmp_path: Path) -> None:
    with watching(tmp_path) as (_, told):
        for number in range(3000):
            (tmp_path / f"{number}.md").write_text("text")
        assert told.wait()
        while told.wait(NEVER):
            pass
        assert told.times < 10


@pytest.mark.parametrize("linked", [False, True])
def test_what_the_service_writes_is_not_told_of(tmp_path: Path, linked: bool) -> None:
    real = tmp_path / "real"
    (real / "feeds" / "site").mkdir(parents=True)
    (tmp_path / "link").symlink_to(real)
    root = tmp_path / "link" if linked else real
    with watching(root, root / "feeds/site", ours=(real / "feeds", real / "syndicator.db")) as (_, told):
        for name in ("feeds/site/all.atom", "syndicator.db", "syndicator.db-wal", "syndicator.db.scan.lock"):
            (real / name).write_text("ours")
        assert not told.wait(NEVER)
        (real / "feed.md").write_text("not ours")
        assert told.wait()


def test_folders_that_are_not_there_are_left_out_until_they_are(tmp_path: Path) -> None:
    late = tmp_path / "late"
    with watching(tmp_path, late) as (watcher, told):
        late.mkdir()
        assert told.wait()
        watcher.look([str(tmp_path), str(late)])
        assert told.wait()
        (late / "post.md").write_text("text")
        assert told.wait()


def test_a_folder_in_the_place_of_another_is_watched_after_the_next_look(tmp_path: Path) -> None:
    posts, new = tmp_path / "posts", tmp_path / "new"
    posts.mkdir()
    new.mkdir()
    with watching(posts) as (watcher, told):
        shutil.rmtree(posts)
        assert told.wait()
        new.rename(posts)
        watcher.look([str(posts)])
        assert told.wait()
        (posts / "post.md").write_text("text")
        assert told.wait()


def test_a_look_at_the_same_folders_changes_nothing(tmp_path: Path) -> None:
    with watching(tmp_path) as (watcher, told):
        watcher.look([str(tmp_path)])
        assert not told.wait(NEVER)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="tells open files on Linux only")
def test_folders_that_are_watched_no_more_hold_nothing_of_the_kernel(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with watching(tmp_path) as (watcher, told):
        for folder in (other, tmp_path, other, tmp_path, other):
            watcher.look([str(folder)])
            assert told.wait()
        deadline = time.monotonic() + PATIENCE
        while watchers() != 1:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def watchers() -> int:
    """Return how many of the kernel's watchers this process holds."""
    links = (os.path.join("/proc/self/fd", name) for name in os.listdir("/proc/self/fd"))
    return sum("inotify" in os.readlink(link) for link in links if os.path.lexists(link))


def test_a_name_that_is_not_utf_8_does_not_end_it(tmp_path: Path) -> None:
    with watching(tmp_path) as (watcher, told):
        os.close(os.open(os.fsencode(tmp_path) + b"/\xff.md", os.O_CREAT))
        assert told.wait()
        watcher.look([str(tmp_path), os.fsdecode(b"\xff")])
        assert told.wait()
        (tmp_path / "post.md").write_text("text")
        assert told.wait()


def test_nobody_who_does_not_want_to_hear_is_told_again(tmp_path: Path) -> None:
    with watching(tmp_path) as (watcher, told):
        told.go_on = False
        (tmp_path / "one.md").write_text("text")
        assert told.wait()
        (tmp_path / "two.md").write_text("text")
        assert not told.wait(NEVER)
        watcher.look([str(tmp_path)])
        assert told.wait()


def test_it_ends_at_once(tmp_path: Path) -> None:
    with watching(tmp_path):
        began = time.monotonic()
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("path", "matters"),
    [
        ("/site/_posts/post.md", True),
        ("/site/_config.yml", True),
        ("/site/.git", False),
        ("/site/_posts/.post.md.swp", False),
        ("/site/_posts/#post.md#", False),
        ("/site/_posts/post.md~", False),
        ("/site/public/feeds", False),
        ("/site/public/feeds/site/all.atom", False),
        ("/site/state.db-wal", False),
        ("/site", True),
    ],
)
def test_what_may_be_a_change_of_a_post(path: str, matters: bool) -> None:
    assert Matter(["/site", "/site/_posts"], ("/site/public/feeds", "/site/state.db"))(path) is matters


def test_without_the_package_the_settings_say_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "syndicator.toml"
    path.write_text(
        '[site]\ntitle = "T"\nurl = "https://x.example"\n[[sources]]\npath = "."\n[schedule]\nwatch = true\n'
    )
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    with pytest.raises(SettingsError, match=r'syndicator.toml:7: schedule.watch: needs .* "syndicator\[watch\]"'):
        require(load(str(path), {}))
    require(load(str(path), {"SYNDICATOR_SCHEDULE__WATCH": "false"}))
