"""Say in a few sentences what a post is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syndicator.content import graphemes
from syndicator.content.text import only_links, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARAGRAPH = re.compile(r"<p\b[^<>]*>((?:[^<]++|<(?!/p>))*+)</p>")
_APART = re.compile(r"<(pre|table|h[1-6]|figcaption|math|nav|header|footer)\b[^<>]*>(?:[^<]++|<(?!/\1>))*+</\1>")
"""What is read beside a text, not as a part of it."""
_CAPTION = re.compile(
    r"(?:<a\b[^<>]*>)?<img\b[^<>]*>(?:</a>)?\s*(?:<br>\s*)?<(em|i|small)>(?:[^<]++|<(?!/\1>))*+</\1>\s*\Z"
)
_END = re.compile(r"[.!?。！？；…]+[”’」』）)\"']*")
_ABBREVIATION = re.compile(
    r"\b(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|No|Fig|Vol|Inc|Ltd|Co|Corp|Gen|Sen|Rep|Gov|approx|al)\.\Z"
)
_ENDED = re.compile(r"[.!?。！？…:：;；][\"'”’」』）)]*\Z")
_HAN = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_BROKEN_LINE = re.compile(rf"\n(?<={_HAN}\n)(?={_HAN})")
_SHORT = 60
"""Characters: a first line that is shorter and no sentence is a date, a place or a note, if sentences follow."""
_WORD = re.compile(r"(?:(?!\s)[\0-\u2e7f])+\Z")
_BREAKABLE_FROM = "\u2e80"
_LONGEST_WORD = 30
_LONGEST_PARAGRAPH = 20_000
_MOST_MARKS = 32
"""Characters a cluster, above which a text is no language's."""


def lead(html: str, limit: int, *, title: str = "", one: bool = False) -> str:
    """Return the text of the first paragraphs of clean HTML (of `one`, if so told), of at most `limit` characters.

    Headings, code, tables, captions and first lines that are no sentences count only where there is nothing else;
    lines of links and first lines that repeat the title never.
    """
    found: list[str] = []
    notes: list[str] = []
    length = 0
    for text in _paragraphs(html, title):
        if not found and len(text) < _SHORT and not _ENDED.search(text):
            notes.append(text)
            continue
        found.append(text)
        length += len(text)
        if one or length >= limit or (length * 2 >= limit and text[-1] in ":："):
            break
    return _told("\n".join(found or notes) or _rest(html, title), limit)


def shorten(text: str, limit: int) -> str:
    """Cut text to `limit` characters: after a sentence in its second half, else after a word, with "…".

    Characters are what readers take for one (`graphemes`): none is ever cut. White space becomes single blanks.
    """
    text = " ".join(text.split())[: limit * _MOST_MARKS]
    end = graphemes.cut(text, limit)
    if end == len(text):
        return text
    if sentence := _sentence_end(text, end // 2, end):
        return text[:sentence]
    return text[: _word_end(text, graphemes.cut(text, limit - 1))].rstrip(" ,，、:：;(（[【“‘") + "…"


def _told(text: str, limit: int) -> str:
    """Shorten text whose lines are broken anywhere; where it announces what is not shown, say that more follows."""
    short = shorten(_BROKEN_LINE.sub("", text), limit)
    return short[:-1] + "…" if short.endswith((":", "：")) else short


def _paragraphs(html: str, title: str) -> Iterator[str]:
    for paragraph in _PARAGRAPH.finditer(html):
        inside = paragraph[1][:_LONGEST_PARAGRAPH]
        if not only_links(inside) and not ("<img" in inside and _CAPTION.match(inside)):
            text = _text_of(inside, title)
            if any(map(str.isalnum, text)):
                title = ""  # from here on a text may speak of it
                yield text


def _rest(html: str, title: str) -> str:
    """Return what there is besides paragraphs: lists and bare text, or else headings, tables and code."""
    other = _PARAGRAPH.sub("\n", html)
    return _text_of(_APART.sub("\n", other), title) or _text_of(other, title)


def _text_of(html: str, title: str) -> str:
    """Return plain text without the lines at its beginning that repeat the title."""
    lines = plain_text(html).split("\n")
    while title and lines and len(lines[0]) < 2 * len(title) and _letters(lines[0]) == _letters(title):
        del lines[0]
    return "\n".join(lines)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _sentence_end(text: str, earliest: int, latest: int) -> int:
    """Return where the last sentence ends that ends between two places; 0 where none does."""
    stops = reversed([*_END.finditer(text, earliest, latest)])
    return next((stop.end() for stop in stops if _ends_sentence(text, *stop.span())), 0)


def _ends_sentence(text: str, start: int, end: int) -> bool:
    """Tell whether a stop is a full one: those of Han always are, others before a blank and no small letter."""
    if text[start] >= _BREAKABLE_FROM or text[start] == "…":
        return True
    follows = text[end : end + 2]
    return follows[0].isspace() and not follows[1:].islower() and not _ABBREVIATION.search(text, max(0, start - 7), end)


def _word_end(text: str, end: int) -> int:
    """Step back from `end` so as to cut no word (Chinese and Japanese break anywhere) and no cluster."""
    earliest = max(0, end - _LONGEST_WORD)
    breaks = text[end].isspace() or text[end] >= _BREAKABLE_FROM
    if not breaks and (word := _WORD.search(text, earliest, end)) and word.start() > earliest:
        end = word.start()
    while end > 1 and not graphemes.parts(text, end):
        end -= 1
    return end
