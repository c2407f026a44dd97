"""Lay front matter over the `defaults` of `_config.yml`, in the order that Jekyll gives them."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEPTH = 20
"""Mappings may refer to themselves (YAML aliases): nothing sensible is deeper."""

_RENAMED = {"post": "posts", "page": "pages", "draft": "drafts"}
_GLOB = re.compile(r"(\*\*/|\*|\?|\{[^{}]*\})")
_WILDCARDS = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class Defaults:
    """Hold values for the documents whose path begins with (or, as a glob, matches) `path`.

    `kind` is the collection that they hold for, None for all. `weight` is the length of the path as it was written.
    Paths are relative to the collections folder, those of globs to the site's: `above` leads from one to the other.
    """

    path: str
    above: str
    kind: str | None
    values: Mapping[str, Any]
    weight: int
    pattern: re.Pattern[str] | None

    def match(self, path: str, collection: str) -> bool:
        """Tell whether a path relative to the collections folder is in scope."""
        if self.kind is not None and self.kind != collection:
            return False
        if self.pattern is None:
            return path.startswith(self.path)
        found = self.pattern.match(self.above + path)
        return found is not None and found.end() > len(self.above)

    def outweighs(self, other: Defaults) -> bool:
        """Tell whether these values win: the longer path does, then the one with a kind, then the later one."""
        if self.weight != other.weight:
            return self.weight > other.weight
        return self.kind is not None or other.kind is None


@dataclass(frozen=True, slots=True)
class DefaultSets:
    """Hold all sets, in the order of the file, and what was merged of those that documents had in common."""

    sets: tuple[Defaults, ...]
    _merged: dict[tuple[bool, ...], dict[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    def __bool__(self) -> bool:
        return bool(self.sets)

    def of(self, path: str, collection: str) -> dict[str, Any]:
        """Return the values for a document. Not to be changed: documents share them."""
        key = tuple([one.match(path, collection) for one in self.sets])
        if key not in self._merged:
            self._merged[key] = _in_order([one for one, matches in zip(self.sets, key, strict=True) if matches])
        return self._merged[key]


def _in_order(sets: list[Defaults]) -> dict[str, Any]:
    """Merge sets. One that does not outweigh the heaviest before it goes below all others, lighter ones included."""
    values: dict[str, Any] = {}
    heaviest: Defaults | None = None
    for one in sets:
        if heaviest is None or one.outweighs(heaviest):
            values, heaviest = merged(values, one.values), one
        else:
            values = merged(one.values, values)
    return values


def merged(under: Mapping[str, Any], over: Mapping[str, Any], depth: int = _DEPTH) -> dict[str, Any]:
    """Return one mapping laid over another: an empty value leaves what is under it, mappings are merged in turn."""
    result = dict(under)
    for key, value in over.items():
        below = result.get(key)
        if depth and type(value) is dict and type(below) is dict:
            result[key] = merged(below, value, depth - 1)
        elif value is not None or key not in result:
            result[key] = value
    return result


def read(value: object, collections_dir: str) -> DefaultSets:
    """Read `defaults`; what is not made of a scope and values is left out, as in Jekyll."""
    sets = value if isinstance(value, list) else []
    return DefaultSets(tuple([one for item in sets if (one := _read_one(item, collections_dir))]))


def _read_one(item: object, collections_dir: str) -> Defaults | None:
    values = item.get("values") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(values, dict):
        return None
    scope = item.get("scope")
    scope = scope if isinstance(scope, dict) else {}
    path, kind = scope.get("path"), scope.get("type")
    path = path if isinstance(path, str) else ""
    above = f"{collections_dir}/" if collections_dir else ""
    return Defaults(
        path=path.removeprefix(above),
        above=above,
        kind=None if kind is None else _RENAMED.get(str(kind), str(kind)),
        values={str(key): one for key, one in values.items()},
        weight=len(path.removeprefix("/")),
        pattern=_compiled(path) if "*" in path else None,
    )


def _compiled(glob: str) -> re.Pattern[str]:
    """Compile a scope's glob: `*` stays within a folder, `**/` does not; what lies below a match is in scope too."""
    ending = "(?=/)" if glob.endswith("/") else r"(?=/|\Z)"
    return re.compile("".join(map(_translated, _GLOB.split(posixpath.normpath(glob)))) + ending)


def _translated(part: str) -> str:
    if part.startswith("{"):
        return f"(?:{'|'.join(map(re.escape, part[1:-1].split(',')))})"
    return _WILDCARDS.get(part) or re.escape(part)
