"""Render Markdown as nearly as kramdown, Jekyll's renderer, does, at pulldown-cmark's speed."""

from __future__ import annotations

import re

from pyromark import Markdown, Options

_RENDERER = Markdown(
    options=Options.ENABLE_TABLES
    | Options.ENABLE_FOOTNOTES
    | Options.ENABLE_STRIKETHROUGH
    | Options.ENABLE_TASKLISTS
    | Options.ENABLE_SMART_PUNCTUATION
    | Options.ENABLE_HEADING_ATTRIBUTES
    | Options.ENABLE_DEFINITION_LIST
)
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_ATTRIBUTES = re.compile(r"\{:[^{}\n]*\}")
_ONLY_ATTRIBUTES = re.compile(r"[ \t>]*\{:[^{}\n]*\}[ \t]*\Z")
_ABBREVIATION = re.compile(r"\*\[[^\]\n]+\]:")
_CONTENTS_LIST = re.compile(r"[ \t]*[*+-] .*\Z|[ \t]*1\. .*\Z")


def to_html(source: str) -> str:
    """Return HTML; what kramdown adds to Markdown is honoured or, where feeds have no use for it, left out."""
    if ("{" in source and "{:" in source) or ("*" in source and "*[" in source):
        source = _without_kramdown(source)
    return str(_RENDERER.html(source))


def _without_kramdown(source: str) -> str:
    """Leave out attribute lists (`{: .class}`), `{:toc}` with its list item, and abbreviation definitions."""
    kept: list[str] = []
    fence = ""
    for line in source.split("\n"):
        fence = _fence_after(line, fence)
        if fence:
            kept.append(line)
        elif _ONLY_ATTRIBUTES.match(line):
            if "toc" in line and kept and _CONTENTS_LIST.match(kept[-1]):
                kept.pop()
        elif not _ABBREVIATION.match(line):
            kept.append(_without_attributes(line))
    return "\n".join(kept)


def _fence_after(line: str, fence: str) -> str:
    """Return the fence that is open after this line, or the empty string."""
    found = _FENCE.match(line)
    if found is None:
        return fence
    if not fence:
        return found[1]
    return "" if found[1].startswith(fence) and not line.strip("`~ \r") else fence


def _without_attributes(line: str) -> str:
    return line if "`" in line else _ATTRIBUTES.sub("", line)
