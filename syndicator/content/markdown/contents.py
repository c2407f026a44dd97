"""Give headings their identifiers, and list them where `{:toc}` asks for it."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from syndicator.content.markdown.html import start_tag

if TYPE_CHECKING:
    from syndicator.content.markdown.options import Options
    from syndicator.content.markdown.tree import Element

_TAG = re.compile(r"<[^<>]*>")
_LINK_OR_FOOTNOTE = re.compile(r"<sup id=\"fnref:[^<>]*>.*?</sup>|</?a(?:\s[^<>]*)?>", re.S)
_NO_WORD = re.compile(r"[^\w\- \t]")
_NO_LETTER = re.compile(r"[^A-Za-z0-9 -]")
_FIRST_LETTER = re.compile(r"^[^A-Za-z]+")


class Headings:
    """Collect a document's headings."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._used: dict[str, int] = {}
        self._listed: list[tuple[int, str, str]] = []

    def add(self, level: int, element: Element, content: str) -> None:
        """Take a heading with its content as HTML; give it an identifier if it has none."""
        if "id" not in element.attributes:
            element.attributes["id"] = self._identifier(unescape(_TAG.sub("", content)))
        if level in self._options.contents_levels and "no_toc" not in element.attributes.get("class", "").split():
            self._listed.append((level, element.attributes["id"], content))

    def list(self, tag: str, attributes: dict[str, str]) -> str:
        """Write the headings as a list of links, those of lower levels within the one before them."""
        if not self._listed:
            return ""
        attributes = {"id": "markdown-toc"} | attributes
        out = [start_tag(tag, attributes), "\n"]
        levels: list[int] = []
        for level, identifier, content in self._listed:
            if levels and levels[-1] < level:
                out.append(f"\n<{tag}>\n")
            while levels and levels[-1] >= level:
                levels.pop()
                out.append("</li>\n")
                if levels and levels[-1] >= level:
                    out.append(f"</{tag}>\n")
            levels.append(level)
            text = _LINK_OR_FOOTNOTE.sub("", content)
            link = start_tag("a", {"href": f"#{identifier}", "id": f"{attributes['id']}-{identifier}"})
            out.append(f"<li>{link}{text}</a>")
        out.append(f"</li>\n</{tag}>\n" * len(levels))
        return "".join(out)

    def _identifier(self, text: str) -> str:
        if self._options.github:
            name = _NO_WORD.sub("", text.lower()).replace(" ", "-").replace("\t", "-")
        else:
            name = _NO_LETTER.sub("", _FIRST_LETTER.sub("", text)).replace(" ", "-").lower() or "section"
        count = self._used[name] = self._used.get(name, -1) + 1
        return f"{name}-{count}" if count else name
