"""Read files of a site, and nothing outside of it."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 4 << 20
"""Bytes; no longer file is read."""

_MOST_LISTED = 20_000


def load(path: str) -> tuple[bytes, float] | None:
    """Return a regular file's bytes (one more than are allowed, at most) and its mtime in seconds."""
    # Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            return None
        return os.read(file, min(status.st_size, LARGEST) + 1), status.st_mtime
    finally:
        os.close(file)


def load_inside(root: str, path: str) -> bytes | None:
    """Return the bytes of a file below a folder; None where there is none, it is too long, or a link leads outside."""
    try:
        real = os.path.realpath(os.path.join(root, path))
        loaded = load(real) if real.startswith(os.path.realpath(root) + os.sep) else None
    except (OSError, ValueError):
        return None
    return loaded[0] if loaded and len(loaded[0]) <= LARGEST else None


def stamps(root: str, folder: str) -> Iterator[tuple[str, int, int]]:
    """Yield path, size and mtime in nanoseconds of what lies below a folder of a site, without opening anything."""
    waiting, count = [os.path.join(root, folder)], 0
    while waiting and count < _MOST_LISTED:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    count += 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        status = entry.stat()
                        yield entry.path[len(root) + 1 :], status.st_size, status.st_mtime_ns
        except OSError:
            continue
