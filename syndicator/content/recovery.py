"""Recover front matter that is no YAML key by key: what people write, read as they meant it, each guess a fault."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

from syndicator.content import yaml11

if TYPE_CHECKING:
    from collections.abc import Iterator

Fault = tuple[int, str]
"""A line (from 1, within what was parsed), and what is wrong there, what was done, how to mend it."""

_KEY = re.compile(
    r"(?P<key>\"[^\":]++\"|'[^':]++'|[^\s#:：'\"\[\]{},&*!|>%@`-][^:：]*+)(?P<colon>[:：])(?P<value>.*)", re.S
)
_WORD = re.compile(r"[^\W\d][\w-]*+\Z")
_INDENTED_KEY = re.compile(r"[ \t]+[^\W\d][\w-]*+:(?:[ \t]|\Z)")
_MOST = 20
"""Faults that are told one by one."""
_BLOCK = re.compile(r"[|>][-+\d]*\Z")

_AS_WRITTEN = "{}: not valid YAML, taken as written: put the value in single quotes{}"
_DOUBLED = ", and write those within it twice"
_ITEM = "{}: an item that is not valid YAML, taken as written: put it in single quotes"
_AS_LIST = "{}: not a valid YAML list, taken item by item: write [one, two], with quotes around items that need them"
_NESTED = "{}: not valid YAML, what is below it is taken line by line: mend its indentation"
_TABS = "{}: tabs where YAML wants blanks, taken as blanks: replace them"
_TIGHT = "{}: no blank after the colon, read as if there were one: write `{}: …`"
_WIDE = "{}: a full-width colon, read as an ordinary one: write `{}: …`"
_PROMOTED = "{}: indented like a part of the line above, taken as a key: remove the blanks before it"
_STRAY = "no `key: value` line: it is ignored, mend or delete it"
_NOTHING = "front matter is not made of `key: value` lines: it is ignored"


def recover(head: str) -> tuple[dict[str, Any], list[Fault]]:
    """Read every key that can be read, and say what had to be guessed."""
    data, faults = _recover(1, textwrap.dedent(head) if head[:1] in (" ", "\t") else head)
    return data, _few(sorted(faults)) if data else [(1, _NOTHING)]


def _few(faults: list[Fault]) -> list[Fault]:
    if len(faults) <= _MOST:
        return faults
    return [*faults[:_MOST], (faults[_MOST][0], f"and {len(faults) - _MOST} more like these from here on")]


def _recover(start: int, text: str) -> tuple[dict[str, Any], list[Fault]]:
    """Read the pieces of a text whose first line has the number `start`."""
    data: dict[str, Any] = {}
    faults: list[Fault] = []
    for number, piece in _pieces(start, text):
        fields, found = _read(number, piece)
        data.update(fields)
        faults += found
    return data, faults


def _pieces(start: int, text: str) -> Iterator[tuple[int, str]]:
    """Cut into one piece per key that is not indented, with the number of its first line; blank ones are left out."""
    first, piece = start, list[str]()
    for number, line in enumerate(text.split("\n"), start):
        if piece and _key(line):
            yield first, "\n".join(piece)
            piece = []
        if piece or line.strip():
            first = first if piece else number
            piece.append(line)
    if piece:
        yield first, "\n".join(piece)


def _key(line: str) -> tuple[str, str, str] | None:
    """Return key and value of a line that is not indented, and what is wrong between them; None if it sets no key."""
    found = _KEY.match(line)
    if found is None:
        return None
    key, value = found["key"].strip(" \t\"'"), found["value"]
    if found["colon"] == ":" and (not value or value[0] in " \t"):
        return key, value.strip(), ""
    if not _WORD.match(key) or value.startswith("//"):
        return None
    return key, value.strip(), _TIGHT if found["colon"] == ":" else _WIDE


def _read(number: int, piece: str) -> tuple[dict[str, Any], list[Fault]]:
    """Read one piece: as YAML, as YAML once its blanks are set right, or line by line."""
    if (fields := _load(piece)) is not None:
        return fields, []
    first, _, rest = piece.partition("\n")
    parts = _key(first)
    if parts is None:
        return _read_indented(number, piece.split("\n"))
    key, value, wrong = parts
    if "\t" in piece and (fields := _load(piece.replace("\t", " "))) is not None:
        return fields, [(number, _TABS.format(key))]
    told = [(number, wrong.format(key, key))] if wrong else []
    if wrong and value[:1] != "#" and (fields := _load(f"{key}: {value}\n{rest}")) is not None:
        return fields, told
    fields, faults = _read_by_line(number, key, value, rest)
    return fields, told + faults


def _load(text: str) -> dict[str, Any] | None:
    try:
        fields, cut = yaml11.load_mapping(text)
    except yaml11.UNREADABLE:
        return None
    return None if cut else fields


def _read_by_line(number: int, key: str, value: str, rest: str) -> tuple[dict[str, Any], list[Fault]]:
    """Read one key whose value, or what is below it, is broken."""
    lines = rest.split("\n") if rest else []
    if not value:
        return _read_below(number, key, lines)
    end = next((at for at, line in enumerate(lines) if _is_foreign(line)), len(lines))
    own = "\n".join([f"{key}: {value}", *lines[:end]])
    sound = _load(own) if end < len(lines) else None
    fields, faults = _literal(number, key, [value, *lines[:end]]) if sound is None else (sound, [])
    indented, found = _read_indented(number + 1 + end, lines[end:])
    return fields | indented, faults + found


def _is_foreign(line: str) -> bool:
    """Tell whether a line below `key: value` is no part of the value: a key, or not indented at all."""
    return _INDENTED_KEY.match(line) is not None or line[:1] not in ("", " ", "\t", "#")


def _read_indented(number: int, lines: list[str]) -> tuple[dict[str, Any], list[Fault]]:
    """Read lines that belong to no key above them; the first has the number `number`."""
    bare = [line.strip() for line in lines]
    if not any(map(_key, bare)):
        stray = [at for at, line in enumerate(bare, number) if line and line[0] != "#"]
        return {}, [(stray[0], _STRAY)] if stray else []
    data, faults = _recover(number, "\n".join(bare))
    for at, line in enumerate(lines, number):
        if line[:1] in (" ", "\t") and (parts := _key(line.strip())):
            faults.append((at, _PROMOTED.format(parts[0])))
    return data, faults


def _read_below(number: int, key: str, lines: list[str]) -> tuple[dict[str, Any], list[Fault]]:
    """Read the list or the keys below a `key:`."""
    bare = [line.strip() for line in lines]
    if any(line.startswith(("- ", "-\t")) for line in bare):
        return _read_items(number, key, bare)
    data, faults = _recover(number + 1, "\n".join(bare))
    return {key: data or None}, faults or [(number, _NESTED.format(key))]


def _read_items(number: int, key: str, lines: list[str]) -> tuple[dict[str, Any], list[Fault]]:
    items: list[object] = []
    faults: list[Fault] = []
    for at, line in enumerate(lines, number + 1):
        if line.startswith("-"):
            fields = _load(f"item: {line[1:].strip()}")
            items.append(_unquoted(line[1:].strip()) if fields is None else fields["item"])
            faults += [(at, _ITEM.format(key))] if fields is None else []
    return {key: items}, faults or [(number, _NESTED.format(key))]


def _literal(number: int, key: str, lines: list[str]) -> tuple[dict[str, Any], list[Fault]]:
    """Take a value as it is written: the items of a list, or else text."""
    if _BLOCK.match(lines[0]):
        return {key: "\n".join(line.strip() for line in lines[1:])}, [(number, _NESTED.format(key))]
    more = [stripped for line in lines[1:] if (stripped := line.strip()) and stripped[0] != "#"]
    text = " ".join([lines[0], *more])
    if text[0] == "[" and "]" not in text[1:-1]:
        return {key: [_unquoted(part.strip()) for part in text.strip("[]").split(",")]}, [
            (number, _AS_LIST.format(key))
        ]
    return {key: _unquoted(text)}, [(number, _AS_WRITTEN.format(key, _DOUBLED if "'" in text else ""))]


def _unquoted(text: str) -> str:
    """Drop the quotes around a text, of which the last may be missing."""
    quote = text[:1]
    if quote not in ("'", '"'):
        return text
    inner = text[1:-1] if len(text) > 1 and text.endswith(quote) else text[1:]
    return inner.replace('\\"', '"') if quote == '"' else inner.replace("''", "'")
