"""Say which files of a site are no posts though they look like some, and why: by what `find` does, and would do."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from syndicator.models import Problem
from syndicator.sources.jekyll import files
from syndicator.sources.jekyll.documents import NoPost
from syndicator.sources.jekyll.patterns import Patterns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from syndicator.models import Quarantined
    from syndicator.sources.jekyll.config import Config
    from syndicator.sources.jekyll.documents import Document

_NEVER = frozenset({"node_modules", "vendor"})


class Omissions:
    """Know what a site's reader lists. `make` reads a file as the source does."""

    def __init__(self, root: str, config: Config, make: Callable[[str], Document | Quarantined | NoPost]) -> None:
        self._root, self._config, self._make = root, config, make
        self._homes = frozenset({"_drafts", *(f"_{name}" for name in config.collections)})

    def why(self, path: str) -> str:
        """Say why a file that is there is not listed, and what to do; "" where it is."""
        if path in self._listed:
            return ""
        if not self._homes.intersection(path.split("/")[:-1]):
            return "it is in no _posts or _drafts folder: move it into one"
        home = self._config.collections_dir
        if home and not path.startswith(f"{home}/"):
            return f"_config.yml has posts in {home} (collections_dir): move it there"
        if away := self._way_out(path):
            return f"{away} is a link that leaves the site: copy what it names"
        if not os.path.isfile(f"{self._root}/{path}"):
            return "it is no regular file"
        return self._why_by_name(path)

    def problems(self) -> Iterator[Problem]:
        """Yield every file in the folders of posts that looks like one, but gives no post and no `Quarantined`."""
        for path in self._lookalikes():
            if why := self._why_left_out(path):
                yield Problem(path.encode(errors="backslashreplace").decode(), 1, f"left out: {why}")

    def _why_left_out(self, path: str) -> str:
        if self._way_out(path):
            return self.why(path)
        found = self._make(path)
        if not isinstance(found, NoPost):
            return self.why(path)
        return (self.why(path) or found.why) if found.likely else ""

    def _why_by_name(self, path: str) -> str:
        if path in self._listed_without_exclude:
            return "exclude in _config.yml, or Jekyll's own list, names it or a folder that it is in"
        if os.path.realpath(f"{self._root}/{path}") != f"{os.path.realpath(self._root)}/{path}":
            return "it is read under another name, which a link on the way to it leads to"
        if not path.isprintable():
            return "its name is not UTF-8, or holds a control character: rename it"
        return "Jekyll skips names like its own, or that of a folder it is in: rename it, or list it under include"

    def _way_out(self, path: str) -> str:
        """Return the link on the way to a file that leads out of the site, "" where none does."""
        inside = os.path.realpath(self._root) + os.sep
        places = accumulate(path.split("/"), "{}/{}".format)
        return next((at for at in places if not os.path.realpath(f"{self._root}/{at}").startswith(inside)), "")

    def _lookalikes(self) -> Iterator[str]:
        """Yield every file in the folders of posts, also in those that are excluded, and the links that leave."""
        for folder, folders, names in os.walk(self._root):
            place = os.path.relpath(folder, self._root)
            at_home = not self._homes.isdisjoint(place.split(os.sep))
            folders[:] = sorted(name for name in folders if at_home or name in self._homes or _may_hold_posts(name))
            if at_home:
                away = (name for name in folders if self._way_out(f"{place}/{name}"))
                yield from (f"{place}/{name}" for name in sorted([*names, *away]))

    @cached_property
    def _listed(self) -> frozenset[str]:
        return _paths(self._root, self._config)

    @cached_property
    def _listed_without_exclude(self) -> frozenset[str]:
        nothing = Patterns.of(())
        return _paths(self._root, replace(self._config, exclude=nothing, never=nothing))


def _paths(root: str, config: Config) -> frozenset[str]:
    found, _ = files.find(root, config)
    return frozenset(file.path for file in found)


def _may_hold_posts(name: str) -> bool:
    return not (name.startswith((".", "_")) or name in _NEVER)
