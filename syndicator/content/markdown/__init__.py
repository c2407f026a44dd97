"""Render Markdown as kramdown, Jekyll's renderer, does.

What kramdown makes of a body is found by a reader of its rules (`blocks`, `spans`), which no other renderer follows. A
body of which all renderers make the same (`plain`) goes through pulldown-cmark, 30 times as fast.
"""

from __future__ import annotations

from pyromark import Markdown
from pyromark import Options as Extensions

from syndicator.content.markdown import options
from syndicator.content.markdown.blocks import Blocks
from syndicator.content.markdown.options import JEKYLL, Options
from syndicator.content.markdown.plain import SAME
from syndicator.content.markdown.tree import Document
from syndicator.content.markdown.writer import Writer

__all__ = ["JEKYLL", "Options", "of_kramdown", "options", "to_html"]

_COMMON = Markdown(options=Extensions.ENABLE_SMART_PUNCTUATION)


def to_html(source: str, options: Options = JEKYLL) -> str:
    """Return the HTML that kramdown gives, but for indentation, the colours of code, and identifiers of headings."""
    source = source.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n") + "\n"
    if options == JEKYLL and SAME.match(source + "\n"):
        # kramdown sets HTML blocks apart, though nothing stands between them.
        return str(_COMMON.html(source.replace("</p><p", "</p>\n<p")))
    return of_kramdown(source, options)


def of_kramdown(source: str, options: Options = JEKYLL) -> str:
    """Return the HTML that kramdown gives for a source that ends with a line end, however plain it is."""
    document = Document(options, len(source))
    blocks = Blocks(source, document)
    blocks.read()
    return Writer(document).document(blocks.children)
