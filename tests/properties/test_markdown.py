from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from syndicator.content.markdown import kramdown, to_html
from syndicator.content.markdown.plain import SAME, untouched

_PLAIN = [
    "a", "b c", "中文，", "it's", " ", "-", ".", ". ", "!", "1", "#", "# ", "  \n", "\n", "\n\n", "`x -- y`", ")",
    ":", "=", "[a](b/c_d.e?f=1&g)", "![](i.png)", "<http://a.b/c_d>", "+", ">", "“", "—", "\n<p>a</p>\n\n", "<p>",
    "</p>", "<p>a--b *c* 'd'\n\n# e</p>\n", "<p>a > b</p>\n", "&nbsp;",
    '<p class="x">it\'s <b>b</b><br></p>', '<a href="b">', "</a>",
]  # fmt: skip
_MARKS = [
    "*", "**", "_", "`", "```\n", "~~~\n", "> ", "* ", "1. ", "    ", "\t", "|", "|-|\n", "[", "](", "][", "]", "[^1]",
    "\n[^1]: ", "\n[a]: b\n", "{: .c}", "{:toc}", "{::comment}", "{:/}", "<b>", "</b>", "<div>", "</div>", "<!--",
    "-->", '<div markdown="1">', "$$", "\\", '"', "'", "~~", "^\n", "\n: ", "*[a]: b\n", "<<", "&", "\r\n", "\0",
]  # fmt: skip
_ANYTHING = st.lists(st.sampled_from(_PLAIN + _MARKS) | st.text(max_size=3), max_size=20)


@given(st.lists(st.sampled_from(_PLAIN), max_size=8).map("".join))
def test_what_is_plain_is_rendered_alike_by_the_fast_renderer(source: str) -> None:
    source = source.removesuffix("\n") + "\n"
    plain = SAME.match(source[untouched(source) :] + "\n")
    assert not plain or _shown(to_html(source)) == _shown(kramdown.render(source))


@given(_ANYTHING.map("".join).filter(lambda source: "Ж" not in source))
def test_paragraphs_around_anything_are_kept(source: str) -> None:
    assert kramdown.render(f"Ж\n\n{source}\n\nЖ\n").count("Ж") == 2


def _shown(html: str) -> str:
    """Return HTML without identifiers of headings, white space at the edges of lines, and how void tags are closed."""
    html = re.sub(r'(<h[1-6]) id="[^"]*"', r"\1", html)
    html = re.sub(r"<(br|img)\b([^<>]*?) ?/?>", r"<\1\2>", html)
    html = re.sub(r"<img[^<>]*>", lambda tag: " ".join(sorted(tag[0].strip("<>").split())), html)
    html = re.sub(r" +(?=<br>)", "", html)
    return "\n".join([line.strip() for line in html.split("\n") if line.strip()])
