"""Split a file into front matter and body, and read the front matter as Jekyll does.

Three steps, each for what the one before it refuses: flat `key: value` lines and plain lists without a YAML parser
(most posts of most sites), YAML 1.1, and a reader that takes broken front matter key by key.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from syndicator.content import recovery, yaml11

Fault = recovery.Fault

LONGEST = 64 << 10
"""Characters; what front matter has beyond them is ignored."""

_FENCED = re.compile(r"\A---(?>\s*\n)(.*?)^(?:---|\.\.\.)\s*$\n?", re.M | re.S | re.A)
_BEGUN = re.compile(r"\s*+---[ \t]*\n+[\w-]+:\s")
_ODD = re.compile("[^\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What YAML refuses, takes for a line's end, or (tabs) for a blank."""
_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`")
_FLOW_INDICATORS = frozenset("[]{}:?")
_CUT = "YAML ends above this line: it and all below is ignored, as by Jekyll; mend the indentation"
_UNUSUAL = object()
"""A value that is left to the YAML loader."""
_OPEN, _CLOSED = -1, -2
"""Instead of the indentation of a list: one may begin, none may."""


class Split(NamedTuple):
    """Hold the two parts of a file; `head` is None where there is no front matter. Lines count from 1."""

    head: str | None
    head_line: int
    body: str
    body_line: int


def decode(content: bytes) -> str | None:
    """Decode UTF-8, without its byte order mark; None for anything else, binary files included."""
    if b"\0" in content:
        return None
    try:
        return content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None


def split(text: str) -> Split:
    """Split a file by Jekyll's rule: `---` on the first line, up to a line `---` or `...`. CRLF becomes LF."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if not text.startswith("---"):
        return Split(None, 1, text, 1)
    end = text.find("\n---", 3)
    if text.startswith("---\n") and text.startswith("\n---\n", end) and text.find("\n...", 3, end) < 0:
        head = text[4 : end + 1]
        return Split(head, 2, text[end + 5 :], head.count("\n") + 3)
    return _split_slowly(text)


def _split_slowly(text: str) -> Split:
    fenced = _FENCED.match(text)
    if fenced is None:
        return Split(None, 1, text, 1)
    head_line, body_line = (text.count("\n", 0, at) + 1 for at in (fenced.start(1), fenced.end()))
    return Split(fenced[1], head_line, text[fenced.end() :], body_line)


def looks_misplaced(body: str) -> bool:
    """Tell whether text without front matter begins like front matter: after a blank line, or never closed."""
    return _BEGUN.match(body) is not None


def parse(head: str) -> tuple[dict[str, Any], list[Fault]]:
    """Read front matter whatever state it is in; what had to be guessed is a fault."""
    if len(head) > LONGEST:
        return _parse_cut(head)
    data = _flat(head)
    if data is not None:
        return data, []
    try:
        data, cut = yaml11.load_mapping(head)
    except yaml11.UNREADABLE:
        return recovery.recover(head)
    return data, [(cut, _CUT)] if cut else []


def _parse_cut(head: str) -> tuple[dict[str, Any], list[Fault]]:
    """Read the whole lines of the first `LONGEST` characters."""
    start = head[: head.rfind("\n", 0, LONGEST) + 1]
    data, faults = parse(start)
    line = start.count("\n") + 1
    what = (
        f"front matter is longer than {LONGEST >> 10} KiB: it is ignored from here on, move what is long into the body"
    )
    return data, [*faults, (line, what)]


def reader(head: str) -> str:
    """Name which of the three steps reads front matter."""
    if _flat(head) is not None:
        return "flat lines"
    return "recovered, line by line" if parse(head)[1] else "YAML"


def line_of(head: str, key: str) -> int:
    """Return the line within `head` that sets `key` (the last one, which wins), or 1."""
    lines = [number for number, line in enumerate(head.split("\n"), 1) if line.lstrip(" '\"").startswith(key)]
    return lines[-1] if lines else 1


def _flat(head: str) -> dict[str, Any] | None:
    """Read flat lines and lists exactly as YAML would; None when any line is unusual."""
    if not head.replace("\n", "").isprintable() and _ODD.search(head):
        return None
    data: dict[str, Any] = {}
    key, indent = "", _CLOSED
    for line in head.split("\n"):
        if not line or line[0] == "#":
            continue
        pair = _flat_line(line)
        if pair is not None:
            key, value, indent = pair
            data[key] = value if type(value) is not list else value.copy()
        elif (indent := _append(data, key, indent, line)) == _CLOSED:
            return None
    return data


def _append(data: dict[str, Any], key: str, indent: int, line: str) -> int:
    """Append a `- item` line to the list of `key`; return its indentation, `_CLOSED` where there can be no list."""
    item = _flat_item(line)
    if item is None or indent not in (_OPEN, item[0]):
        return _CLOSED
    if indent == _OPEN:
        data[key] = []
    data[key].append(item[1])
    return item[0]


@lru_cache(maxsize=4096)
def _flat_line(line: str) -> tuple[str, object, int] | None:
    """Read one line and say whether a list may follow, None for an unusual one.

    Kept, because most lines of a site stand in many of its posts.
    """
    key, colon, rest = line.partition(":")
    if not colon or not _is_plain(key) or (rest and rest[0] != " "):
        return None
    text = rest.strip(" ")
    if not text:
        return key, None, _OPEN
    value = _value(text)
    return None if value is _UNUSUAL else (key, value, _CLOSED)


@lru_cache(maxsize=256)
def _is_plain(key: str) -> bool:
    return key.replace("-", "_").isidentifier() and key[0] != "-" and not yaml11.is_word(key)


@lru_cache(maxsize=4096)
def _flat_item(line: str) -> tuple[int, object] | None:
    """Read one line of a list and how far it is indented, None for an unusual one."""
    text = line.lstrip(" ")
    value = _value(text[2:].strip(" ")) if text.startswith("- ") else _UNUSUAL
    return None if value is _UNUSUAL else (len(line) - len(text), value)


def _value(text: str) -> object:
    if not text:
        return None
    if text[0] in "\"'":
        return _quoted(text)
    if text[0] == "[":
        return _inline_list(text)
    if text[0] in _INDICATORS or ": " in text or " #" in text or text[-1] == ":":
        return _UNUSUAL
    return yaml11.scalar(text)


def _quoted(text: str) -> object:
    quote = text[0]
    if text[-1] != quote or text.count(quote) != 2 or (quote == '"' and "\\" in text):
        return _UNUSUAL
    return text[1:-1]


def _inline_list(text: str) -> object:
    if text[-1] != "]":
        return _UNUSUAL
    parts = [part.strip(" ") for part in text[1:-1].split(",")]
    items = [_inline_item(part) for part in parts] if parts != [""] else []
    return _UNUSUAL if _UNUSUAL in items else items


def _inline_item(text: str) -> object:
    if text and text[0] not in "\"'" and not _FLOW_INDICATORS.isdisjoint(text):
        return _UNUSUAL
    return _value(text) if text else _UNUSUAL
