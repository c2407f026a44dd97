"""Make a document of a file's bytes: its front matter, body, date and URL."""

from __future__ import annotations

import codecs
import os
import re
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import xxhash

from syndicator.content import front_matter
from syndicator.models import Post, Problem, Quarantined
from syndicator.sources.jekyll import dates, defaults, fields, permalinks
from syndicator.sources.jekyll.config import POSTS
from syndicator.sources.jekyll.reading import LARGEST

if TYPE_CHECKING:
    from syndicator.sources.jekyll.config import Config

_MEND_DATE = "write it like 2024-01-31 08:00:00 +0800"
_DATED = re.compile(r"(\d{2,4}-\d{1,2}-\d{1,2})-(.*)(\.[^.]+)\Z", re.A | re.S)
_NAMED = re.compile(r"(.*)(\.[^.]+)\Z", re.S)
_HEADED = re.compile(rb"---\s*\r?\n")
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
    dated: bool
    url: str
    slug: str
    extension: str
    categories: tuple[str, ...]
    draft: bool
    has_liquid: bool
    problems: tuple[Problem, ...]
    name: _Name
    parts: front_matter.Split


class NoPost(NamedTuple):
    """Say why a file is taken for no post; `likely` is true of one that may have been meant for one."""

    why: str
    likely: bool = False


class _Home(NamedTuple):
    """Hold what a folder says: the collection, the folders above `_posts`, and whether it is `_drafts`."""

    collection: str
    above: tuple[str, ...]
    draft: bool


class _Name(NamedTuple):
    """Hold what a path says: the date if there is one, the slug and the extension.

    `relative` is the path below the collections folder.
    """

    path: str
    relative: str
    home: _Home
    date: str
    slug: str
    extension: str


def make(path: str, content: bytes, modified: float, config: Config) -> Document | Quarantined | NoPost:
    """Make a document of a file, or say why it cannot be one, or was never meant to be.

    `modified` (seconds since 1970) dates a draft, or a document of another collection, that has no date.
    """
    name = _name(path, config)
    if name is None:
        return _misnamed(path, content, config)
    if name.extension.lower() in _DATA:
        return NoPost(f"a {name.extension} file holds data")
    if name.home.collection != POSTS and not _HEADED.match(content):
        return _headless(path, content)
    text = front_matter.decode(content)
    if text is None and not _is_text(name.extension, config):
        return NoPost(f"it is not text, and no {name.extension} file needs to be")
    if fault := _fault(content, text):
        return quarantined(path, content, fault)
    parts = front_matter.split(text or "")
    if parts.head is None and front_matter.looks_misplaced(parts.body) and parts.body.startswith("---"):
        return quarantined(path, content, "the front matter never ends, half-written? Close it with a line ---")
    return _document(name, parts, content, modified, config)


def _headless(path: str, content: bytes) -> Quarantined | NoPost:
    """Say that Jekyll copies a file as it is when its first line is not `---`, unless that was not meant."""
    if content.startswith(codecs.BOM_UTF8) and _HEADED.match(content, len(codecs.BOM_UTF8)):
        return quarantined(path, content, "a byte order mark hides the front matter from Jekyll: save it without one")
    return NoPost("its first line is not ---, so Jekyll copies it as it is")


def post_of(document: Document) -> Post:
    """Return what all but the body of a document is for readers."""
    data = document.data
    return Post(
        path=document.path,
        title=fields.title(data, document.slug),
        published=document.published,
        dated=document.dated,
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
    given = config.defaults.of(name.relative, name.home.collection) if config.defaults else {}
    data = defaults.merged(given, own) if given else own
    given_date = _date_given(name, parts, data, config, problems)
    published = given_date or _date_of_file(name, modified, config, problems)
    has_liquid = _has_liquid(parts.body) and data.get("render_with_liquid") is not False
    # What such a body shows is also made of other files.
    content_hash = xxhash.xxh3_128_hexdigest(content + config.surroundings if has_liquid else content)
    if published is None:
        return Quarantined(path, content_hash, tuple(problems))
    categories = fields.categories(name.home.above, given, own)
    url, unknown = _url(name, data, published, categories, config)
    if unknown:
        problems += [
            Problem(path, 1, f"permalink: :{one} is no placeholder of Jekyll's: kept as it is, mend or remove it")
            for one in unknown
        ]
    return Document(
        path=path,
        data=data,
        body=parts.body,
        body_line=parts.body_line,
        content_hash=content_hash,
        published=published,
        dated=given_date is not None or bool(name.date),
        url=url,
        slug=name.slug,
        extension=name.extension.lower(),
        categories=categories,
        draft=name.home.draft or fields.is_draft(data),
        has_liquid=has_liquid,
        problems=tuple(problems),
        name=name,
        parts=parts,
    )


def _has_liquid(body: str) -> bool:
    return "{" in body and ("{{" in body or "{%" in body)


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
        problems.append(
            Problem(name.path, line, f"date: {_short(given)} is no date: the file name's is used, {_MEND_DATE}")
        )
    return date


def _date_of_file(name: _Name, modified: float, config: Config, problems: list[Problem]) -> datetime | None:
    if not name.date:
        if not name.home.draft:
            text = "no date in the front matter, none in the file name: the time of the file is used. Add a `date:`"
            problems.append(Problem(name.path, 1, text))
        return datetime.fromtimestamp(modified, config.zone)
    date = dates.parse(name.date, config.zone)
    if date is None:
        text = f"{name.date} in the file name is no date, and the front matter has none: rename it"
        problems.append(Problem(name.path, 1, text))
    return date


def _name(path: str, config: Config) -> _Name | None:
    """Read a path; None where the file name is not Jekyll's: a post's begins with its date."""
    relative = path.removeprefix(f"{config.collections_dir}/") if config.collections_dir else path
    folder, _, base = relative.rpartition("/")
    home = _home(folder, tuple(config.collections))
    if dated := _DATED.match(base):
        return _Name(path, relative, home, dated[1], dated[2].rstrip("."), dated[3])
    if home.collection == POSTS and not home.draft:
        return None
    if named := _NAMED.match(base):
        return _Name(path, relative, home, "", named[1].rstrip("."), named[2])
    return None if home.draft else _Name(path, relative, home, "", base, "")


@lru_cache(maxsize=256)
def _home(folder: str, collections: tuple[str, ...]) -> _Home:
    folders = folder.split("/")
    if folders[0] != "_posts" and (name := folders[0].removeprefix("_")) in collections and name != folders[0]:
        return _Home(name, (), draft=False)
    home = next((name for name in folders if name in ("_posts", "_drafts")), "")
    # Jekyll cuts at the first "_posts", even where it is the end of a name: my_posts gives the category "my".
    above = folder.partition(home)[0].split("/") if home else ()
    return _Home(POSTS, tuple(filter(None, above)), home == "_drafts")


def _misnamed(path: str, content: bytes, config: Config) -> Quarantined | NoPost:
    extension = os.path.splitext(path)[1].lower()
    text = front_matter.decode(content) if _is_text(extension, config) else None
    if text is None or front_matter.split(text).head is None:
        why = "its name is not YYYY-MM-DD-slug.ext, and it has no front matter: to make it a post, rename it"
        return NoPost(why, likely=text is not None)
    return quarantined(path, content, "file name is not YYYY-MM-DD-slug.ext: set aside, rename it")


def _is_text(extension: str, config: Config) -> bool:
    return extension.lower() in config.markdown_extensions or extension.lower() in _TEXT


def _fault(content: bytes, text: str | None) -> str:
    if len(content) > LARGEST:
        return f"longer than {LARGEST >> 20} MiB: no post, move it out of _posts"
    if text is None:
        return "not UTF-8 text: set aside, save it as UTF-8"
    return "" if text and not text.isspace() else "empty, half-written? Set aside until it holds a post"


def _url(
    name: _Name, data: dict[str, Any], published: datetime, categories: tuple[str, ...], config: Config
) -> tuple[str, list[str]]:
    extension, own = name.extension, fields.text(data.get("permalink"))
    place = permalinks.Place(
        collection=name.home.collection,
        stem=name.relative.removesuffix(extension),
        slug=fields.text(data.get("slug")) or name.slug,
        date=published,
        categories=categories,
        # A permalink's own extension is that of the page.
        output_ext=(own and os.path.splitext(own)[1])
        or (".html" if extension.lower() in config.markdown_extensions else extension),
    )
    path, unknown = permalinks.path_of(own or config.collections[name.home.collection].permalink, place)
    return f"{config.url}{config.base_path}{path}", unknown


def _short(value: object) -> str:
    text = fields.text(value) or "what is there"
    return repr(text if len(text) <= 40 else text[:39] + "…")


def url_by(permalink: str, document: Document, config: Config) -> tuple[str, list[str]]:
    """Return the URL that a document would have by another permalink, and the placeholders that do not exist."""
    data = {**document.data, "permalink": permalink}
    return _url(document.name, data, document.published, document.categories, config)
