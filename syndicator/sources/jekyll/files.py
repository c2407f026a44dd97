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
_SPECIAL, _BACKUP = (".", "_", "#", "~"), (".", "~")
_HOMES = ("_posts", "_drafts")


class Walk(NamedTuple):
    """Hold what stays the same while a site is walked; `followed` are the linked folders already taken."""

    root: str
    real_root: str
    config: Config
    followed: set[str]


def find(root: str, config: Config) -> list[File]:
    """List the files below every `_posts` and `_drafts`.

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
    return found


def _homes(walk: Walk, folder: str) -> Iterator[str]:
    """Yield every `_posts` and `_drafts` folder, relative to the root."""
    for entry in _entries(walk, folder):
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.name in _HOMES:
            if _is_folder(walk, entry, path):
                yield path
        elif _may_hold_posts(walk, entry, path):
            yield from _homes(walk, path)


def _may_hold_posts(walk: Walk, entry: os.DirEntry[str], path: str) -> bool:
    return entry.name not in _NEVER and not _skipped(walk.config, entry.name, path) and _is_folder(walk, entry, path)


def _collect(walk: Walk, folder: str, found: list[File]) -> None:
    """Add the files of a folder and of those below it."""
    config = walk.config
    filtered = bool(config.include or config.exclude)
    for entry in _entries(walk, folder):
        name = entry.name
        path = f"{folder}/{name}"
        # Nearly no name needs more of a look: 30 ms less for 100,000 files.
        if (filtered or name[0] in _SPECIAL or name[-1] in _BACKUP) and _skipped(config, name, path):
            continue
        if entry.is_file(follow_symlinks=False):
            _add(entry, path, config.digest, found)
        elif _is_folder(walk, entry, path):
            _collect(walk, path, found)
        elif entry.is_symlink() and _inside(walk, path) and _is_file(entry):
            _add(entry, path, config.digest, found)


def _add(entry: os.DirEntry[str], path: str, digest: str, found: list[File]) -> None:
    try:
        stat = entry.stat()
    except OSError:
        return
    if not path.isprintable() and not _writable(path):
        log.warning("%r: the file name is not UTF-8 or has a line break in it, so it is left out: rename it", path)
        return
    modified = stat.st_mtime_ns
    found.append(File(path, f"{stat.st_size}:{modified}:{stat.st_ctime_ns}:{stat.st_ino}:{digest}", modified))


def _writable(path: str) -> bool:
    """Tell whether URLs and the store can hold a path."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return "\n" not in path


def _is_file(link: os.DirEntry[str]) -> bool:
    try:
        return link.is_file()
    except OSError:
        return False


def _skipped(config: Config, name: str, path: str) -> bool:
    """Apply Jekyll's entry filter: hidden, special and backup names and `exclude`, unless `include` names them."""
    if config.include and (_listed(config.include, path) or _listed(config.include, name)):
        return name.endswith(".")
    if name.startswith(_SPECIAL) or name.endswith(_BACKUP):
        return True
    return bool(config.exclude) and _listed(config.exclude, path)


def _listed(patterns: tuple[str, ...], path: str) -> bool:
    """Tell whether a pattern matches or the path begins with it: `exclude: [lib]` also excludes `library`."""
    return path.startswith(patterns) or any(fnmatchcase(path, pattern) for pattern in patterns)


def _is_folder(walk: Walk, entry: os.DirEntry[str], path: str) -> bool:
    """Tell whether an entry is a folder to enter: a link must stay inside the site, and each is followed once."""
    try:
        if not entry.is_dir():
            return False
    except OSError:
        return False
    if not entry.is_symlink():
        return True
    here = f"{walk.root}/{path}"
    target, parent = os.path.realpath(here), os.path.realpath(os.path.dirname(here))
    if not _inside(walk, path) or target in walk.followed or f"{parent}/".startswith(f"{target}/"):
        return False
    walk.followed.add(target)
    return True


def _inside(walk: Walk, path: str) -> bool:
    return os.path.realpath(f"{walk.root}/{path}").startswith(walk.real_root + os.sep)


def _entries(walk: Walk, folder: str) -> Iterator[os.DirEntry[str]]:
    """Yield what a folder holds. Opened first, as `stat` then has to look up names only: a tenth of its time."""
    path = os.path.join(walk.root, folder) if folder else walk.root
    try:
        opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with os.scandir(opened) as entries:
                yield from entries
        finally:
            os.close(opened)
    except FileNotFoundError:
        return
    except OSError as error:
        raise SourceError(f"{path}: cannot be listed ({error.strerror}): its posts would be taken for gone") from error
