from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from syndicator.content import front_matter, recovery, yaml11
from syndicator.models import Content, Post, Quarantined
from syndicator.sources.jekyll import Source

KEYS = st.sampled_from(["title", "date", "tags", "a_b", "标题", "yes", "null", "a-b", "1a", "-a", "<<", "'q'", "a b"])
WORDS = st.sampled_from(
    [
        "yes", "No", "TRUE", "null", "~", "Null", "oFF", "y", "2024-01-02", "2024-01-02 03:04:05",
        "2024-1-2T3:04:05.5 +08:00", "0x1f", "1_000", "017", "08", "1e3", "1.5e+3", ".5", "1.10", "1.", "1:30", "+1",
        "-.inf",
        ":sym", "!x y", "! 'y'", "&a b", "*a", "it's", "a: b", "a #b", "a#b", "a:", "- a", "-5", "–", "a\u3000b",
        "\x85",
        "\u2028", "\ufeff", "\u200d", "😀", "a\tb", "a ", "''", '""', "'a'", '"a"', '"a, b"', "'a''b'", '"\\n"', "#",
        "[", "]",
    ]
)  # fmt: skip
SCALARS = st.one_of(
    st.text(max_size=20),
    st.text(alphabet="ab \"'\\:#-?,[]{}&*!|>%@`~=<0123456789.+T年　\t", max_size=20),
    WORDS,
)
LISTS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["[", "[ "]),
    st.lists(SCALARS | WORDS, max_size=4).map(", ".join),
    st.sampled_from(["]", " ]", ",]", ""]),
)
VALUES = SCALARS | LISTS
LINES = st.one_of(
    st.builds("{}:{}{}".format, KEYS, st.sampled_from([" ", "  ", "", "\t"]), VALUES),
    st.builds("{}:".format, KEYS),
    st.builds("{}{}{}".format, st.sampled_from(["", " ", "  "]), st.sampled_from(["- ", "-  ", "-"]), VALUES),
    st.sampled_from(["", "# note", "- a", "  - b", "  more", "  ", "title", "---", "..."]),
)
HEADS = st.lists(LINES, max_size=6).map(lambda lines: "\n".join([*lines, ""]))


def typed(value: object) -> object:
    """A value together with the types of all that is in it: a `Timestamp` is not a text here."""
    if isinstance(value, dict):
        return {key: typed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [typed(one) for one in value]
    return type(value), value


@settings(max_examples=400, deadline=None)
@given(HEADS)
@example('title: "a"\ndate: 2024-01-02 03:04:05 +0800\ntags: 新闻\n')
@example("a_b:\ntags: -\n")
@example("tags:\n- a\n- 1.0\ntitle: [a, 'b, c', 2]\na-b: <b>\n")
@example("title: a\ntitle\n")
def test_the_fast_path_gives_what_the_yaml_loader_gives(head: str) -> None:
    fast = front_matter._flat(head)
    if fast is not None:
        loaded = yaml11.load(head)
        assert typed(fast) == typed(loaded or {})


@settings(max_examples=200, deadline=None)
@given(st.one_of(HEADS, st.text()))
def test_parse_takes_any_text(head: str) -> None:
    for data, faults in (front_matter.parse(head), recovery.recover(head)):
        assert all(isinstance(key, str) for key in data)
        assert all(1 <= line <= head.count("\n") + 1 and text for line, text in faults)


PLAIN_KEYS = ["title", "date", "tags", "lang", "author", "a-b"]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(PLAIN_KEYS), WORDS | LISTS), min_size=1, max_size=6, unique_by=lambda pair: pair[0]
    )
)
def test_one_broken_value_costs_no_other_key(pairs: list[tuple[str, str]]) -> None:
    lines = [f"{key}: {value}" for key, value in pairs if not {"\x85", "\u2028"} & set(value)]
    data, _ = front_matter.parse("\n".join([*lines, 'broken: "a "b" c: d"', ""]))
    assert data["broken"] == 'a "b" c: d'
    keys = {key for key, value in pairs if not {"\x85", "\u2028"} & set(value)} | {"broken"}
    # A list over several lines may look like another key once it is read line by line.
    assert set(data) == keys or (set(data) > keys and any("\n" in value for _, value in pairs))


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(),
        st.builds("---\n{}---\n{}".format, HEADS, st.text()).map(lambda text: text.encode("utf-8", "ignore")),
    ),
    st.sampled_from(["2024-01-02-x.md", "24-99-99-x.html", "x.md", "2024-01-02-{{x}}.markdown"]),
)
def test_no_file_raises(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "_posts", name)
        path.parent.mkdir()
        path.write_bytes(content)
        source = Source("posts", folder, url="https://site.example", timezone="Asia/Shanghai")
        post = source.read(f"_posts/{name}")
        assert post is None or isinstance(post, Post | Quarantined)
        assert isinstance(source.render(f"_posts/{name}"), Content) == isinstance(post, Post)
