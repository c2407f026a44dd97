from __future__ import annotations

import unicodedata

import pytest

from syndicator.policy.slugs import allocate, key, slugify


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("TechWeb", "TechWeb"),
        ("海滨晚报", "海滨晚报"),
        ("海滨晚报 新闻", "海滨晚报-新闻"),
        ("R&D / C++ (beta)!", "R-D-C-beta"),
        ("  spaces\tand\nlines  ", "spaces-and-lines"),
        ("--dashes__and--more--", "dashes-and-more"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\Windows", "C-Windows"),
        ("Ünïcödé", "Ünïcödé"),
        ("हिन्दी", "हिन्दी"),  # marks make the word
        ("2026", "2026"),
        ("a\x00b\u202ec", "a-b-c"),
        (".hidden", "hidden"),
    ],
)
def test_letters_digits_and_marks_are_kept(name: str, slug: str) -> None:
    assert slugify(name) == slug


def test_two_spellings_of_one_name_are_one_slug() -> None:
    assert slugify(unicodedata.normalize("NFD", "Ünïcödé")) == slugify("Ünïcödé")


@pytest.mark.parametrize("name", ["", "!!!", "🦀", "/", "..", " "])
def test_a_name_without_letters_has_a_slug_of_its_own(name: str) -> None:
    assert slugify(name).isalnum()
    assert slugify(name) == slugify(name)
    assert len({slugify(other) for other in ("", "!!!", "🦀", "/", "..", " ")}) == 6


def test_long_names_stay_different() -> None:
    one, two = (slugify("海" * 300 + end) for end in "甲乙")
    assert one != two
    assert one.startswith("海" * 50)
    assert len(one.encode()) <= 180


def test_a_long_name_is_cut_at_no_dash() -> None:
    assert "--" not in slugify("a" * 170 + " b" * 20)


def test_case_twins_get_different_keys_and_the_first_keeps_its_slug() -> None:
    taken: set[str] = set()
    first, second, third = (allocate(name, taken) for name in ("TechWeb", "Techweb", "TECHWEB"))
    assert first == ("TechWeb", "techweb")
    assert second[0].startswith("Techweb-")
    assert len({first[1], second[1], third[1]}) == 3
    assert taken == {first[1], second[1], third[1]}


def test_the_suffix_of_a_twin_depends_on_its_name_alone() -> None:
    assert allocate("Techweb", {"techweb"}) == allocate("Techweb", {"techweb", "another"})


@pytest.mark.parametrize(("one", "two"), [("Straße", "STRASSE"), ("é", "E\u0301"), ("ΣΑΣ", "σας"), ("İ", "i̇")])
def test_keys_know_what_a_disk_takes_for_the_same(one: str, two: str) -> None:
    assert key(slugify(one)) == key(slugify(two))


def test_a_twin_is_told_apart_also_where_its_suffix_is_taken() -> None:
    suffixed, _ = allocate("Techweb", {"techweb"})
    taken = {"techweb", key(suffixed)}
    _, slug_key = allocate("Techweb", taken)
    assert len(taken) == 3
    assert slug_key in taken
