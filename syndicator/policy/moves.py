"""Recognise files that moved: what is new in one place and missing in another is one post, and is not told again.

The signs are tried one after the other, the surest first. What shows none of them, because name, title or date changed
in the same moment as place and content, is a new post.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.models import Post, Quarantined
from syndicator.policy.identity import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from syndicator.policy.changes import Record

    Found = Post | Quarantined
    # What must be the same on both sides; None where it would prove nothing.
    Sign = Callable[[Record | Found], Hashable]


def moves(source: str, new: Mapping[str, Found], missing: Iterable[Record]) -> dict[str, Record]:
    """Return, for new paths of a source, the missing record that moved there; each record moves once.

    `missing` may hold records of other sources, from which a post came over. Of several that held the same content,
    one that was told of goes first; which of them it is makes no difference to readers.
    """
    left = sorted(missing, key=lambda record: record.announce == "pending")
    moved: dict[str, Record] = {}
    for sign in _SIGNS if left else ():
        candidates = [record for record in left if sign is not _path or record.source == source]
        moved |= _pairs(sign, {path: found for path, found in new.items() if path not in moved}, candidates)
        gone = {id(record) for record in moved.values()}
        left = [record for record in left if id(record) not in gone]
    return moved


def _pairs(sign: Sign, new: Mapping[str, Found], missing: Sequence[Record]) -> dict[str, Record]:
    """Return new path → missing record where both show the same sign, first with first."""
    showing: dict[Hashable, list[Record]] = {}
    for record in reversed(missing):
        showing.setdefault(sign(record), []).append(record)
    return {
        path: same.pop()
        for path, found in new.items()
        if (shown := sign(found)) is not None and (same := showing.get(shown))
    }


def _path(item: Record | Found) -> Hashable:
    """Return the path as a disk sees it that knows no case or stores names decomposed: there an edit is an edit."""
    return folded(item.path)


def _name_and_content(item: Record | Found) -> Hashable:
    return _name(item), item.content_hash


def _content(item: Record | Found) -> Hashable:
    """Return the content of what gives a post: files that are half-written have often the same first bytes."""
    return None if isinstance(item, Quarantined) else item.content_hash


def _name_title_and_date(item: Record | Found) -> Hashable:
    """Return what stays when a file goes to another folder and its text is edited on the way."""
    return None if isinstance(item, Quarantined) else (_name(item), item.title, item.published)


def _name(item: Record | Found) -> str:
    return folded(item.path.rpartition("/")[2])


_SIGNS: tuple[Sign, ...] = (_path, _name_and_content, _content, _name_title_and_date)
