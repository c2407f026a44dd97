"""Set quotation marks, dashes and entities as kramdown does."""

from __future__ import annotations

import re
from html.entities import name2codepoint
from typing import TYPE_CHECKING

from syndicator.content.markdown.html import escape_code
from syndicator.content.markdown.tree import Html

if TYPE_CHECKING:
    from syndicator.content.markdown.options import Options

_PUNCTUATION = r"[!\"#$%'()*+,\-./:;<=>?@\[\\\]^_`{|}~]"
_QUOTE = re.compile(
    rf"""
      (?P<opens>["'])(?=[_*]{{1,2}}(?a:\S))
    | (?P<closes>["'])(?={_PUNCTUATION}(?!\.\.)\B)
    | (?P<blank1>(?a:\s)?)"'(?=(?a:\w))                 # "'Quoted' words in a larger quote"
    | (?P<blank2>(?a:\s)?)'"(?=(?a:\w))
    | (?P<blank3>(?a:\s)?)'(?=[0-9][0-9]s)              # the '80s
    | (?P<blank4>(?a:\s))(?P<opens4>["'])(?=(?a:\w))
    | (?P<before5>[^ \\\t\r\n\[{{(-])(?P<closes5>["'])
    | (?P<closes6>["'])(?=(?a:\s)|s\b|$)                # <i>Custer</i>'s Last Stand
    | (?P<before7>(?s:.?))(?P<opens7>["'])
    """,
    re.X | re.M,
)
_SYMBOLS = {
    "---": "—", "--": "–", "...": "…", "<< ": "«\xa0", " >>": "\xa0»", "<<": "«", ">>": "»",
}  # fmt: skip
_SYMBOL = re.compile(r"---|--|\.\.\.|<< | >>|<<|>>")
_ENTITY = re.compile(r"&(?:([A-Za-z0-9_:][-\w.:]*);|#([0-9]+);|#x([0-9a-fA-F]+);)", re.A)
_ESCAPED = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
_LARGEST = 0x10FFFF
_WINDOWS = {
    code: ord(bytes([code]).decode("cp1252")) for code in range(128, 160) if code not in (129, 141, 143, 144, 157)
}
"""Code points that old pages meant as Windows' own."""


def quote(source: str, position: int, options: Options) -> tuple[str, str, int] | None:
    """Return the text before the quotation mark(s) here, the marks, and where they end; None when there are none."""
    if source[position] not in "\"'" and source[position + 1 : position + 2] not in ("'", '"'):
        return None
    found = _QUOTE.match(source, position)
    if found is None:
        return None
    single_open, single_close, double_open, double_close = options.quotes
    kind, end = found.lastgroup or "", found.end()
    before = ""
    match kind:
        case "blank1":
            before, marks = found[kind], double_open + single_open
        case "blank2":
            before, marks = found[kind], single_open + double_open
        case "blank3":
            before, marks = found[kind], single_close
        case _:
            double = found[kind] == '"'
            opening = kind.startswith("opens")
            before = source[position : end - 1]
            marks = (double_open if double else single_open) if opening else (double_close if double else single_close)
    return before, marks, end


def symbol(source: str, position: int) -> tuple[str, str] | None:
    """Return the dashes, dots or angle quotes here and what they are set as."""
    found = _SYMBOL.match(source, position)
    return (found[0], _SYMBOLS[found[0]]) if found else None


def entity(source: str, position: int) -> tuple[int, str, str] | None:
    """Return the length of a character reference, the HTML for it, and the text of it where no such name is known."""
    found = _ENTITY.match(source, position)
    if found is None:
        return None
    name, decimal, hexadecimal = found.groups()
    if name is not None and name not in name2codepoint and name != "apos":
        return len(found[0]), "&amp;", found[0][1:]
    code = _code_point(name, decimal, hexadecimal)
    if not 0 < code <= _LARGEST or 0xD800 <= code < 0xE000:
        return len(found[0]), found[0], ""
    character = chr(_WINDOWS.get(code, code))
    return len(found[0]), _ESCAPED.get(character, character), ""


def _code_point(name: str | None, decimal: str | None, hexadecimal: str | None) -> int:
    if name is not None:
        return 39 if name == "apos" else name2codepoint[name]
    digits, base = (decimal, 10) if decimal is not None else (hexadecimal or "0", 16)
    return int(digits, base) if len(digits) < 9 else _LARGEST + 1


def math(formula: str, options: Options, *, block: bool = False) -> Html:
    """Write a formula between the marks that MathJax looks for."""
    escaped = escape_code(formula)
    if options.math:
        return Html(f"\\[{escaped}\\]\n" if block else f"\\({escaped}\\)")
    return Html(f"<div>$$\n{escaped}\n$$</div>\n" if block else f"<span>${escaped}$</span>")
