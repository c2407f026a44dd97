"""Reach the rest of a site from one of its pages: other posts, files, includes, data."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from syndicator.content import front_matter
from syndicator.content.liquid import Included, Unavailable
from syndicator.sources.jekyll import dates, fields, files, permalinks, reading
from syndicator.sources.jekyll.data import Data
from syndicator.sources.jekyll.documents import Document

if TYPE_CHECKING:
    from syndicator.models import Quarantined
    from syndicator.sources.jekyll.config import Config
    from syndicator.sources.jekyll.documents import NoPost

_NAMED = re.compile(r"/?(.+/)?(\d+-\d+-\d+)-(.*)\Z", re.S | re.A)
_LISTS = (
    "posts", "related_posts", "pages", "html_pages", "html_files", "static_files", "documents", "collections",
    "categories", "tags",
)  # fmt: skip
_LIST = Unavailable("a post's body cannot list what else the site has: it would change with every other post")
_CLOCK = Unavailable("the text would change with the clock: write the date")

Read = Callable[[str], "Document | Quarantined | NoPost"]


class _Names(NamedTuple):
    """Hold the paths of posts by path without extension, and by date and slug."""

    paths: dict[str, str]
    slugs: dict[tuple[str, ...], str]


class Site:
    """Answer what pages ask of the site. It is made anew when the site is scanned, and remembers in between."""

    def __init__(self, root: str, config: Config, read: Read) -> None:
        self._root, self._config, self._read = root, config, read
        self._includes: dict[str, Included | None] = {}

    @cached_property
    def variables(self) -> dict[str, Any]:
        """Return what `site` holds: the settings, `data`, and what cannot be had."""
        settings = dict(self._config.variables)
        labels = [*_LISTS, *self._collections]
        data = Data(self._root, self._config.folders[1])
        own = {"baseurl": settings.get("baseurl") or "", "data": data, "time": _CLOCK}
        return settings | dict.fromkeys(labels, _LIST) | own

    def post(self, name: str) -> str | None:
        """Return the path of the post that `post_url` names: by folder, date and slug, or by date and slug alone."""
        found = _NAMED.match(name)
        if found is None:
            return None
        folder, date, slug = found[1] or "", found[2], found[3]
        stems = (f"_posts/{folder}{date}-{slug}", f"{folder}_posts/{date}-{slug}")
        path = next((self._names.paths[stem] for stem in stems if stem in self._names.paths), None)
        return self._path_of_post(path or self._names.slugs.get((*_day(date), slug), ""))

    def file(self, reference: str) -> str | None:
        """Return the path of the post, page, document or file that `link` names by its path in the site."""
        path = reference.strip("/")
        parts = path.split("/")
        if "_posts" in parts:
            return self._path_of_post(f"{self._prefix}{path}") or self._path_of_post(path)
        if parts[0][:1] == "_" and parts[0][1:] in self._collections:
            return self._path_of_file(f"{self._prefix}{path}", path, parts[0][1:])
        return self._path_of_file(path, path, "")

    def include(self, name: str) -> Included | None:
        """Return an include by its name."""
        return self._included(f"{self._config.folders[0]}/{name.strip('/')}")

    def include_beside(self, document: Document) -> Callable[[str], Included | None]:
        """Return how a document includes the files beside it."""
        folder = os.path.dirname(document.path)
        return lambda name: self._included(f"{folder}/{name.strip('/')}")

    def time(self, value: object) -> datetime | None:
        """Return the time that a number (seconds since 1970) or a text names, in the site's time zone."""
        if isinstance(value, int) or (isinstance(value, str) and value.isdecimal() and len(value) < 12):
            return datetime.fromtimestamp(int(value), self._config.zone)
        return dates.parse(value, self._config.zone)

    @property
    def _prefix(self) -> str:
        return f"{self._config.collections_dir}/" if self._config.collections_dir else ""

    @cached_property
    def _collections(self) -> dict[str, Any]:
        given = self._config.variables.get("collections")
        if isinstance(given, list):
            return dict.fromkeys(map(str, given))
        return {str(name): one for name, one in given.items() if name != "posts"} if isinstance(given, dict) else {}

    @cached_property
    def _names(self) -> _Names:
        names = _Names({}, {})
        for file in files.find(self._root, self._config)[0]:
            stem = os.path.splitext(file.path.removeprefix(self._prefix))[0]
            found = _NAMED.match(stem.rpartition("/")[2])
            if found and "_drafts" not in stem.split("/"):
                names.paths.setdefault(stem, file.path)
                names.slugs.setdefault((*_day(found[2]), found[3]), file.path)
        return names

    def _path_of_post(self, path: str) -> str | None:
        document = self._read(path) if path else None
        if not isinstance(document, Document):
            return None
        return document.url.removeprefix(self._config.url)

    def _path_of_file(self, path: str, relative: str, collection: str) -> str | None:
        content = reading.load_inside(self._root, path)
        if content is None:
            return None
        text = front_matter.decode(content)
        head = front_matter.split(text).head if text else None
        place = _place(relative, collection, is_page=head is not None, markdown=self._config.markdown_extensions)
        own = fields.text(front_matter.parse(head)[0].get("permalink")) if head else ""
        template = own or self._template(place, collection, is_page=head is not None)
        return self._config.base_path + permalinks.path_of(template, place)[0]

    def _template(self, place: permalinks.Place, collection: str, *, is_page: bool) -> str:
        settings = self._collections.get(collection) if collection else None
        if isinstance(settings, dict) and (given := fields.text(settings.get("permalink"))):
            return given
        base = "/:collection/:path" if collection else "/:path"
        if not is_page or (not collection and place.output_ext != ".html"):
            return f"{base}:output_ext"
        if not collection and place.stem.rpartition("/")[2] == "index":
            return "/" + place.stem.removesuffix("index")
        return base + permalinks.ending(fields.text(self._config.variables.get("permalink")) or "date")

    def _included(self, path: str) -> Included | None:
        if path not in self._includes:
            content = None if ".." in path.split("/") else reading.load_inside(self._root, path)
            text = front_matter.decode(content) if content is not None else None
            self._includes[path] = None if text is None else Included(path, text.replace("\r\n", "\n"))
        return self._includes[path]


def _place(relative: str, collection: str, *, is_page: bool, markdown: frozenset[str]) -> permalinks.Place:
    stem, extension = os.path.splitext(relative.removeprefix(f"_{collection}/") if collection else relative)
    return permalinks.Place(
        stem=stem,
        slug=stem.rpartition("/")[2],
        date=datetime(1970, 1, 1, tzinfo=UTC),
        categories=(),
        output_ext=".html" if is_page and extension.lower() in markdown else extension,
        collection=collection,
    )


def _day(date: str) -> tuple[str, ...]:
    return tuple(part.lstrip("0") for part in date.split("-"))
