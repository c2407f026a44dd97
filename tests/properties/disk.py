"""A disk in memory that keeps the times a real one keeps, and a source that reads it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import BaseModel

from syndicator.errors import SourceError
from syndicator.models import Content, File, Post, Problem, Quarantined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

DISKS: dict[str, Disk] = {}
"""Every disk there is, by the folder that settings name."""


@dataclass(frozen=True)
class Text:
    """Be what a file holds. `serial` tells what was written once from all else, however it is edited afterwards."""

    serial: int
    published: datetime
    title: str = "first"
    body: str = "first"
    footer: str = "first"
    category: str = "rates"
    draft: bool = False
    whole: Literal["whole", "empty", "cut"] = "whole"

    @property
    def hash(self) -> str:
        """Files that are half-written have the same bytes, whatever they are to become."""
        return repr(self) if self.whole == "whole" else self.whole

    @property
    def headline(self) -> str:
        return f"{self.serial} {self.title}"


@dataclass
class Inode:
    number: int
    text: Text
    mtime: int
    ctime: int


@dataclass
class Disk:
    """Hold files. All of one size; times are by `clock`, and as coarse as `granule` nanoseconds."""

    clock: Callable[[], datetime]
    granule: int
    files: dict[str, Inode] = field(default_factory=dict)
    state: Literal["mounted", "empty", "broken"] = "mounted"
    numbers: Iterator[int] = field(default_factory=count)
    after_read: dict[str, Text] = field(default_factory=dict)

    def write(self, path: str, text: Text, *, mtime: int | None = None, anew: bool = False) -> None:
        """Write in place, or (`anew`) put another file in its place; `mtime` is set afterwards, as `cp -p` does."""
        now = self._now()
        number = next(self.numbers) if anew or path not in self.files else self.files[path].number
        self.files[path] = Inode(number, text, now if mtime is None else mtime, now)

    def move(self, old: str, new: str) -> None:
        self.files[new] = self.files.pop(old)
        self.files[new].ctime = self._now()

    def touch(self, path: str) -> None:
        self.files[path].mtime = self.files[path].ctime = self._now()

    def _now(self) -> int:
        now = int(self.clock().timestamp() * 1_000_000) * 1000
        return now // self.granule * self.granule


class NoOptions(BaseModel):
    """Take no keys of its own."""


class Source:
    """Read a disk."""

    Options: ClassVar[type[BaseModel]] = NoOptions

    def __init__(self, name: str, path: str, **_: object) -> None:
        self.name = name
        self.disk = DISKS[path]

    def files(self) -> Iterator[File]:
        if self.disk.state == "broken":
            raise SourceError(f"{self.name}: cannot be listed")
        for path, inode in sorted(self.disk.files.items()) if self.disk.state == "mounted" else ():
            yield File(path, f"1:{inode.mtime}:{inode.ctime}:{inode.number}", max(inode.mtime, inode.ctime))

    def folders(self) -> list[str]:
        return []

    def read(self, path: str) -> Post | Quarantined | None:
        if path not in self.disk.files:
            return None
        text = self.disk.files[path].text
        if path in self.disk.after_read:  # somebody writes it just then
            self.disk.write(path, self.disk.after_read.pop(path))
        if text.whole != "whole":
            return Quarantined(path, text.hash, (Problem(path, 1, f"{text.whole}: half-written?"),))
        return Post(
            path, text.headline, text.published, f"https://news.example/{path}", text.hash,
            categories=(text.category,), draft=text.draft,
        )  # fmt: skip

    def render(self, path: str) -> Content | None:
        text = self.disk.files[path].text if path in self.disk.files else None
        if text is None or text.whole != "whole":
            return None
        return Content(f'<p>{text.body}</p><p><a href="/">{text.footer}</a></p>', text.body, text.hash)


def edited(text: Text, **changes: str) -> Text:
    """Return a text with one more edit in each of the given fields."""
    return replace(text, whole="whole", **{name: getattr(text, name) + mark for name, mark in changes.items()})
