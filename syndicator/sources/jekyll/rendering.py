"""Render a document's body: Markdown, sanitising, and its summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.content import markdown, sanitise, text
from syndicator.models import Content, Problem
from syndicator.sources.jekyll import fields

if TYPE_CHECKING:
    from syndicator.sources.jekyll.config import Config
    from syndicator.sources.jekyll.documents import Document
    from syndicator.sources.jekyll.templating import Fault

SUMMARY_LENGTH = 200
"""Characters."""

_MORE = "<!--more-->"


def render(document: Document, config: Config, source: str, faults: list[Fault]) -> Content:
    """Render a body; `source` is what Liquid made of it, `faults` what that left out."""
    html = _html(source, document, config)
    return Content(
        html=html,
        summary=fields.summary(document.data) or _summary(source, html, document, config),
        content_hash=document.content_hash,
        problems=tuple([Problem(document.path, document.body_line + line - 1, what) for line, what in faults]),
    )


def _html(source: str, document: Document, config: Config) -> str:
    if document.extension.lower() in config.markdown_extensions:
        source = markdown.to_html(source, markdown.read_options(config.variables.get("kramdown")))
    return sanitise.clean(source, document.url)


def _summary(source: str, html: str, document: Document, config: Config) -> str:
    """Return the text before the excerpt separator, where the author set one, else that of the first paragraphs."""
    own = fields.text(document.data.get("excerpt_separator"))
    for separator in (own or config.excerpt_separator, _MORE):
        if separator.strip() and separator in source:
            head = source.partition(separator)[0]
            return text.shorten(text.plain_text(_html(head, document, config)), SUMMARY_LENGTH)
    return text.lead(html, SUMMARY_LENGTH)
