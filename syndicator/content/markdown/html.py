"""Recognise tags within Markdown, and write HTML."""

from __future__ import annotations

import re

from syndicator.content.markdown import tags

_NAME = r"(?u:(?>[^\W\d][\w.\-]*+(?::[^\W\d][\w.\-]*+)?))"
_ATTRIBUTE_VALUE = r"(?:\w++|\"[^\"]*+\"|'[^']*+')"

TAG = re.compile(rf"<({_NAME})((?>\s+{_NAME}(?:\s*=\s*{_ATTRIBUTE_VALUE})?)*+)\s*(/)?>")
CLOSING = re.compile(rf"</({_NAME})\s*>")
_ATTRIBUTE = re.compile(rf"({_NAME})(?:\s*=\s*(?:(\w++)|\"([^\"]*+)\"|'([^']*+)'))?")
_SPANS = "|".join(sorted(tags.SPANS | {"script"}))
ENDS_PARAGRAPH = rf"<(?>/(?!(?:{_SPANS})\b){_NAME}\s*>|(?!(?:{_SPANS})\b){_NAME})"
"""A tag that ends a paragraph when it begins a line."""

_REFERENCE = r"(?:[^\W\d]|[_:])[\w:.\-]*;|#[0-9]++;|#x[0-9a-fA-F]++;"
_BARE_AMPERSAND = re.compile(rf"&(?!{_REFERENCE})")


def escape(text: str) -> str:
    """Escape text, but for the character references in it."""
    if "&" in text:
        text = _BARE_AMPERSAND.sub("&amp;", text)
    return text.replace("<", "&lt;").replace(">", "&gt;")


def escape_code(text: str) -> str:
    """Escape code: a character reference in it is shown as it is written."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def start_tag(name: str, attributes: dict[str, str]) -> str:
    """Write a start tag."""
    if not attributes:
        return f"<{name}>"
    written = [
        f' {key}="{escape(value).replace(chr(34), "&quot;")}"'
        for key, value in attributes.items()
        if key != "id" or value.strip()
    ]
    return f"<{name}{''.join(written)}>"


def attributes_of(source: str, name: str) -> dict[str, str]:
    """Return the attributes of a tag; their names in lower case where HTML knows the tag."""
    found = {}
    for key, bare, double, single in _ATTRIBUTE.findall(source):
        found[key.lower() if name in tags.KNOWN else key] = bare or double or single
    return found


def name_of(written: str) -> str:
    """Return a tag's name: in lower case where HTML knows it."""
    name = written.lower()
    return name if name in tags.KNOWN else written
