"""Keep HTML from nesting so deep that parsers take time by its square, or overflow their stack."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING

from syndicator.content import tags

if TYPE_CHECKING:
    import re

_SMALL, _LARGE, _MANY = 6_000, 50_000, 2_000
"""Characters, characters and tags: in what is small, or neither large nor has many, no nesting takes time."""
_DEEPEST, _MOST_ATTRIBUTES = 200, 100
_SHOWN_AS_TEXT = frozenset({"xmp", "plaintext", "noembed", "noframes"})
_REPLACED = frozenset({"a", "dd", "dt", "li", "option", "p", "tbody", "td", "tfoot", "th", "thead", "tr"})
"""Elements that end where the next of their kind begins: thousands that are never closed do not nest."""


def flattened(html: str) -> str:
    """Return HTML without the tags that open what is nested deeper than 200 levels; small HTML as it is.

    Scripts and the like, whose inside could be taken for tags, go with it: no reader is shown them.
    """
    if len(html) < _SMALL or (len(html) < _LARGE and html.count("<") < _MANY):
        return html
    return _Stack(html).flattened()


class _Stack:
    """Count what is open, by name, as a parser that obeys every end tag would."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._ends = tags.Ends(html)
        self._open: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._depth = 0

    def flattened(self) -> str:
        kept: list[str] = []
        at = 0
        while tag := tags.TAG.search(self._html, at):
            kept.append(self._html[at : tag.start()])
            at = tag.end()
            name = (tag["name"] or "").lower()
            if not tag["close"] and (name in tags.RAW or name == "svg"):
                text, at = self._raw(name, at)
                kept.append(text)
            else:
                kept.append(tag[0] if self._stays(name, tag) else tags.NOTHING)
        return "".join(kept) + self._html[at:]

    def _raw(self, name: str, start: int) -> tuple[str, int]:
        """Return what is shown of an element whose inside is no HTML, and where it ends: with the text, if need be."""
        end = self._ends.after(name, start) or ((start, start) if name == "svg" else (len(self._html),) * 2)
        inside = self._html[start : end[0]]
        return (f"<pre>{escape(inside, quote=False)}</pre>" if name in _SHOWN_AS_TEXT else tags.NOTHING), end[1]

    def _stays(self, name: str, tag: re.Match[str]) -> bool:
        if not name or (len(tag[0]) > 10 * _MOST_ATTRIBUTES and len(tags.attributes(tag)) > _MOST_ATTRIBUTES):
            return False
        if name in tags.VOID or name in _REPLACED:
            return True
        return self._closes(name) if tag["close"] else self._opens(name)

    def _opens(self, name: str) -> bool:
        counts = self._left_out if self._depth >= _DEEPEST else self._open
        counts[name] += 1
        self._depth += counts is self._open
        return counts is self._open

    def _closes(self, name: str) -> bool:
        """Tell whether an end tag closes what was kept; the last to be opened is the first to be closed."""
        for counts in (self._left_out, self._open):
            if counts[name]:
                counts[name] -= 1
                self._depth -= counts is self._open
                return counts is self._open
        return False
