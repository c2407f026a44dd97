"""Read attribute lists (`{: .class #id key="value"}`) and the marks they stand in."""

from __future__ import annotations

import re

from syndicator.content.markdown.tree import Attributes

NAME = r"[A-Za-z0-9_][A-Za-z0-9_-]*"
LONGEST = 400
"""Characters; longer lists do not occur, and a bound keeps a page of `{:` from being read n² times."""
ANY = rf"(?:\\\}}|[^}}]){{1,{LONGEST}}}"

BLOCK = rf"\{{:(?![:/])(?:\\\}}|[^}}\n]){{1,{LONGEST}}}\}}[ \t\r\f\v]*\n"
"""An attribute list on a line of its own, without its indentation."""

GIVEN = re.compile(rf"\s*\{{:(?!(?:{NAME})?:|/)({ANY})\}}\s*", re.A)
"""An attribute list at the beginning of a list item or a term, for the item itself."""

_PART = re.compile(
    rf"(?:\A|(?<=\s))(?:({NAME})=(?:\"((?:\\\}}|\\\"|[^}}\"])*)\"|'((?:\\\}}|\\'|[^}}'])*)')"
    rf"|({NAME})|((?:#[A-Za-z][\w:-]*|\.[^\s.#]+)+))(?=\s|\Z)"
)
_ID_OR_CLASS = re.compile(r"#([A-Za-z][\w:-]*)|\.([^\s.#]+)")
_ESCAPED = re.compile(r"\\([}\"'])")


def read(source: str, into: Attributes) -> None:
    """Add what a list holds, given without its braces; what is no attribute is passed over."""
    for key, double, single, reference, short in _PART.findall(source):
        if reference:
            into.references.append(reference)
        elif short:
            for identifier, name in _ID_OR_CLASS.findall(short):
                into.add("class" if name else "id", name or identifier)
        else:
            into.add(key, _ESCAPED.sub(r"\1", double or single))


def is_for_html(source: str | None) -> bool:
    """Tell whether `{::nomarkdown type="…"}` is meant for HTML, among others."""
    kinds = Attributes()
    read(source or "", kinds)
    return "html" in kinds.values.get("type", "html").split()
