"""Read what defines: terms, footnotes, link addresses, abbreviations, and attribute lists on lines of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syndicator.content.markdown import attributes, lists
from syndicator.content.markdown.links import identifier
from syndicator.content.markdown.tree import SPACE, Attributes, Element, Footnote, Html, Link

if TYPE_CHECKING:
    from syndicator.content.markdown.blocks import Blocks

_CODE_INDENT = re.compile(r"^(?:\t| {4})", re.M)
_FOOTNOTE = re.compile(rf" {{0,3}}\[\^({attributes.NAME})\]:[ \t\r\f\v]*([^\n]*\n)")
_LINK = re.compile(r" {0,3}\[([^\n\]]+)\]:[ \t]*([^\n]*\S)[ \t\r\f\v]*\n", re.A)
_ANGLES = re.compile(r"<([^\n]*?)>(?:[ \t]*([\"'])([^\n]+)\2)?\Z")
_NEXT_TITLE = re.compile(r"[ \t]*([\"'])([^\n]+?)\1[ \t]*\n")
_TITLE_IN_ADDRESS = re.compile(r"[ \t]+[\"']")
_ABBREVIATION = re.compile(r" {0,3}\*\[([^\n]+?)\]:([^\n]*)\n")
_NAMED_LIST = re.compile(rf" {{0,3}}\{{:({attributes.NAME}):({attributes.ANY})\}}\s*?\n", re.A)
_EXTENSION = re.compile(rf" {{0,3}}\{{::(\w+)(?:\s({attributes.ANY}?)|)(/)?\}}\s*?\n", re.A)
_LIST = re.compile(rf" {{0,3}}\{{:(?![:/])({attributes.ANY})\}}\s*?\n", re.A)


def read_list(blocks: Blocks) -> bool:
    """Read the meanings (`: …`) of the terms in the paragraph just before."""
    children = blocks.children
    blank = blocks.last()
    spaced = blank is not None and blank.tag == "[blank]" and blank.text == "\n"
    terms = children[-2] if spaced and len(children) > 1 else blank
    if not isinstance(terms, Element) or terms.tag != "p":
        return False
    items, position = _meanings(blocks)
    if not items:
        return False
    del children[-2 if spaced else -1 :]
    element = Element("dl")
    element.given = terms.given
    element.children += _terms(terms)
    left_over = None
    for item, spaced_before in items:
        item.element.children = item.blocks(blocks)
        element.children.append(item.element)
        left_over = _finish(item.element, spaced_before=spaced_before or (spaced and item is items[0][0]))
    blocks.position = position
    _append(blocks, element)
    if left_over is not None:
        children.append(left_over)
    return True


def _terms(paragraph: Element) -> list[Element]:
    found = []
    for line in str(paragraph.children[0]).split("\n"):
        term = Element("dt")
        if given := attributes.GIVEN.match(line):
            attributes.read(given[1], term.give())
            line = line[given.end() :]
        term.children.append(line)
        found.append(term)
    return found


def _meanings(blocks: Blocks) -> tuple[list[tuple[lists.Item, bool]], int]:
    """Return the items with whether a blank line stands before each, and where they end."""
    source, position = blocks.source, blocks.position
    items: list[tuple[lists.Item, bool]] = []
    begins = lists.marker("dl", 4)
    after_blank = False
    while position < len(source):
        if found := begins.match(source, position):
            items.append((lists.Item("dd", found), after_blank))
            begins = lists.marker("dl", items[-1][0].indent.width)
            position, after_blank = found.end(), False
        elif not items or lists.END_MARK.match(source, position):
            break
        elif end := items[-1][0].line(source, position, after_blank=after_blank):
            position, after_blank = end, False
        elif found := lists.BLANK.match(source, position):
            items[-1][0].pieces[-1].append(found[0])
            position, after_blank = found.end(), True
        else:
            break
    return items, position


def _finish(item: Element, *, spaced_before: bool) -> Element | None:
    """Write a meaning's first paragraph without tags where no blank line stands before it; return a last blank."""
    if not item.children:
        return None
    last = item.children[-1]
    blank = last if isinstance(last, Element) and last.tag == "[blank]" else None
    if blank is not None:
        item.children.pop()
    first = item.children[0] if item.children else None
    if isinstance(first, Element) and first.tag == "p" and not spaced_before:
        if len(item.children) > 1:
            lists.append_line_end(first)
        first.raw = True
    return blank


def _append(blocks: Blocks, element: Element) -> None:
    """Add a list of definitions, to the one before it if there is one."""
    children = blocks.children
    last = blocks.last()
    before = children[-2] if last is not None and last.tag == "[blank]" and len(children) > 1 else last
    if isinstance(before, Element) and before.tag == "dl":
        if before is not last:
            children.pop()
        before.children += element.children
    else:
        blocks.add(element, blocks.position)


def read_footnote(blocks: Blocks) -> bool:
    """Read `[^name]: …` with the indented lines after it."""
    found = _FOOTNOTE.match(blocks.source, blocks.position)
    if found is None:
        return False
    following = blocks.indented(found.end())
    source = _CODE_INDENT.sub("", found[2] + blocks.source[found.end() : following])
    content = blocks.inner(source)
    blocks.document.footnotes[found[1]] = Footnote(found[1], content)
    blocks.mark("definition", following)
    return True


def read_link(blocks: Blocks) -> bool:
    """Read `[name]: address "title"`; the title may stand on the next line."""
    found = _LINK.match(blocks.source, blocks.position)
    if found is None:
        return False
    target, title, end = found[2], None, found.end()
    if angles := _ANGLES.match(target):
        target, title = angles[1], angles[3]
    elif (quote := _TITLE_IN_ADDRESS.search(target)) is not None:
        if len(target) < quote.end() + 2 or target[-1] != target[quote.end() - 1]:
            return False
        target, title = target[: quote.start()], target[quote.end() : -1]
    if title is None and (following := _NEXT_TITLE.match(blocks.source, end)):
        title, end = following[2], following.end()
    blocks.document.links[identifier(found[1])] = Link(target, title, blocks.mark("definition", end))
    return True


def read_abbreviation(blocks: Blocks) -> bool:
    """Read `*[HTML]: Hyper Text Markup Language`."""
    found = _ABBREVIATION.match(blocks.source, blocks.position)
    if found is None:
        return False
    blocks.document.abbreviations[found[1]] = found[2].strip(SPACE), blocks.mark("definition", found.end())
    return True


def read_extension(blocks: Blocks) -> bool:
    """Read a named attribute list, `{::comment}` and its like, or an attribute list for the block before or after."""
    if blocks.document.patience < 0:
        return False
    if found := _NAMED_LIST.match(blocks.source, blocks.position):
        attributes.read(found[2], blocks.document.lists.setdefault(found[1], Attributes()))
        blocks.mark("list", found.end())
        return True
    if found := _EXTENSION.match(blocks.source, blocks.position):
        return _extended(blocks, found)
    found = _LIST.match(blocks.source, blocks.position)
    if found is None:
        return False
    last = blocks.last()
    if last is not None and last.tag != "[blank]" and (last.tag != "[mark]" or last.text == "definition"):
        attributes.read(found[1], last.give())
        blocks.position = found.end()
        if not _LIST.match(blocks.source, blocks.position):
            blocks.mark("list", blocks.position)
        return True
    blocks.pending = blocks.pending or Attributes()
    attributes.read(found[1], blocks.pending)
    blocks.position = found.end()
    return True


def _extended(blocks: Blocks, found: re.Match[str]) -> bool:
    """Read an extension with what stands up to its end."""
    name, end, body = found[1], found.end(), None
    if not found[3]:
        closing = re.compile(rf"^ {{0,3}}\{{:/(?:{name})?\}}\s*?\n", re.M | re.A).search(blocks.source, end)
        if closing is None:
            blocks.document.searched_in_vain(len(blocks.source) - end, pattern=True)
            return False
        body, end = blocks.source[end : closing.start()].removesuffix("\n"), closing.end()
    if name == "options":
        blocks.mark("list", end)
        return True
    if name not in ("comment", "nomarkdown"):
        return False
    if body is not None:
        written = f"<!-- {body} -->\n" if name == "comment" else f"{body}\n" * attributes.is_for_html(found[2])
        text = Element(f"[{name}]")
        text.children.append(Html(written))
        blocks.children.append(text)
    blocks.position = end
    return True
