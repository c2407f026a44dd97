"""Cut a source into text, tags and output marks, at the places where Ruby's Liquid cuts it.

A mark ends at the first `%}` or `}}`, whatever is quoted in it. One that never ends is a ruin, up to the end of its
line: what follows is text again. Nothing here is quadratic, however many marks never end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["text", "raw", "tag", "output", "ruin"]

_START = re.compile(r"\{[{%]")
_HALF = re.compile(r"\{[{%]|\}")
_TAG = re.compile(r"\s*(#|\w+)\s*(.*)\Z", re.S)
_ENDS = {name: re.compile(rf"\{{%(-?)\s*end{name}\s*(-?)%\}}") for name in ("raw", "comment")}
_COMMENT = re.compile(r"\{%-?\s*(end)?comment\s*-?%\}")


_SHORT = 60


class Token(NamedTuple):
    """Hold a piece of the source: `text` is what is written (of a tag, what follows its name), `at` where it begins.

    The content of `raw` is one piece, and that of a comment an empty one.
    """

    kind: Kind
    at: int
    text: str
    name: str = ""

    @property
    def mark(self) -> str:
        """Return how a mark reads, shortened."""
        text = self.text[: 2 * _SHORT]
        shapes = {"tag": f"{{% {self.name} {text} %}}", "output": f"{{{{ {text} }}}}"}
        line = " ".join(shapes.get(self.kind, text).split())
        return line if len(line) <= _SHORT else line[: _SHORT - 1] + "…"


def tokens(source: str) -> Iterator[Token]:
    """Yield the pieces of a source, with the white space taken off that `{%-`, `-%}`, `{{-` and `-}}` take."""
    held: Token | None = None
    trim = False
    for token, trims_before, trims_after in _marks(source):
        if token.kind == "text":
            held = token._replace(text=token.text.lstrip()) if trim else token
            trim = False
            continue
        if held:
            yield held._replace(text=held.text.rstrip()) if trims_before else held
            held = None
        yield token
        trim = trims_after
    if held:
        yield held


def _marks(source: str) -> Iterator[tuple[Token, bool, bool]]:
    """Yield tokens, and whether each takes the white space before and after it."""
    position = 0
    ends = _Ends(source)
    while found := _START.search(source, position):
        at = found.start()
        if at > position:
            yield Token("text", position, source[position:at]), False, False
        end = ends.of(at)
        if end is None:
            position = _line_end(source, at)
            yield Token("ruin", at, source[at:position]), False, False
            continue
        inner, before, after = _inner(source, at, end)
        token = _token(inner, at, is_tag=source[at + 1] == "%")
        position = end
        if token.name in _ENDS:
            closed = ends.block(token.name, end)
            if closed:
                position, after = closed.end(), bool(closed[2])
                token = Token("raw", at, source[end : closed.start()] if token.name == "raw" else "")
            elif token.name == "comment":  # what was to be hidden stays hidden
                position = len(source)
                token = Token("ruin", at, "{% comment %}")
        yield token, before, after
    if position < len(source):
        yield Token("text", position, source[position:]), False, False


class _Ends:
    """Find where marks end. What is not found once is not looked for again."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._absent: set[str] = set()

    def of(self, at: int) -> int | None:
        """Return where the mark that begins at `at` ends; None when it is a ruin."""
        source, is_tag = self._source, self._source[at + 1] == "%"
        end = self._find("%}" if is_tag else "}}", at + 2)
        if end is None:
            return None
        # A mark forgotten open must not swallow the lines up to where the next one ends.
        again = (_START if is_tag else _HALF).search(source, at + 2, end)
        return None if again and source.find("\n", at, end) >= 0 else end + 2

    def block(self, name: str, start: int) -> re.Match[str] | None:
        """Return where a `raw` or `comment` ends; a comment may hold others."""
        if name in self._absent:
            return None
        closed = self._comment_end(start) if name == "comment" else _ENDS[name].search(self._source, start)
        if closed is None:
            self._absent.add(name)
        return closed

    def _comment_end(self, start: int) -> re.Match[str] | None:
        depth = 1
        for found in _COMMENT.finditer(self._source, start):
            depth += -1 if found[1] else 1
            if depth == 0:
                return _ENDS["comment"].match(self._source, found.start())
        return None

    def _find(self, text: str, start: int) -> int | None:
        found = -1 if text in self._absent else self._source.find(text, start)
        if found < 0:
            self._absent.add(text)
        return None if found < 0 else found


def _inner(source: str, at: int, end: int) -> tuple[str, bool, bool]:
    """Return what stands between the braces of a mark, and whether it takes white space before and after."""
    inner = source[at + 2 : end - 2]
    before = inner.startswith("-")
    inner = inner.removeprefix("-")
    after = inner.endswith("-") or (before and not inner)
    return inner.removesuffix("-"), before, after


def _token(inner: str, at: int, *, is_tag: bool) -> Token:
    if not is_tag:
        return Token("output", at, inner.strip())
    found = _TAG.match(inner)
    return Token("tag", at, found[2].rstrip(), found[1]) if found else Token("ruin", at, "{%" + inner + "%}")


def _line_end(source: str, at: int) -> int:
    end = source.find("\n", at)
    return len(source) if end < 0 else end
