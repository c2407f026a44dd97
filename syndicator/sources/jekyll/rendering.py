"""Render a document's body: Markdown, sanitising, and its summary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syndicator.content import excerpts, markdown, sanitise
from syndicator.content.text import strip_illegal
from syndicator.models import Content, Problem
from syndicator.sources.jekyll import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.sources.jekyll.config import Config
    from syndicator.sources.jekyll.documents import Document
    from syndicator.sources.jekyll.templating import Fault

SUMMARY_LENGTH, OWN_LENGTH = 200, 500
"""Characters of an excerpt that is taken from the body, and of one whose end the author has marked."""

_MORE = re.compile(r"<!--\s*more\s*-->", re.I)


def render(document: Document, config: Config, source: str, faults: list[Fault]) -> Content:
    """Render a body; `source` is what Liquid made of it, `faults` what that left out."""
    body = strip_illegal(document.body)
    source = body if source is document.body else strip_illegal(source)
    raw = _raw_html(source, document, config)
    html = sanitise.clean(raw, document.url)
    return Content(
        html=html,
        summary=fields.summary(document.data) or _summary(source, html, document, config),
        content_hash=document.content_hash,
        problems=tuple(
            [
                Problem(document.path, document.body_line + line - 1, what)
                for line, what in (*_odd_characters(body, document.body), *faults, *_odd_size(raw))
            ]
        ),
    )


def _odd_characters(legal: str, body: str) -> Iterator[Fault]:
    """Yield where the first characters stand that XML forbids, and how many there are."""
    if legal is not body:
        pairs = zip(body, legal + "\0", strict=False)
        position = next((at for at, (one, other) in enumerate(pairs) if one != other), len(legal))
        count = len(body) - len(legal)
        what = f"U+{ord(body[position]):04X}" + (f" and {count - 1} more" if count > 1 else "")
        yield body.count("\n", 0, position) + 1, f"left out, XML has no such character: {what}: delete it"


def _odd_size(html: str) -> Iterator[Fault]:
    if sanitise.is_excessive(html):
        yield (
            1,
            f"more than {sanitise.MOST_TAGS:,} tags or {sanitise.MOST_REFERENCES:,} entities: shown as text, split it",
        )


def _raw_html(source: str, document: Document, config: Config) -> str:
    if document.extension.lower() not in config.markdown_extensions:
        return source
    return markdown.to_html(source, markdown.read_options(config.variables.get("kramdown")))


def _summary(source: str, html: str, document: Document, config: Config) -> str:
    """Return the text before the excerpt separator, where the author set one, else that of the first paragraphs."""
    title = fields.title(document.data, document.slug)
    given = document.data.get("excerpt_separator", config.excerpt_separator)
    separator = given if isinstance(given, str) else fields.text(given)
    head = _head(source, separator)
    own = _own(head, document, config, title) if head else ""
    # A separator of white space alone is Jekyll's default, a blank line: the first paragraph.
    return own or excerpts.lead(html, SUMMARY_LENGTH, title=title, one=separator.isspace())


def _own(head: str, document: Document, config: Config, title: str) -> str:
    html = sanitise.clean(_raw_html(head, document, config), document.url)
    return excerpts.lead(html, OWN_LENGTH, title=title)


def _head(source: str, separator: str) -> str:
    """Return what comes before the separator or else before `<!--more-->`; nothing where there is neither."""
    if separator.strip() and separator in source:
        return source.partition(separator)[0]
    more = _MORE.search(source) if "<!--" in source else None
    return source[: more.start()] if more else ""
