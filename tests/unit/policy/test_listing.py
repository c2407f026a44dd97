"""A listing tells what changed in a folder, and is kept in pages that seldom change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.models import File
from syndicator.policy import listing

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = datetime(2026, 3, 6, 12, 0, 0, 250_000, UTC)
FOLDERS = st.dictionaries(st.text("ab/é\U0001f30a", min_size=1, max_size=4), st.sampled_from("123"))


def files(folder: Mapping[str, str]) -> list[File]:
    return [File(path, fingerprint, 0) for path, fingerprint in sorted(folder.items())]


def numbered(count: int) -> dict[str, str]:
    return {f"_posts/{number:06}.md": "1" for number in range(count)}


@given(before=FOLDERS, after=FOLDERS)
def test_what_changed_and_what_is_missing_is_what_the_two_folders_say(
    before: dict[str, str], after: dict[str, str]
) -> None:
    found = listing.compare(files(after), listing.compare(files(before), []).pages)
    assert [file.path for file in found.changed] == sorted(p for p in after if before.get(p) != after[p])
    assert found.missing == sorted(before.keys() - after.keys())
    assert listing.compare(files(after), found.pages) == ([], [], found.pages)
    assert listing.count(found.pages) == len(after)


@given(st.lists(st.dictionaries(st.integers(0, 30), st.sampled_from("123")), max_size=6))
def test_pages_stay_true_over_many_scans(folders: list[dict[int, str]]) -> None:
    pages: list[str] = []
    for folder in folders:
        here = files({f"{number:02}": print_ for number, print_ in folder.items()})
        pages = listing.compare(here, pages).pages
        assert "\n".join(pages) == "\n".join(f"{file.path}\n{file.fingerprint}" for file in here)


def test_one_new_file_among_many_changes_one_page() -> None:
    folder = numbered(10_000)
    before = listing.compare(files(folder), []).pages
    after = listing.compare(files(folder | {"_posts/004999b.md": "1"}), before).pages
    assert len(before) == len(after) == 10
    assert len(set(before) - set(after)) == 1


def test_a_page_that_has_doubled_is_cut() -> None:
    before = listing.compare(files(numbered(1_000)), []).pages
    after = listing.compare(files(numbered(2_500)), before).pages
    assert [listing.count([page]) for page in before] == [1_000]
    assert [listing.count([page]) for page in after] == [1_000, 1_000, 500]


@pytest.mark.parametrize(
    ("age_ns", "settled"),
    [(0, False), (1_900_000_000, False), (2_000_000_000, True), (10**15, True), (-(10**12), False)],
    ids=["this moment", "just now", "two seconds", "old", "from the future"],
)
def test_a_file_that_may_still_be_written_is_read_again(age_ns: int, settled: bool) -> None:
    file = File("a.md", "12:34", int(NOW.timestamp() * 1e9) - age_ns)
    first = listing.compare(listing.doubted([file], NOW), [])
    later = listing.compare(listing.doubted([file], NOW.replace(second=1)), first.pages)
    assert [found.path for found in first.changed] == ["a.md"]
    assert [found.path for found in later.changed] == ([] if settled else ["a.md"])
    assert later.missing == []


@pytest.mark.parametrize(
    ("seconds", "kept"), [([], True), ([1], False), ([599], False), ([600], True), ([5, 900, 7], True)]
)
def test_files_written_again_and_again_with_the_same_content_are_not_worth_a_write(
    seconds: list[int], kept: bool
) -> None:
    touched = [File("a.md", "new", int((NOW.timestamp() - age) * 1e9)) for age in seconds]
    assert listing.is_worth_keeping(touched, NOW) is kept
