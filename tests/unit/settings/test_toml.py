"""The lines of keys: exact on every form of TOML that moves them."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.settings.toml import lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.settings.toml import Key

TRICKY: dict[str, tuple[str, dict[Key, int]]] = {
    "tables": ("[a]\nx = 1\n\n[b]\n# y = 2\ny = 2\n", {("a",): 1, ("a", "x"): 2, ("b",): 4, ("b", "y"): 6}),
    "nested tables": ("[a.b]\nx = 1\n[a]\ny = 2", {("a", "b"): 1, ("a", "b", "x"): 2, ("a",): 3, ("a", "y"): 4}),
    "arrays of tables": ("[[a]]\nx = 1\n[[a]]\nx = 2\n", {("a",): 1, ("a", 0, "x"): 2, ("a", 1): 3, ("a", 1, "x"): 4}),
    "arrays in arrays": (
        "[[a]]\n[[a.b]]\nx = 1\n[[a]]\n[[a.b]]\n[[a.b]]\nx = 2\n[a.b.c]\ny = 3",
        {("a", 0, "b", 0, "x"): 3, ("a", 1, "b", 0): 5, ("a", 1, "b", 1, "x"): 7, ("a", 1, "b", 1, "c", "y"): 9},
    ),
    "table in an array": ("[[a]]\n[a.b]\nx = 1\n", {("a", 0, "b"): 2, ("a", 0, "b", "x"): 3}),
    "dotted keys": ("a.b.c = 1\na.b.d = 2\n", {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 1, ("a", "b", "d"): 2}),
    "spaced dotted keys": ("[ a . 'b' ]\n x . \"y\" = 1", {("a", "b"): 1, ("a", "b", "x", "y"): 2}),
    "quoted keys": (
        '"a.b" = 1\n"#" = 2\n\'=\' = 3\n"\\u00e9\\"" = 4\n"" = 5',
        {("a.b",): 1, ("#",): 2, ("=",): 3, ('é"',): 4, ("",): 5},
    ),
    "a header in a string": ('a = """\n[b]\nc = 1\n"""\nd = 1', {("a",): 1, ("d",): 5}),
    "a header in a literal": ("a = '''\n[b]\n\\'''\nd = 1", {("a",): 1, ("d",): 4}),
    "quotes at the end of a string": ("a = \"\"\"x\"\"\"\"\"\nb = '''y'''''\nc = 1", {("b",): 2, ("c",): 3}),
    "escaped quotes": ('a = """\\"""\n"""\nb = "\\\\"\nc = "\\""\nd = 1', {("b",): 3, ("c",): 4, ("d",): 5}),
    "empty strings": ("a = \"\"\nb = ''\nc = \"\"\"\"\"\"\nd = ''''''\ne = 1", {("d",): 4, ("e",): 5}),
    "a list over lines": ("a = [ # ]\n  1,\n  '[', # x = 1\n  [\n 2]\n]\nb = 1", {("a",): 1, ("b",): 7}),
    "a list of strings over lines": ('a = ["""\n]""",\n"x"]\nb = 1', {("a",): 1, ("b",): 4}),
    "an inline table": ("a = {b = 1, c = {d = '}'}}\ne = 1", {("a",): 1, ("e",): 2}),
    "a comment after a value": ('a = 1 # "\nb = "#" # b = 2\nc = 3', {("b",): 2, ("c",): 3}),
    "a comment after a header": ("[a] # [b]\nc = 1\n[[d]] # [[e]]\n", {("a", "c"): 2, ("d", 0): 3}),
    "a comment at the end": ("a = 1\n# b = 2", {("a",): 1}),
    "dates": ("a = 1979-05-27 07:32:00\nb = 08:00:00\n", {("a",): 1, ("b",): 2}),
    "nothing": ("", {}),
    "only comments": ("# a = 1\n\n # [b]\n", {}),
    "keys like values": ("true = 1\n1234 = 2\n3.14 = 3\n", {("true",): 1, ("1234",): 2, ("3", "14"): 3}),
}


@pytest.mark.parametrize("name", TRICKY)
def test_each_key_has_its_line(name: str) -> None:
    text, expected = TRICKY[name]
    found = lines(text)
    assert {key: found.get(key) for key in expected} == expected
    assert set(_tables_and_keys(tomllib.loads(text), inline=text.count("{") > 0)) <= set(found)


def test_comments_and_strings_hold_no_keys() -> None:
    assert lines("# b = 2\na = '''\nc = 3\n''' # d = 4\n") == {("a",): 2}


@given(st.data())
def test_lines_of_a_document_put_together_from_any_values(data: st.DataObject) -> None:
    values = [
        "1",
        '"#"',
        "'='",
        '"""\n[x]\ny = 1\\"\n"""',
        "'''\n\n# '''''",
        "[1,\n# ]\n [2]\n]",
        "{a = 1, b = [']']}",
        "1.5e3",
    ]
    fillers = ["", "\n", "# k0 = 1\n", "  \n\t# [t]\n"]
    text = ""
    expected: dict[Key, int] = {}
    table: Key = ()
    for number in range(data.draw(st.integers(1, 12))):
        text += data.draw(st.sampled_from(fillers))
        line = text.count("\n") + 1
        if data.draw(st.booleans()):
            table = (f"t{number}",)
            text += f"[{table[0]}]\n"
            expected[table] = line
        else:
            text += f"k{number} = {data.draw(st.sampled_from(values))} # end\n"
            expected[(*table, f"k{number}")] = line
    tomllib.loads(text)
    assert lines(text) == expected


def _tables_and_keys(value: Any, key: Key = (), *, inline: bool) -> Iterator[Key]:
    """List every path of a document; where it holds inline tables only the outermost keys."""
    for name, inner in value.items():
        yield (*key, name)
        if isinstance(inner, dict) and not inline:
            yield from _tables_and_keys(inner, (*key, name), inline=inline)
        for number, item in enumerate(inner if isinstance(inner, list) else ()):
            if isinstance(item, dict) and not inline:
                yield from _tables_and_keys(item, (*key, name, number), inline=inline)
