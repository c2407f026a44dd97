"""Read tables: lines with a pipe in each, between block boundaries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syndicator.content.markdown.spans import CODE_AND_HTML, CODE_ONLY, Spans
from syndicator.content.markdown.tree import SPACE, Element, joined

if TYPE_CHECKING:
    from syndicator.content.markdown.blocks import Blocks
    from syndicator.content.markdown.tree import Child, Document

_PIPE = r"(?:\||[^\n]*?[^\\\n]\|)"
_START = re.compile(rf" {{0,3}}(?=\S){_PIPE}", re.A)
_HAS_PIPE = re.compile(_PIPE)
_RULE = re.compile(r"(?=[+|: \t]*+-)([+|: \t-]++)\n")
_FOOT_RULE = re.compile(r"(?=[+|: \t]*+=)[+|: \t=]++\n")
_ROW = re.compile(r"([^\n]*)\n")
_ALIGNMENT = re.compile(r"[ \t]?(:?)-+(:?)[ \t]?")
_CODE_TAGS = re.compile(r"(<code[^\n]*?>[^\n]*?</code>)")
_CELL_END = re.compile(r"(?<!\\)\|")
_TICKS = re.compile("`+")
_SIDES = {("", ""): "", (":", ""): "left", ("", ":"): "right", (":", ":"): "center"}


def read(blocks: Blocks) -> bool:
    """Read a table, if every line up to the next boundary has a pipe outside of code."""
    start = blocks.position
    if _START.match(blocks.source, start) is None:
        return False
    table = Table(blocks)
    end = table.read_rows(start)
    blocks.position = end
    if not (blocks.at_boundary() and _pipes_throughout(blocks.source[start : end - 1], blocks.document)):
        blocks.position = start
        blocks.document.read_in_vain(end - start)
        return False
    table.close()
    if not any(group.tag == "tbody" for group in table.groups):
        blocks.position = start
        return False
    blocks.add(table.element(), end)
    return True


class Table:
    """Hold a table while its rows are read."""

    def __init__(self, blocks: Blocks) -> None:
        self._source = blocks.source
        self._document = blocks.document
        self._rows: list[list[str]] = []
        self._alignment: list[str] = []
        self._has_foot = False
        self.groups: list[Element] = []
        self._group_rows: list[list[list[str]]] = []

    def read_rows(self, position: int) -> int:
        """Read rows and the rules between them from a position on; return where they end."""
        source = self._source
        self._leading_pipe = source[position : source.find("\n", position)].lstrip(SPACE).startswith("|")
        if rule := _RULE.match(source, position):
            position = rule.end()
        while position < len(source) and _HAS_PIPE.match(source, position):
            if found := _RULE.match(source, position):
                self._rule(found[1])
            elif found := _FOOT_RULE.match(source, position):
                self._close_group("tbody", force=True)
                self._has_foot = True
            else:
                found = _ROW.match(source, position)
                assert found is not None
                self._rows.append(self._cells(found[1]))
            position = found.end()
        return position

    def close(self) -> None:
        """End the last group of rows."""
        self._close_group("tfoot" if self._has_foot else "tbody")

    def element(self) -> Element:
        """Return the table, with as many cells in every row."""
        table = Element("table")
        columns = max(len(row) for rows in self._group_rows for row in rows)
        alignment = (self._alignment + [""] * columns)[:columns]
        for group, rows in zip(self.groups, self._group_rows, strict=True):
            group.children = [_row(row + [""] * (columns - len(row)), group.tag, alignment) for row in rows]
        table.children = list(self.groups)
        return table

    def _rule(self, rule: str) -> None:
        if not self._rows:
            return
        if self._alignment or self._has_foot:
            self._close_group("tbody")
        else:
            self._close_group("thead")
            self._alignment = [_SIDES[sides[0], sides[1]] for sides in _ALIGNMENT.findall(rule)]

    def _close_group(self, tag: str, *, force: bool = False) -> None:
        if self._rows and (not self._has_foot or tag != "tbody" or force):
            self.groups.append(Element(tag))
            self._group_rows.append(self._rows)
            self._rows = []

    def _cells(self, row: str) -> list[str]:
        if "`" in row or "<code" in row:
            cells = self._cells_with_code(row)
        else:
            cells = [cell.replace("\\|", "|") for cell in _CELL_END.split(row)]
        if self._leading_pipe and not cells[0].strip(SPACE):
            del cells[0]
        if cells and not cells[-1].strip(SPACE):
            del cells[-1]
        return [cell.strip(SPACE) for cell in cells]

    def _cells_with_code(self, row: str) -> list[str]:
        """Split a row at its pipes, but for those in code."""
        cells = [""]
        for number, part in enumerate(_CODE_TAGS.split(row)):
            if number % 2:
                cells[-1] += part
                continue
            for child in _children(part, self._document):
                if isinstance(child, Element):
                    cells[-1] += _code(child.text)
                else:
                    first, *rest = [cell.replace("\\|", "|") for cell in _CELL_END.split(child)]
                    cells[-1] += first
                    cells += rest
        return cells


def _children(source: str, document: Document) -> list[Child]:
    """Return a text as text and code spans, each text as a whole."""
    element = Element("[text]")
    spans = Spans(source, document)
    spans.grammar = CODE_ONLY
    spans.read(element)
    return joined(element.children)


def _code(text: str) -> str:
    """Write code as a code span again."""
    ticks = max(_TICKS.findall(text), default="") + "`"
    return f"{ticks} {text} {ticks}" if len(ticks) > 1 else f"`{text}`"


def _row(cells: list[str], group: str, alignment: list[str]) -> Element:
    row = Element("tr")
    for text, side in zip(cells, alignment, strict=True):
        cell = Element(
            "th" if group == "thead" else "td", attributes={"style": f"text-align: {side}"} if side else None
        )
        cell.children.append(text)
        row.children.append(cell)
    return row


def _pipes_throughout(source: str, document: Document) -> bool:
    """Tell whether each line has a pipe that stands neither in code nor in HTML."""
    if "`" not in source and "<" not in source:
        return True  # there is a pipe in every line, or it would not have been read as a row
    element = Element("[text]")
    spans = Spans(source, document)
    spans.grammar = CODE_AND_HTML
    spans.read(element)
    piped = False
    for child in joined(element.children):
        lines = (child if isinstance(child, str) else child.text).rstrip("\n").split("\n")
        if isinstance(child, Element) and child.tag == "code":
            if len(lines) > 2 or (len(lines) == 2 and not piped):
                break
            piped = piped and len(lines) < 2
        else:
            if len(lines) > 1 and not piped and not _HAS_PIPE.match(lines[0]):
                break
            piped = (piped and len(lines) < 2) or _HAS_PIPE.match(lines[-1]) is not None
    return piped
