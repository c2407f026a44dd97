from __future__ import annotations

from time import process_time

import pytest

from syndicator.content import front_matter
from syndicator.content.yaml11 import Timestamp


@pytest.mark.parametrize(
    ("text", "head", "body", "body_line"),
    [
        ("---\ntitle: a\n---\nbody\n", "title: a\n", "body\n", 4),
        ("---\r\ntitle: a\r\n---\r\nbody\r\n", "title: a\n", "body\n", 4),
        ("---  \n\ntitle: a\n...\nbody", "title: a\n", "body", 5),
        ("---\ntitle: a --- b\n---x: 1\n--- \nbody", "title: a --- b\n---x: 1\n", "body", 5),
        ("---\n---\nbody", "", "body", 3),
        ("---\ntitle: a\n---", "title: a\n", "", 3),
        ("\n---\ntitle: a\n---\n", None, "\n---\ntitle: a\n---\n", 1),
        ("---\ntitle: never closed\n", None, "---\ntitle: never closed\n", 1),
        ("----\ntitle: a\n---\n", None, "----\ntitle: a\n---\n", 1),
        ("text", None, "text", 1),
    ],
)
def test_split_follows_jekyll(text: str, head: str | None, body: str, body_line: int) -> None:
    parts = front_matter.split(text)
    assert (parts.head, parts.body, parts.body_line) == (head, body, body_line)


def test_decode_drops_the_byte_order_mark_and_refuses_what_is_no_text() -> None:
    assert front_matter.decode(b"\xef\xbb\xbf---\n") == "---\n"
    assert front_matter.decode(b"a\0b") is None
    assert front_matter.decode("文".encode("gb18030")) is None


def test_what_yaml_does_not_take_for_words_or_times_is_text() -> None:
    data, faults = front_matter.parse(
        "a: v1.10\nb: 08\nc: yEs\nd: ~\ne: 2024-01-02 03:04:05\nf: '2024-01-02 03:04:05'\ng:\n"
    )
    assert data == {
        "a": "v1.10",
        "b": "08",
        "c": True,
        "d": None,
        "e": "2024-01-02 03:04:05",
        "f": "2024-01-02 03:04:05",
        "g": None,
    }
    assert isinstance(data["e"], Timestamp)
    assert not isinstance(data["f"], Timestamp)
    assert faults == []


def test_the_last_of_duplicate_keys_wins() -> None:
    assert front_matter.parse("title: a\ntitle: b\n")[0] == {"title": "b"}
    assert front_matter.parse("title: a\ntags: [x]\ntitle: b\n")[0]["title"] == "b"


@pytest.mark.parametrize("head", ["- a\n- b\n", "just text\n", "[" * 50_000, "- " * 20_000, '"', "title = 'toml'\n"])
def test_what_is_no_mapping_is_a_fault_and_no_crash(head: str) -> None:
    data, faults = front_matter.parse(head)
    assert data == {}
    assert [line for line, _ in faults] == [1]


@pytest.mark.parametrize(("head", "line"), [("title: a\n--- b\n]\n", 2), (" title: a\n\ndate: b\n", 3)])
def test_only_the_first_document_counts(head: str, line: int) -> None:
    data, faults = front_matter.parse(head)
    assert data == {"title": "a"}
    assert [number for number, _ in faults] == [line]


def test_front_matter_that_is_too_long_is_read_as_far_as_its_whole_lines_go() -> None:
    head = "title: a\ntags: [x]\n" + f"text: {'b' * front_matter.LONGEST}\n"
    data, faults = front_matter.parse(head)
    assert data == {"title": "a", "tags": ["x"]}
    assert [(line, text[:42]) for line, text in faults] == [(3, "front matter is longer than 64 KiB: it is ")]


@pytest.mark.parametrize(
    "head",
    [
        "a: b: c\n", "a:\n", "[],", "k: |\n  x\n", "- a: b: c\n", "标题：x\n", 'a: [b\n', '"a": b: c\n', "a b ", "\t",
        "{", "? ", "a: &a [b]\n<<: *a\n", "\n", "---\n", "a\n", "  a: b\n", "#", "&a ", "!a ", "a: \"b\n",
    ],
)  # fmt: skip
def test_no_front_matter_takes_longer_than_a_second(head: str) -> None:
    began = process_time()
    text = f"---\n{head * ((1 << 20) // len(head))}"
    for whole in (text, f"{text}\n---\n", f"---\ntitle: {text}\n---\n"):
        parts = front_matter.split(whole)
        front_matter.parse(parts.head or "")
        front_matter.looks_misplaced(parts.body)
    assert process_time() - began < 2


def test_a_line_without_a_colon_is_no_key() -> None:
    assert front_matter.parse("title: a\nstray\n")[0] == {"title": "a"}
    assert front_matter.parse("title: a\ntitle\n")[1]


def test_line_of_finds_the_line_that_wins() -> None:
    assert front_matter.line_of("a: 1\ndate: x\ndate: y\n", "date") == 3
    assert front_matter.line_of('a: 1\n "date": x\n', "date") == 2
    assert front_matter.line_of("a: 1\n", "date") == 1
