"""Read HTML and kramdown's extensions where they stand within text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syndicator.content.markdown import attributes, html, tags
from syndicator.content.markdown.tree import Attributes, Element, Html

if TYPE_CHECKING:
    from syndicator.content.markdown.spans import Spans

_EXTENSION = re.compile(rf"\{{::(\w+)(?:\s({attributes.ANY}?)|)(/)?\}}", re.A)
_LIST = re.compile(rf"\{{:(?!/(?:{attributes.NAME})?\}})({attributes.ANY})\}}")


def read(spans: Spans) -> bool:
    """Read a tag with its content, or a comment; a block's tag, or a closing one alone, is text."""
    source, start = spans.source, spans.position
    if source.startswith("<!--", start):
        return _comment(spans)
    if closing := html.CLOSING.match(source, start):
        return spans.add(closing[0], len(closing[0]))
    found = html.TAG.match(source, start)
    if found is None or spans.too_deep():
        return False
    name = html.name_of(found[1])
    if name in tags.BLOCKS:
        return spans.add(found[0], len(found[0]))
    element = Element("[html]", name, _attributes(found[2], name))
    element.raw = not _holds_markdown(spans, element)
    spans.add(element, len(found[0]))
    if not found[3] and name not in tags.VOID:
        _content(spans, element)
    return True


def _comment(spans: Spans) -> bool:
    end = -1 if spans.document.patience < 0 else spans.source.find("-->", spans.position + 4)
    if end < 0:
        spans.document.searched_in_vain(len(spans.source) - spans.position)
        return False
    return spans.add(Html(spans.source[spans.position : end + 3]), end + 3 - spans.position)


def _attributes(source: str, name: str) -> dict[str, str]:
    found = html.attributes_of(source, name) if source else {}
    return {key: re.sub(r"\n+", " ", value) for key, value in found.items()} if "\n" in source else found


def _holds_markdown(spans: Spans, element: Element) -> bool:
    default = element.text in tags.HOLDS_SPANS or element.text in tags.HOLDS_BLOCKS
    match element.attributes.pop("markdown", None):
        case "span":
            return True
        case "1":
            return default
        case "0":
            return False
        case _:
            return default and not spans.open[-1].raw and spans.document.options.html_spans


def _content(spans: Spans, element: Element) -> None:
    """Read up to the closing tag; where there is none, the element holds the rest."""
    ending = re.compile(rf"</{re.escape(element.text)}\s*>", re.I if element.text in tags.KNOWN else 0)
    if spans.read(element, ending):
        found = ending.match(spans.source, spans.position)
        spans.position += len(found[0]) if found else 0
    else:
        element.children.append(spans.source[spans.position :])
        spans.position = len(spans.source)


def read_extension(spans: Spans) -> bool:
    """Read `{:…}`: an attribute list for the element before it, `{::comment}`, `{::nomarkdown}`."""
    if spans.document.patience < 0:
        return False
    if found := _EXTENSION.match(spans.source, spans.position):
        return _extended(spans, found)
    found = _LIST.match(spans.source, spans.position)
    children = spans.open[-1].children
    if found is None or not children or type(children[-1]) is str:
        spans.document.searched_in_vain(attributes.LONGEST, pattern=True)
        return False
    if isinstance(last := children[-1], Element):
        own = Attributes()
        attributes.read(found[1], own)
        spans.document.apply(own, last.attributes)
        last.give().references += own.references
    spans.position = found.end()
    return True


def _extended(spans: Spans, found: re.Match[str]) -> bool:
    """Read an extension with what stands up to its end."""
    name, end, body = found[1], found.end(), ""
    if not found[3]:
        closing = re.compile(rf"\{{:/(?:{name})?\}}").search(spans.source, end)
        if closing is None:
            spans.document.searched_in_vain(len(spans.source) - end, pattern=True)
            return False
        body, end = spans.source[end : closing.start()], closing.end()
    if name == "comment":
        spans.open[-1].children.append(Html(f"<!-- {body} -->" if not found[3] else ""))
    elif name == "nomarkdown":
        spans.open[-1].children.append(Html(body if attributes.is_for_html(found[2]) else ""))
    elif name != "options":
        return False
    spans.position = end
    return True
