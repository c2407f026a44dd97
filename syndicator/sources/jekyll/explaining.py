"""Say why a post came out as it did.

What is said is what was decided: the values are those of the document, and where one comes from is found by asking the
functions that decide again, with less to go by.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

from syndicator.content import front_matter
from syndicator.models import Quarantined, Reason
from syndicator.sources.jekyll import dates, documents, fields, permalinks
from syndicator.sources.jekyll.documents import NoPost
from syndicator.sources.jekyll.omissions import Omissions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from syndicator.models import Content, Problem
    from syndicator.sources.jekyll.config import Config
    from syndicator.sources.jekyll.documents import Document

    Render = Callable[[Document, Config], Content]

# No zone that anybody lives in: a time that is the same there does not depend on the site's.
_ELSEWHERE = timezone(timedelta(hours=13, minutes=37))
_MORE = re.compile(r"<!--\s*more\s*-->", re.I)


def explain(
    path: str,
    make: Callable[[str], Document | Quarantined | NoPost],
    root: str,
    config: Config,
    render: Render,
) -> Iterator[Reason]:
    """Say of one file how each field of its post was decided, or why it gives none.

    `make` reads it as scans do, `render` renders what it holds by a configuration.
    """
    there = os.path.lexists(f"{root}/{path}")
    if there and (why := Omissions(root, config, make).why(path)):
        yield Reason("post", "none", why)
    elif isinstance(found := make(path), NoPost):
        yield Reason("post", "none", found.why)
    elif isinstance(found, Quarantined):
        yield Reason("post", "quarantined", "what was known of it before is kept, and it is announced to nobody")
        yield from _problems(found.problems)
    else:
        yield from _Explanation(found, config, render).reasons()
        yield Reason("content_hash", found.content_hash, f"of {os.path.getsize(f'{root}/{path}'):,} bytes")


def _problems(problems: Iterable[Problem]) -> Iterator[Reason]:
    return (Reason("problem", problem.text, f"line {problem.line}") for problem in problems)


def _title(data: Mapping[str, Any]) -> str:
    return fields.title(data, "")


def _text(data: Mapping[str, Any]) -> str:
    return "".join(map(fields.text, data.values()))


class _Explanation:
    """Explain one document; `own` is its front matter without the defaults."""

    def __init__(self, document: Document, config: Config, render: Render) -> None:
        self._document, self._config, self._render = document, config, render
        self._post = documents.post_of(document)
        self._body = render(document, config)
        self._own: Mapping[str, Any] = front_matter.parse(document.parts.head or "")[0]
        self._home = document.name.home
        self._defaults = config.defaults.of(document.name.relative, self._home.collection)

    def reasons(self) -> Iterator[Reason]:
        """Yield everything, in the order in which one would ask."""
        post = self._post
        yield self._reader()
        yield from _problems(self._document.problems)
        yield Reason("title", post.title, self._from(_title, "title") or "made from the slug")
        yield Reason("published", post.published, self._date())
        yield Reason("draft", post.draft, self._draft())
        yield from self._address()
        yield Reason("categories", post.categories, self._categories())
        yield Reason("tags", post.tags, self._from(fields.tags, "tag", "tags"))
        yield Reason("authors", post.authors, self._from(fields.authors, "authors", "author"))
        yield Reason("language", post.language, self._from(_text, "lang", "language"))
        yield from self._rendered()

    def _reader(self) -> Reason:
        parts = self._document.parts
        if parts.head is None:
            return Reason("front matter", "none", "the file does not begin with a line ---")
        return Reason("front matter", front_matter.reader(parts.head), f"lines 1 to {parts.body_line - 1}")

    def _from(self, decide: Callable[[Mapping[str, Any]], object], *keys: str) -> str:
        """Say where the first of these keys is set from which, alone, `decide` makes something."""
        data = self._document.data
        return next((self._place(key) for key in keys if key in data and decide({key: data[key]})), "")

    def _place(self, key: str) -> str:
        """Say where a key's value is written."""
        if key in self._own and self._own[key] == self._document.data.get(key):
            return self._line(key)
        return self._scope(key)

    def _scope(self, key: str) -> str:
        """Say which of the site's defaults sets a key, "" where none does."""
        relative, value = self._document.name.relative, self._defaults.get(key)
        scopes = (one for one in self._config.defaults.sets if one.match(relative, self._home.collection))
        scope = next((one for one in scopes if key in one.values and one.values[key] == value), None)
        return f'{key} in the defaults of _config.yml, for path "{scope.path}"' if scope else ""

    def _line(self, key: str) -> str:
        """Return the line of the file that sets a key, with its number."""
        parts = self._document.parts
        number = front_matter.line_of(parts.head or "", key)
        text = (parts.head or "").split("\n")[number - 1].strip()
        return f"line {parts.head_line + number - 1}: {text}" if text.startswith(key) else f"{key} in the front matter"

    def _date(self) -> str:
        given, zone = self._document.data.get("date"), self._config.zone
        if given is not None and dates.parse(given, zone) is not None:
            return f"{self._place('date')}, {self._zone(given)}"
        if self._document.name.date:
            return f"{self._document.name.date} in the file name, midnight in {self._site_zone()}"
        return "when the file was last changed: neither its name nor its front matter has a date"

    def _zone(self, given: object) -> str:
        if dates.parse(given, _ELSEWHERE) != self._post.published:
            return f"in {self._site_zone()}, as it names none"
        if dates.parse(str(given), _ELSEWHERE) != self._post.published:
            return "in UTC, as it names no zone and is not in quotes"
        return "in the zone that it names"

    def _site_zone(self) -> str:
        origin = "_config.yml" if self._config.variables.get("timezone") else "the settings"
        return f"the site's zone {self._config.zone.key} ({origin})"

    def _draft(self) -> str:
        return "it is in _drafts" if self._home.draft else self._from(fields.is_draft, "draft", "published")

    def _address(self) -> Iterator[Reason]:
        """Explain the URL: the permalink, what each placeholder in it stands for, and what that makes."""
        document, config = self._document, self._config
        slug, permalink = (fields.text(document.data.get(key)) for key in ("slug", "permalink"))
        yield Reason("slug", slug or document.slug, self._from(_text, "slug") or "from the file name")
        place, permalink = (
            self._from(_text, "permalink"),
            permalink or config.collections[self._home.collection].permalink,
        )
        yield Reason("permalink", permalink, place or self._site_permalink())
        site = f"{config.url}{config.base_path}"
        for placeholder in dict.fromkeys(permalinks.PLACEHOLDER.findall(permalink)):
            url, unknown = documents.url_by(f"/:{placeholder}", document, config)
            value = url.removeprefix(f"{site}/")
            yield Reason(f":{placeholder}", value, "no placeholder of Jekyll's" if unknown else "")
        yield Reason("url", document.url, f"below {site}")

    def _site_permalink(self) -> str:
        variables, name = self._config.variables, self._home.collection
        wanted = self._config.collections[name].permalink
        collections = variables.get("collections")
        own = collections.get(name) if isinstance(collections, dict) else None
        if isinstance(own, dict) and own.get("permalink") == wanted:
            return f"collections: {name}: permalink in _config.yml"
        style = variables.get("permalink")
        if not style:
            return "Jekyll's own, as _config.yml has none"
        return "permalink in _config.yml" + (f": {style}" if style != wanted else "")

    def _categories(self) -> str:
        """Say where each category comes from: `folder: a; line 3: categories: b c`."""
        origins = {"the folder above": fields.categories(self._home.above, {}, {})}
        for key in ("categories", "category"):
            origins[self._scope(key)] = fields.categories((), {}, {key: self._defaults.get(key)})
            origins[self._line(key)] = fields.categories((), {}, {key: self._own.get(key)})
        return "; ".join(place for place, names in origins.items() if set(names) & set(self._post.categories))

    def _rendered(self) -> Iterator[Reason]:
        document, body = self._document, self._body
        yield Reason("liquid", *self._liquid())
        markdown = document.extension in self._config.markdown_extensions
        yield Reason(
            "body",
            "Markdown" if markdown else "as it is",
            f"{document.extension} files are" if markdown else f"{document.extension} is not in markdown_ext",
        )
        yield from _problems(body.problems)
        yield Reason("summary", body.summary, self._summary())

    def _liquid(self) -> tuple[str, str]:
        if self._document.data.get("render_with_liquid") is False:
            return "left as it is", self._place("render_with_liquid")
        return ("rendered", "") if self._document.has_liquid else ("none", "")

    def _summary(self) -> str:
        if self._post.summary:
            return self._from(fields.summary, "excerpt", "description")
        document, config = self._document, self._config
        data = {key: value for key, value in document.data.items() if key != "excerpt_separator"}
        if self._differs(document._replace(data=data), replace(config, excerpt_separator="")):
            own = self._from(_text, "excerpt_separator")
            return f"what comes before the separator, {own or 'excerpt_separator in _config.yml'}"
        more = self._differs(document._replace(body=_MORE.sub("", document.body)), config)
        return "what comes before <!--more-->" if more else "the first paragraphs"

    def _differs(self, document: Document, config: Config) -> bool:
        """Tell whether another document, or another configuration, would give another summary."""
        return self._render(document, config).summary != self._body.summary
