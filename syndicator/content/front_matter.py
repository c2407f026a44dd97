"""Split a file into front matter and body, and read the front matter as Jekyll does.

Three steps, each for what the one before it refuses: flat `key: value` lines without a YAML parser (nearly every post
of a generated site), YAML 1.1, and a reader that takes broken front matter key by key. Numbers stay as they are
written: a title of `1.10` is not `1.1`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

Fault = tuple[int, str]
"""A line (from 1, within what was parsed) and what is wrong there."""

_FENCED = re.compile(r"\A---\s*\n(.*?)^(?:---|\.\.\.)\s*$\n?", re.M | re.S | re.A)
_OPENED = re.compile(r"\s*---[ \t]*\n+[\w-]+:\s")
_TIMESTAMP = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d{2}:\d{2}(?:\.\d*)?\s*(?:Z|[-+]\d{1,2}(?::?\d{2})?)?\Z", re.A
)
_TOP_LEVEL = re.compile(r"([^\s#:'\"\[\]{},&*!|>%@`-][^:]*?)[ \t]*:(?:[ \t]+(.*)|)$", re.S)
_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`=<~")
_DEPTH = 100
_UNREADABLE = (yaml.YAMLError, ValueError, RecursionError, OverflowError)


def _spellings(words: str) -> list[str]:
    return [spelling for word in words.split() for spelling in (word, word.capitalize(), word.upper())]


_WORDS: dict[str, bool | None] = (
    dict.fromkeys(_spellings("yes on true"), True)
    | dict.fromkeys(_spellings("no off false"), False)
    | dict.fromkeys([*_spellings("null"), "~"], None)
)


class Timestamp(str):
    """Mark an unquoted `YYYY-MM-DD hh:mm:ss`, which YAML reads as UTC when it names no zone."""

    __slots__ = ()


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
    return _OPENED.match(body) is not None


def parse(head: str) -> tuple[dict[str, Any], list[Fault]]:
    """Read front matter whatever state it is in; what had to be guessed is a fault."""
    data = _flat(head)
    if data is not None:
        return data, []
    try:
        return _mapping(load(head)), []
    except _UNREADABLE:
        return _recover(head)


def reader(head: str) -> str:
    """Name which of the three steps reads front matter."""
    if _flat(head) is not None:
        return "flat lines"
    return "recovered, line by line" if parse(head)[1] else "YAML"


def line_of(head: str, key: str) -> int:
    """Return the line within `head` that sets `key` (the last one, which wins), or 1."""
    lines = [number for number, line in enumerate(head.split("\n"), 1) if line.startswith(key + ":")]
    return lines[-1] if lines else 1


def load(text: str) -> object:
    """Load YAML 1.1 as Jekyll does: duplicate keys, the last wins; times are text; unknown tags are ignored.

    Raise `yaml.YAMLError`, or `ValueError` or `RecursionError` for absurd values.
    """
    if sum(map(text.count, ("[", "{", "- ", "? ", ":\n"))) > _DEPTH:
        _refuse_deep(text)
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a CSafeLoader


def _refuse_deep(text: str) -> None:
    """Raise `yaml.YAMLError` for nesting that would overflow the C stack: loading recurses, libyaml's events do not."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH:
            raise yaml.YAMLError(f"more than {_DEPTH} levels of nesting")


def _mapping(value: object) -> dict[str, Any]:
    if value is None or value is False:
        return {}
    if not isinstance(value, dict):
        raise yaml.YAMLError("not a mapping")
    return {str(key): item for key, item in value.items()}


def _flat(head: str) -> dict[str, Any] | None:
    """Read flat lines exactly as YAML would; None when any line is unusual."""
    if not head.replace("\n", "").isprintable():
        return None
    data: dict[str, Any] = {}
    for line in head.split("\n"):
        if not line or line[0] == "#":
            continue
        pair = _flat_line(line)
        if pair is None:
            return None
        data[pair[0]] = pair[1]
    return data


@lru_cache(maxsize=4096)
def _flat_line(line: str) -> tuple[str, object] | None:
    """Read one line, None for an unusual one. Kept, because most lines of a site stand in many of its posts."""
    key, _, rest = line.partition(":")
    if not key.isidentifier() or key in _WORDS or (rest and rest[0] != " "):
        return None
    value = rest.strip(" ")
    if not value:
        return key, None
    if value[0] == '"' and value[-1] == '"' and value.count('"') == 2 and "\\" not in value:
        return key, value[1:-1]
    if value[0] in _INDICATORS or ": " in value or " #" in value or value[-1] == ":":
        return None
    return key, _scalar(value)


def _scalar(value: str) -> object:
    if value[0].isdecimal() and _TIMESTAMP.match(value):
        return Timestamp(value)
    return _WORDS.get(value, value)


def _recover(head: str) -> tuple[dict[str, Any], list[Fault]]:
    data: dict[str, Any] = {}
    faults: list[Fault] = []
    for number, chunk in _chunks(head):
        fields = _load_chunk(chunk)
        if fields is None:
            key, value = _recover_one(chunk)
            fields = {key: value}
            faults.append((number, f"{key}: not valid YAML, taken as written: put the value in single quotes"))
        data.update(fields)
    if not data:
        faults.append((1, "front matter is not made of `key: value` lines: it is ignored"))
    return data, faults


def _load_chunk(chunk: str) -> dict[str, Any] | None:
    """Load one key, with tabs as blanks (libyaml refuses tabs that other loaders take); None where it cannot be."""
    try:
        return _mapping(load(chunk.replace("\t", " ")))
    except _UNREADABLE:
        return None


def _chunks(head: str) -> Iterator[tuple[int, str]]:
    """Cut into one piece per top-level key, with the number of its first line; what precedes the first is left out."""
    start, piece = 0, ""
    for number, line in enumerate(head.split("\n"), 1):
        if _TOP_LEVEL.match(line):
            if start:
                yield start, piece
            start, piece = number, line
        else:
            piece += "\n" + line
    if start:
        yield start, piece


def _recover_one(chunk: str) -> tuple[str, object]:
    """Take the value of one broken `key: value` literally, or its `- item` lines."""
    first, _, rest = chunk.partition("\n")
    found = _TOP_LEVEL.match(first)
    key, value = (found[1], (found[2] or "").strip()) if found else (first, "")
    if value.startswith("["):
        return key, [part.strip(" \t'\"") for part in value.strip("[]").split(",")]
    if not value:
        return key, [line.strip()[2:].strip(" \t'\"") for line in rest.split("\n") if line.strip().startswith("- ")]
    return key, _unquoted(value)


def _unquoted(value: str) -> str:
    quote = value[0]
    if quote not in "\"'":
        return value
    inner = value[1:-1] if len(value) > 1 and value.endswith(quote) else value[1:]
    return inner.replace('\\"', '"') if quote == '"' else inner.replace("''", "'")


class _Loader(yaml.CSafeLoader):
    """Resolve only what the fields need: null, booleans and times; all else stays as written."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own shape

    def construct_timestamp(self, node: yaml.ScalarNode) -> Timestamp:
        return Timestamp(self.construct_scalar(node))

    def construct_unknown(self, _tag: str, node: yaml.Node) -> object:
        if isinstance(node, yaml.MappingNode):
            return self.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return self.construct_sequence(node, deep=True)
        return self.construct_scalar(node)  # type: ignore[arg-type]


def _resolve(tag: str, first: str, pattern: re.Pattern[str]) -> None:
    """Let plain scalars that match have this tag; `first` are the characters that one can begin with."""
    for character in first or [""]:
        _Loader.yaml_implicit_resolvers.setdefault(character, []).append((f"tag:yaml.org,2002:{tag}", pattern))


def _any_of(kind: type) -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(word for word, value in _WORDS.items() if isinstance(value, kind)) + r")\Z")


_resolve("null", "", re.compile(r"\Z"))
_resolve("null", "nN~", _any_of(type(None)))
_resolve("bool", "yYnNtTfFoO", _any_of(bool))
_resolve("timestamp", "0123456789", _TIMESTAMP)
_resolve("merge", "<", re.compile(r"<<\Z"))
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_timestamp)
_Loader.add_multi_constructor("", _Loader.construct_unknown)
