"""Tell tags apart exactly as browsers do (HTML, 13.2.5), in time that grows with the text only."""

from __future__ import annotations

import re

_SPACE = r"\t\n\f\r "
_VALUE = rf"[{_SPACE}]*+=[{_SPACE}]*+(?:\"([^\"]*+)(?:\"|\Z)|'([^']*+)(?:'|\Z)|([^{_SPACE}>\"'][^{_SPACE}>]*+))?"
_ATTRIBUTE = re.compile(rf"[{_SPACE}/]*+([^{_SPACE}/>][^{_SPACE}/>=]*+)(?:{_VALUE})?")
_UNGROUPED = re.sub(r"\((?!\?)", "(?:", _ATTRIBUTE.pattern)

TAG = re.compile(
    r"<!--(?:-?>|(?:[^-]++|-(?!-!?>))*+(?:--!?>|\Z))"
    r"|<(?:[!?]|/(?![a-zA-Z]))[^>]*+>?"
    rf"|<(?P<close>/?)(?P<name>[a-zA-Z][^{_SPACE}/>]*+)(?P<attributes>(?:{_UNGROUPED})*+)[{_SPACE}/]*+(?:>|\Z)"
)
"""A tag; or a comment or declaration, whose `name` is None."""

VOID = frozenset(
    {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)
RAW = frozenset(
    {"iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "textarea", "title", "xmp"}
)
"""Elements whose inside is text: what looks like tags there is none."""

NOTHING = "<!>"
"""An empty comment, for what is left out: text on both sides of it must not grow together to a tag."""


def attributes(tag: re.Match[str]) -> dict[str, str]:
    """Return the attributes as they are written (character references stay); the first of a name counts."""
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(tag["attributes"]):
        found.setdefault(name.lower(), "".join(values))
    return found


def written(name: str, values: dict[str, str]) -> str:
    """Write a start tag with attributes as `attributes` gives them."""
    quoted = {key: value.replace('"', "&quot;") for key, value in values.items()}
    return " ".join([f"<{name}", *[f'{key}="{value}"' for key, value in quoted.items()]]) + ">"


class Ends:
    """Find where the elements of one text end whose inside is text; each name that never ends is looked for once."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._endless: set[str] = set()

    def after(self, name: str, start: int) -> tuple[int, int] | None:
        """Return where the end tag of an element begins and ends; None where it has none, as `plaintext` never has.

        `start` is where its inside begins.
        """
        if name in self._endless or name == "plaintext":
            return None
        found = re.compile(rf"</{re.escape(name)}(?=[\s/>])[^>]*+>?", re.I).search(self._html, start)
        if found is None:
            self._endless.add(name)
        return found.span() if found else None
