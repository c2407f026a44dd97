"""Remember which entries the last versions of feeds held, and say what is new since one of them (RFC 3229, "feed")."""

from __future__ import annotations

from array import array
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

import xxhash

if TYPE_CHECKING:
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

    def since(self, name: str, digest: str, document: Document) -> bytes | None:
        """Return the feed with only those entries that an earlier version had not; None for a version not known."""
        for known, hashes in self._feeds.get(name, ()):
            if known == digest:
                had = set(hashes)
                return document.of_only(item for item in document.entries if xxhash.xxh3_64_intdigest(item) not in had)
        return None
