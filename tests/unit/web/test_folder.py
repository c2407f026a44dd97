"""Files below one folder, by name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from syndicator.web.folder import Folder, is_absence

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "feeds/category").mkdir(parents=True)
    for name in ("News.rss", "straße.rss", "临沂日报.rss"):
        (tmp_path / "feeds/category" / name).write_bytes(name.encode())
    return tmp_path


@pytest.mark.parametrize("name", ["News.rss", "straße.rss", "临沂日报.rss"])
def test_a_file_is_found_by_its_name_in_any_case(root: Path, name: str) -> None:
    folder = Folder(str(root))
    for asked in {name, name.lower(), name.upper(), name.casefold()}:
        assert folder.find(f"feeds/category/{asked}") == f"feeds/category/{name}"


def test_what_comes_later_is_found_and_what_goes_is_not(root: Path) -> None:
    folder = Folder(str(root))
    assert folder.find("feeds/category/later.rss") is None
    (root / "feeds/category/Later.rss").touch()
    os.utime(root / "feeds/category", ns=(1, 1))  # within one tick of the clock the folder may look unchanged
    assert folder.find("feeds/category/later.rss") == "feeds/category/Later.rss"
    (root / "feeds/category/Later.rss").unlink()
    os.utime(root / "feeds/category", ns=(2, 2))
    assert folder.find("feeds/category/later.rss") is None


@pytest.mark.parametrize("name", ["nowhere/a.rss", "feeds/category", "feeds/category/link.rss", "x" * 300, "a\ud800"])
def test_what_is_no_file_is_not_found(root: Path, name: str) -> None:
    (root / "feeds/category/link.rss").symlink_to("News.rss")
    assert Folder(str(root)).find(name) is None
    assert not Folder(str(root)).has(name)


@pytest.mark.parametrize("name", ["nowhere/a.rss", "feeds/category", "linked/News.rss", "feeds/category/link.rss"])
def test_what_is_no_file_is_absent(root: Path, name: str) -> None:
    (root / "feeds/category/link.rss").symlink_to("News.rss")
    (root / "linked").symlink_to("feeds/category")
    opened = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match=r".") as caught:
        Folder(str(root)).read(name)
    assert is_absence(caught.value)
    assert len(os.listdir("/proc/self/fd")) == opened


def test_reading_leaves_nothing_open(root: Path) -> None:
    opened = len(os.listdir("/proc/self/fd"))
    status, body = Folder(str(root)).read("feeds/category/News.rss")
    assert (status.st_size, body) == (8, b"News.rss")
    assert len(os.listdir("/proc/self/fd")) == opened
