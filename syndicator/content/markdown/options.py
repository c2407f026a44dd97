"""Read those of kramdown's options that change what a reader sees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_RANGE = re.compile(r"\s*([1-6])\s*\.\.\s*([1-6])\s*\Z")
_QUOTES = ("‘", "’", "“", "”")
_LEVELS = frozenset(range(1, 7))


@dataclass(frozen=True, slots=True)
class Options:
    """Hold options by what they do; the defaults are Jekyll 4's.

    `github` is the dialect (`input: GFM`), where blocks interrupt paragraphs (`interrupts`). `line_numbers` are shown
    beside blocks of code, `quotes` are for ' and " where they open and close.
    """

    github: bool = True
    interrupts: bool = True
    hard_wrap: bool = False
    symbols: bool = True
    html_blocks: bool = False
    html_spans: bool = True
    quotes: tuple[str, ...] = _QUOTES
    contents_levels: frozenset[int] = _LEVELS
    first_footnote: int = 1
    backlink: str = "&#8617;"
    math: bool = True
    header_offset: int = 0
    line_numbers: bool = False
    first_line: int = 1


JEKYLL = Options()


def read(section: object) -> Options:
    """Return what the section `kramdown` of a `_config.yml` asks for; what it does not hold stays as Jekyll has it."""
    if not isinstance(section, dict) or not section:
        return JEKYLL
    quirks = _words(section.get("gfm_quirks", "paragraph_end"))
    code = _code(section.get("syntax_highlighter_opts"))
    return Options(
        github=str(section.get("input", "GFM")).upper() == "GFM",
        interrupts="paragraph_end" in quirks,
        hard_wrap=section.get("hard_wrap") is True,
        symbols="no_auto_typographic" not in quirks,
        html_blocks=section.get("parse_block_html") is True,
        html_spans=section.get("parse_span_html") is not False,
        quotes=_quotes(section.get("smart_quotes")),
        contents_levels=_levels(section.get("toc_levels")),
        first_footnote=_number(section.get("footnote_nr"), 1),
        backlink=str(section.get("footnote_backlink", JEKYLL.backlink)),
        math="math_engine" not in section or section["math_engine"] == "mathjax",
        header_offset=_number(section.get("header_offset"), 0),
        line_numbers=code.get("line_numbers") is True,
        first_line=_number(code.get("start_line"), 1),
    )


def _code(settings: object) -> Mapping[str, object]:
    """Return how blocks of code are shown: what is said for blocks goes before what is said for all code."""
    if not isinstance(settings, dict):
        return {}
    block = settings.get("block")
    return settings | block if isinstance(block, dict) else settings


def _quotes(value: object) -> tuple[str, ...]:
    """Return the marks given as four names or numbers of characters: `lsquo,rsquo,ldquo,rdquo`."""
    marks = [unescape(f"&#{word};" if word.isdigit() else f"&{word};") for word in _words(value)]
    return tuple(marks) if len(marks) == len(_QUOTES) else _QUOTES


def _levels(value: object) -> frozenset[int]:
    if isinstance(value, str) and (found := _RANGE.match(value)):
        return frozenset(range(int(found[1]), int(found[2]) + 1))
    levels = frozenset(int(word) for word in _words(value) if word.isdigit())
    return levels or _LEVELS


def _words(value: object) -> list[str]:
    """Return the words of a list, or of a text with commas."""
    if isinstance(value, list):
        return [str(word) for word in value]
    return [word.strip() for word in str(value).split(",")] if isinstance(value, (str, int)) else []


def _number(value: object, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default
