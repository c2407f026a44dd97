from __future__ import annotations

import re
from unicodedata import normalize
from urllib.parse import unquote

import pytest

from syndicator.policy.identity import entry_id, feed_id, folded, unused

AUTHORITY = "news.example,2026"

# RFC 4151, section 2.1, with the pchar of RFC 3986.
_DNS = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_DATE = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"
_PCHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})"
RFC_4151 = re.compile(rf"tag:(?:[A-Za-z0-9._-]+@)?{_DNS},{_DATE}:{_PCHAR}*")

# What the W3C feed validator takes for a tag URI: stricter about the authority, which is lower-case there.
_W3C_SPECIFIC = r"[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]*"
W3C = re.compile(rf"tag:([a-z0-9._-]+@)?[a-z0-9.-]+,\d{{4}}(-\d{{2}}(-\d{{2}})?)?:{_W3C_SPECIFIC}")

PATHS = [
    "_posts/2026-03-06-tide.md",
    "_posts/海滨晚报/2026-03-06-潮汐.md",
    "_posts/2026-03-06-R&D (new) 100%.md",
    '_posts/2026-03-06-a?b#c[d]{e}|f\\g^h`i"j<k>l~m.md',
    "_posts/2026-03-06-🦀.md",
    "_posts/2026-03-06-tab\tand\nline.md",
    "news/_posts/2026-03-06-it's:a;b,c=d@e!f*g+h$.md",
]


@pytest.mark.parametrize("path", PATHS)
def test_an_entry_id_is_a_tag_uri_that_holds_source_and_path(path: str) -> None:
    made = entry_id(AUTHORITY, "posts", path)
    assert RFC_4151.fullmatch(made)
    assert W3C.fullmatch(made)
    assert unquote(made) == f"tag:{AUTHORITY}:posts/{path}"


@pytest.mark.parametrize("slug", ["all", "海滨晚报", "Techweb-1a2b3c4d"])
def test_a_feed_id_is_a_tag_uri(slug: str) -> None:
    made = feed_id(AUTHORITY, "category", slug)
    assert RFC_4151.fullmatch(made)
    assert W3C.fullmatch(made)
    assert unquote(made) == f"tag:{AUTHORITY}:feeds/category/{slug}"


def test_different_files_have_different_ids() -> None:
    made = {entry_id(AUTHORITY, source, path) for source in ("posts", "博客") for path in PATHS}
    assert len(made) == 2 * len(PATHS)


def test_an_encoded_name_and_the_name_it_stands_for_are_different() -> None:
    assert entry_id(AUTHORITY, "posts", "a%20b.md") != entry_id(AUTHORITY, "posts", "a b.md")


def test_how_a_disk_stores_a_name_does_not_change_the_id() -> None:
    path = "_posts/2026-03-06-überschlag-ひが.md"
    assert entry_id(AUTHORITY, "posts", normalize("NFD", path)) == entry_id(AUTHORITY, "posts", path)


def test_an_id_that_a_moved_post_keeps_is_not_given_again() -> None:
    wanted, taken = entry_id(AUTHORITY, "posts", "a.md"), set[str]()
    for _ in range(4):
        taken.add(unused(wanted, "0123456789abcdef", taken))
    assert taken == {wanted, f"{wanted};01234567", f"{wanted};01234567-2", f"{wanted};01234567-3"}


@pytest.mark.parametrize(
    ("one", "other"),
    [("README.md", "readme.md"), ("É.md", "e\u0301.md"), ("STRASSE.md", "straße.md"), ("ΣΑΣ.md", "σας.md")],
)
def test_names_that_a_disk_may_take_for_one_fold_alike(one: str, other: str) -> None:
    assert folded(one) == folded(other)
    assert folded(f"x{one}") != folded(one)
