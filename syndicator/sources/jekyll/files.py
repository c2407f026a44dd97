"""Find the files of a Jekyll site that may hold posts, as Jekyll's own reader would, and fast."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from syndicator.errors import SourceError
from syndicator.models import File

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.sources.jekyll.config import Config

log = logging.getLogger(__name__)

_NEVER = frozenset({"node_modules", "vendor"})
_SPECIAL = (".", "_", "#", "~")
_HOMES = ("_posts", "_drafts")


class Walk(NamedTuple):
    """Hold what stays the same while a site is walked; `followed` are the linked folders already taken."""

    root: str
    real_root: str
    config: Config
    followed: set[str]


def find(root: str, config: Config) -> list[File]:
    """List the files below every `_posts` and `_drafts`, in path order.

    Raise `SourceError` when the folder, or one in it, cannot be listed, or when there is no `_posts` at all.
    """
    walk = Walk(root, os.path.realpath(root), config, set())
    if not os.path.isdir(root):
        raise SourceError(f"{root}: no such folder: set `path` of the source to the folder that holds _posts")
    found: list[File] = []
    homes = list(_homes(walk, config.collections_dir))
    for home in homes:
        _collect(walk, home, found)
    if not any(os.path.basename(home) == "_posts" for home in homes):
        raise SourceError(f"{root}: no _posts folder in it: set `path` of the source to the folder that holds _posts")
    found.sort(key=_path)
    return found


def _path(file: File) -> str:
    return file.path


def _homes(walk: Walk, folder: str) -> Iterator[str]:
    """Yield every `_posts` and `_drafts` folder, relative to the root."""
    for entry in _entries(walk, folder):
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.name in _HOMES:
            if _is_folder(walk, entry):
                yield path
        elif _may_hold_posts(walk, entry, path):
            yield from _homes(walk, path)


def _may_hold_posts(walk: Walk, entry: os.DirEntry[str], path: str) -> bool:
    return entry.name not in _NEVER and not _skipped(walk.config, entry.name, path) and _is_folder(walk, entry)


def _collect(walk: Walk, folder: str, found: list[File]) -> None:
    """Add the files of a folder and of those below it."""
    config = walk.config
    for entry in _entries(walk, folder):
        path = f"{folder}/{entry.name}"
        if _skipped(config, entry.name, path):
            continue
        if entry.is_file(follow_symlinks=False):
            _add(entry, path, config.digest, found)
        elif _is_folder(walk, entry):
            _collect(walk, path, found)
        elif entry.is_symlink() and _inside(walk, entry.path) and _is_file(entry):
            _add(entry, path, config.digest, found)


def _add(entry: os.DirEntry[str], path: str, digest: str, found: list[File]) -> None:
    try:
        stat = entry.stat()
        path.encode()
    except OSError:
        return
    except UnicodeEncodeError:  # neither a URL nor the store can hold it
        log.warning("%r: the file name is not UTF-8, so it is left out: rename it", path)
        return
    modified = stat.st_mtime_ns
    found.append(File(path, f"{stat.st_size}:{modified}:{stat.st_ctime_ns}:{stat.st_ino}:{digest}", modified))


def _is_file(link: os.DirEntry[str]) -> bool:
    try:
        return link.is_file()
    except OSError:
        return False


def _skipped(config: Config, name: str, path: str) -> bool:
    """Apply Jekyll's entry filter: hidden, special and backup names and `exclude`, unless `include` names them."""
    if config.include and (_listed(config.include, path) or _listed(config.include, name)):
        return name.endswith(".")
    if name.startswith(_SPECIAL) or name.endswith((".", "~")):
        return True
    return bool(config.exclude) and _listed(config.exclude, path)


def _listed(patterns: tuple[str, ...], path: str) -> bool:
    """Tell whether a pattern matches or the path begins with it: `exclude: [lib]` also excludes `library`."""
    return path.startswith(patterns) or any(fnmatchcase(path, pattern) for pattern in patterns)


def _is_folder(walk: Walk, entry: os.DirEntry[str]) -> bool:
    """Tell whether an entry is a folder to enter: a link must stay inside the site, and each is followed once."""
    try:
        if not entry.is_dir():
            return False
    except OSError:
        return False
    if not entry.is_symlink():
        return True
    target, parent = os.path.realpath(entry.path), os.path.realpath(os.path.dirname(entry.path))
    if not _inside(walk, entry.path) or target in walk.followed or f"{parent}/".startswith(f"{target}/"):
        return False
    walk.followed.add(target)
    return True


def _inside(walk: Walk, path: str) -> bool:
    return os.path.realpath(path).startswith(walk.real_root + os.sep)


def _entries(walk: Walk, folder: str) -> Iterator[os.DirEntry[str]]:
    path = os.path.join(walk.root, folder) if folder else walk.root
    try:
        with os.scandir(path) as entries:
            yield from entries
    except FileNotFoundError:
        return
    except OSError as error:
        raise SourceError(f"{path}: cannot be listed ({error.strerror}): its posts would be taken for gone") from error


def omission(root: str, config: Config, path: str) -> str:
    """Say why `find` does not list a file that is there, and what to do."""
    walk = Walk(root, os.path.realpath(root), config, set())
    names = path.split("/")
    home = next((at for at, name in enumerate(names[:-1]) if name in _HOMES), None)
    if home is None:
        return "it is in no _posts or _drafts folder: move it into one"
    if config.collections_dir and not path.startswith(f"{config.collections_dir}/"):
        return f"_config.yml has posts in {config.collections_dir} (collections_dir): move it there"
    places = enumerate(accumulate(names, "{}/{}".format))
    obstacles = (_obstacle(walk, place, above=at < home) for at, place in places if at != home)
    return next(filter(None, obstacles), "it links to what is read under another name, or to no regular file")


def _obstacle(walk: Walk, path: str, *, above: bool) -> str:
    """Say why neither this file or folder nor what is in it is listed, "" where that is not because of it."""
    name = path.rpartition("/")[2]
    if not _is_utf8(path):
        return "its name is not UTF-8: rename it"
    if _skipped(replace(walk.config, exclude=()), name, path) or (above and name in _NEVER):
        return f"{path} has a name that Jekyll skips: rename it, or list it under include in _config.yml"
    if _skipped(walk.config, name, path):
        return f"_config.yml excludes {path}"
    return "" if _inside(walk, f"{walk.root}/{path}") else f"{path} is a link that leaves the site: copy what it names"


def lookalikes(root: str, config: Config) -> Iterator[str]:
    """Yield every file below a `_posts` or `_drafts`, also what `find` skips there, in excluded folders and linked."""
    walk = Walk(root, os.path.realpath(root), config, set())
    for folder, folders, names in os.walk(root):
        place = os.path.relpath(folder, root)
        at_home = not set(_HOMES).isdisjoint(place.split(os.sep))
        folders[:] = sorted(name for name in folders if at_home or name in _HOMES or not _is_special(name))
        if at_home:
            away = (name for name in folders if not _inside(walk, os.path.join(folder, name)))
            yield from (f"{place}/{name}" for name in sorted([*names, *away]))


def _is_special(name: str) -> bool:
    return name.startswith(_SPECIAL) or name in _NEVER


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
