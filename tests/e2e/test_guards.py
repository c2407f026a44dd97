"""Full disks, read-only folders, damaged stores, vanished sources: what was good stays, and the next run mends it."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.e2e.site import Service, Site, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READER = "reader@example.org"


class Disk:
    """Be a small file system of its own, mounted on a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def full(self, room: int = 0) -> Iterator[None]:
        """Leave no more than so many bytes while the block runs."""
        filler = self.folder / "filler"
        with filler.open("wb", buffering=0) as file:
            size = 65536
            while size:
                try:
                    file.write(b"x" * size)
                except OSError:
                    size //= 2
            file.truncate(file.tell() - room)
        yield
        filler.unlink()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Take no writes while the block runs."""
        self._mount("remount,ro")
        yield
        self._mount("remount,rw")

    def _mount(self, how: str) -> None:
        subprocess.run(["mount", "-o", how, str(self.folder)], check=True)


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[Disk]:
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def output(site: Site) -> Iterator[Disk]:
    """The feeds' folder on a disk of its own, with the feeds of two posts, and a reader."""
    with mounted(site.folder / "public", "512k") as disk:
        build(site)
        yield disk


@pytest.fixture
def state(site: Site) -> Iterator[Disk]:
    """The state folder on a disk of its own, with the feeds of two posts, and a reader."""
    with mounted(site.folder / "state", "8m") as disk:
        build(site)
        yield disk


def build(site: Site) -> None:
    site.run("subscribers", "add", READER, "--cadence", "instant")
    site.post("first")
    site.post("second")
    site.run("build")


def whole(site: Site) -> bool:
    """Tell whether there is nothing but feeds in the output folder."""
    return all(name.endswith((".rss", ".atom")) for name in site.files() if name != "filler")


def test_a_full_disk_keeps_the_old_feeds(site: Site, output: Disk) -> None:
    before = site.files()
    site.post("third", body="x" * 20_000)
    with output.full():
        done = site.run("build", code=1)
        assert "cannot be written: No space left on device: check [feeds] output" in done.stderr
        assert {name: data for name, data in site.files().items() if name != "filler"}.items() <= before.items()
        assert whole(site)
    site.run("build")
    assert site.entry("third") is not None
    assert [row["key"] for row in site.deliveries()] == ["post:1:3", "post:1:2", "post:1:1"]


def test_a_read_only_folder_keeps_the_old_feeds_and_the_service_goes_on(site: Site, output: Disk) -> None:
    before = site.files()
    with Service(site) as service:
        with output.read_only():
            site.post("third")
            eventually(lambda: "Read-only file system" in service.log, "the error")
            unready = eventually(lambda: found if (found := service.get("/readyz")).status == 503 else None, "503")
            assert b"feeds are not written: " in unready.body
            assert site.files() == before
            assert service.get("/feeds/site/all.atom").body == before["feeds/site/all.atom"]
            eventually(lambda: len(site.mails()) == 3, "the mail of the third post, which needs no feed")
        eventually(lambda: site.entry("third"), "the feed, when it can be written")
        eventually(lambda: service.get("/readyz").status == 200, "readiness")
    assert whole(site)


def test_a_full_disk_under_the_store_is_said_and_nothing_is_lost_or_repeated(site: Site, state: Disk) -> None:
    before = site.files()
    site.run("deliver")
    for number in range(40):
        site.post(f"number-{number}", body="x" * 40_000)
    for room, said in ((0, "disk I/O error: make room on the disk, or check it"), (200_000, "disk is full: make room")):
        with state.full(room):
            done = site.run("build", code=1)
            assert f"{site.folder}/state/syndicator.db: " in done.stderr
            assert f"{said}; nothing was lost, the next run goes on" in done.stderr
            assert site.files() == before
    assert "40 announced" in site.run("build").stdout
    with state.full(200_000):
        assert "disk is full: make room; nothing was lost" in site.run("deliver", code=1).stderr
    # What was in hand is due again when its lease has run out.
    eventually(lambda: site.run("deliver") and {row["state"] for row in site.deliveries()} == {"sent"}, "all mails")
    assert len(site.mails()) == len({mail["Message-ID"] for mail in site.mails()}) == 42


def test_a_damaged_store_is_named_with_what_to_do(site: Site) -> None:
    build(site)
    before = site.files()
    path = site.folder / "state" / "syndicator.db"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    for command in ("build", "deliver", "backup"):
        done = site.run(command, *(["copy.db"] if command == "backup" else []), code=1)
        assert str(path) in done.stderr
        assert "damaged: restore a backup, or move it away and scan with --no-announce" in done.stderr
    assert site.files() == before


@pytest.mark.parametrize("on_missing", ["keep", "remove"])
def test_a_source_that_was_emptied_drops_nothing(site: Site, on_missing: str) -> None:
    site.configure(source=f'kind = "jekyll"\non_missing = "{on_missing}"')
    build(site)
    before = site.snapshot()
    for post in (site.folder / "_posts").iterdir():
        post.unlink()
    assert "2 of 2 files are missing, so nothing was changed" in site.run("build", code=1).stderr
    assert site.snapshot() == before


def test_an_unmounted_source_drops_nothing_and_comes_back(site: Site) -> None:
    source = site.folder / "mounted"
    site.configure()
    site.config.write_text(site.config.read_text("utf-8").replace('path = "."', 'path = "mounted"'), "utf-8")
    (source / "_posts").mkdir(parents=True)
    for slug in ("first", "second"):
        shutil.copy(site.folder / site.post(slug), source / "_posts")
    site.run("build")
    before = site.snapshot()
    source.rename(site.folder / "elsewhere")
    source.mkdir()  # the mount point, bare
    assert f"no posts found in {source}" in site.run("build", code=1).stderr
    assert site.snapshot() == before
    source.rmdir()
    (site.folder / "elsewhere").rename(source)
    assert "nothing new" in site.run("build").stdout
    assert site.snapshot() == before
