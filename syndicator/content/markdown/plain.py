r"""Tell bodies of which every Markdown renderer makes the same, so that the fastest may render them.

They consist of paragraphs, headings and lines of `<p>…</p>` with blank lines between them, and hold no more than links,
addresses in angle brackets, code, apostrophes and references to characters. What kramdown and CommonMark might read in
two ways is not among it; it is no loss to leave out more, but for speed.
"""

from __future__ import annotations

import re

_TEXT = r"[^\0-\x1f<>&*_`\[\]\"'$\\{}~|\-.!^]"
"""What means nothing to anyone, wherever it stands in a line."""
_CALM = rf"(?:{_TEXT}|-(?!-)|\.(?!\.))"
_ADDRESS = r"(?:[\w:/?#@!,;=%.~+-]|&(?![\w#]++;))++"
_INLINE = rf"""(?:
    {_TEXT}++ | -(?![-\n]) | \.(?!\.) | !(?!\[) | (?<=\w)'(?=\w)
  | (?<!`)`[^`\s|](?:[^`\n|]*+(?<=\S))?`(?!`)
  | !?\[{_CALM}*+\]\({_ADDRESS}\) | <https?://{_ADDRESS}>
)"""
_LINE = rf"(?:\#{{1,6}}[ ])?(?![\s\#=:+>]|<p|`{{2}}|-|[0-9]++[.):]){_INLINE}++\n"
_ATTRIBUTES = r"(?:[ ][a-z-]++=\"[^\"<>&\n]*+\")*+"
_PIECE = rf"[^<>&\n]++ | &[a-z]++; | <br[ ]?/?> | <img{_ATTRIBUTES}[ ]?/?>"
_NESTED = r"(?!(?:area|col|hr|input|link|meta|p|script|source|style|track|wbr)\b)[a-z][a-z0-9]*+"


def _content(depth: int) -> str:
    """Return what matches the content of an element in one line, whose elements are all closed."""
    if not depth:
        return rf"(?:{_PIECE})*+"
    name = f"tag{depth}"
    return rf"(?:{_PIECE} | <(?P<{name}>{_NESTED}){_ATTRIBUTES}>{_content(depth - 1)}</(?P={name})>)*+"


_HTML = rf"(?:[ ]{{0,3}}(?:<p{_ATTRIBUTES}>{_content(6)}</p>)++[ ]*+\n)++"

_PARAGRAPHS = re.compile(r"(?:[ ]{0,3}<p>[^<]++</p>[ ]*+\n)++")


def untouched(source: str) -> int:
    """Return where the HTML paragraphs of bare text end that a source begins with, and that stay as they are."""
    # Looked for with the least of patterns, and at its matches once more: `[^<]` takes a fifth of the time of `[^<>&]`.
    found = _PARAGRAPHS.match(source)
    if found is None or "&" in found[0] or found[0].count(">") != found[0].count("<"):
        return 0
    return found.end()


SAME = re.compile(rf"\n*+(?:(?:(?:{_LINE})++|{_HTML})\n++)*+\Z", re.X)
