r"""Tell bodies of which every Markdown renderer makes the same, so that the fastest may render them.

`SAME` matches a whole body that consists of what kramdown and CommonMark agree on: blocks with blank lines between
them, and within text only marks that stand clear of each other. What it does not match is merely rendered more slowly.
"""

from __future__ import annotations

import re

_TEXT = r"[^\n\r\0-\x08\x0b\x0c\t<>&*_`\[\]\"'$\\{}~|\-.!^\ufeff\u2028\u2029\x85]"
"""What means nothing to anyone, wherever it stands in a line; CommonMark and Unicode know more line ends and blanks."""

_WORD = r"[0-9A-Za-z\u00c0-\u024f\u3040-\u30ff\u4e00-\u9fff]"
_URL = r"(?:[0-9A-Za-z:/?#@!,;=%.~+_-]|&amp;)"
_CALM = rf"(?:{_TEXT}|-(?!-)|\.(?!\.)|(?<={_WORD})'(?={_WORD}))"
_MARKED = rf"{_WORD}(?:[ ,;:/.-]?{_WORD})*+"
_INLINE = rf"""(?:
    {_TEXT}++
  | -(?![-\n]) | \.(?!\.) | !(?!\[)
  | (?<={_WORD})'(?=[ ,.]?{_WORD})
  | (?<=[ (])"(?={_WORD}){_CALM}++(?<={_WORD})"(?=[ ,;:).\n])
  | (?<=[ (\n])(?:_{_MARKED}_|\*{_MARKED}\*|\*\*{_MARKED}\*\*)(?=[ ,;:).\n])
  | (?<!`)`[^`\s|](?:[^`\n|]*+(?<=\S))?`(?!`)
  | !?\[{_CALM}*+\]\({_URL}++\)(?!\{{)
  | <https?://{_URL}++>
)"""
_TAGS = r"""(?:
    [^<>&\n]++ | &[a-z]++;
  | <(strong|b|em|i|a|span)(?:[ ][a-z-]++="[^"<>&\n]*+")*+>[^<>&\n]*+</\1>
  | <br[ ]?/?> | <img(?:[ ][a-z-]++="[^"<>&\n]*+")*+[ ]?/?>
)"""
_BEGINS = rf"""(?:
    (?= [^\s#>*+=:~`|<&$\{{\}}\\"'_.!^\[\-0-9] | [0-9]++(?![0-9.):])
      | <http | !?\[{_CALM}*+\]\( | `(?!`) | \*\*?{_WORD} | _{_WORD} )
)"""
_LINE = rf"{_BEGINS}{_INLINE}++[ ]?\n"
_ITEM = rf"[ ]{_LINE}"
_PARAGRAPH = rf"(?:{_LINE})++"
_HEADING = rf"\#{{1,6}}[ ](?=[^\s#]){_INLINE}++\n"
_HTML = rf"(?:[ ]{{0,3}}(?:<p(?:[ ]class=\"[\w -]*+\")?>{_TAGS}*+</p>)++[ ]*+\n)++"
_LIST = rf"(?:(?:\*{_ITEM}(?:[ ]{_ITEM})*+)++|(?:-{_ITEM}(?:[ ]{_ITEM})*+)++|1\.{_ITEM}(?:[0-9]{{1,2}}\.{_ITEM})*+)"
_CODE = r"```[a-z0-9+]*+\n(?=\S)(?:(?![ ]{0,3}(?:```|~~~))[^\n\r\0\t]*+\n)+?```\n"
_QUOTE = rf"(?:>[ ]{_LINE})++"
_RULE = r"(?:---|\*\*\*|\*[ ]\*[ ]\*)\n"

SAME = re.compile(
    rf"\n*+(?:(?:{_PARAGRAPH}|{_HEADING}|{_HTML}|{_LIST}|{_CODE}|{_QUOTE}|{_RULE})(?:[ ]{{0,3}}\n)++)*+\Z".replace(
        r"</\1>", r"</(?:strong|b|em|i|a|span)>"
    ),
    re.X,
)
