"""Read posts from a Jekyll site: files, front matter, rendered bodies."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from syndicator.models import Quarantined
from syndicator.sources.jekyll import config, documents, files
from syndicator.sources.jekyll.documents import Document, NoPost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.models import Content, File, Post, Problem, Reason


def detect(folder: str) -> bool:
    """Tell whether a folder looks like a Jekyll site."""
    return os.path.isdir(os.path.join(folder, "_posts")) or config.file_of(folder) is not None


class Source:
    """Read a Jekyll site as Jekyll 4 does, but let one broken post be only one warning.

    `path` is the site's folder. What its `_config.yml` says wins over `url` and `timezone`.
    """

    def __init__(self, name: str, path: str, *, url: str, timezone: str) -> None:
        self.name = name
        self._root = os.path.abspath(path)
        self._url, self._timezone = url, timezone
        self._config: config.Config | None = None
        self._config_stamp: tuple[str | None, int, int, int] | None = None

    def files(self) -> Iterator[File]:
        """List the files below `_posts` and `_drafts` in path order, after reading `_config.yml` again if it changed.

        Raise `SourceError` when there is no such folder, no `_posts` in it, or `_config.yml` is broken.
        """
        self._read_config()
        return iter(files.find(self._root, self._settings))

    def read(self, path: str) -> Post | Quarantined | None:
        """Read one file's front matter; None when it went away or was never meant to be a post."""
        document = self._document(path)
        if isinstance(document, Document):
            return documents.post_of(document)
        return document if isinstance(document, Quarantined) else None

    def render(self, path: str) -> Content | None:
        """Render one file's body: Liquid, Markdown, sanitising; None when it went away or gives no post."""
        document = self._document(path)
        if not isinstance(document, Document):
            return None
        # nh3, pyromark and their patterns are needed from the first body on: 15 ms less for a scan that finds nothing.
        from syndicator.sources.jekyll import rendering

        return rendering.render(document, self._settings, self._find)

    def explain(self, path: str) -> Iterator[Reason]:
        """Say how each field of one file's post was decided, or why the file gives none."""
        from syndicator.sources.jekyll import explaining

        return explaining.explain(path, self._document, self._root, self._settings, self._find)

    def left_out(self) -> Iterator[Problem]:
        """Yield what looks like a post below `_posts` and `_drafts`, and gives no post and no `Quarantined`."""
        from syndicator.sources.jekyll.omissions import Omissions

        return Omissions(self._root, self._settings, self._document).problems()

    @property
    def _settings(self) -> config.Config:
        return self._config or self._read_config()

    def _read_config(self) -> config.Config:
        path = config.file_of(self._root)
        stamp = (path, *_stamp(path))
        if self._config is None or stamp != self._config_stamp:
            self._config = config.read(path, url=self._url, timezone=self._timezone)
            self._config_stamp = stamp
        return self._config

    def _document(self, path: str) -> Document | Quarantined | NoPost:
        try:
            loaded = _load(f"{self._root}/{path}")
        except (FileNotFoundError, NotADirectoryError):
            return NoPost("there is no such file")
        except OSError as error:
            return documents.quarantined(path, b"", f"cannot be read: {error.strerror}")
        return documents.make(path, *loaded, self._settings) if loaded else NoPost("it is no regular file")

    def _find(self, reference: str) -> str | None:
        """Return the URL of the post that `post_url` (no folder, no extension) or `link` (both) names."""
        for path in _candidates(reference, self._settings.markdown_extensions):
            document = self._document(path)
            if isinstance(document, Document):
                return document.url
        return None


def _candidates(reference: str, extensions: frozenset[str]) -> Iterator[str]:
    folder, _, name = reference.strip("/").rpartition("/")
    if "_posts" in folder.split("/"):
        yield reference.strip("/")
    elif ".." not in reference:
        for extension in (*sorted(extensions), ".html"):
            yield f"_posts/{reference.strip('/')}{extension}"
            if folder:
                yield f"{folder}/_posts/{name}{extension}"


def _load(path: str) -> tuple[bytes, float] | None:
    """Return a regular file's bytes (one more than are allowed, at most) and its mtime in seconds."""
    # Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            return None
        return os.read(file, min(status.st_size, documents.LARGEST) + 1), status.st_mtime
    finally:
        os.close(file)


def _stamp(path: str | None) -> tuple[int, int, int]:
    if path is None:
        return 0, 0, 0
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns, status.st_ino
