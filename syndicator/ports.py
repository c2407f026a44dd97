"""The three sockets that parts plug into. Each is the smallest thing its consumer needs.

A part is one module, and its name in the settings is its module's name (`syndicator.channels.webhook` is `webhook`);
`package.module:Class` names one from elsewhere. The class in the module is `Source`, `Format` or `Channel`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import BaseModel

    from syndicator.models import (
        Content,
        Entry,
        Feed,
        File,
        Message,
        Outcome,
        Post,
        Problem,
        Quarantined,
        Reason,
        Recipient,
    )


class Source(Protocol):
    """Read posts from one place. It is made of `(name, path, *, url, timezone, options)`."""

    Options: ClassVar[type[BaseModel]]
    name: str

    def files(self) -> Iterator[File]:
        """List every file that may hold a post, without opening any.

        Raise `SourceError` when the place itself cannot be listed, so that its posts are not taken for gone.
        """

    def folders(self) -> list[str]:
        """Return the folders, absolute, in which a change may be one of posts, as far as `files` found any."""

    def read(self, path: str) -> Post | Quarantined | None:
        """Read one file's front matter; None when it went away or is no post at all. Never raises for what is in it."""

    def render(self, path: str) -> Content | None:
        """Render one file's body; None when it went away or gives no post."""


@runtime_checkable
class Explainer(Source, Protocol):
    """Read posts, and say why they came out as they did; a source need not be able to."""

    def explain(self, path: str) -> Iterator[Reason]:
        """Say how each field of one file's post was decided, or why the file gives none. Never raises for the file.

        The fields that posts have are named as in `Post`, and hold what `read` gives.
        """

    def left_out(self) -> Iterator[Problem]:
        """Yield what looks like a post and is none, of the files that `files` does not list or `read` ignores."""


class Format(Protocol):
    """Write feeds in one format. Fragments make it fast: an entry is serialised once and joined into many feeds."""

    extension: ClassVar[str]
    media_type: ClassVar[str]

    def entry(self, entry: Entry) -> bytes:
        """Serialise one entry, without the namespaces that the feed's root declares."""

    def feed(self, feed: Feed, fragments: Sequence[bytes]) -> bytes:
        """Serialise a whole feed document around its entries, newest first."""


class Channel(Protocol):
    """Send messages one way."""

    Options: ClassVar[type[BaseModel]]

    async def send(self, message: Message, recipient: Recipient) -> Outcome:
        """Try once, and say what became of it. An exception is a bug."""
