"""Read a site's `_data`: each file when a page asks for it, under its name without extension."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from syndicator.content import front_matter, yaml11
from syndicator.sources.jekyll import reading

_KINDS = (".yaml", ".yml", ".json", ".csv", ".tsv")
_ODD = re.compile(r"[^\w\s-]+")
_DEEPEST = 10


class Data(Mapping[str, Any]):
    """Hold a folder's files and folders; a file that cannot be read holds nothing."""

    def __init__(self, root: str, folder: str, depth: int = 0) -> None:
        self._root, self._folder, self._depth = root, folder, depth
        self._read: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._read:
            self._read[name] = self._open(self._paths[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __contains__(self, name: object) -> bool:
        return name in self._paths

    @cached_property
    def _paths(self) -> dict[str, str]:
        """Return the path of each name, relative to the root."""
        try:
            names = sorted(os.listdir(os.path.join(self._root, self._folder)))
        except OSError:
            return {}
        return {_key(name): f"{self._folder}/{name}" for name in names if self._is_data(name)}

    def _is_data(self, name: str) -> bool:
        if name.startswith("."):
            return False
        path = os.path.join(self._root, self._folder, name)
        return name.endswith(_KINDS) or (os.path.isdir(path) and not os.path.islink(path) and self._depth < _DEEPEST)

    def _open(self, path: str) -> Any:
        if os.path.isdir(os.path.join(self._root, path)):
            return Data(self._root, path, self._depth + 1)
        content = reading.load_inside(self._root, path)
        text = front_matter.decode(content) if content else None
        return None if text is None else parse(text, os.path.splitext(path)[1])


def parse(text: str, extension: str) -> Any:
    """Return what a data file holds, None where it is broken."""
    try:
        if extension in (".csv", ".tsv"):
            return list(csv.DictReader(text.splitlines(), delimiter="\t" if extension == ".tsv" else ","))
        if extension == ".json":
            return json.loads(text)
        return yaml11.load(text)
    except (*yaml11.UNREADABLE, RecursionError, OverflowError, csv.Error):
        return None


def _key(name: str) -> str:
    stem = os.path.splitext(name)[0] if name.endswith(_KINDS) else name
    return re.sub(r"\s+", "_", _ODD.sub("", stem).strip())
