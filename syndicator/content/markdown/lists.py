"""Read lists of items: what belongs to an item goes by its indentation, and by lines that just go on."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from syndicator.content.markdown import attributes, html
from syndicator.content.markdown.tree import SPACE, Element

if TYPE_CHECKING:
    from syndicator.content.markdown.blocks import Blocks
    from syndicator.content.markdown.tree import Child

_MARKERS = {"ul": "[+*-]", "ol": r"[0-9]+\.", "dl": ":"}
_TAIL = r"[\t| ][^\n]*\n"
_BEGINS = re.compile(rf" {{0,3}}(?:[+*-]|[0-9]+\.){_TAIL}")
_BEGINS_ORDERED = re.compile(r" {0,3}[0-9]")
RULE = re.compile(r" {0,3}([*_-])[ \t]*\1[ \t]*\1(?:\1|[ \t])*\n")
END_MARK = re.compile(r"\^\s*?\n", re.A)
BLANK = re.compile(r"(?>\s*\n)+", re.A)
_ONLY_GIVEN = re.compile(rf"(?:\s*\{{:(?!(?:{attributes.NAME})?:|/){attributes.ANY}\}}\s*)?\s*\n", re.A)
_TASK = re.compile(r"\A\s*\[([ xX])\]\s+", re.A)
_CHECKBOX = '<input type="checkbox" class="task-list-item-checkbox" disabled="disabled" />'
_CHECKED = _CHECKBOX.replace(" />", ' checked="checked" />')
_SPACE_THEN_TABS = re.compile(r"( *)(\t+)")


class Indent(NamedTuple):
    """Hold what decides whether a line belongs to an item whose content is indented so far."""

    content: re.Pattern[str]
    lazy: re.Pattern[str]
    width: int


@cache
def _indent(width: int) -> Indent:
    tabs, blanks = divmod(width, 4)
    unit = r"(?:\t|[ ]{4})"
    return Indent(
        re.compile(rf"(?:{unit}{{{tabs}}}[ ]{{{blanks}}}|{unit}{{{tabs + 1}}})[^\n]*\S[^\n]*\n", re.A),
        re.compile(rf"(?! {{0,{min(width, 3)}}}(?:{attributes.BLOCK}|{html.ENDS_PARAGRAPH}))[^\n]*\S[^\n]*\n", re.A),
        width,
    )


@cache
def marker(kind: str, width: int) -> re.Pattern[str]:
    """Return what begins the next item of a list whose items' content is indented so far."""
    return re.compile(rf"( {{0,{min(max(width, 1), 4) - 1}}}{_MARKERS[kind]})({_TAIL})")


class Item:
    """Hold an item while its lines are gathered, in pieces that are read as blocks one after another."""

    __slots__ = ("element", "indent", "nested", "pieces")

    def __init__(self, tag: str, begins: re.Match[str]) -> None:
        self.element = Element(tag)
        width, line = len(begins[1]), begins[2]
        if _ONLY_GIVEN.match(line):
            width = 4
        else:
            line = _expanded(line, width)
            width += len(line) - len(line.lstrip(" "))
        self.indent = _indent(min(width, 400))
        line = line.lstrip(SPACE)
        if given := attributes.GIVEN.match(line):
            attributes.read(given[1], self.element.give())
            line = line[given.end() :]
        self.pieces = [[line]]
        self.nested = _BEGINS.match(line) is not None

    def line(self, source: str, position: int, *, after_blank: bool) -> int:
        """Take the line at a position if it belongs to this item; return where it ends, or 0."""
        found = self.indent.content.match(source, position)
        if found is None and not after_blank:
            found = self.indent.lazy.match(source, position)
        if found is None:
            return 0
        self._take(_with_blanks(found[0]))
        return found.end()

    def _take(self, line: str) -> None:
        prefix = " " * self.indent.width
        indented = line.startswith(prefix)
        line = line.removeprefix(prefix)
        if self.element.tag == "li" and _BEGINS.match(line):
            if indented and not self.nested:
                # A list that begins without a blank line before it is no part of the paragraph.
                self.pieces.append([])
                self.nested = True
            elif self.nested and not indented:
                line = f"{prefix}    {line}"
        self.pieces[-1].append(line)

    def blocks(self, blocks: Blocks) -> list[Child]:
        """Return the item's blocks."""
        if len(self.pieces) == 1:
            return blocks.inner("".join(self.pieces[0]))
        return blocks.inner_pieces(["".join(piece) for piece in self.pieces])


def _with_blanks(line: str) -> str:
    """Make four blanks of each tab that a line begins with."""
    rest = line.lstrip("\t")
    return "    " * (len(line) - len(rest)) + rest


def _expanded(line: str, column: int) -> str:
    """Make blanks of the tabs before an item's content."""
    while (found := _SPACE_THEN_TABS.match(line)) is not None:
        tabs = 4 - ((len(found[1]) + column) % 4) + (len(found[2]) - 1) * 4
        line = found[1] + " " * tabs + line[found.end() :]
    return line


def read(blocks: Blocks) -> bool:
    """Read a list, ordered or not."""
    source = blocks.source
    if _BEGINS.match(source, blocks.position) is None:
        return False
    kind = "ol" if _BEGINS_ORDERED.match(source, blocks.position) else "ul"
    items, position, ended = _items(source, blocks.position, kind)
    element = blocks.add(Element(kind), position)
    left_over = None
    for item in items:
        item.element.children = item.blocks(blocks)
        element.children.append(item.element)
        if item.element.children:
            _join_first_paragraph(element, item.element, is_last=item is items[-1], ended=ended)
            left_over = _without_last_blank(item.element)
    if left_over is not None and not ended:
        blocks.children.append(left_over)
    if blocks.document.options.github:
        _mark_tasks(element)
    return True


def _items(source: str, position: int, kind: str) -> tuple[list[Item], int, bool]:
    """Return a list's items, where it ends, and whether an end mark ended it."""
    items: list[Item] = []
    begins = marker(kind, 4)
    after_blank = False
    while position < len(source):
        if after_blank and RULE.match(source, position):
            break
        if source.startswith("^", position) and (found := END_MARK.match(source, position)):
            return items, found.end(), True
        if found := begins.match(source, position):
            items.append(Item("li", found))
            begins = marker(kind, items[-1].indent.width)
            position, after_blank = found.end(), False
        elif end := items[-1].line(source, position, after_blank=after_blank):
            position, after_blank = end, False
        elif found := BLANK.match(source, position):
            items[-1].nested = after_blank = True
            items[-1].pieces[-1].append(found[0])
            position = found.end()
        else:
            break
    return items, position, False


def _without_last_blank(element: Element) -> Child | None:
    """Take a blank at the end of an item out of it."""
    last = element.children[-1]
    return element.children.pop() if _is(last, "[blank]") else None


def _join_first_paragraph(element: Element, item: Element, *, is_last: bool, ended: bool) -> None:
    """Write an item's first paragraph without tags where no blank line follows it."""
    children = item.children
    first = children[0]
    if not isinstance(first, Element) or first.tag != "p":
        return
    if len(children) > 1 and _is(children[1], "[mark]") and first.given is not None:
        del children[1]
    if not (len(children) < 2 or not _is(children[1], "[blank]") or (is_last and len(children) == 2 and not ended)):
        return
    if is_last and len(element.children) > 1 and all(map(_is_spaced, element.children[:-1])):
        return
    if len(children) > 1 and not _is(children[1], "[blank]"):
        append_line_end(first)
    first.raw = True


def append_line_end(paragraph: Element) -> None:
    """Set a paragraph without tags apart from the block after it."""
    paragraph.children[-1] = f"{paragraph.children[-1]}\n"


def _is_spaced(item: Child) -> bool:
    """Tell whether an item begins with a paragraph that has tags."""
    first = item.children[0] if isinstance(item, Element) and item.children else None
    return isinstance(first, Element) and first.tag == "p" and not first.raw


def _is(child: Child, tag: str) -> bool:
    return isinstance(child, Element) and child.tag == tag


def _mark_tasks(element: Element) -> None:
    """Make check boxes of `[ ]` and `[x]` at the beginning of items."""
    is_task = False
    for item in element.children:
        assert isinstance(item, Element)
        first = item.children[0] if item.children else None
        if not isinstance(first, Element) or first.tag != "p":
            continue
        text = first.children[0]
        if isinstance(text, str) and (box := _TASK.match(text)):
            first.children[0] = (_CHECKBOX if box[1] == " " else _CHECKED) + text[box.end() :]
            is_task = True
        if is_task:
            item.attributes["class"] = "task-list-item"
    if is_task:
        element.attributes["class"] = "task-list"
