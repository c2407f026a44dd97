"""Write files so that a reader sees the old one or the new one, never a part."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from syndicator.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator


def replace(path: str, data: bytes, *, private: bool = False, durable: bool = False) -> None:
    """Write `data` to `path` in one step. Raise OSError.

    `private` lets nobody but the owner read it; `durable` also survives a power cut.
    """
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        with open(os.open(temporary, flags, 0o600 if private else 0o666), "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    if durable:
        _sync_folder(os.path.dirname(path))


def is_writable(folder: str) -> bool:
    """Tell whether a folder, or the nearest one above it that is there, takes new files."""
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    return os.path.isdir(folder) and os.access(folder, os.W_OK)


def _sync_folder(folder: str) -> None:
    """Have the disk confirm a new name as well."""
    descriptor = os.open(folder or ".", os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class FeedFolder:
    """Be the folder that feeds are written to: `<output>/feeds/<kind>/<slug>.<extension>`, URLs alike."""

    def __init__(self, output: str) -> None:
        self.output = output
        self._made: set[str] = set()

    def path(self, kind: str, slug: str, extension: str) -> str:
        """Return the path of a feed file."""
        return os.path.join(self.output, "feeds", kind, f"{slug}.{extension}")

    def sizes(self) -> dict[tuple[str, str], int]:
        """Return (kind, file name) → size in bytes of every feed file there is."""
        return dict(self._sizes())

    def has(self, kind: str, slug: str, extension: str, size: int) -> bool:
        """Tell whether a feed file is there with its size in bytes."""
        try:
            return os.stat(self.path(kind, slug, extension)).st_size == size
        except FileNotFoundError:
            return False

    def write(self, kind: str, slug: str, extension: str, data: bytes) -> None:
        """Write one feed. Raise OutputError naming the file and the reason; the old feed stays."""
        path = self.path(kind, slug, extension)
        try:
            if kind not in self._made:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                self._made.add(kind)
            replace(path, data)
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror}: check [feeds] output") from error

    def _sizes(self) -> Iterator[tuple[tuple[str, str], int]]:
        root = os.path.join(self.output, "feeds")
        kinds = [entry.name for entry in os.scandir(root) if entry.is_dir()] if os.path.isdir(root) else []
        for kind in kinds:
            with os.scandir(os.path.join(root, kind)) as entries:
                yield from (((kind, entry.name), entry.stat().st_size) for entry in entries)


def feed_url(base: str, kind: str, slug: str) -> str:
    """Return the URL of a feed without its extension, percent-encoded."""
    return f"{base.rstrip('/')}/feeds/{kind}/{quote(slug)}"
