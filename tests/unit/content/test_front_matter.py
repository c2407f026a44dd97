from __future__ import annotations

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


def test_values_are_text_as_written_save_words_and_times() -> None:
    data, faults = front_matter.parse(
        "a: 1.10\nb: 007\nc: Yes\nd: ~\ne: 2024-01-02 03:04:05\nf: '2024-01-02 03:04:05'\ng:\n"
    )
    assert data == {
        "a": "1.10",
        "b": "007",
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


def test_unknown_tags_are_ignored() -> None:
    assert front_matter.parse("a: !ruby/object:X {b: c}\nd: !sym e\n")[0] == {"a": {"b": "c"}, "d": "e"}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('title: "标题含 "英文引号" 与冒号: 未转义"', '标题含 "英文引号" 与冒号: 未转义'),
        (r'title: "末尾反斜杠\"', "末尾反斜杠\\"),
        (r'title: "a\d and \"b\" "c""', 'a\\d and "b" "c"'),
        ("title: 'it's'", "it's"),
        ('title: "never closed', "never closed"),
        ("title: a: b", "a: b"),
        ("title: @home", "@home"),
        ("title: [a, b", ["a", "b"]),
    ],
)
def test_broken_values_are_recovered_with_their_line(line: str, value: object) -> None:
    data, faults = front_matter.parse(f"layout: post\n{line}\ndate: 2024-01-02 03:04:05\ntags:\n- x\n-\ty\n")
    assert data == {"layout": "post", "title": value, "date": "2024-01-02 03:04:05", "tags": ["x", "y"]}
    assert [number for number, _ in faults] == [2]
    assert "single quotes" in faults[0][1]
    assert isinstance(data["date"], Timestamp)


@pytest.mark.parametrize("head", ["- a\n- b\n", "just text\n", "[" * 100_000, "- " * 100_000, '"'])
def test_what_is_no_mapping_is_a_fault_and_no_crash(head: str) -> None:
    data, faults = front_matter.parse(head)
    assert data == {}
    assert faults


def test_line_of_finds_the_line_that_wins() -> None:
    assert front_matter.line_of("a: 1\ndate: x\ndate: y\n", "date") == 3
    assert front_matter.line_of("a: 1\n", "date") == 1
