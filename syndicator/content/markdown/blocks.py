"""Read a text's blocks: paragraphs, headings, quotes, code and the rest, in kramdown's order."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from syndicator.content.markdown import attributes, block_html, definitions, headings, html, lists, tables, typography
from syndicator.content.markdown.tree import DEEPEST_BLOCK, SPACE, Attributes, Element

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.content.markdown.options import Options
    from syndicator.content.markdown.tree import Child, Document

_LINE = re.compile(r"(?P<blank>(?>\s*\n)+)|(?P<code>\t|[ ]{4})|[ ]{0,3}(?P<first>[^ \t])|(?P<odd>[^\n]*\n)", re.A)
_HTML_OR_LIST = rf" {{0,3}}(?:{attributes.BLOCK}|{html.ENDS_PARAGRAPH})"
_ENDS = rf"[ \t\r\f\v]*\n|{_HTML_OR_LIST}|\^[ \t\r\f\v]*\n|\Z"
_PARAGRAPH = re.compile(rf"\n(?={_ENDS}| {{0,3}}:[\t| ])")
_INTERRUPTED = re.compile(
    rf"\n(?={_ENDS}| {{0,3}}(?:[:*+-][\t| ]|[0-9]++\.[\t| ]|>|~[~`]{{2}}|`[~`]{{2}})|\#{{1,6}}[ \t])"
)
_QUOTE = re.compile(rf"\n(?={_ENDS})")
_QUOTE_MARK = re.compile(r"^ {0,3}> ?", re.M)
_BOUNDARY = re.compile(rf"[ \t\r\f\v]*\n|\^[ \t\r\f\v]*\n| {{0,3}}{attributes.BLOCK}|\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*(\S*)[ \t\r\f\v]*\n", re.A)
_INDENTED = re.compile(
    rf"(?:(?>(?:\s*\n)*)(?:(?:\t|[ ]{{4}})[ \t]*\S[^\n]*\n)+(?:(?!\^\s*?\n|{_HTML_OR_LIST})[ \t]*\S[^\n]*\n)*)*", re.A
)
_CODE_INDENT = re.compile(r"^(?:\t| {4})", re.M)
_LAZY_CODE = re.compile(r"\n( {0,3}\S)", re.A)
_FORMULA = re.compile(r" {0,3}(\\)?\$\$(.*?)\$\$(\s*?\n)?", re.S | re.A)


class Blocks:
    """Read a source, which ends with a line end, into `children`.

    `pending` is an attribute list that stands before the block it is for; `parent` the HTML element whose content is
    read as Markdown.
    """

    __slots__ = ("children", "depth", "document", "parent", "pending", "position", "source")

    def __init__(self, source: str, document: Document, depth: int = 0) -> None:
        self.source = source
        self.document = document
        self.depth = depth
        self.position = 0
        self.children: list[Child] = []
        self.pending: Attributes | None = None
        self.parent: Element | None = None

    def read(self) -> bool:
        """Read up to the end, or to the closing tag of `parent`; tell whether that was found."""
        while self.position < len(self.source):
            line = _LINE.match(self.source, self.position)
            assert line is not None
            kind = line.lastgroup
            if kind == "blank":
                self._blank(line)
            elif kind == "code":
                self._indented_code()
            elif kind == "odd":
                self.add(Element("[text]"), line.end()).children.append(line[0])
            elif (first := line["first"]) == "<" and self.parent is not None and block_html.closes(self):
                return True
            else:
                self._block(first)
        return False

    def inner(self, source: str) -> list[Child]:
        """Return the blocks of a source within this one, such as a list item."""
        return self.inner_pieces([source])

    def inner_pieces(self, sources: list[str]) -> list[Child]:
        """Return the blocks of several sources, one after another; text where they lie too deep."""
        if self.depth >= DEEPEST_BLOCK:
            paragraph = Element("p")
            paragraph.children.append("".join(sources).strip(SPACE))
            return [paragraph]
        blocks = Blocks("", self.document, self.depth + 1)
        for blocks.source in sources:
            blocks.position = 0
            blocks.read()
        return blocks.children

    def indented(self, start: int) -> int:
        """Return where lines that are indented like code, from a position on, end."""
        found = _INDENTED.match(self.source, start)
        return found.end() if found else start

    def add(self, element: Element, end: int) -> Element:
        """Add a block that ends at a position; an attribute list before it becomes its own."""
        if self.pending is not None:
            element.given, self.pending = self.pending, None
        self.children.append(element)
        self.position = end
        return element

    def mark(self, kind: str, end: int) -> Element:
        """Add a mark where something stood that is not shown: it ends what is before it."""
        return self.add(Element("[mark]", kind), end)

    def last(self) -> Element | None:
        """Return the last block."""
        last = self.children[-1] if self.children else None
        return last if isinstance(last, Element) else None

    def after_boundary(self) -> bool:
        """Tell whether a block that interrupts nothing may begin here."""
        last = self.last()
        return (
            last is None
            or last.tag == "[blank]"
            or (last.tag == "[mark]" and not last.text)
            or self.pending is not None
        )

    def at_boundary(self) -> bool:
        """Tell whether a block may end here."""
        return _BOUNDARY.match(self.source, self.position) is not None

    def _block(self, first: str) -> None:
        for reader in _BY_FIRST.get(first, ()):
            if reader(self):
                return
        if self.after_boundary() and self._by_line(self.source.find("\n", self.position)):
            return
        for reader in _AFTER_TABLES.get(first, ()):
            if reader(self):
                return
        self._paragraph()

    def _by_line(self, end: int) -> bool:
        """Read a heading or a table, which any character may begin."""
        if self.source.startswith(("-", "="), end + 1) and headings.read_underlined(self):
            return True
        return self.source.find("|", self.position, end) >= 0 and tables.read(self)

    def _blank(self, line: re.Match[str]) -> None:
        last = self.last()
        if last is not None and last.tag == "[blank]":
            last.text += line[0]
            self.position = line.end()
        else:
            self.add(Element("[blank]", line[0]), line.end())

    def _indented_code(self) -> None:
        found = _INDENTED.match(self.source, self.position)
        assert found is not None
        code = _CODE_INDENT.sub("", _LAZY_CODE.sub(r" \1", found[0]))
        self.add(Element("pre", code), found.end())

    def _paragraph(self) -> None:
        ends = _INTERRUPTED if self.document.options.interrupts and self.document.options.github else _PARAGRAPH
        found = ends.search(self.source, self.position)
        end = found.end() if found else len(self.source)
        text = self.source[self.position : end].rstrip(SPACE)
        last = self.last()
        if last is not None and last.tag == "p" and last.children and isinstance(last.children[-1], str):
            before = last.children.pop()
            assert isinstance(before, str)
            before += "  \n" if self.source.endswith("  \n", 0, self.position) else "\n"
            before += text
            last.children.append(before)
            self.position = end
        else:
            self.add(Element("p"), end).children.append(text.lstrip(SPACE))


def _fenced_code(blocks: Blocks) -> bool:
    document, source = blocks.document, blocks.source
    found = None if document.patience < 0 else _FENCE.match(source, blocks.position)
    if found is None or (not document.options.github and not source.startswith("~", blocks.position)):
        return False
    closing = _closing_fence(found[1], document.options).search(source, found.end() - 1)
    if closing is None:
        document.searched_in_vain(len(source) - blocks.position, pattern=True)
        return False
    code = source[found.end() : closing.start() + 1]
    element = blocks.add(Element("pre", code), closing.end())
    if language := found[2]:
        element.attributes["class"] = f"language-{language[0]}{language[1:].partition('?')[0]}"
    return True


@cache
def _closing_fence(fence: str, options: Options) -> re.Pattern[str]:
    indent = " {0,3}" if options.github else ""
    return re.compile(rf"\n{indent}{re.escape(fence)}{fence[0]}*+[ \t\r\f\v]*\n")


def _quote(blocks: Blocks) -> bool:
    found = _QUOTE.search(blocks.source, blocks.position)
    end = found.end() if found else len(blocks.source)
    source = _QUOTE_MARK.sub("", blocks.source[blocks.position : end])
    blocks.add(Element("blockquote"), end).children = blocks.inner(source)
    return True


def _rule(blocks: Blocks) -> bool:
    found = lists.RULE.match(blocks.source, blocks.position)
    if found is not None:
        blocks.add(Element("hr"), found.end())
    return found is not None


def _formula(blocks: Blocks) -> bool:
    if blocks.document.patience < 0 or not blocks.after_boundary():
        return False
    found = _FORMULA.match(blocks.source, blocks.position)
    if found is None:
        if blocks.source.find("$$", blocks.position, blocks.position + 6) >= 0:
            blocks.document.searched_in_vain(len(blocks.source) - blocks.position, pattern=True)
        return False
    start = blocks.position
    if found[1]:
        blocks.position = found.start(1) + 1 if found[3] else start
        return False
    blocks.position = found.end()
    if not blocks.at_boundary():
        blocks.position = start
        return False
    element = blocks.add(Element("[math]"), found.end())
    element.children.append(typography.math(found[2].strip(SPACE), blocks.document.options, block=True))
    return True


def _end_mark(blocks: Blocks) -> bool:
    found = lists.END_MARK.match(blocks.source, blocks.position)
    if found is not None:
        blocks.mark("", found.end())
    return found is not None


_RULE_OR_LIST = (_rule, lists.read)
_BY_FIRST: dict[str, tuple[Callable[[Blocks], bool], ...]] = {
    "`": (_fenced_code,), "~": (_fenced_code,), ">": (_quote,), "#": (headings.read,), "*": _RULE_OR_LIST,
    "-": _RULE_OR_LIST, "_": (_rule,), "+": (lists.read,), **dict.fromkeys("0123456789", (lists.read,)),
    ":": (definitions.read_list,), "<": (block_html.read,), "\\": (_formula,), "$": (_formula,),
}  # fmt: skip
_AFTER_TABLES: dict[str, tuple[Callable[[Blocks], bool], ...]] = {
    "[": (definitions.read_footnote, definitions.read_link), "*": (definitions.read_abbreviation,),
    "{": (definitions.read_extension,), "^": (_end_mark,),
}  # fmt: skip
