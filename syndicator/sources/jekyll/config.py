"""Read a site's `_config.yml`: what decides which files are posts and what their fields and URLs are."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import xxhash
import yaml

from syndicator.content import yaml11
from syndicator.errors import SourceError
from syndicator.sources.jekyll.permalinks import STYLES

if TYPE_CHECKING:
    from collections.abc import Mapping

READER_VERSION = 2
"""Raise it when reading changes, so that every file is read again after an upgrade."""

_FILES = ("_config.yml", "_config.yaml")
_MARKDOWN = "markdown,mkdown,mkdn,mkd,md"
_RELEVANT = (
    "url", "baseurl", "timezone", "permalink", "collections", "collections_dir", "defaults", "excerpt_separator",
    "markdown_ext",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Defaults:
    """Hold front matter defaults for the posts whose path begins with (or, as a glob, matches) `path`."""

    path: str
    typed: bool
    values: Mapping[str, Any]
    pattern: re.Pattern[str] | None

    def match(self, path: str) -> bool:
        """Tell whether a path relative to the collections folder is in scope."""
        return path.startswith(self.path) if self.pattern is None else self.pattern.match(path) is not None


@dataclass(frozen=True, slots=True)
class Config:
    """Hold the settings of a Jekyll site that matter here; `digest` changes when any of them does."""

    url: str
    base_path: str
    zone: ZoneInfo
    permalink: str
    collections_dir: str
    excerpt_separator: str
    markdown_extensions: frozenset[str]
    exclude: tuple[str, ...]
    include: tuple[str, ...]
    defaults: tuple[Defaults, ...]
    digest: str
    variables: Mapping[str, Any] = field(repr=False)

    def defaults_for(self, path: str) -> dict[str, Any]:
        """Merge the defaults in scope: the longer path wins, then the one with a type, then the later one."""
        merged: dict[str, Any] = {}
        for default in self.defaults:
            if default.match(path):
                merged |= default.values
        return merged


def file_of(root: str) -> str | None:
    """Return the path of the site's configuration file, if it has one."""
    return next((path for name in _FILES if os.path.isfile(path := os.path.join(root, name))), None)


def read(path: str | None, *, url: str, timezone: str) -> Config:
    """Read a configuration; `url` and `timezone` hold where it is silent.

    Raise `SourceError` for a file that is no YAML or names an unknown time zone: guessing would change every URL.
    """
    settings = _settings(path) if path else {}
    relevant = {key: settings.get(key) for key in _RELEVANT}
    collections = settings.get("collections")
    posts = collections.get("posts") if isinstance(collections, dict) else None
    style = _text(settings, "permalink") or "date"
    own_url = _text(settings, "url")
    site_url = (own_url if own_url.startswith(("http://", "https://")) else url).rstrip("/")
    base_path = _text(settings, "baseurl").strip("/")
    collections_dir = _text(settings, "collections_dir").strip("/")
    extensions = _text(settings, "markdown_ext") or _MARKDOWN
    return Config(
        url=site_url,
        base_path=f"/{base_path}" if base_path else "",
        zone=_zone(path, _text(settings, "timezone") or timezone),
        permalink=_text(posts, "permalink") or STYLES.get(style, style),
        collections_dir=collections_dir,
        excerpt_separator=_text(settings, "excerpt_separator"),
        markdown_extensions=frozenset(f".{name.strip().lower()}" for name in extensions.split(",")),
        exclude=_patterns(settings.get("exclude")),
        include=_patterns(settings.get("include")),
        defaults=_defaults(settings.get("defaults"), collections_dir),
        digest=xxhash.xxh3_64_hexdigest(repr((READER_VERSION, url, timezone, relevant)).encode())[:8],
        variables=settings | {"url": site_url},
    )


def _settings(path: str) -> dict[str, Any]:
    name = os.path.basename(path)
    try:
        with open(path, encoding="utf-8-sig") as file:
            settings = yaml11.load(file.read())
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


def _zone(path: str | None, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise SourceError(
            f"{path or name}: timezone: {name!r} is not known: write one such as Asia/Shanghai"
        ) from error


def _patterns(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else []
    return tuple(name for name in (_scalar(item).strip("/") for item in items) if name)


def _defaults(value: object, collections_dir: str) -> tuple[Defaults, ...]:
    """Return the sets that can apply to posts, the weakest first."""
    sets = value if isinstance(value, list) else []
    found = [one for item in sets if (one := _default(item, collections_dir))]
    return tuple(sorted(found, key=lambda one: (len(one.path), one.typed)))


def _default(item: object, collections_dir: str) -> Defaults | None:
    values = item.get("values") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(values, dict):
        return None
    kind = _text(item.get("scope"), "type")
    if kind not in ("", "post", "posts"):
        return None
    path = _text(item.get("scope"), "path").lstrip("/").removeprefix(f"{collections_dir}/")
    pattern = _glob(path) if "*" in path else None
    return Defaults(path, bool(kind), {str(key): one for key, one in values.items()}, pattern)


def _glob(path: str) -> re.Pattern[str]:
    """Compile a scope's glob: `*` stays within a folder, `**/` does not; what lies below a match is in scope too."""
    stars = {"**/": "(?:.*/)?", "*": "[^/]*"}
    return re.compile("".join(stars.get(part) or re.escape(part) for part in re.split(r"(\*\*/|\*)", path)))
