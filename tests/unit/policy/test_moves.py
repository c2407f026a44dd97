from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import pytest

from syndicator.models import Post, Quarantined
from syndicator.policy import changes
from syndicator.policy.moves import moves
from tests.records import DAY, HOUR, NOW, RULES, again, broken, post, seen

if TYPE_CHECKING:
    from syndicator.policy.changes import Record


def moved(new: list[Post | Quarantined], missing: list[Record]) -> dict[str, str]:
    """Return new path → old path of what moved within the source `posts`."""
    found = moves("posts", {item.path: item for item in new}, missing)
    return {path: record.path for path, record in found.items()}


def at(path: str, content: str = "bytes-1", title: str = "潮汐") -> Post:
    return post(path, content_hash=content, title=title)


def was(path: str, content: str = "bytes-1", **changes: Any) -> Record:
    return seen(at(path, content), **changes)


def test_a_move_keeps_the_identity() -> None:
    known = seen(id=5, announce="announced", announce_seq=3)
    found = post("_posts/archive/2026-03-06-tide.md", url="https://news.example/archive/tide.html")
    assert moves("posts", {found.path: found}, [known]) == {found.path: known}
    after = again(known, found, NOW + HOUR)
    assert (after.id, after.entry_id, after.announce_seq) == (5, known.entry_id, 3)
    assert (after.path, after.url, after.updated) == (found.path, found.url, known.updated)


def test_a_file_that_reappears_elsewhere_later_is_a_move_too() -> None:
    gone = changes.lost(seen(id=5), replace(RULES, keep_missing=False))
    found = post("_posts/other.md")
    assert moves("posts", {found.path: found}, [gone]) == {found.path: gone}
    back = again(gone, found, NOW + 40 * DAY)
    assert (back.entry_id, back.state, back.listed) == (gone.entry_id, "live", True)


@pytest.mark.parametrize(
    ("new", "missing", "expected"),
    [
        pytest.param([at("b.md", "bytes-2", "other")], [was("a.md")], {}, id="nothing in common"),
        pytest.param([], [was("a.md")], {}, id="nothing new"),
        pytest.param([at("a.md")], [], {}, id="nothing missing"),
        pytest.param([at("b.md"), at("c.md")], [was("a.md")], {"b.md": "a.md"}, id="moved and copied"),
        pytest.param([at("c.md")], [was("a.md"), was("b.md")], {"c.md": "a.md"}, id="one of two that were equal"),
        pytest.param(
            [at("new/b.md"), at("new/a.md"), at("new/c.md")],
            [was("a.md"), was("c.md"), was("b.md")],
            {"new/a.md": "a.md", "new/b.md": "b.md", "new/c.md": "c.md"},
            id="equal ones, by their names",
        ),
        pytest.param([at("A.md", "bytes-2")], [was("a.md")], {"A.md": "a.md"}, id="other case, and edited"),
        pytest.param([at("x/a.md", "bytes-2")], [was("a.md")], {"x/a.md": "a.md"}, id="another folder, and edited"),
        pytest.param([at("x/b.md", "bytes-2")], [was("a.md")], {}, id="another name, and edited"),
        pytest.param([at("x/a.md", "bytes-2", "new")], [was("a.md")], {}, id="another folder and title"),
    ],
)
def test_what_is_recognised(new: list[Post | Quarantined], missing: list[Record], expected: dict[str, str]) -> None:
    assert moved(new, missing) == expected


def test_names_that_a_disk_stores_decomposed_are_the_same_names() -> None:
    composed = normalize("NFC", "_posts/2026-03-06-überschlag-ひが.md")
    decomposed = normalize("NFD", composed)
    assert composed != decomposed
    assert moved([at(decomposed, "bytes-2", "other")], [was(composed)]) == {decomposed: composed}


def test_of_equal_ones_the_one_that_was_told_goes_first() -> None:
    assert moved([at("c.md")], [was("a.md"), was("b.md", announce="announced")]) == {"c.md": "b.md"}


def test_half_written_files_are_not_each_other_for_their_first_bytes() -> None:
    cut = again(seen(at("a.md"), announce="announced"), broken("a.md"), NOW + HOUR)
    assert moved([broken("b.md")], [cut]) == {}
    assert moved([broken("x/a.md")], [cut]) == {"x/a.md": "a.md"}


def test_renaming_a_file_whose_name_was_wrong_mends_it() -> None:
    misnamed = seen(Quarantined("_posts/a.md", "bytes-1", ()))
    assert moved([at("_posts/2026-03-06-a.md")], [misnamed]) == {"_posts/2026-03-06-a.md": "_posts/a.md"}


def test_from_another_source_only_content_or_name_title_and_date_count() -> None:
    other = was("a.md")._replace(source="old")
    assert moved([at("a.md")], [other]) == {"a.md": "a.md"}
    assert moved([at("a.md", "bytes-2")], [other]) == {"a.md": "a.md"}
    assert moved([at("a.md", "bytes-2", "other")], [other]) == {}
