"""Keep the files of the output folder ready to be sent: read and compressed once for each time they change."""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import xxhash

from syndicator.policy import cadence
from syndicator.web import documents, paths, security
from syndicator.web.encodings import compress, encoded
from syndicator.web.history import History, unseen
from syndicator.web.negotiation import entity_tags
from syndicator.web.versions import Answer, Version, digest_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from syndicator.web.documents import Document
    from syndicator.web.encodings import Encoding
    from syndicator.web.folder import Folder
    from syndicator.web.versions import Headers

CACHE_BYTES = 64 * 1024 * 1024
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Address:
    """Say how the outside sees the folder: under which URL, in which media types, and which WebSub hubs tell of it."""

    url: str
    media_types: Mapping[str, str]
    hubs: Callable[[], Sequence[str]] = tuple

    def of(self, name: str) -> str:
        """Return the URL of a file."""
        return self.url.rstrip("/") + paths.path_of(name)


class Shelf:
    """Hold what was read of a folder. Bodies are kept up to `cache_bytes`, the rest for ever: a 304 reads no file."""

    def __init__(self, folder: Folder, address: Address, cache_bytes: int = CACHE_BYTES) -> None:
        self._folder = folder
        self._address = address
        self._versions: dict[bytes, Version] = {}
        self._answers = _Answers(cache_bytes)
        self._history = History()

    def known(self, raw_path: bytes) -> Version | None:
        """Return the file at a path, when it was read before and is still the same. Raise OSError when it is gone."""
        version = self._versions.get(raw_path)
        return version if version and version.is_as_read(os.lstat(version.path)) else None

    def find(self, name: str) -> Version | None:
        """Return a file by its name, None where it is of no type that is served. Raise OSError."""
        if not self._media_type(name):
            return None
        return self.known(paths.path_of(name).encode()) or self._read(name)[0]

    def answer(self, version: Version, encoding: Encoding) -> Answer:
        """Return the whole file; the one that has replaced it, where that was just now."""
        form = version.form(encoding)
        if ready := self._answers.get((version.path, form.etag)):
            return ready
        version, body = self._plain(version)
        form = version.form(encoding)
        answer = form.answer(encoded(self._folder, version.name, body, form.encoding))
        self._answers.put((version.path, form.etag), answer)
        return answer

    def changes(self, version: Version, known: bytes, encoding: Encoding) -> Answer | None:
        """Return the entries that are new since one of the versions in an If-None-Match; None where none is known."""
        tags = (tag for tag in entity_tags(known) if digest_in(tag) != version.digest)
        return next(filter(None, (self._changes_since(version, tag, encoding) for tag in tags)), None)

    def _changes_since(self, version: Version, tag: bytes, encoding: Encoding) -> Answer | None:
        if ready := self._answers.get((version.path, version.form(encoding).etag, tag)):
            return ready
        held = self._history.held(version.name, digest_in(tag))
        if held is None:
            return None
        version, body = self._plain(version)
        document = documents.divide(version.media_type, body)
        if document is None:
            return None
        form, part = version.form(encoding), document.of_only(unseen(document, held))
        answer = form.partly(part if form.encoding == "identity" else compress(part, form.encoding))
        self._answers.put((version.path, form.etag, tag), answer)
        return answer

    def _plain(self, version: Version) -> tuple[Version, bytes]:
        """Return a version's bytes; the version that they are of may be a newer one."""
        ready = self._answers.get((version.path, version.form("identity").etag))
        return (version, ready.body) if ready else self._read(version.name)

    def _read(self, name: str) -> tuple[Version, bytes]:
        status, body = self._folder.read(name)
        document = documents.divide(self._media_type(name), body)
        version = self._describe(name, status, body, document)
        if document:
            self._history.record(name, version.digest, document)
        # Under no other spelling of the path, of which there are very many.
        self._versions[paths.path_of(name).encode()] = version
        form = version.form("identity")
        self._answers.put((version.path, form.etag), form.answer(body))
        return version, body

    def _describe(self, name: str, status: os.stat_result, body: bytes, document: Document | None) -> Version:
        media_type = self._media_type(name)
        return Version(
            name=name,
            path=self._folder.path(name),
            digest=xxhash.xxh3_128_hexdigest(body),
            status=(status.st_mtime_ns, status.st_size, status.st_ino),
            modified=int(status.st_mtime),
            media_type=media_type,
            is_text=paths.is_text(name),
            cache_control=_cache_control(name, document),
            headers=self._headers(name, media_type, body),
        )

    def _media_type(self, name: str) -> str:
        return paths.media_type(name, self._address.media_types)

    def _headers(self, name: str, media_type: str, body: bytes) -> Headers:
        """Return what the content and the place of a file ask for."""
        if media_type in self._address.media_types.values():
            return [(b"link", self._links(name, media_type).encode())]
        headers = [(b"x-content-type-options", b"nosniff")]
        if media_type in ("text/html", "image/svg+xml"):
            own = security.policy(body.decode(errors="replace"), files=True)
            headers += [(b"content-security-policy", own.encode()), (b"referrer-policy", b"no-referrer")]
        return headers

    def _links(self, name: str, media_type: str) -> str:
        """Return what a feed is related to (RFC 8288): itself, its page, its hubs."""
        links = [f'<{self._address.of(name)}>; rel="self"; type="{media_type}"']
        page = f"{name.rpartition('.')[0]}.html"
        if self._folder.has(page):
            links.append(f'<{self._address.of(page)}>; rel="alternate"; type="text/html"')
        if paths.is_archive(name):
            return ", ".join(links)
        return ", ".join([*links, *(f'<{hub}>; rel="hub"' for hub in self._address.hubs())])


def _cache_control(name: str, document: Document | None) -> str:
    if paths.is_archive(name):
        return _FOREVER
    return f"public, max-age={cadence.max_age(document.published() if document else ())}"


class _Answers:
    """Keep answers, dropping the least recently used beyond `limit` bytes of bodies."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._answers: OrderedDict[tuple[str | bytes, ...], Answer] = OrderedDict()

    def get(self, key: tuple[str | bytes, ...]) -> Answer | None:
        answer = self._answers.get(key)
        if answer is not None:
            self._answers.move_to_end(key)
        return answer

    def put(self, key: tuple[str | bytes, ...], answer: Answer) -> None:
        old = self._answers.pop(key, None)
        self._size += len(answer.body) - (len(old.body) if old else 0)
        self._answers[key] = answer
        while self._size > self._limit:
            self._size -= len(self._answers.popitem(last=False)[1].body)
