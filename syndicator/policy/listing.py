"""Compare what a folder holds with what it held at the last scan, without asking for each file.

A listing is text: path and fingerprint of about a thousand files in path order, one below the other, as one *page*. A
page that reads as the folder does needs no further look, which is how 100,000 files are compared in 30 ms.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from syndicator.models import File

PAGE = 1_000
"""Files."""

RACY_NS = 2 * 10**9
"""A file that changed this shortly before a scan may change once more without its times telling."""

QUIET_NS = 600 * 10**9
"""What was left alone for so long is not one of the files that are written again every few minutes."""

_path, _modified = itemgetter(0), itemgetter(2)


class Difference(NamedTuple):
    """Hold what is not as it was: files that are new or look another, and the paths of those that are not there.

    `pages` say what is there now, cut where the old ones were.
    """

    changed: list[File]
    missing: list[str]
    pages: list[str]


def doubted(files: list[File], now: datetime) -> list[File]:
    """Return the files, those that may yet change without their mtime telling with a fingerprint of this scan only."""
    latest, doubt = now.timestamp() * 1e9 - RACY_NS, f" at {now:%FT%T.%f}"
    if max(map(_modified, files), default=0) <= latest:  # nearly always, and a fifth of the time of the rest
        return files
    return [
        file if file.modified_ns <= latest else file._replace(fingerprint=file.fingerprint + doubt) for file in files
    ]


def compare(files: Sequence[File], pages: Sequence[str]) -> Difference:
    """Compare files, in path order, with the pages of a listing."""
    difference = Difference([], [], [])
    for here, page in zip(_slices(files, pages), pages or ("",), strict=True):
        now = _page(here)
        if here and now == page:
            difference.pages.append(page)
            continue
        known = dict(_pairs(page))
        difference.changed.extend([file for file in here if known.pop(file.path, None) != file.fingerprint])
        difference.missing.extend(known)
        difference.pages.extend(map(_page, _parts(here)))
    return difference


def is_worth_keeping(changed: Sequence[File], now: datetime) -> bool:
    """Tell whether a listing should be kept that differs by files only that hold what they held.

    Some sites write every file every few minutes: another process that reads it once more costs less than the writes.
    """
    latest = now.timestamp() * 1e9 - QUIET_NS
    return not changed or any(file.modified_ns <= latest for file in changed)


def count(pages: Sequence[str]) -> int:
    """Return how many files a listing holds."""
    return sum(page.count("\n") + 1 for page in pages) // 2


def _slices(files: Sequence[File], pages: Sequence[str]) -> Iterator[Sequence[File]]:
    """Yield, for each page, the files that stand where it does: the first page begins before, the last ends behind."""
    starts = [bisect_left(files, page.partition("\n")[0], key=_path) for page in pages[1:]]
    for start, end in pairwise([0, *starts, len(files)]):
        yield files[start:end]


def _parts(files: Sequence[File]) -> Iterator[Sequence[File]]:
    """Cut what has grown to two pages."""
    step = PAGE if len(files) >= 2 * PAGE else max(len(files), 1)
    return (files[start : start + step] for start in range(0, len(files), step))


def _page(files: Sequence[File]) -> str:
    return "\n".join([f"{path}\n{fingerprint}" for path, fingerprint, _ in files])


def _pairs(page: str) -> Iterator[tuple[str, str]]:
    lines = page.split("\n") if page else []
    return zip(lines[::2], lines[1::2], strict=True)
