"""Run the Liquid in a document's body. Imported with the first body that holds any."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from syndicator.content import liquid, markdown
from syndicator.content.liquid import Fault
from syndicator.sources.jekyll import fields

if TYPE_CHECKING:
    from syndicator.sources.jekyll.config import Config
    from syndicator.sources.jekyll.documents import Document
    from syndicator.sources.jekyll.site import Site

__all__ = ["Fault", "resolve"]

_ITSELF = liquid.Unavailable("a body cannot hold itself")
_OTHERS = liquid.Unavailable("the text would change with other posts")
# What a published site is made with.
_JEKYLL = {"environment": "production", "version": "4.3.1"}


def resolve(document: Document, config: Config, site: Site) -> tuple[str, list[Fault]]:
    """Return the body after Liquid, and what Liquid left out; `site` is what the body may refer to."""
    return liquid.render(document.body, _context(document, config, site))


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
    slug = fields.text(document.data.get("slug")) or document.slug
    given = {"excerpt": _ITSELF, "slug": slug, "ext": document.extension} | document.data
    return given | {
        "title": fields.title(document.data, document.slug),
        "date": document.published,
        "url": url,
        "id": f"{os.path.dirname(url.rstrip('/')).rstrip('/')}/{slug}",
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
