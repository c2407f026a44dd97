"""Describe a file as it was read: its validators, and the answers with it, made once and sent many times."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

    from syndicator.web.encodings import Encoding

Headers = list[tuple[bytes, bytes]]

_MARKS: dict[Encoding, bytes] = {"br": b"-br", "gzip": b"-gz", "identity": b""}


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold a whole answer, ready to be sent; the server adds Date."""

    code: int
    headers: Headers
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Form:
    """Hold one representation of a file: each encoding has a strong entity tag of its own (RFC 9110, 8.8.3.3).

    `headers` come with the body; `unchanged` is the 304 that repeats some of them (RFC 9110, 15.4.5).
    """

    encoding: Encoding
    etag: bytes
    headers: Headers
    unchanged: Answer

    def answer(self, body: bytes) -> Answer:
        """Return the answer that carries the whole body, encoded."""
        return Answer(200, [*self.headers, (b"content-length", b"%d" % len(body))], body)

    def partly(self, body: bytes) -> Answer:
        """Return the answer that carries a feed of the changed entries only (RFC 3229, 10.4.1).

        No cache may keep it that does not know the RFC: `no-store` tells it so, and `im` those that do.
        """
        own = {b"cache-control": b"no-store, im", b"vary": b"Accept-Encoding, A-IM, If-None-Match"}
        headers = [(name, own.get(name, value)) for name, value in self.headers]
        return Answer(226, [*headers, (b"im", b"feed"), (b"content-length", b"%d" % len(body))], body)


@dataclass(frozen=True, slots=True)
class Version:
    """Hold what is known of a file as it was read.

    `path` is where it is on the disk, `digest` the hash of its bytes, `modified` in seconds since 1970. `headers` are
    those that its own content and place ask for.
    """

    name: str
    path: str
    digest: str
    status: tuple[int, int, int]
    modified: int
    media_type: str
    is_text: bool
    cache_control: str
    headers: Headers
    forms: dict[Encoding, Form] = field(default_factory=dict)

    def form(self, encoding: Encoding) -> Form:
        """Return the representation in an encoding; what is no text has the plain one only."""
        form = self.forms.get(encoding)
        if form is None:
            form = self.forms[encoding] = self._form(encoding if self.is_text else "identity")
        return form

    def is_as_read(self, found: os.stat_result) -> bool:
        """Tell whether a file still has the status that it had when it was read."""
        return (found.st_mtime_ns, found.st_size, found.st_ino) == self.status

    def _form(self, encoding: Encoding) -> Form:
        etag = b'"%b%b"' % (self.digest.encode(), _MARKS[encoding])
        repeated = [
            (b"etag", etag),
            (b"last-modified", formatdate(self.modified, usegmt=True).encode()),
            (b"cache-control", self.cache_control.encode()),
        ]
        charset = ""
        if self.is_text:
            repeated.append((b"vary", b"Accept-Encoding"))
            charset = "; charset=utf-8"
        headers = [(b"content-type", f"{self.media_type}{charset}".encode()), *repeated, *self.headers]
        if encoding != "identity":
            headers.append((b"content-encoding", encoding.encode()))
        return Form(encoding, etag, headers, Answer(304, repeated))


def digest_in(etag: bytes) -> str:
    """Return the hash that is in an entity tag of ours; for another's, something that is none."""
    return etag[1:-1].partition(b"-")[0].decode("latin-1")
