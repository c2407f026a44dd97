"""Read HTML that begins a line: comments, and elements with their content, which is Markdown only where it says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syndicator.content.markdown import html, tags
from syndicator.content.markdown.tree import DEEPEST_BLOCK, Child, Element, Html

if TYPE_CHECKING:
    from syndicator.content.markdown.blocks import Blocks

_INDENT = re.compile(r" {0,3}")
_LINE_END = re.compile(r"[ \t]*\n")
_MARK = re.compile(r"<(?:[^\W\d]|[_/?]|!--)")


def closes(blocks: Blocks) -> bool:
    """Tell whether the closing tag of the element being read stands here, and pass it."""
    found = html.CLOSING.match(blocks.source, _indented(blocks))
    if found is None or blocks.parent is None or found[1].lower() != blocks.parent.text:
        return False
    blocks.position = found.end()
    return True


def read(blocks: Blocks) -> bool:
    """Read a comment, or an element that is not one of those that stand within text."""
    if blocks.source.startswith("<!--", blocks.position):
        return _comment(blocks)
    found = html.TAG.match(blocks.source, _indented(blocks))
    if found is None or found[1].lower() in tags.SPANS:
        return False
    element, markdown = _element(found)
    blocks.add(element, found.end())
    if found[3] or element.text in tags.VOID:
        return True
    if element.text in ("script", "style"):
        blocks.position = _verbatim(element.text, element.children, blocks.source, blocks.position)
        return True
    blocks.position = _content(blocks, element, markdown, found.end())
    _pass_line_end(blocks)
    return True


def _indented(blocks: Blocks) -> int:
    found = _INDENT.match(blocks.source, blocks.position)
    return found.end() if found else blocks.position


def _pass_line_end(blocks: Blocks) -> None:
    if found := _LINE_END.match(blocks.source, blocks.position):
        blocks.position = found.end()


def _comment(blocks: Blocks) -> bool:
    end = -1 if blocks.document.patience < 0 else blocks.source.find("-->", blocks.position + 4)
    if end < 0:
        blocks.document.searched_in_vain(len(blocks.source) - blocks.position)
        return False
    comment = Element("[comment]")
    comment.children.append(Html(blocks.source[blocks.position : end + 3] + "\n"))
    blocks.children.append(comment)
    blocks.position = end + 3
    _pass_line_end(blocks)
    return True


def _element(found: re.Match[str]) -> tuple[Element, str | None]:
    """Return the element that a tag begins, and what it says of Markdown in it."""
    name = html.name_of(found[1])
    element = Element("[html]", name, html.attributes_of(found[2], name) if found[2] else {})
    element.raw = True
    return element, element.attributes.pop("markdown", None)


def _content(blocks: Blocks, element: Element, markdown: str | None, position: int) -> int:
    """Read up to the closing tag; return where that ends. Where there is none, the element holds the rest."""
    default = "1" if blocks.document.options.html_blocks else "0"
    match _model(element, markdown or default):
        case "block":
            found = _LINE_END.match(blocks.source, position)
            return _markdown(blocks, element, found.end() if found else position)
        case "span":
            return _spans(blocks, element, position)
        case _:
            return _raw(blocks, element, position)


def _model(element: Element, markdown: str) -> str:
    """Return how content is read where the attribute `markdown` has this value: as blocks, spans or not at all."""
    if markdown == "1":
        return "block" if element.text in tags.HOLDS_BLOCKS else "span" if element.text in tags.HOLDS_SPANS else "raw"
    return markdown if markdown in ("block", "span") else "raw"


def _markdown(blocks: Blocks, element: Element, position: int) -> int:
    """Read an element's content as blocks; return where it ends."""
    if blocks.depth >= DEEPEST_BLOCK:
        return _raw(blocks, element, position)
    element.raw = False
    inner = type(blocks)(blocks.source, blocks.document, blocks.depth + 1)
    inner.position, inner.parent = position, element
    inner.read()
    element.children = [Html("\n"), *inner.children]
    return inner.position


def _spans(blocks: Blocks, element: Element, position: int) -> int:
    ending = re.compile(rf"</{re.escape(element.text)}\s*>", re.I).search(blocks.source, position)
    start, end = ending.span() if ending else (len(blocks.source), len(blocks.source))
    text = Element("[text]")
    text.children.append(blocks.source[position:start])
    element.children.append(text)
    return end


def _raw(blocks: Blocks, element: Element, position: int) -> int:
    """Read an element's content as HTML, with tags made regular; return where it ends.

    A closing tag that closes nothing is shown as text, and what is never closed ends with the source.
    """
    source = blocks.source
    open_tags = [element.text]
    children = element.children
    while open_tags:
        found = _MARK.search(source, position)
        if found is None:
            children.append(Html(html.escape(source[position:])))
            children += [Html(f"</{name}>") for name in reversed(open_tags[1:])]
            return len(source)
        if found.start() > position:
            children.append(Html(html.escape(source[position : found.start()])))
        position = _raw_tag(blocks, children, found.start(), open_tags)
    children.pop()
    return position


def _raw_tag(blocks: Blocks, children: list[Child], start: int, open_tags: list[str]) -> int:
    """Read one tag, or what looks like one; return where it ends."""
    source = blocks.source
    if source.startswith(("<!--", "<?"), start):
        end = source.find("-->" if source[start + 1] == "!" else "?>", start) if blocks.document.patience >= 0 else -1
        if end >= 0:
            end += 3 if source[start + 1] == "!" else 2
            children.append(Html(source[start:end]))
            return end
        blocks.document.searched_in_vain(len(source) - start)
    elif found := html.TAG.match(source, start):
        return _raw_element(blocks, children, found, open_tags)
    elif found := html.CLOSING.match(source, start):
        if html.name_of(found[1]) == open_tags[-1]:
            children.append(Html(f"</{open_tags.pop()}>"))
        else:
            children.append(Html(html.escape_code(found[0])))
        return found.end()
    children.append(Html("&lt;"))
    return start + 1


def _raw_element(blocks: Blocks, children: list[Child], found: re.Match[str], open_tags: list[str]) -> int:
    element, markdown = _element(found)
    end = found.end()
    closed = bool(found[3]) or element.text in tags.VOID
    if not closed and _model(element, markdown or "0") != "raw" and blocks.depth < DEEPEST_BLOCK:
        children.append(element)
        return _content(blocks, element, markdown, end)
    written = html.start_tag(element.text, element.attributes)
    if closed:
        children.append(Html(f"{written[:-1]} />"))
        return end
    children.append(Html(written))
    if element.text in ("script", "style"):
        end = _verbatim(element.text, children, blocks.source, end)
        children.append(Html(f"</{element.text}>"))
    else:
        open_tags.append(element.text)
    return end


def _verbatim(name: str, children: list[Child], source: str, position: int) -> int:
    """Take a script or a style sheet as it is; return where it ends."""
    ending = re.compile(rf"</{name}\s*>", re.I).search(source, position)
    start, end = ending.span() if ending else (len(source), len(source))
    children.append(Html(source[position:start]))
    return end
