from __future__ import annotations

import math

import pytest
import yaml

from syndicator.content import yaml11
from syndicator.content.yaml11 import Timestamp


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("-1", -1), ("+12", 12), ("1_000", 1000), ("1,000", 1000), ("0x1F", 31), ("-0x1f", -31), ("0b101", 5),
        ("017", 15), ("0_7", 7), ("1.10", 1.1), (".5", 0.5), ("-.5", -0.5), ("1.5e+3", 1500.0), ("1_0.5", 10.5),
        (".inf", math.inf), ("-.INF", -math.inf), ("yes", True), ("oFF", False), ("", None), ("NULL", None),
        ("~", None),
    ],
)  # fmt: skip
def test_what_unquoted_scalars_stand_for(text: str, value: object) -> None:
    found = yaml11.scalar(text)
    assert (type(found), found) == (type(value), value)
    assert yaml11.load(f"a: '{text}'") == {"a": text}


@pytest.mark.parametrize(
    "text",
    [
        "08", "0o17", "1e3", "1.5e3", "1:30", "190:20:30", "1.", "1,000.5", "12_", "1.2.3", "-", "+", ".", "y", "n",
        "nil", "-017", "0x", "2024-01-02", "2024-1-2 3:4:5", "9" * 301, "=", "<<", ":symbol",
    ],
)  # fmt: skip
def test_what_ruby_reads_as_text_or_in_two_ways_stays_as_it_is_written(text: str) -> None:
    assert yaml11.scalar(text) == text
    assert not isinstance(yaml11.scalar(text), Timestamp)


@pytest.mark.parametrize("text", ["2024-01-02 03:04:05", "2024-1-2T3:04:05.5 +08:00", "2024-01-02 03:04:05Z"])
def test_times_keep_their_text(text: str) -> None:
    assert isinstance(yaml11.scalar(text), Timestamp)
    assert yaml11.scalar(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: !ruby/object:X {b: c}\nd: !sym e", {"a": {"b": "c"}, "d": "e"}),
        ("a: !!str 5\nb: ! '6'\nc: !!int 7", {"a": "5", "b": "6", "c": 7}),
        ("a: !binary |-\n  5Lit5paH", {"a": "中文"}),
        ("a: !binary '*'", {"a": ""}),
        ("a: &x 1\nb: *x\nc: &x 2\nd: *x", {"a": 1, "b": 1, "c": 2, "d": 2}),
        ("a: &x {p: 1, q: 2}\nb: {q: 3, <<: *x}", {"a": {"p": 1, "q": 2}, "b": {"p": 1, "q": 3}}),
        ("a: {<<: [{p: 1}, {p: 2, q: 2}]}", {"a": {"p": 1, "q": 2}}),
        ("a: 1\na: 2", {"a": 2}),
        ("- a\n---\n]", ["a"]),
        ("", None),
    ],
)
def test_load(text: str, value: object) -> None:
    assert yaml11.load(text) == value


def test_a_list_may_hold_itself() -> None:
    value = yaml11.load("&x [a, *x]")
    assert isinstance(value, list)
    assert value[1] is value


@pytest.mark.parametrize(
    "text", ["a: b: c", "a: *b", "{[a]: b}", "<<: text", "<<: [[a, b]]", "[" * 101, "- " * 101, "\x01", "\ud800"]
)
def test_what_cannot_be_read_is_one_of_two_errors(text: str) -> None:
    with pytest.raises(yaml11.UNREADABLE):
        yaml11.load(text)


def test_front_matter_is_a_mapping_after_a_line_of_dashes() -> None:
    assert yaml11.load_mapping("1: a\nyes: b\n") == ({"1": "a", "true": "b"}, 0)
    assert yaml11.load_mapping("false") == yaml11.load_mapping("# nothing") == ({}, 0)
    for text in ("text", "- a", "''"):
        with pytest.raises(yaml.YAMLError):
            yaml11.load_mapping(text)


def test_front_matter_says_where_it_ends_too_early() -> None:
    assert yaml11.load_mapping(" a: b\nc: d\n") == ({"a": "b"}, 2)
    assert yaml11.load_mapping("a: b\n\n--- c\n") == ({"a": "b"}, 3)
    assert yaml11.load_mapping("%TAG ! x:\n--- {a: b}") == ({}, 1)
    assert yaml11.load_mapping("a: |\n  é\n\n# note\n") == ({"a": "é\n"}, 0)
