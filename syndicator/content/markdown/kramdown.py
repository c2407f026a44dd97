"""Render Markdown by kramdown's rules: read blocks, then the spans in them while they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.content.markdown.blocks import Blocks
from syndicator.content.markdown.options import JEKYLL
from syndicator.content.markdown.tree import Document
from syndicator.content.markdown.writer import Writer

if TYPE_CHECKING:
    from syndicator.content.markdown.options import Options


def render(source: str, options: Options = JEKYLL) -> str:
    """Return the HTML of a source that ends with a line end."""
    document = Document(options, len(source))
    blocks = Blocks(source, document)
    blocks.read()
    return Writer(document).document(blocks.children)
