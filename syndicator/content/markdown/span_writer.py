"""Write what stands within a line of text as HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syndicator.content.markdown import html, tags
from syndicator.content.markdown.tree import joined

if TYPE_CHECKING:
    from syndicator.content.markdown.tree import Child, Document, Element, Footnote


class SpanWriter:
    """Write the children of blocks; `notes` are the footnotes referred to, in the order of their numbers."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._abbreviations = _abbreviations(document)
        self.notes: list[Footnote] = []

    def write(self, children: list[Child], out: list[str], *, raw: bool = False) -> None:
        """Add the HTML of what stands within a block to `out`; in `raw` HTML nothing is abbreviated."""
        if self._abbreviations is not None and not raw:
            children = joined(children)
        for child in children:
            if type(child) is str:
                out.append(self._escaped(child, raw=raw))
            elif isinstance(child, str):
                out.append(child)
            else:
                self._span(child, out)

    def _span(self, element: Element, out: list[str]) -> None:
        match element.tag:
            case "code":
                code = html.escape_code(element.text)
                out.append(f"{html.start_tag('code', element.attributes)}{code}</code>")
            case "br":
                out.append("<br />")
            case "img":
                out.append(f"{html.start_tag('img', element.attributes)[:-1]} />")
            case "[footnote]":
                out.append(self._footnote_mark(element.text))
            case "[html]":
                self._span_html(element, out)
            case tag:
                out.append(html.start_tag(tag, element.attributes))
                self.write(element.children, out)
                out.append(f"</{tag}>")

    def _span_html(self, element: Element, out: list[str]) -> None:
        start = html.start_tag(element.text, element.attributes)
        if not element.children and element.text in tags.VOID:
            out.append(f"{start[:-1]} />")
            return
        out.append(start)
        self.write(element.children, out, raw=element.raw)
        out.append(f"</{element.text}>")

    def _escaped(self, text: str, *, raw: bool) -> str:
        escaped = html.escape(text)
        if self._abbreviations is None or raw:
            return escaped
        return self._abbreviations.sub(self._abbreviation, escaped)

    def _abbreviation(self, found: re.Match[str]) -> str:
        title, mark = self._document.abbreviations[found[0]]
        attributes = dict(mark.attributes)
        self._document.apply(mark.given, attributes)
        if title:
            attributes["title"] = title
        return f"{html.start_tag('abbr', attributes)}{found[0]}</abbr>"

    def _footnote_mark(self, name: str) -> str:
        note = self._document.footnotes[name]
        repeat = ""
        if note.number:
            note.repeats += 1
            repeat = f":{note.repeats}"
        else:
            self.notes.append(note)
            note.number = self._document.options.first_footnote + len(self.notes) - 1
        return (
            f'<sup id="fnref:{name}{repeat}" role="doc-noteref">'
            f'<a href="#fn:{name}" class="footnote" rel="footnote">{note.number}</a></sup>'
        )


def _abbreviations(document: Document) -> re.Pattern[str] | None:
    if not document.abbreviations:
        return None
    longest_first = sorted(document.abbreviations, key=len, reverse=True)
    names = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{names})(?![A-Za-z0-9_])")
