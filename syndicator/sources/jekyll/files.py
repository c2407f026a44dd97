"""Find the files of a Jekyll site that may hold posts, as Jekyll's own reader would, and fast."""

from __future__ import annotations

import logging
import os
from fnmatch import fnmatchcase
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
        elif entry.is_symlink() and _inside(walk, entry) and _is_file(entry):
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
    if not _inside(walk, entry) or target in walk.followed or f"{parent}/".startswith(f"{target}/"):
        return False
    walk.followed.add(target)
    return True


def _inside(walk: Walk, entry: os.DirEntry[str]) -> bool:
    return os.path.realpath(entry.path).startswith(walk.real_root + os.sep)


def _entries(walk: Walk, folder: str) -> Iterator[os.DirEntry[str]]:
    path = os.path.join(walk.root, folder) if folder else walk.root
    try:
        with os.scandir(path) as entries:
            yield from entries
    except FileNotFoundError:
        return
    except OSError as error:
        raise SourceError(f"{path}: cannot be listed ({error.strerror}): its posts would be taken for gone") from error
