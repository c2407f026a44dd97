"""Read headings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syndicator.content.markdown.tree import SPACE, Element

if TYPE_CHECKING:
    from syndicator.content.markdown.blocks import Blocks

_ATX = re.compile(r"(#{1,6})[\t ]+([^\n]*)\n")
_OLD_ATX = re.compile(r"(#{1,6})[\t ]*([^ \t\n][^\n]*)\n")
_SETEXT = re.compile(r" {0,3}([^ \t\n][^\n]*)\n([-=])[-=]*[ \t\r\f\v]*\n")
_HEADING_ID = re.compile(r"[\t ]\{#([^\W\d][\w:.\-]*)\}\Z")
_CLOSING_MARKS = re.compile(r"[\t ]#+\Z")
_OLD_CLOSING_MARKS = re.compile(r"(?<!\\)#+\Z")


def read(blocks: Blocks) -> bool:
    """Read `# Heading`, with `#` after it or not."""
    options = blocks.document.options
    quirky = options.github and options.interrupts
    if not quirky and not blocks.after_boundary():
        return False
    found = (_ATX if options.github else _OLD_ATX).match(blocks.source, blocks.position)
    if found is None:
        return False
    text, identifier = _heading_parts(found[2])
    text = (_CLOSING_MARKS if quirky else _OLD_CLOSING_MARKS).sub("", text).rstrip(SPACE)
    return _heading(blocks, len(found[1]), text, identifier, found.end())


def read_underlined(blocks: Blocks) -> bool:
    """Read a line with a line of `=` or `-` below it."""
    found = _SETEXT.match(blocks.source, blocks.position)
    if found is None:
        return False
    text, identifier = _heading_parts(found[1])
    return _heading(blocks, 1 if found[2] == "=" else 2, text, identifier, found.end())


def _heading_parts(text: str) -> tuple[str, str]:
    text = text.rstrip(SPACE)
    found = _HEADING_ID.search(text)
    return (text[: found.start()].rstrip(SPACE), found[1]) if found else (text, "")


def _heading(blocks: Blocks, level: int, text: str, identifier: str, end: int) -> bool:
    if not text:
        return False
    element = blocks.add(Element(f"h{level}"), end)
    element.children.append(text)
    if identifier:
        element.attributes["id"] = identifier
    return True
