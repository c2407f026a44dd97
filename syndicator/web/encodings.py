"""Compress what is served: a sibling made beforehand is taken where there is one, if it stands for the same bytes."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Literal

import brotli

if TYPE_CHECKING:
    from syndicator.web.folder import Folder

Encoding = Literal["br", "gzip", "identity"]
"""A content coding (RFC 9110, 8.4.1)."""

_SUFFIXES: dict[Encoding, str] = {"br": ".br", "gzip": ".gz"}
# A feed of 50 kB takes about a millisecond in each; the highest brotli takes 50 times as long to save a tenth.
_BROTLI_QUALITY, _GZIP_LEVEL = 5, 6
_GZIP_FORMAT = 31


def encoded(folder: Folder, name: str, body: bytes, encoding: Encoding) -> bytes:
    """Return a file's bytes in an encoding: `<name>.br` or `<name>.gz` where that fits, else compressed now."""
    if encoding == "identity":
        return body
    sibling = _read(folder, name + _SUFFIXES[encoding])
    return sibling if sibling and _expand(sibling, encoding, len(body) + 1) == body else compress(body, encoding)


def compress(body: bytes, encoding: Encoding) -> bytes:
    """Return bytes compressed, the same bytes always alike."""
    if encoding == "br":
        packed: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=_BROTLI_QUALITY)
        return packed
    packer = zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_FORMAT)
    return packer.compress(body) + packer.flush()


def _read(folder: Folder, name: str) -> bytes:
    try:
        return folder.read(name)[1]
    except OSError:
        return b""


def _expand(packed: bytes, encoding: Encoding, limit: int) -> bytes | None:
    """Return what compressed bytes stand for, None where that is broken, or longer than the limit.

    Times would not tell whether a sibling fits: it is written after its file, and copying may set both alike.
    """
    try:
        if encoding == "br":
            unpacker = brotli.Decompressor()
            found: bytes = unpacker.process(packed, output_buffer_limit=limit)
            return found if unpacker.is_finished() else None
        gunzipper = zlib.decompressobj(_GZIP_FORMAT)
        plain = gunzipper.decompress(packed, limit)
    except (zlib.error, brotli.error):
        return None
    return plain if gunzipper.eof else None
