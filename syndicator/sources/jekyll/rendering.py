"""Render a document's body: Liquid, Markdown, sanitising, and its summary."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from syndicator.content import liquid, markdown, sanitise, text
from syndicator.models import Content, Problem
from syndicator.sources.jekyll import fields

if TYPE_CHECKING:
    from syndicator.sources.jekyll.config import Config
    from syndicator.sources.jekyll.documents import Document
    from syndicator.sources.jekyll.site import Site

SUMMARY_LENGTH = 200
"""Characters."""

_MORE = "<!--more-->"
_ITSELF = liquid.Unavailable("a body cannot hold itself")
_OTHERS = liquid.Unavailable("the text would change with other posts")
# What a published site is made with.
_JEKYLL = {"environment": "production", "version": "4.3.1"}


def render(document: Document, config: Config, site: Site) -> Content:
    """Render a body; `site` is what it may refer to."""
    source, faults = _source(document, config, site)
    html = _html(source, document, config)
    return Content(
        html=html,
        summary=fields.summary(document.data) or _summary(source, html, document, config),
        content_hash=document.content_hash,
        problems=tuple([Problem(document.path, document.body_line + line - 1, what) for line, what in faults]),
    )


def _source(document: Document, config: Config, site: Site) -> tuple[str, list[liquid.Fault]]:
    """Return the body after Liquid, and what Liquid left out."""
    if not document.has_liquid:
        return document.body, []
    return liquid.render(document.body, _context(document, config, site))


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


def _context(document: Document, config: Config, site: Site) -> liquid.Context:
    return liquid.Context(
        variables={"page": _page(document, config), "site": site.variables, "jekyll": _JEKYLL, "content": None},
        site_url=config.url,
        base_path=config.base_path,
        post=site.post,
        file=site.file,
        include=site.include,
        include_relative=site.include_beside(document),
        time=site.time,
        markdown=markdown.to_html,
    )


def _page(document: Document, config: Config) -> dict[str, Any]:
    """Return what `page` holds: the front matter, and what Jekyll adds to it."""
    url = document.url.removeprefix(config.url + config.base_path)
    given = {"excerpt": _ITSELF, "slug": document.slug, "ext": document.extension} | document.data
    return given | {
        "title": fields.title(document.data, document.slug),
        "date": document.published,
        "url": url,
        "id": f"{url.rpartition('/')[0].rpartition('/')[0] if url.endswith('/') else url.rpartition('/')[0]}"
        f"/{fields.text(document.data.get('slug')) or document.slug}",
        "path": document.path,
        "relative_path": document.path,
        "name": os.path.basename(document.path),
        "collection": "posts",
        "categories": list(document.categories),
        "tags": list(fields.tags(document.data)),
        "draft": document.draft,
        "content": _ITSELF,
        "output": _ITSELF,
        "next": _OTHERS,
        "previous": _OTHERS,
    }
