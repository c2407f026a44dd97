"""Load YAML 1.1 as Jekyll does, which reads it with SafeYAML (the gem) or Psych (Debian's package).

Where those two disagree (`1:30`, `1.`) or one refuses (`:symbols`, Ruby objects), a value stays as it is written.
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

UNREADABLE = (yaml.YAMLError, ValueError)
"""What `load` raises."""

_DEPTH = 100
_WORDS: dict[str, bool | None] = (
    dict.fromkeys(("yes", "on", "true"), True)
    | dict.fromkeys(("no", "off", "false"), False)
    | dict.fromkeys(("", "~", "null"), None)
)
_LONGEST_WORD = max(map(len, _WORDS))
_LONGEST_NUMBER = 300
_NUMERIC = frozenset("0123456789+-.")
_NUMBER = re.compile(
    r"(?P<time>\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?\s*(?:Z|[-+]\d{1,2}(?::?\d\d)?)?)"
    r"|(?P<decimal>[-+]?(?:0|[1-9](?:[,_]?\d)*))"
    r"|(?P<float>[-+]?(?:\d+(?:_\d+)*)?\.\d+(?:[eE][-+]\d+)?)"
    r"|(?P<octal>0[0-7_,]+)"
    r"|(?P<hexadecimal>[-+]?0x[\da-fA-F][\da-fA-F_,]*)"
    r"|(?P<binary>0b[01][01_,]*)"
    r"|(?P<special>-?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))",
    re.A,
)


class Timestamp(str):
    """Mark an unquoted `YYYY-MM-DD hh:mm:ss`, which YAML reads as UTC when it names no zone."""

    __slots__ = ()


_READERS: dict[str, Callable[[str], object]] = {
    "time": Timestamp,
    "decimal": lambda text: int(_digits(text)),
    "float": lambda text: float(_digits(text)),
    "octal": lambda text: int(_digits(text), 8),
    "hexadecimal": lambda text: int(_digits(text), 16),
    "binary": lambda text: int(_digits(text), 2),
    "special": lambda text: float(text.replace(".", "")),
}


def load(text: str) -> object:
    """Load the first document: of duplicate keys the last wins, tags of Ruby's own are ignored.

    Raise `yaml.YAMLError` for what is no YAML or nests deeper than 100 levels, `ValueError` for what cannot be encoded.
    """
    return _first_document(text).root


def load_mapping(text: str) -> tuple[dict[str, Any], int]:
    """Load front matter, which stands after a line `---`; it is empty for nothing, or for a lone `false`.

    Return with it the number of the line at which the first document ends before the text does, or else 0. Raise
    `UNREADABLE` for what is no mapping.
    """
    document = _first_document(f"---\n{text}")
    if document.root is None or document.root is False:
        return {}, document.cut
    if not isinstance(document.root, dict):
        raise yaml.YAMLError("not a mapping")
    return document.root, document.cut


def _first_document(text: str) -> _Document:
    document = _Document()
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if type(event) is yaml.DocumentEndEvent:
            mark = event.end_mark
            document.cut = mark.line if mark and text[mark.index :].strip() else 0
            break
        document.add(event)
    return document


def scalar(text: str) -> object:
    """Return what an unquoted scalar stands for: None, a bool, a number, a `Timestamp` or the text itself."""
    if text[:1] in _NUMERIC:
        found = _NUMBER.fullmatch(text) if len(text) <= _LONGEST_NUMBER else None
        return _READERS[found.lastgroup](text) if found and found.lastgroup else text
    return _WORDS.get(text.lower(), text) if len(text) <= _LONGEST_WORD else text


def is_word(text: str) -> bool:
    """Tell whether an unquoted scalar that begins with a letter means something else than itself."""
    return text.lower() in _WORDS


def _digits(number: str) -> str:
    return number.replace("_", "").replace(",", "")


class _Document:
    """Build a document's value of the parser's events: no recursion, and an alias is one more reference."""

    def __init__(self) -> None:
        self.root: object = None
        self.cut = 0
        self._open: list[tuple[list[Any], dict[str, Any] | None]] = []
        self._anchors: dict[str, object] = {}

    def add(self, event: yaml.Event) -> None:
        """Take the next event."""
        if isinstance(event, yaml.ScalarEvent):
            self._put(self._named(event, _scalar_of(event)))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end()
        elif isinstance(event, yaml.AliasEvent):
            self._put(self._target(event))

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        if len(self._open) == _DEPTH:
            raise _error(event, f"more than {_DEPTH} levels of nesting")
        items: list[Any] = []
        mapping: dict[str, Any] | None = {} if isinstance(event, yaml.MappingStartEvent) else None
        self._named(event, items if mapping is None else mapping)
        self._open.append((items, mapping))

    def _end(self) -> None:
        items, mapping = self._open.pop()
        if mapping is not None:
            _fill(mapping, items)
        self._put(items if mapping is None else mapping)

    def _put(self, value: object) -> None:
        if self._open:
            self._open[-1][0].append(value)
        else:
            self.root = value

    def _named(self, event: yaml.NodeEvent, value: object) -> object:
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        return value

    def _target(self, event: yaml.AliasEvent) -> object:
        if event.anchor not in self._anchors:
            raise _error(event, f"nothing is named {event.anchor}")
        return self._anchors[event.anchor]


def _scalar_of(event: yaml.ScalarEvent) -> object:
    if event.tag in ("!binary", "tag:yaml.org,2002:binary"):
        return _decoded(event.value)
    return event.value if event.style or event.tag in ("!str", "tag:yaml.org,2002:str") else scalar(event.value)


def _decoded(text: str) -> str:
    """Decode Base64, in which old versions of Psych wrote whatever is not ASCII."""
    try:
        return b64decode(text).decode()
    except ValueError:
        return text


def _fill(mapping: dict[str, Any], items: list[Any]) -> None:
    """Set keys and values, which alternate in `items`; what `<<` merges gives way to the mapping's own keys."""
    pairs = [(_key(key), value) for key, value in zip(items[::2], items[1::2], strict=True)]
    try:
        for source in [value for key, value in pairs if key == "<<"]:
            for inherited in reversed(source) if isinstance(source, list) else [source]:
                mapping.update(inherited)
    except (TypeError, ValueError) as error:
        raise yaml.YAMLError("<<: merges what is no mapping") from error
    mapping.update([pair for pair in pairs if pair[0] != "<<"])


def _key(value: object) -> str:
    """Return a key as text: 1, 1.0 and true are three keys to Ruby."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (list, dict)):
        raise yaml.YAMLError("a key is a list or a mapping")
    return "" if value is None else str(value).lower()


def _error(event: yaml.Event, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)  # type: ignore[arg-type]
