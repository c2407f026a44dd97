"""Make a document of a file's bytes: its front matter, body, date and URL."""

from __future__ import annotations

import os
import re
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import xxhash

from syndicator.content import front_matter
from syndicator.models import Post, Problem, Quarantined
from syndicator.sources.jekyll import dates, fields, permalinks

if TYPE_CHECKING:
    from syndicator.sources.jekyll.config import Config

LARGEST = 4 << 20
"""Bytes; a longer file is no post."""

_DATED = re.compile(r"(\d{2,4}-\d{1,2}-\d{1,2})-(.*)(\.[^.]+)\Z", re.A | re.S)
_NAMED = re.compile(r"(.*)(\.[^.]+)\Z", re.S)
_TEXT = frozenset({".html", ".htm", ".text", ".txt", ".textile", ".rmd"})
_DATA = frozenset({".yml", ".yaml"})


class Document(NamedTuple):
    """Hold a file that gives a post; `data` is the front matter over its defaults, `extension` is in lower case.

    `name` and `parts` are what all else was made from.
    """

    path: str
    data: dict[str, Any]
    body: str
    body_line: int
    content_hash: str
    published: datetime
    url: str
    slug: str
    extension: str
    categories: tuple[str, ...]
    draft: bool
    problems: tuple[Problem, ...]
    name: _Name
    parts: front_matter.Split


class NoPost(NamedTuple):
    """Say why a file is taken for no post; `likely` is true of one that may have been meant for one."""

    why: str
    likely: bool = False


class _Name(NamedTuple):
    """Hold what a path says: the folders above `_posts`, the date if there is one, the slug and the extension.

    `relative` is the path below the collections folder.
    """

    path: str
    relative: str
    above: tuple[str, ...]
    date: str
    slug: str
    extension: str
    draft: bool


def make(path: str, content: bytes, modified: float, config: Config) -> Document | Quarantined | NoPost:
    """Make a document of a file, or say why it cannot be one, or was never meant to be.

    `modified` (seconds since 1970) dates a draft without a date.
    """
    name = _name(path, config)
    if name is None:
        return _misnamed(path, content, config)
    if name.extension.lower() in _DATA:
        return NoPost(f"a {name.extension} file holds data")
    text = front_matter.decode(content)
    if text is None and not _is_text(name.extension, config):
        return NoPost(f"it is not text, and no {name.extension} file needs to be")
    if fault := _fault(content, text):
        return quarantined(path, content, fault)
    parts = front_matter.split(text or "")
    if parts.head is None and front_matter.looks_misplaced(parts.body) and parts.body.startswith("---"):
        return quarantined(path, content, "the front matter never ends, half-written? Close it with a line ---")
    return _document(name, parts, content, modified, config)


def post_of(document: Document) -> Post:
    """Return what all but the body of a document is for readers."""
    data = document.data
    return Post(
        path=document.path,
        title=fields.title(data, document.slug),
        published=document.published,
        url=document.url,
        content_hash=document.content_hash,
        categories=document.categories,
        tags=fields.tags(data),
        authors=fields.authors(data),
        language=fields.text(data.get("lang")) or fields.text(data.get("language")),
        summary=fields.summary(data),
        draft=document.draft,
        problems=document.problems,
    )


def quarantined(path: str, content: bytes, text: str, line: int = 1) -> Quarantined:
    """Build a `Quarantined` with one problem."""
    return Quarantined(path, xxhash.xxh3_128_hexdigest(content), (Problem(path, line, text),))


def _document(
    name: _Name, parts: front_matter.Split, content: bytes, modified: float, config: Config
) -> Document | Quarantined:
    path = name.path
    own, problems = _front_matter(path, parts)
    defaults = config.defaults_for(name.relative) if config.defaults else {}
    data = _over(defaults, own) if defaults else own
    published = _date_given(name, parts, data, config, problems) or _date_of_file(name, modified, config, problems)
    content_hash = xxhash.xxh3_128_hexdigest(content)
    if published is None:
        return Quarantined(path, content_hash, tuple(problems))
    categories = fields.categories(name.above, defaults, own)
    url, unknown = _url(name, data, published, categories, config)
    if unknown:
        problems += [Problem(path, 1, f"permalink: :{one} is no placeholder: it is kept as it is") for one in unknown]
    return Document(
        path=path,
        data=data,
        body=parts.body,
        body_line=parts.body_line,
        content_hash=content_hash,
        published=published,
        url=url,
        slug=name.slug,
        extension=name.extension.lower(),
        categories=categories,
        draft=name.draft or fields.is_draft(data),
        problems=tuple(problems),
        name=name,
        parts=parts,
    )


def _front_matter(path: str, parts: front_matter.Split) -> tuple[dict[str, Any], list[Problem]]:
    if parts.head is None:
        if front_matter.looks_misplaced(parts.body):
            return {}, [Problem(path, 1, "the front matter is ignored: it must begin on the very first line")]
        return {}, []
    data, faults = front_matter.parse(parts.head)
    return data, [Problem(path, parts.head_line + line - 1, text) for line, text in faults] if faults else []


def _date_given(
    name: _Name, parts: front_matter.Split, data: dict[str, Any], config: Config, problems: list[Problem]
) -> datetime | None:
    given = data.get("date")
    if given is None:
        return None
    date = dates.parse(given, config.zone)
    if date is None:
        line = parts.head_line + front_matter.line_of(parts.head or "", "date") - 1
        problems.append(Problem(name.path, line, f"date: {_short(given)} is no date: the file name's is used"))
    return date


def _date_of_file(name: _Name, modified: float, config: Config, problems: list[Problem]) -> datetime | None:
    if not name.date:
        return datetime.fromtimestamp(modified, config.zone)
    date = dates.parse(name.date, config.zone)
    if date is None:
        text = f"{name.date} in the file name is no date, and the front matter has none: rename it"
        problems.append(Problem(name.path, 1, text))
    return date


def _name(path: str, config: Config) -> _Name | None:
    """Read a path; None where the file name is not Jekyll's."""
    relative = path.removeprefix(f"{config.collections_dir}/") if config.collections_dir else path
    folder, _, base = relative.rpartition("/")
    above, draft = _home(folder)
    if dated := _DATED.match(base):
        return _Name(path, relative, above, dated[1], dated[2].rstrip("."), dated[3], draft)
    named = _NAMED.match(base) if draft else None
    return _Name(path, relative, above, "", named[1].rstrip("."), named[2], draft) if named else None


@lru_cache(maxsize=256)
def _home(folder: str) -> tuple[tuple[str, ...], bool]:
    """Return the folders above `_posts` or `_drafts`, and whether it is `_drafts`."""
    folders = folder.split("/")
    home = next((at for at, name in enumerate(folders) if name in ("_posts", "_drafts")), 0)
    return tuple(folders[:home]), folders[home] == "_drafts"


def _misnamed(path: str, content: bytes, config: Config) -> Quarantined | NoPost:
    extension = os.path.splitext(path)[1].lower()
    text = front_matter.decode(content) if _is_text(extension, config) else None
    if text is None or front_matter.split(text).head is None:
        why = "its name is not YYYY-MM-DD-slug.ext, and it has no front matter: to make it a post, rename it"
        return NoPost(why, likely=text is not None)
    return quarantined(path, content, "file name is not YYYY-MM-DD-slug.ext: rename it")


def _is_text(extension: str, config: Config) -> bool:
    return extension.lower() in config.markdown_extensions or extension.lower() in _TEXT


def _fault(content: bytes, text: str | None) -> str:
    if len(content) > LARGEST:
        return f"longer than {LARGEST >> 20} MiB: no post, move it out of _posts"
    if text is None:
        return "not UTF-8 text: save it as UTF-8"
    return "" if text and not text.isspace() else "empty: half-written?"


def _over(defaults: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """Put front matter over its defaults; an empty value leaves the default."""
    return defaults | {key: value for key, value in data.items() if value is not None or key not in defaults}


def _url(
    name: _Name, data: dict[str, Any], published: datetime, categories: tuple[str, ...], config: Config
) -> tuple[str, list[str]]:
    extension = name.extension
    place = permalinks.Place(
        stem=name.relative[: -len(extension)],
        slug=fields.text(data.get("slug")) or name.slug,
        date=published,
        categories=categories,
        output_ext=".html" if extension.lower() in config.markdown_extensions else extension,
    )
    path, unknown = permalinks.path_of(fields.text(data.get("permalink")) or config.permalink, place)
    return f"{config.url}{config.base_path}{path}", unknown


def _short(value: object) -> str:
    text = fields.text(value) or "what is there"
    return repr(text if len(text) <= 40 else text[:39] + "…")


def url_by(permalink: str, document: Document, config: Config) -> tuple[str, list[str]]:
    """Return the URL that a document would have by another permalink, and the placeholders that do not exist."""
    data = {**document.data, "permalink": permalink}
    return _url(document.name, data, document.published, document.categories, config)
