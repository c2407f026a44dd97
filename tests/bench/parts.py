"""Time the steps that a post goes through, in this process."""

from __future__ import annotations

import os
import sys
from time import process_time
from timeit import repeat
from typing import TYPE_CHECKING, TypeVar

from syndicator.content import front_matter
from syndicator.formats import atom, rss
from syndicator.models import Entry, Post
from syndicator.policy.identity import entry_id
from syndicator.sources.jekyll import Source
from tests.bench.table import ratios

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

_SAMPLE = 500
_REPEATS = 5


def costs(site: str) -> list[tuple[str, float]]:
    """Return (step, CPU microseconds a post) for posts spread over the whole corpus; the best of five goes."""
    source = Source("posts", site, url="https://finews.example", timezone="Asia/Shanghai")
    paths = [file.path for file in source.files()]
    paths = paths[:: max(1, len(paths) // _SAMPLE)]
    entries = [_entry(source, path) for path in paths]
    return [
        ("source.read", _cost(source.read, paths)),
        ("source.render", _cost(source.render, paths)),
        ("rss.entry", _cost(rss.Format().entry, entries)),
        ("atom.entry", _cost(atom.Format().entry, entries)),
    ]


def reading(site: str) -> list[tuple[str, str]]:
    """Compare `Source.read` of all posts with reading the bytes of their files, all hot, CPU turn by turn.

    Bytes are read as anyone would, and as fast as Python can.
    """
    source = Source("posts", site, url="https://finews.example", timezone="Asia/Shanghai")
    paths = [file.path for file in source.files()]
    names = [os.path.join(site, path) for path in paths]
    _cost(source.read, paths, repeats=1)
    turns = [
        (_cost(source.read, paths, repeats=1), _cost(_bytes, names, repeats=1), _cost(_bytes_fast, names, repeats=1))
        for _ in range(_REPEATS)
    ]
    flat = sum(_is_flat(_bytes(name)) for name in names)
    return [
        (f"source.read : open().read(), {len(paths):,} posts", f"{ratios([(ours, it) for ours, it, _ in turns])}"),
        ("source.read : os.open, fstat, read, close", f"{ratios([(ours, it) for ours, _, it in turns])}"),
        ("front matter read without a YAML parser", f"{flat / len(paths):.1%}"),
    ]


def _bytes(name: str) -> bytes:
    with open(name, "rb") as file:
        return file.read()


def _bytes_fast(name: str) -> bytes:
    file = os.open(name, os.O_RDONLY)
    try:
        return os.read(file, os.fstat(file).st_size)
    finally:
        os.close(file)


def _is_flat(content: bytes) -> bool:
    head = front_matter.split(content.decode(errors="replace")).head
    return head is not None and front_matter._flat(head) is not None


def _cost(step: Callable[[T], object], values: Sequence[T], repeats: int = _REPEATS) -> float:
    def all_of_them() -> None:
        for value in values:
            step(value)

    return min(repeat(all_of_them, number=1, repeat=repeats, timer=process_time)) / len(values) * 1e6


def _entry(source: Source, path: str) -> Entry:
    post, body = source.read(path), source.render(path)
    if not isinstance(post, Post) or body is None:
        sys.exit(f"{path}: gives no post: delete .bench to make the corpus again")
    return Entry(
        id=entry_id("finews.example,2026", source.name, path), title=post.title, url=post.url, published=post.published,
        updated=post.published, html=body.html, summary=body.summary, categories=post.categories, tags=post.tags,
        authors=post.authors, language=post.language,
    )  # fmt: skip
