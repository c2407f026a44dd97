"""Remember which entries the last versions of feeds held, to tell what is new since one of them (RFC 3229, "feed")."""

from __future__ import annotations

from array import array
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

import xxhash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.web.documents import Document

# Readers come at least once a day, and few feeds change more often than some times between two visits.
_VERSIONS = 16
_FEEDS = 10_000


class History:
    """Hold the hashes of entries of up to 16 versions of each feed: 8 bytes an entry, of 10,000 feeds at most."""

    def __init__(self) -> None:
        self._feeds: OrderedDict[str, deque[tuple[str, array[int]]]] = OrderedDict()

    def record(self, name: str, digest: str, document: Document) -> None:
        """Remember a version by the hash of its bytes."""
        versions = self._feeds.setdefault(name, deque(maxlen=_VERSIONS))
        self._feeds.move_to_end(name)
        if digest not in (known for known, _ in versions):
            versions.append((digest, array("Q", map(xxhash.xxh3_64_intdigest, document.entries))))
        if len(self._feeds) > _FEEDS:
            self._feeds.popitem(last=False)

    def held(self, name: str, digest: str) -> frozenset[int] | None:
        """Return the hashes of the entries that a version of a feed held; None for a version not known."""
        found = (frozenset(hashes) for known, hashes in self._feeds.get(name, ()) if known == digest)
        return next(found, None)


def unseen(document: Document, held: frozenset[int]) -> Iterator[bytes]:
    """Return the entries whose hash is not among those held: new ones, changed ones, and ones that came back."""
    return (entry for entry in document.entries if xxhash.xxh3_64_intdigest(entry) not in held)
