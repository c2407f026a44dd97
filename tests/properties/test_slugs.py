from __future__ import annotations

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from syndicator.policy.slugs import allocate, key, slugify

names = st.one_of(
    st.text(),
    st.text("aAäÄßıİIiσςΣ. /\\-\u0301", max_size=12),
    st.text(max_size=20).map(lambda text: text * 99),
)


@given(names)
def test_a_slug_is_a_file_name_everywhere_and_stable(name: str) -> None:
    slug = slugify(name)
    assert slug
    assert slug == slugify(name) == slugify(slug)
    assert slug == unicodedata.normalize("NFC", slug)
    assert not set(slug) & set('/\\:*?"<>|.%\0 \n')
    assert not slug.startswith("-")
    assert not slug.endswith("-")
    assert "--" not in slug


@given(st.lists(names, unique=True, max_size=12))
@example(["Techweb-93bf072e", "TechWeb", "Techweb"])
def test_names_of_one_kind_never_share_a_file(kind: list[str]) -> None:
    taken: set[str] = set()
    made = [allocate(name, taken) for name in kind]
    assert len({slug_key for _, slug_key in made}) == len(kind)
    assert taken == {slug_key for _, slug_key in made}
    assert all(slug_key == key(slug) for slug, slug_key in made)
    assert all(len(f"{slug}.json".encode()) <= 255 for slug, _ in made)


@given(st.lists(names, unique=True, min_size=1, max_size=12))
def test_slugs_are_the_same_again_when_the_store_is_lost(kind: list[str]) -> None:
    one, two = ([allocate(name, taken) for name in kind] for taken in (set[str](), set[str]()))
    assert one == two
