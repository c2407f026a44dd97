"""Read links, images, bare addresses in angle brackets, and marks of footnotes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syndicator.content.markdown.attributes import NAME
from syndicator.content.markdown.tree import SPACE, Element

if TYPE_CHECKING:
    from syndicator.content.markdown.spans import Spans

BRACKET = re.compile(r"(\])|!?\[")
_AUTOMATIC = re.compile(r"<((mailto|https?|ftps?):[^\n]+?|[\w.-]+?@[\w.-]+?)>")
_FOOTNOTE = re.compile(rf"\[\^({NAME})\]")
_START = re.compile(r"(!?)\[(?=[^^])")
_IDENTIFIER = re.compile(r"\s*?\[([^\]]+)?\]", re.A)
_IN_ANGLES = re.compile(r"\(<([^\n]*?)>(\))?")
_PARENTHESIS = re.compile(r"(\()|(\))|\s(?=['\"])", re.A)
_TITLE = re.compile(r"\s*?([\"'])(.+?)\1\s*?\)", re.A | re.S)
_ESCAPED = re.compile(r"\\([\\.*_+`<>()\[\]{}#!:|\"'$=-])")
_SPACES = re.compile(r"\s+", re.A)


def identifier(text: str) -> str:
    """Return the name by which a link definition is found."""
    return _SPACES.sub(" ", text).lower()


def read_automatic(spans: Spans) -> bool:
    """Read `<https://…>` or `<me@…>`."""
    found = _AUTOMATIC.match(spans.source, spans.position)
    if found is None:
        return False
    element = Element("a", attributes={"href": found[1] if found[2] else f"mailto:{found[1]}"})
    element.children.append(found[1].removeprefix("mailto:"))
    return spans.add(element, len(found[0]))


def read_footnote_mark(spans: Spans) -> bool:
    """Read `[^name]`, of which the definition is known."""
    found = _FOOTNOTE.match(spans.source, spans.position)
    if found is None:
        return False
    known = found[1] in spans.document.footnotes
    return spans.add(Element("[footnote]", found[1]) if known else found[0], len(found[0]))


def read(spans: Spans) -> bool:
    """Read a link or an image: `[text](address "title")`, `[text][id]`, `[id]`."""
    found = _START.match(spans.source, spans.position)
    if found is None:
        return False
    start, document = spans.position, spans.document
    element = Element("img" if found[1] else "a")
    refused = element.tag == "a" and spans.within("a", "img")
    if refused or spans.too_deep() or document.patience < 0:
        return spans.add(found[0], len(found[0]))
    spans.position = found.end()
    if spans.source.find("]", found.end()) < 0:
        document.searched_in_vain(len(spans.source) - start)
    elif _bracketed(spans, element):
        text = _ESCAPED.sub(r"\1", spans.source[found.end() : spans.position])
        spans.position += 1
        if _target(spans, element, text):
            spans.open[-1].children.append(element)
            return True
    document.read_in_vain(spans.position - start)
    spans.position = start
    return spans.add(found[0], len(found[0]))


def _bracketed(spans: Spans, element: Element) -> bool:
    """Read a link's text up to the bracket that closes it; brackets within it come in pairs."""
    depth = 1

    def closes(found: re.Match[str]) -> bool:
        nonlocal depth
        depth += -1 if found[1] else 1
        return depth == sum(type(child) is Element and child.tag == "img" for child in element.children)

    return spans.read(element, BRACKET, closes)


def _target(spans: Spans, element: Element, text: str) -> bool:
    """Give a link the address and title that follow its text; tell whether there are any."""
    source = spans.source
    reference = _IDENTIFIER.match(source, spans.position)
    if reference is not None or not source.startswith("(", spans.position):
        return _defined(spans, element, text, reference)
    address, closed = _address(spans)
    if closed:
        return _point(element, address, None, text)
    title = _TITLE.match(source, spans.position)
    if title is None:
        spans.document.searched_in_vain(len(source) - spans.position, pattern=True)
        return False
    spans.position = title.end()
    return _point(element, address, title[2], text)


def _defined(spans: Spans, element: Element, text: str, reference: re.Match[str] | None) -> bool:
    name = reference[1] if reference is not None and reference[1] else text
    link = spans.document.links.get(identifier(name))
    if link is None:
        return False
    if reference is not None:
        spans.position = reference.end()
    spans.document.apply(link.mark.given, element.attributes)
    element.give().references += link.mark.given.references if link.mark.given else []
    return _point(element, link.url, link.title, text)


def _address(spans: Spans) -> tuple[str, bool]:
    """Read `(address)`, or the part of it before a title; tell whether it was closed."""
    source, start = spans.source, spans.position
    if angles := _IN_ANGLES.match(source, start):
        spans.position = angles.end()
        return angles[1], angles[2] is not None
    depth = 0
    end = start
    for found in _PARENTHESIS.finditer(source, start):
        end = found.end()
        depth += 1 if found[1] else -1 if found[2] else 0
        if depth == 0 or not (found[1] or found[2]):
            break
    spans.position = end
    return source[start + 1 : end - 1].strip(SPACE), depth == 0


def _point(element: Element, address: str, title: str | None, text: str) -> bool:
    if element.tag == "a":
        element.attributes["href"] = address
    else:
        element.attributes |= {"src": address, "alt": text}
        element.children.clear()
    if title is not None:
        element.attributes["title"] = title
    return True
