"""Read posts from a Jekyll site: files, front matter, rendered bodies."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict

from syndicator.models import Post, Quarantined
from syndicator.settings.values import AtLeastOne
from syndicator.sources.jekyll import config, documents, fields, files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.models import Content, File
    from syndicator.sources.jekyll.documents import Document


def detect(folder: str) -> bool:
    """Tell whether a folder looks like a Jekyll site."""
    return os.path.isdir(os.path.join(folder, "_posts")) or config.file_of(folder) is not None


def _name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", name):
        raise ValueError("has characters that no collection has, expected a name as in _config.yml, such as posts")
    return name


class Site(BaseModel):
    """Name the collections of `_config.yml` whose documents are posts."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    collections: Annotated[tuple[Annotated[str, AfterValidator(_name)], ...], AtLeastOne] = (config.POSTS,)


class Source:
    """Read a Jekyll site as Jekyll 4 does, but let one broken post be only one warning.

    `path` is the site's folder. What its `_config.yml` says wins over `url` and `timezone`. The paths of posts are
    relative to Jekyll's `source`.
    """

    Options: ClassVar[type[BaseModel]] = Site

    def __init__(self, name: str, path: str, *, url: str, timezone: str, options: Site | None = None) -> None:
        self.name = name
        self._folder = self._root = os.path.abspath(path)
        self._collections = (options or Site()).collections
        self._url, self._timezone = url, timezone
        self._config: config.Config | None = None
        self._config_stamp: tuple[str | None, int, int, int] | None = None
        self._folders: list[str] = []

    def files(self) -> Iterator[File]:
        """List the files that may hold posts, after reading `_config.yml` again if it changed.

        Raise `SourceError` when there is no such folder, no `_posts` in it, or `_config.yml` is broken.
        """
        self._read_config()
        found, self._folders = files.find(self._root, self._settings)
        return iter(found)

    def folders(self) -> list[str]:
        """Return the site's folder, every folder with posts, and those that hold these."""
        return list(
            dict.fromkeys([self._root, *(os.path.join(self._root, folder) for folder in self._folders if folder)])
        )

    def read(self, path: str) -> Post | Quarantined | None:
        """Read one file's front matter; None when it went away or was never meant to be a post."""
        document = self._document(path)
        if document is None or isinstance(document, Quarantined):
            return document
        data = document.data
        return Post(
            path=path,
            title=fields.title(data, document.slug),
            published=document.published,
            url=document.url,
            content_hash=document.content_hash,
            categories=document.categories,
            tags=fields.tags(data),
            authors=fields.authors(data),
            language=fields.text(data.get("lang")) or fields.text(data.get("language")),
            summary=fields.summary(data),
            draft=document.draft,
            problems=document.problems,
        )

    def render(self, path: str) -> Content | None:
        """Render one file's body: Liquid, Markdown, sanitising; None when it went away or gives no post."""
        document = self._document(path)
        if document is None or isinstance(document, Quarantined):
            return None
        # nh3, pyromark and their patterns are needed from the first body on: 15 ms less for a scan that finds nothing.
        from syndicator.sources.jekyll import rendering

        return rendering.render(document, self._settings, self._find)

    @property
    def _settings(self) -> config.Config:
        return self._config or self._read_config()

    def _read_config(self) -> config.Config:
        path = config.file_of(self._folder)
        stamp = (path, *_stamp(path))
        if self._config is None or stamp != self._config_stamp:
            self._config = config.read(path, url=self._url, timezone=self._timezone, collections=self._collections)
            self._config_stamp = stamp
            self._root = os.path.join(self._folder, self._config.source).rstrip("/")
        return self._config

    def _document(self, path: str) -> Document | Quarantined | None:
        settings = self._settings  # says where the site is
        try:
            loaded = _load(f"{self._root}/{path}")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return documents.quarantined(path, b"", f"cannot be read: {error.strerror}")
        return documents.make(path, *loaded, settings) if loaded else None

    def _find(self, reference: str) -> str | None:
        """Return the URL of the post that `post_url` (no folder, no extension) or `link` (both) names."""
        for path in _candidates(reference, self._settings.markdown_extensions):
            document = self._document(path)
            if document is not None and not isinstance(document, Quarantined):
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
