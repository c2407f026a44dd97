"""Compressed bodies: siblings made beforehand, and our own."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import brotli
import pytest

from syndicator.web.encodings import Encoding, compress, encoded
from syndicator.web.folder import Folder

if TYPE_CHECKING:
    from pathlib import Path

BODY = b"<rss>" + b"<item>news</item>" * 500 + b"</rss>"
ENCODINGS: list[Encoding] = ["gzip", "br"]
SUFFIX = {"gzip": "gz", "br": "br"}


def expand(packed: bytes, encoding: Encoding) -> bytes:
    body: bytes = gzip.decompress(packed) if encoding == "gzip" else brotli.decompress(packed)
    return body


def pack(body: bytes, encoding: Encoding) -> bytes:
    """Compress as well as it gets, which is not what we do ourselves."""
    packed: bytes = gzip.compress(body, 9, mtime=1) if encoding == "gzip" else brotli.compress(body, quality=11)
    assert packed != compress(body, encoding)
    return packed


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_same_bytes_are_compressed_alike(encoding: Encoding) -> None:
    assert compress(BODY, encoding) == compress(BODY, encoding)
    assert len(compress(BODY, encoding)) < len(BODY) / 10
    assert expand(compress(BODY, encoding), encoding) == BODY
    assert expand(compress(b"", encoding), encoding) == b""


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_sibling_is_taken_as_it_is(tmp_path: Path, encoding: Encoding) -> None:
    (tmp_path / f"a.rss.{SUFFIX[encoding]}").write_bytes(pack(BODY, encoding))
    assert encoded(Folder(str(tmp_path)), "a.rss", BODY, encoding) == pack(BODY, encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda packed, encoding: b"",
        lambda packed, encoding: b"not compressed",
        lambda packed, encoding: packed[:-4],
        lambda packed, encoding: pack(BODY.upper(), encoding),
        lambda packed, encoding: pack(BODY + b"x", encoding),
        lambda packed, encoding: pack(BODY[:-1], encoding),
        lambda packed, encoding: pack(b"x" * 100_000_000, encoding) if encoding == "gzip" else b"\xff",
    ],
)
def test_one_that_stands_for_other_bytes_is_not(tmp_path: Path, encoding: Encoding, spoil: object) -> None:
    assert callable(spoil)
    (tmp_path / f"a.rss.{SUFFIX[encoding]}").write_bytes(spoil(pack(BODY, encoding), encoding))
    assert encoded(Folder(str(tmp_path)), "a.rss", BODY, encoding) == compress(BODY, encoding)


def test_a_link_to_a_sibling_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(pack(BODY, "gzip"))
    (tmp_path / "a.rss.gz").symlink_to("elsewhere")
    assert encoded(Folder(str(tmp_path)), "a.rss", BODY, "gzip") == compress(BODY, "gzip")


def test_the_plain_bytes_stay(tmp_path: Path) -> None:
    assert encoded(Folder(str(tmp_path)), "a.rss", BODY, "identity") is BODY
