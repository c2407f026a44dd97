"""Render Markdown as kramdown, Jekyll's renderer, does.

Its rules are its own, so they are read by a reader of our own (`kramdown`). A body of which all renderers make the same
(`plain`) goes through pulldown-cmark, 30 times as fast.
"""

from __future__ import annotations

from pyromark import Markdown
from pyromark import Options as Extensions

from syndicator.content.markdown.options import JEKYLL, Options
from syndicator.content.markdown.options import read as read_options
from syndicator.content.markdown.plain import SAME, untouched

__all__ = ["JEKYLL", "Options", "read_options", "to_html"]

LONGEST = 1 << 18
"""Characters: hardly a post that anyone wrote is longer, and the worst of this length takes a second."""

_COMMON = Markdown(options=Extensions.ENABLE_SMART_PUNCTUATION)
_TABLES = Markdown(options=Extensions.ENABLE_SMART_PUNCTUATION | Extensions.ENABLE_TABLES)


def to_html(source: str, options: Options = JEKYLL) -> str:
    """Return the HTML that kramdown gives, but for indentation, the colours of code, and identifiers of headings."""
    if "\r" in source:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
    source = source.removesuffix("\n") + "\n"
    if len(source) > LONGEST:
        return str(_TABLES.html(source))
    if options is JEKYLL or options == JEKYLL:
        start = untouched(source)
        rest = source[start:]
        if SAME.match(rest + "\n"):
            # kramdown sets HTML blocks apart, though nothing stands between them.
            return source[:start] + str(_COMMON.html(rest.replace("</p><p", "</p>\n<p")))
    # Its patterns take 40 ms to compile: a build with one new post, which is plain, does without.
    from syndicator.content.markdown import kramdown

    return kramdown.render(source, options)
