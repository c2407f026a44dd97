"""Turn HTML into plain text, shorten it, and tell what of it a reader sees."""

from __future__ import annotations

import re
import unicodedata

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*+>")
_BLOCK = re.compile(
    r"<(?:br|/?(?:p|div|h[1-6]|hr|li|ul|ol|dl|dt|dd|pre|blockquote|table|tr|section|article|figure|figcaption|center))\b[^<>]*>",
    re.I,
)
_CELL = re.compile(r"</t[dh]>", re.I)
_PARAGRAPH = re.compile(r"<p\b[^<>]*>((?:[^<]++|<(?!/p>))*+)</p>")
_OTHER_TAG = re.compile(r"</?(?!a\b)[a-zA-Z!][^<>]*+>|&nbsp;", re.I)
_LINK = re.compile(r"<a\b[^<>]*+>[^<]*+</a>|https?://[^\s<>]++", re.I)
_SEPARATORS = " \t\r\n\u3000\xa0|｜·•・—–-_/／\\,，、。.:：;；«»‹›→←↑()（）【】*~[]"
_INVISIBLE_BEGINS = re.compile("<(?:!--|script|style)")
_INVISIBLE = (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>"))
_SENTENCE = re.compile(r"[。！？；…]+[”’」』）)\"']*|[.!?]+[\"'”’)]*(?=\s)")
_JOINERS = frozenset("\u200d\ufe0e\ufe0f\u20e3")
_MARKS = frozenset({"Mn", "Me", "Mc"})
_SKIN_TONE = re.compile("[\U0001f3fb-\U0001f3ff]")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
_LONGEST_WORD = 30
_BREAKABLE_FROM = "\u2e80"
_WORD = re.compile(r"(?:(?!\s)[\0-\u2e7f])+\Z")


def strip_illegal(text: str) -> str:
    """Drop the characters that XML 1.0 forbids, lone surrogates among them."""
    return _ILLEGAL.sub("", text)


def plain_text(source: str) -> str:
    """Return the visible text of HTML, one line per block, without empty lines."""
    if "<" in source:
        source = _CELL.sub(" ", _BLOCK.sub("\n", _without_invisible(source)))
        source = _TAG.sub("", source)
    if "&" in source:
        source = _unescaped(source)
    lines = [" ".join(line.split()) for line in source.split("\n")]
    return strip_illegal("\n".join([line for line in lines if line]))


def lead(source: str, limit: int) -> str:
    """Return the text of the first paragraphs of clean HTML, of at most `limit` characters.

    Paragraphs of links only, headings, code and tables count only where there is nothing else.
    """
    found: list[str] = []
    length = 0
    for paragraph in _PARAGRAPH.finditer(source):
        text = plain_text(paragraph[1])
        if text and not _only_links(paragraph[1]):
            found.append(text)
            length += len(text)
        if length >= limit:
            break
    return shorten(" ".join(found) or plain_text(source), limit)


def shorten(text: str, limit: int) -> str:
    """Cut text to `limit` characters: after a sentence in its second half, else after a word, with "…".

    White space becomes single blanks. Never cuts within a grapheme cluster (emoji sequences, combining marks) or a
    character reference.
    """
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    ends = [found.end() for found in _SENTENCE.finditer(text, 0, limit + 1) if found.end() <= limit]
    if ends and ends[-1] * 2 > limit:
        return text[: ends[-1]]
    return text[: _word_end(text, limit - 1)].rstrip(" ,，、:：;(（[【“‘") + "…"


def visible_text(html: str) -> str:
    """Return what a reader sees of clean HTML, to tell whether it changed: without tags and white space.

    Lines made of links and separators only do not count, so that a new or changed footer link is no update.
    """
    lines = _BLOCK.sub("\n", html).split("\n")
    return "".join(_TAG.sub("", "".join([line for line in lines if not _only_links(line)])).split())


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


def _only_links(html: str) -> bool:
    """Tell whether HTML shows links, with separators between them, and nothing else."""
    if "</a>" not in html and "://" not in html:
        return False
    without_links, links = _LINK.subn("", _OTHER_TAG.sub("", html))
    return links > 0 and not without_links.strip(_SEPARATORS)


def _word_end(text: str, end: int) -> int:
    """Step back from `end` so as to cut no word (Chinese and Japanese break anywhere) and no grapheme cluster."""
    earliest = max(0, end - _LONGEST_WORD)
    breaks = text[end].isspace() or text[end] >= _BREAKABLE_FROM
    if not breaks and (word := _WORD.search(text, earliest, end)) and word.start() > earliest:
        end = word.start()
    while end > 1 and _continues(text[end - 1], text[end]):
        end -= 1
    return end


def _continues(before: str, after: str) -> bool:
    """Tell whether two characters belong to one grapheme cluster, roughly as Unicode's UAX #29 has it."""
    if after in _JOINERS or before == "\u200d" or unicodedata.category(after) in _MARKS:
        return True
    return _SKIN_TONE.match(after) is not None or (_FLAG.match(before) is not None and _FLAG.match(after) is not None)
