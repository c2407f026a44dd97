"""Read a site's `_config.yml`: what decides which files are posts and what their fields and URLs are."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import xxhash
import yaml

from syndicator.content import front_matter, yaml11
from syndicator.errors import SourceError
from syndicator.sources.jekyll import defaults
from syndicator.sources.jekyll.patterns import Patterns
from syndicator.sources.jekyll.permalinks import STYLES, ending

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syndicator.sources.jekyll.defaults import DefaultSets

READER_VERSION = 3
"""Raise it when reading changes, so that every file is read again after an upgrade."""

POSTS = "posts"
"""The collection that every site has."""

_FILES = ("_config.yml", "_config.yaml", "_config.toml")
_MARKDOWN = "markdown,mkdown,mkdn,mkd,md"
_NEVER = (
    ".sass-cache", ".jekyll-cache", "gemfiles", "Gemfile", "Gemfile.lock", "node_modules",
    "vendor/bundle/", "vendor/cache/", "vendor/gems/", "vendor/ruby/",
)  # fmt: skip
_RELEVANT = (
    "url", "baseurl", "timezone", "permalink", "collections", "collections_dir", "defaults", "excerpt_separator",
    "markdown_ext", "kramdown",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Collection:
    """Hold a collection whose documents are posts: its files are in the folder `_<name>`."""

    name: str
    permalink: str


@dataclass(frozen=True, slots=True)
class Config:
    """Hold the settings of a Jekyll site that matter here; `digest` changes when any of them does.

    So it does when `surroundings` change: what is known from outside of the `_data` and `_includes` that bodies show.
    `exclude` is what the owner wrote, `never` what Jekyll adds to it. `source` is the folder of the site's files
    relative to that of the configuration, `destination` that of the built site relative to `source`.
    """

    url: str
    base_path: str
    zone: ZoneInfo
    collections: Mapping[str, Collection]
    collections_dir: str
    excerpt_separator: str
    markdown_extensions: frozenset[str]
    exclude: Patterns
    include: Patterns
    never: Patterns
    source: str
    destination: str
    defaults: DefaultSets
    digest: str
    surroundings: bytes
    variables: Mapping[str, Any] = field(repr=False)

    @property
    def folders(self) -> tuple[str, str]:
        """Return the folders of includes and of data, as the settings name them."""
        return self._folder("includes_dir", "_includes"), self._folder("data_dir", "_data")

    def _folder(self, key: str, usual: str) -> str:
        name = _text(self.variables, key).strip("/")
        return name if name and ".." not in name else usual


def file_of(root: str) -> str | None:
    """Return the path of the site's configuration file, if it has one."""
    return next((path for name in _FILES if os.path.isfile(path := os.path.join(root, name))), None)


def read(path: str | None, *, url: str, timezone: str, collections: Sequence[str] = (POSTS,)) -> Config:
    """Read a configuration; `url` and `timezone` hold where it is silent, `collections` are those that hold posts.

    Raise `SourceError` for a file that is no YAML, that names an unknown time zone, or that has no page for the
    documents of such a collection: guessing would change every URL.
    """
    settings = _settings(path) if path else {}
    relevant = {key: settings.get(key) for key in _RELEVANT}
    own_url = _text(settings, "url")
    site_url = (own_url if own_url.startswith(("http://", "https://")) else url).rstrip("/")
    base_path = _text(settings, "baseurl").strip("/")
    collections_dir = _text(settings, "collections_dir").strip("/")
    extensions = _text(settings, "markdown_ext") or _MARKDOWN
    excluded, included = _list(settings, "exclude"), _list(settings, "include")
    source = _source(path, settings)
    return Config(
        url=site_url,
        base_path=f"/{base_path}" if base_path else "",
        zone=_zone(path, _text(settings, "timezone") or timezone),
        collections={name: _collection(name, settings, path) for name in collections},
        collections_dir=collections_dir,
        excerpt_separator=_text(settings, "excerpt_separator"),
        markdown_extensions=frozenset(f".{name.strip().lower()}" for name in extensions.split(",")),
        exclude=Patterns.of(one for one in excluded if one not in included),
        include=Patterns.of(included),
        never=Patterns.of(one for one in _NEVER if one not in included),
        source=source,
        destination=os.path.relpath(_text(settings, "destination") or "_site", source or None),
        defaults=defaults.read(settings.get("defaults"), collections_dir),
        digest=_digest(repr((READER_VERSION, url, timezone, tuple(collections), relevant)).encode()),
        surroundings=b"",
        variables=settings | {"url": site_url},
    )


def _collection(name: str, settings: Mapping[str, Any], path: str | None) -> Collection:
    known = _collections(settings.get("collections"))
    style = _text(settings, "permalink") or "date"
    permalink = _text(known.get(name), "permalink")
    if name == POSTS:
        return Collection(name, permalink or STYLES.get(style, style))
    if name not in known:
        raise _refusal(path, f"{name} is not among them, there are {', '.join(sorted({POSTS, *known}))}")
    if not known[name].get("output"):
        raise _refusal(path, f"the documents of {name} have no pages to link to without `output: true`")
    return Collection(name, permalink or f"/:collection/:path{ending(style)}")


def _collections(value: object) -> dict[str, dict[str, Any]]:
    """Read `collections`, a list of names or a mapping of name to settings."""
    given = dict.fromkeys(map(str, value)) if isinstance(value, list) else value if isinstance(value, dict) else {}
    return {str(name): own if isinstance(own, dict) else {} for name, own in given.items()}


def _refusal(path: str | None, text: str) -> SourceError:
    """Build an error about the collections that the source names; `path` is None for a site without configuration."""
    line = 1
    if path is not None:
        with open(path, encoding="utf-8-sig") as file:
            line = front_matter.line_of(file.read(), "collections")
    place = f"{path}:{line}" if path else "no _config.yml"
    return SourceError(f"{place}: collections: {text}: mend them, or `collections` of the source")


def _source(path: str | None, settings: Mapping[str, Any]) -> str:
    """Return the folder that `source` names, relative to that of the configuration; "" for that one itself."""
    folder = os.path.normpath(_text(settings, "source") or ".")
    if os.path.isabs(folder) or folder.startswith(".."):
        raise SourceError(f"{path}: source: {folder} leaves the folder: set `path` of the source to it")
    return "" if folder == "." else folder


def with_surroundings(config: Config, stamps: Iterable[tuple[str, int, int]]) -> Config:
    """Return the configuration of a site with these files in `_data` and `_includes`."""
    found = sorted(stamps)
    if not found:
        return config
    surroundings = xxhash.xxh3_64_hexdigest(repr(found).encode(errors="surrogateescape")).encode()
    return replace(config, surroundings=surroundings, digest=_digest(config.digest.encode() + surroundings))


def _digest(of: bytes) -> str:
    return xxhash.xxh3_64_hexdigest(of)[:8]


def _settings(path: str) -> dict[str, Any]:
    name = os.path.basename(path)
    try:
        with open(path, encoding="utf-8-sig") as file:
            settings = tomllib.loads(file.read()) if name.endswith(".toml") else yaml11.load(file.read())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SourceError(f"{path}:{line}: {error.problem}: mend {name}, or no post's URL can be known") from error
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise SourceError(f"{path}: cannot be read ({error}): mend {name}, or no post's URL can be known") from error
    if settings and not isinstance(settings, dict):
        raise SourceError(f"{path}:1: `key: value` lines expected")
    return settings if isinstance(settings, dict) else {}


def _text(mapping: object, key: str) -> str:
    return _scalar(mapping.get(key)) if isinstance(mapping, dict) else ""


def _scalar(value: object) -> str:
    """Return text or a number (a folder may be called 2013) as text."""
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def _list(mapping: Mapping[str, Any], key: str) -> list[Any]:
    value = mapping.get(key)
    return value if isinstance(value, list) else []


def _zone(path: str | None, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise SourceError(
            f"{path or name}: timezone: {name!r} is not known: write one such as Asia/Shanghai"
        ) from error
