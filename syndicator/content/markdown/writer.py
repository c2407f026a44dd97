"""Write a document's elements as HTML, as kramdown does but without its indentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.content.markdown import contents, html, span_writer, spans, tags
from syndicator.content.markdown.tree import Element

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.content.markdown.tree import Child, Document, Footnote

_BACK = '<a href="#fnref:{}" class="reversefootnote" role="doc-backlink">{}</a>'


class Writer:
    """Write blocks one after another; what is only known at the end, contents and footnotes, is filled in then."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._out: list[str] = []
        self._breaks = True
        self._contents: tuple[int, Element] | None = None
        self._headings = contents.Headings(document.options)
        self._notes_at: int | None = None
        self._inline = span_writer.SpanWriter(document)

    def document(self, blocks: list[Child]) -> str:
        """Return the HTML of a whole document."""
        self._blocks(blocks)
        notes = self._written_footnotes()
        if self._notes_at is None:
            self._out.append(notes)
        else:
            self._out[self._notes_at] = notes
        if self._contents is not None:
            place, element = self._contents
            self._out[place] = self._headings.list(element.tag, element.attributes)
        return "".join(self._out)

    def _blocks(self, blocks: list[Child]) -> None:
        for block in blocks:
            if isinstance(block, Element):
                self._document.apply(block.given, block.attributes)
                _WRITERS.get(block.tag, Writer._container)(self, block)
            else:
                self._out.append(block)

    def _blank(self, _element: Element) -> None:
        self._out.append("\n")

    def _nothing(self, _element: Element) -> None:
        """Write nothing for a mark."""

    def _verbatim(self, element: Element) -> None:
        self._out += [child for child in element.children if isinstance(child, str)]

    def _text(self, element: Element) -> None:
        self._out.append(self._spans(element))

    def _line(self, element: Element) -> None:
        content = self._spans(element)
        self._out.append(f"{html.start_tag(element.tag, element.attributes)}{content}</{element.tag}>\n")

    def _paragraph(self, element: Element) -> None:
        if element.raw:
            self._text(element)
        else:
            self._line(element)

    def _cell(self, element: Element) -> None:
        content = self._spans(element) or "\xa0"
        self._out.append(f"{html.start_tag(element.tag, element.attributes)}{content}</{element.tag}>\n")

    def _heading(self, element: Element) -> None:
        content = self._spans(element)
        level = min(max(int(element.tag[1]), 1), 6)
        self._headings.add(level, element, content)
        tag = f"h{min(max(level + self._document.options.header_offset, 1), 6)}"
        self._out.append(f"{html.start_tag(tag, element.attributes)}{content}</{tag}>\n")

    def _rule(self, element: Element) -> None:
        self._out.append(f"{html.start_tag('hr', element.attributes)[:-1]} />\n")

    def _code(self, element: Element) -> None:
        classes = element.attributes.pop("class", "").split()
        language = next((name for name in classes if name.startswith("language-")), "")
        if others := " ".join([name for name in classes if name != language]):
            element.attributes["class"] = others
        inner = html.start_tag("code", {"class": language} if language else {})
        code = html.escape_code(element.text.removesuffix("\n"))
        written = f"{html.start_tag('pre', element.attributes)}{inner}{code}\n</code></pre>\n"
        if self._document.options.line_numbers:
            written = self._numbered(written, code.count("\n") + 1)
        self._out.append(written)

    def _numbered(self, code: str, lines: int) -> str:
        first = self._document.options.first_line
        numbers = "\n".join([str(number) for number in range(first, first + lines)])
        return f"<table><tbody><tr><td><pre>{numbers}\n</pre></td><td>{code}</td></tr></tbody></table>\n"

    def _container(self, element: Element) -> None:
        self._out.append(f"{html.start_tag(element.tag, element.attributes)}\n")
        self._blocks(element.children)
        self._out.append(f"</{element.tag}>\n")

    def _list(self, element: Element) -> None:
        if self._contents is None and element.refers_to("toc"):
            self._contents = len(self._out), element
            self._out.append("")
        elif self._notes_at is None and element.refers_to("footnotes"):
            self._notes_at = len(self._out)
            self._out.append("")
        else:
            self._container(element)

    def _item(self, element: Element) -> None:
        first = element.children[0] if element.children else None
        tight = first is None or (isinstance(first, Element) and first.tag == "p" and first.raw)
        self._out.append(html.start_tag(element.tag, element.attributes) + ("" if tight else "\n"))
        self._blocks(element.children)
        self._out.append(f"</{element.tag}>\n")

    def _html(self, element: Element) -> None:
        start = html.start_tag(element.text, element.attributes)
        if not element.children:
            closed = element.text in tags.VOID
            self._out.append(f"{start[:-1]} />" if closed else f"{start}</{element.text}>")
            return
        self._out.append(start)
        breaks, self._breaks = self._breaks, False
        self._blocks(element.children)
        self._breaks = breaks
        self._out.append(f"</{element.text}>")

    def _block_html(self, element: Element) -> None:
        self._html(element)
        self._out.append("\n")

    def _spans(self, element: Element) -> str:
        """Read a block's text, and return it as HTML."""
        text = "".join([child for child in element.children if isinstance(child, str)])
        if not text:
            return ""
        holder = Element(element.tag)
        spans.read(text, self._document, holder, breaks=self._breaks)
        out: list[str] = []
        self._inline.write(holder.children, out)
        return "".join(out)

    def _written_footnotes(self) -> str:
        body, self._out, self._breaks = self._out, [], False
        for note in self._inline.notes:  # which grows, as a footnote may refer to another
            self._footnote(note)
        written, self._out = "".join(self._out), body
        if not written:
            return ""
        first = self._document.options.first_footnote
        start = html.start_tag("ol", {"start": str(first)} if first != 1 else {})
        return f'<div class="footnotes" role="doc-endnotes">\n{start}\n{written}</ol>\n</div>\n'

    def _footnote(self, note: Footnote) -> None:
        start = len(self._out)
        self._out.append(f'<li id="fn:{note.name}" role="doc-endnote">\n')
        self._blocks(note.blocks)
        links = self._back_links(note)
        if links and len(self._out) > start + 1 and self._out[-1].endswith("</p>\n"):
            self._out[-1] = f"{self._out[-1].removesuffix('</p>' + chr(10))}\xa0{links}</p>\n"
        elif links:
            self._out.append(f"<p>{links}</p>\n")
        self._out.append("</li>\n")

    def _back_links(self, note: Footnote) -> str:
        sign = html.escape(self._document.options.backlink)
        if not sign:
            return ""
        links = [_BACK.format(note.name, sign)]
        links += [
            _BACK.format(f"{note.name}:{number}", f"{sign}<sup>{number + 1}</sup>")
            for number in range(1, note.repeats + 1)
        ]
        return "\xa0".join(links)


_WRITERS: dict[str, Callable[[Writer, Element], None]] = {
    "p": Writer._paragraph, "pre": Writer._code, "hr": Writer._rule, "li": Writer._item, "dd": Writer._item,
    "dt": Writer._line, "td": Writer._cell, "th": Writer._cell, "ul": Writer._list, "ol": Writer._list,
    "[text]": Writer._text, "[blank]": Writer._blank, "[mark]": Writer._nothing, "[html]": Writer._block_html,
    "[comment]": Writer._verbatim, "[nomarkdown]": Writer._verbatim, "[math]": Writer._verbatim,
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), Writer._heading),
}  # fmt: skip
