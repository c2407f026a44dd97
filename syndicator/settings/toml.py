"""Read TOML 1.0 and remember on which line each key stands: tomllib gives the values, a small scanner the lines.

The scanner sees only text that tomllib has accepted, so it need not judge, only find its way: statements begin outside
strings, comments and brackets, and a statement is a header or a key. Keys inside an inline table, and the items of a
list, stand on the line of the key that holds them.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from syndicator.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

Key = tuple[str | int, ...]

_QUOTED = r"""(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_MULTILINE = r"""(?:"{3}(?:[^\\]|\\.)*?"{3,5}|'{3}.*?'{3,5})"""
_PART = rf"(?:[A-Za-z0-9_-]+|{_QUOTED})"
_DOTTED = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
# The blanks are possessive: backing into a comment would find a statement there.
_STATEMENT = re.compile(
    rf"(?:[ \t\n]++|#[^\n]*+)*+(?:(?P<open>\[\[?)[ \t]*(?P<header>{_DOTTED})[ \t]*\]\]?|(?P<key>{_DOTTED})[ \t]*=)"
)
_TOKEN = re.compile(rf"{_MULTILINE}|{_QUOTED}|#[^\n]*|[\[{{]|[\]}}]|\n|[^\"'#\[\]{{}}\n]+", re.DOTALL)

_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_REASONS = {
    "Invalid value": 'no value that TOML knows: text needs straight quotes, as in key = "value"',
    "Cannot overwrite a value": "a key or section that is there already: keep one of the two",
    "Cannot declare": "a section that is there already: keep one of the two",
    "Unterminated string": "a string without its closing quote",
    "Unclosed array": "a list without its closing ]",
    "Unescaped '\\' in a string": r"a lone backslash: write \\, or put the text in single quotes",
    "Invalid hex value": r"a lone backslash: write \\, or put the text in single quotes",
    "Illegal character '\\n'": "a string without its closing quote on the same line",
    "Found invalid character '\\n'": "a string without its closing quote on the same line",
    "Invalid statement": 'expected [section] or key = "value"; a key of other than A-Z a-z 0-9 _ - needs quotes',
    "Expected '=' after a key": 'expected key = "value"',
}


class Document(NamedTuple):
    """Hold a settings file: its values, and the line of each key by its path."""

    values: dict[str, Any]
    lines: dict[Key, int]


def read(path: str) -> Document:
    """Read a TOML file in UTF-8, with or without a byte-order mark.

    Raise `SettingsError` when it cannot be opened, is not UTF-8 or is not TOML; the last two name the line.
    """
    text = _decoded(_bytes(path), path).replace("\r\n", "\n")
    try:
        return Document(tomllib.loads(text), lines(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([_syntax_problem(path, text, str(error))]) from None


def lines(text: str) -> dict[Key, int]:
    """Map the path of every table and key of a valid TOML text (line ends are LF) to its line, counted from 1."""
    found: dict[Key, int] = {}
    table: Key = ()
    arrays: dict[Key, int] = {}
    for line, opening, parts in _statements(text):
        if opening == "[[":
            array = _inside(parts[:-1], arrays) + parts[-1:]
            arrays[array] = arrays.get(array, -1) + 1
        if opening:
            table = _inside(parts, arrays)
            found[table] = line
        _note(found, table if opening else table + parts, line)
    return found


def _note(found: dict[Key, int], key: Key, line: int) -> None:
    """Note a key and the tables it implies, each where it is first seen."""
    for length in range(1, len(key) + 1):
        found.setdefault(key[:length], line)


def _inside(parts: Key, arrays: dict[Key, int]) -> Key:
    """Resolve a header's path: a name of an array of tables stands for its latest table."""
    path: Key = ()
    for part in parts:
        path += (part,)
        path += (arrays[path],) if path in arrays else ()
    return path


def _statements(text: str) -> Iterator[tuple[int, str, Key]]:
    """Yield line, opening bracket ("[", "[[" or "" for a key with a value) and the path as written."""
    line, counted, position = 1, 0, 0
    while statement := _STATEMENT.match(text, position):
        name = "header" if statement["open"] else "key"
        start, position = statement.start(name), statement.end()
        line, counted = line + text.count("\n", counted, start), start
        yield line, statement["open"] or "", _parts(statement[name])
        if name == "key":
            position = _end_of_value(text, position)


def _end_of_value(text: str, position: int) -> int:
    depth = 0
    for token in _TOKEN.finditer(text, position):
        mark = token[0]
        if mark == "\n" and not depth:
            return token.start()
        depth += (mark in "[{") - (mark in "]}")
    return len(text)


def _parts(dotted: str) -> Key:
    """Split a dotted key as tomllib does, escapes included."""
    if dotted.replace("_", "").isalnum():
        return (dotted,)
    parts: Key = ()
    value: Any = tomllib.loads(f"{dotted} = 0")
    while isinstance(value, dict):
        name, value = value.popitem()
        parts += (name,)
    return parts


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        problem = 'no such file: "syndicator init" makes one, --config FILE names another'
    except IsADirectoryError:
        problem = "this is a folder, expected a settings file: name the file itself, as in folder/syndicator.toml"
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    raise SettingsError([f"{path}: {problem}"])


def _decoded(data: bytes, path: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SettingsError([f"{path}:1: the file is UTF-16, expected UTF-8: save it again as UTF-8"])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # error.start counts from behind a byte-order mark, which holds no line break.
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        problem = f"{path}:{line}: not UTF-8 (byte 0x{byte:02X}), expected UTF-8: save the file again as UTF-8"
    raise SettingsError([problem])


def _syntax_problem(path: str, text: str, message: str) -> str:
    place = _PLACE.search(message)
    reason = message[: place.start()] if place else message
    reason = next((known for start, known in _REASONS.items() if reason.startswith(start)), reason)
    if place and place["line"]:
        return f"{path}:{place['line']}: not TOML at column {place['column']}: {reason}"
    return f"{path}:{text.rstrip().count(chr(10)) + 1}: not TOML at the end of the file: {reason}"
