"""Read what stands within a line of text: emphasis, code, links, quotes, HTML and the rest, in kramdown's order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from syndicator.content.markdown import emphasis, links, span_html, typography
from syndicator.content.markdown.tree import DEEPEST_SPAN, SPACE, Element, Html

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from syndicator.content.markdown.options import Options
    from syndicator.content.markdown.tree import Document

_SPACES = frozenset(SPACE)
_FENCE = re.compile("`+")
_ESCAPABLE = frozenset("\\.*_+`<>()[]{}#!:|\"'$=-")
_DELETED = re.compile(r"~~(?!\s|~).*?[^\s~]~~", re.S | re.A)


class Grammar(NamedTuple):
    """Hold which spans are read: a pattern that finds where one may begin, and who reads it, by its first character."""

    begins: re.Pattern[str]
    begins_in_brackets: re.Pattern[str]
    handlers: Mapping[str, Callable[[Spans], bool]]


class Spans:
    """Read a text from `position` on; `open` are the elements that the position is in, the innermost last."""

    __slots__ = ("breaks", "document", "grammar", "open", "position", "source")

    def __init__(self, source: str, document: Document, *, breaks: bool = True) -> None:
        self.breaks = breaks and document.options.github
        self.source = source
        self.document = document
        self.position = 0
        self.open: list[Element] = []
        self.grammar = _grammar_for(document.options)

    def read(
        self,
        element: Element,
        stop: re.Pattern[str] | None = None,
        accept: Callable[[re.Match[str]], bool] | None = None,
    ) -> bool:
        """Read into an element up to what `stop` matches and `accept` agrees to; tell whether that was found."""
        grammar = HTML_ONLY if element.raw else self.grammar
        source, children, handlers = self.source, element.children, grammar.handlers
        search = (grammar.begins_in_brackets if stop is links.BRACKET else grammar.begins).search
        self.open.append(element)
        found = False
        while begins := search(source, self.position):
            start = begins.start()
            first = source[start]
            if first in _REACH_BACK:
                start = _REACH_BACK[first](source, start, self.position)
            if start > self.position:
                children.append(source[self.position : start])
                self.position = start
            if stop is not None and (ends := stop.match(source, start)) and (accept is None or accept(ends)):
                found = True
                break
            if not handlers[first](self):
                children.append(source[start])
                self.position += 1
        if stop is None and self.position < len(source):
            children.append(source[self.position :])
            self.position = len(source)
        self.open.pop()
        return found

    def add(self, child: str | Element, length: int) -> bool:
        """Add a child that stands for so many characters."""
        self.open[-1].children.append(child)
        self.position += length
        return True

    def within(self, *tags: str) -> bool:
        """Tell whether the position is in one of these elements."""
        return any(element.tag in tags for element in self.open)

    def too_deep(self) -> bool:
        """Tell whether elements nest so deep here that no more are opened."""
        return len(self.open) > DEEPEST_SPAN


def read(source: str, document: Document, element: Element, *, breaks: bool) -> None:
    """Read a text's spans into an element; `breaks` tells whether a backslash at a line's end breaks the line."""
    Spans(source, document, breaks=breaks).read(element)


def _code(spans: Spans) -> bool:
    source, start = spans.source, spans.position
    found = _FENCE.match(source, start)
    assert found is not None
    fence, after = found[0], found.end()
    if len(fence) == 1 and (start == 0 or source[start - 1] in SPACE) and source[after : after + 1] in _SPACES:
        return spans.add(fence, 1)
    end = -1 if spans.document.patience < 0 else source.find(fence, after)
    if end < 0:
        spans.document.searched_in_vain(len(source) - after)
        return spans.add(fence, len(fence))
    text = source[after:end]
    if len(fence) > 1:
        text = text.removeprefix(" ").removesuffix(" ")
    return spans.add(Element("code", text), end + len(fence) - start)


def _math(spans: Spans) -> bool:
    source, start = spans.source, spans.position
    if _quoted(spans):
        return True
    if not source.startswith("$$", start) or spans.document.patience < 0:
        return False
    end = source.find("$$", start + 2)
    if end < 0:
        spans.document.searched_in_vain(len(source) - start)
        return False
    return spans.add(typography.math(source[start + 2 : end].strip(SPACE), spans.document.options), end + 2 - start)


def _backslash(spans: Spans) -> bool:
    source, start = spans.source, spans.position
    following = source[start + 1 : start + 2]
    if source.startswith(("<<", ">>"), start + 1) and spans.document.options.symbols:
        return spans.add(Html("&lt;&lt;" if following == "<" else "&gt;&gt;"), 3)
    if source.startswith("\\\n", start + 1) and not spans.document.options.hard_wrap:
        return spans.add(Element("br"), 2)
    if following in _ESCAPABLE or (following == "~" and spans.document.options.github):
        return spans.add(following, 2)
    if following == "\n" and spans.breaks and not spans.within("[html]"):
        at_end = start + 2 == len(source) and len(spans.open) == 1
        return spans.add("" if at_end else Element("br"), 1)
    return False


def _line_break(spans: Spans) -> bool:
    if not spans.document.options.hard_wrap:
        found = spans.source.startswith("  \n", spans.position)
        return spans.add(Element("br"), 2) if found else _quoted(spans)
    if spans.breaks and not spans.within("[html]"):
        spans.open[-1].children.append(Element("br"))
    return spans.add("\n", 1)


def _deleted(spans: Spans) -> bool:
    if _quoted(spans):
        return True
    document = spans.document
    found = None if document.patience < 0 or spans.too_deep() else _DELETED.match(spans.source, spans.position)
    if found is None:
        document.searched_in_vain(len(spans.source) - spans.position, pattern=True)
        return False
    element = Element("del")
    read(found[0][2:-2], document, element, breaks=False)
    return spans.add(element, len(found[0]))


def _symbol(spans: Spans) -> bool:
    if _quoted(spans):
        return True
    found = typography.symbol(spans.source, spans.position) if spans.document.options.symbols else None
    return spans.add(Html(found[1]), len(found[0])) if found else False


def _less(spans: Spans) -> bool:
    return links.read_automatic(spans) or span_html.read(spans) or _symbol(spans)


def _bracket(spans: Spans) -> bool:
    return links.read_footnote_mark(spans) or links.read(spans) or _quoted(spans)


def _entity(spans: Spans) -> bool:
    if _quoted(spans):
        return True
    found = typography.entity(spans.source, spans.position)
    if found is None:
        return False
    length, written, rest = found
    spans.add(Html(written), length)
    return spans.add(rest, 0) if rest else True


def _quoted(spans: Spans) -> bool:
    """Read a quotation mark, or one behind the character at the position."""
    found = typography.quote(spans.source, spans.position, spans.document.options)
    if found is None:
        return False
    before, marks, end = found
    if before:
        spans.open[-1].children.append(before)
    return spans.add(Html(marks), end - spans.position)


def _extension(spans: Spans) -> bool:
    return _quoted(spans) or span_html.read_extension(spans)


def _before_break(_source: str, at: int, low: int) -> int:
    return at - 2 if at - 2 >= low else at


def _before_quote(_source: str, at: int, low: int) -> int:
    return at - 1 if at > low else at


def _before_angles(source: str, at: int, low: int) -> int:
    return at - 1 if at > low and source[at - 1] == " " else at


_REACH_BACK: dict[str, Callable[[str, int, int], int]] = {
    "\n": _before_break, '"': _before_quote, "'": _before_quote, ">": _before_angles,
}  # fmt: skip
"""What is found by its last character, as its first one is common: where does it begin?"""

_HANDLERS: dict[str, Callable[[Spans], bool]] = {
    "*": emphasis.read, "_": emphasis.read, "`": _code, "<": _less, "[": _bracket, "!": _bracket, "]": _quoted,
    '"': _quoted, "'": _quoted, "$": _math, "{": _extension, "&": _entity, "-": _symbol, ".": _symbol, ">": _symbol,
    "\n": _line_break, "\\": _backslash, "~": _deleted,
}  # fmt: skip
"""Each reads what begins at the position and moves on; or it returns False and leaves everything as it was."""

_BEGINS = r"\*|_|`|<|\[|!\[|\"|'|\$|&|\\|\{:|--|\.\.\.|>>|"


def _grammar_for(options: Options) -> Grammar:
    if options.github:
        return HARD_WRAPPED if options.hard_wrap else GITHUB
    return PLAIN


def _grammar(begins: str) -> Grammar:
    return Grammar(re.compile(begins), re.compile(begins + r"|\]"), _HANDLERS)


PLAIN = _grammar(_BEGINS + r"\n(?<=  \n)")
GITHUB = _grammar(_BEGINS + r"\n(?<=  \n)|~~")
HARD_WRAPPED = _grammar(_BEGINS + r"\n|~~")
HTML_ONLY = Grammar(re.compile("<"), re.compile("<"), {"<": span_html.read})
CODE_ONLY = Grammar(re.compile("`"), re.compile("`"), {"`": _code})
CODE_AND_HTML = Grammar(re.compile("[`<]"), re.compile("[`<]"), {"`": _code, "<": span_html.read})
