"""Render a document's body: Liquid, Markdown, sanitising, and its summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.content import liquid, markdown, sanitise, text
from syndicator.models import Content, Problem
from syndicator.sources.jekyll import fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.sources.jekyll.config import Config
    from syndicator.sources.jekyll.documents import Document

SUMMARY_LENGTH = 200
"""Characters."""

_MORE = "<!--more-->"


def render(document: Document, config: Config, find: Callable[[str], str | None]) -> Content:
    """Render a body; `find` returns the URL of the post that `post_url` or `link` names, if there is one."""
    source, faults = _source(document, config, find)
    html = _html(source, document, config)
    return Content(
        html=html,
        summary=fields.summary(document.data) or _summary(source, html, document, config),
        content_hash=document.content_hash,
        problems=tuple([Problem(document.path, document.body_line + line - 1, what) for line, what in faults]),
    )


def _source(document: Document, config: Config, find: Callable[[str], str | None]) -> tuple[str, list[liquid.Fault]]:
    """Return the body after Liquid, and what Liquid left out."""
    if not liquid.concerns(document.body) or document.data.get("render_with_liquid") is False:
        return document.body, []
    return liquid.render(document.body, _context(document, config, find))


def _html(source: str, document: Document, config: Config) -> str:
    if document.extension in config.markdown_extensions:
        source = markdown.to_html(source)
    return sanitise.clean(source, document.url)


def _summary(source: str, html: str, document: Document, config: Config) -> str:
    """Return the text before the excerpt separator, where the author set one, else that of the first paragraphs."""
    own = fields.text(document.data.get("excerpt_separator"))
    for separator in (own or config.excerpt_separator, _MORE):
        if separator.strip() and separator in source:
            head = source.partition(separator)[0]
            return text.shorten(text.plain_text(_html(head, document, config)), SUMMARY_LENGTH)
    return text.lead(html, SUMMARY_LENGTH)


def _context(document: Document, config: Config, find: Callable[[str], str | None]) -> liquid.Context:
    page = document.data | {
        "title": fields.title(document.data, document.slug),
        "date": document.published.strftime("%Y-%m-%d %H:%M:%S %z"),
        "url": document.url.removeprefix(config.url + config.base_path),
        "path": document.path,
        "slug": document.slug,
    }
    return liquid.Context({"page": page, "site": config.variables}, config.url, config.base_path, find)
