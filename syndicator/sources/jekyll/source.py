"""Read posts from a Jekyll site: files, front matter, rendered bodies."""

from __future__ import annotations

import os
import re
from itertools import chain
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict

from syndicator.models import Quarantined
from syndicator.settings.values import AtLeastOne
from syndicator.sources.jekyll import config, documents, files, reading
from syndicator.sources.jekyll.documents import Document, NoPost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.models import Content, File, Post, Problem, Reason
    from syndicator.sources.jekyll.site import Site
    from syndicator.sources.jekyll.templating import Fault


def detect(folder: str) -> bool:
    """Tell whether a folder looks like a Jekyll site."""
    return os.path.isdir(os.path.join(folder, "_posts")) or config.file_of(folder) is not None


def _name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", name):
        raise ValueError("has characters that no collection has, expected a name as in _config.yml, such as posts")
    return name


class Collections(BaseModel):
    """Name the collections of `_config.yml` whose documents are posts."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    collections: Annotated[tuple[Annotated[str, AfterValidator(_name)], ...], AtLeastOne] = (config.POSTS,)


class Source:
    """Read a Jekyll site as Jekyll 4 does, but let one broken post be only one warning.

    `path` is the site's folder. What its `_config.yml` says wins over `url` and `timezone`. The paths of posts are
    relative to Jekyll's `source`.
    """

    Options: ClassVar[type[BaseModel]] = Collections

    def __init__(self, name: str, path: str, *, url: str, timezone: str, options: Collections | None = None) -> None:
        self.name = name
        self._folder = self._root = os.path.abspath(path)
        self._collections = (options or Collections()).collections
        self._url, self._timezone = url, timezone
        self._own: config.Config | None = None
        self._config: config.Config | None = None
        self._config_stamp: tuple[str | None, int, int, int] | None = None
        self._folders: list[str] = []
        self._site: Site | None = None

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
        if isinstance(document, Document):
            return documents.post_of(document)
        return document if isinstance(document, Quarantined) else None

    def render(self, path: str) -> Content | None:
        """Render one file's body: Liquid, Markdown, sanitising; None when it went away or gives no post."""
        document = self._document(path)
        if not isinstance(document, Document):
            return None
        return self._rendered(document, self._settings)

    def explain(self, path: str) -> Iterator[Reason]:
        """Say how each field of one file's post was decided, or why the file gives none."""
        from syndicator.sources.jekyll import explaining

        return explaining.explain(path, self._document, self._root, self._settings, self._rendered)

    def left_out(self) -> Iterator[Problem]:
        """Yield what looks like a post below `_posts` and `_drafts`, and gives no post and no `Quarantined`."""
        from syndicator.sources.jekyll.omissions import Omissions

        return Omissions(self._root, self._settings, self._document).problems()

    @property
    def _settings(self) -> config.Config:
        return self._config or self._read_config()

    def _read_config(self) -> config.Config:
        """Read `_config.yml` again if it changed, and look at what lies around the posts."""
        path = config.file_of(self._folder)
        stamp = (path, *_stamp(path))
        if self._own is None or stamp != self._config_stamp:
            self._own = config.read(path, url=self._url, timezone=self._timezone, collections=self._collections)
            self._config_stamp = stamp
            self._root = os.path.join(self._folder, self._own.source).rstrip("/")
        stamps = chain.from_iterable(reading.stamps(self._root, folder) for folder in self._own.folders)
        self._config = config.with_surroundings(self._own, stamps)
        self._site = None
        return self._config

    def _rendered(self, document: Document, settings: config.Config) -> Content:
        # nh3, pyromark and their patterns are needed from the first body on: 15 ms less for a scan that finds nothing.
        from syndicator.sources.jekyll import rendering

        source, faults = self._resolved(document) if document.has_liquid else (document.body, [])
        return rendering.render(document, settings, source, faults)

    def _resolved(self, document: Document) -> tuple[str, list[Fault]]:
        """Return a body after Liquid, and what that left out."""
        from syndicator.sources.jekyll.site import Site
        from syndicator.sources.jekyll.templating import resolve

        if self._site is None:
            self._site = Site(self._root, self._settings, self._document)
        return resolve(document, self._settings, self._site)

    def _document(self, path: str) -> Document | Quarantined | NoPost:
        settings = self._settings  # says where the site is
        try:
            loaded = reading.load(f"{self._root}/{path}")
        except (FileNotFoundError, NotADirectoryError):
            return NoPost("there is no such file")
        except OSError as error:
            return documents.quarantined(
                path, b"", f"cannot be read: {error.strerror}: set aside, let this user read it"
            )
        return documents.make(path, *loaded, settings) if loaded else NoPost("it is no regular file")


def _stamp(path: str | None) -> tuple[int, int, int]:
    if path is None:
        return 0, 0, 0
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns, status.st_ino
