"""Read emphasis, by kramdown's rules on what may stand beside its marks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syndicator.content.markdown.tree import SPACE, Element

if TYPE_CHECKING:
    from syndicator.content.markdown.spans import Spans

_DELIMITERS = {mark: re.compile(re.escape(mark)) for mark in ("*", "**", "_", "__")}


def read(spans: Spans) -> bool:
    """Read `*…*`, `**…**` or the same with underscores; marks that nothing closes are text."""
    source, start = spans.source, spans.position
    mark = source[start]
    if source.startswith(mark, start + 1):
        mark *= 2
    tag = "strong" if len(mark) == 2 else "em"
    after = start + len(mark)
    if (mark[0] == "_" and _ends_word(source, start)) or source[after : after + 1] in SPACE or spans.within(tag):
        return spans.add(mark, len(mark))
    if spans.too_deep() or spans.document.patience < 0:
        return spans.add(mark, len(mark))
    element = _emphasised(spans, mark, tag)
    if element is None and tag == "strong" and spans.open[-1].tag != "em":
        spans.position = start
        element = _emphasised(spans, mark[0], "em")
    if element is not None:
        spans.open[-1].children.append(element)
        return True
    spans.position = start
    return spans.add(mark, len(mark))


def _emphasised(spans: Spans, mark: str, tag: str) -> Element | None:
    """Read what stands between two marks; None when there is no second one that closes."""
    source = spans.source
    start = spans.position + len(mark)
    if source.find(mark, start) < 0:
        spans.document.searched_in_vain(len(source) - start)
        return None
    element = Element(tag)

    def closes(found: re.Match[str]) -> bool:
        at, end = found.span()
        if source[at - 1] in SPACE or not element.children:
            return False
        if tag == "em" and source.startswith(mark * 2, at) and not source.startswith(mark, at + 2):
            return False
        return mark[0] != "_" or not source[end : end + 1].isalnum()

    spans.position = start
    if spans.read(element, _DELIMITERS[mark], closes):
        spans.position += len(mark)
        return element
    spans.document.read_in_vain(spans.position - start)
    return None


def _ends_word(source: str, end: int) -> bool:
    """Tell whether a letter, or a letter and a hyphen, stands before a position: `snake_case` is no emphasis."""
    before = source[max(0, end - 2) : end]
    return before[-1:].isalpha() or (before[-1:] == "-" and before[0].isalpha())
