"""Turn HTML into plain text, and tell what of it a reader sees."""

from __future__ import annotations

import re

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LEGAL = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*+")
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*+>")
_BLOCK = re.compile(
    r"<(?:br|/?(?:p|div|h[1-6]|hr|li|ul|ol|dl|dt|dd|pre|blockquote|table|caption|tr|section|article|main|header|footer|aside|nav"
    r"|address|details|summary|figure|figcaption|center|menu))\b[^<>]*>",
    re.I,
)
_CELL = re.compile(r"</t[dh]>", re.I)
_OTHER_TAG = re.compile(r"</?(?!a\b)[a-zA-Z!][^<>]*+>|&nbsp;", re.I)
_LINK = re.compile(r"<a\b[^<>]*+>[^<]*+</a>|https?://[^\s<>]++", re.I)
_SEPARATORS = " \t\r\n\u3000\xa0|｜·•・—–-_/／\\,，、。.:：;；«»‹›→←↑()（）【】*~[]"
_INVISIBLE_BEGINS = re.compile("<(?:!--|script|style)")
_INVISIBLE = (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>"))

_LONGEST_SUMMARY = 5_000
"""Characters."""
_MARKS = frozenset("*_`[")
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]]{0,200})\](?:\([^()\s]{0,500}(?:\s+\"[^\"]{0,200}\")?\)|\[[^\[\]]{0,200}\])")
_EMPHASIS = re.compile(r"(?<!\w)(\*\*|__|[*_`])(?=\S)(.{1,200}?)(?<=\S)\1(?!\w)")


def strip_illegal(text: str) -> str:
    """Drop the characters that XML 1.0 forbids, lone surrogates among them."""
    return text if _LEGAL.fullmatch(text) else _ILLEGAL.sub("", text)


def plain_text(source: str) -> str:
    """Return the visible text of HTML, one line per block, without empty lines."""
    if "<" in source:
        source = _CELL.sub(" ", _BLOCK.sub("\n", _without_invisible(source)))
        source = _TAG.sub("", source)
    if "&" in source:
        source = _unescaped(source)
    lines = [" ".join(line.split()) for line in source.split("\n")]
    return strip_illegal("\n".join([line for line in lines if line]))


def without_markdown(text: str) -> str:
    """Return one line of plain text without Markdown's marks for links, emphasis and code."""
    if _MARKS.isdisjoint(text) or len(text) > _LONGEST_SUMMARY:
        return text
    return _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", _MARKDOWN_LINK.sub(r"\1", text)))


def visible_text(html: str) -> str:
    """Return what a reader sees of clean HTML, to tell whether it changed: without tags and white space.

    Lines made of links and separators only do not count, so that a new or changed footer link is no update.
    """
    lines = _BLOCK.sub("\n", html).split("\n")
    return "".join(_TAG.sub("", "".join([line for line in lines if not only_links(line)])).split())


def only_links(html: str) -> bool:
    """Tell whether HTML shows links, with separators between them, and nothing else."""
    if "</a>" not in html and "://" not in html:
        return False
    without_links, links = _LINK.subn("", _OTHER_TAG.sub("", html))
    return links > 0 and not without_links.strip(_SEPARATORS)


def _unescaped(source: str) -> str:
    from html import unescape  # its table of 2,231 entities costs 3 ms at start-up

    return unescape(source)


def _without_invisible(text: str) -> str:
    if _INVISIBLE_BEGINS.search(text):
        for start, end in _INVISIBLE:
            text = _without(text, start, end)
    return text


def _without(text: str, start: str, end: str) -> str:
    """Cut every stretch from `start` to `end`, in linear time; one that never ends is left alone."""
    first, *rest = text.split(start)
    kept = [first]
    for piece in rest:
        _, closed, after = piece.partition(end)
        kept.append(after if closed else start + piece)
    return "".join(kept)
