"""Name feeds in URLs and on disk, once and for ever (decision: URLs are for ever)."""

from __future__ import annotations

import hashlib
import unicodedata

# A file name holds 255 bytes; a Han character takes 3, and the extension, a suffix and a temporary name need room.
_MAX_BYTES = 180


def slugify(name: str) -> str:
    """Keep Unicode letters, digits and their combining marks, in their case; a single `-` for everything else.

    Never empty: a name without any letter or digit gets a hash of itself.
    """
    kept = "".join(char if _belongs(char) else " " for char in unicodedata.normalize("NFC", name))
    slug = "-".join(kept.split())
    if len(slug.encode()) > _MAX_BYTES:
        start = slug.encode()[: _MAX_BYTES - 9].decode(errors="ignore").rstrip("-")
        slug = f"{start}-{_short_hash(name)}"
    return slug or _short_hash(name)


def key(slug: str) -> str:
    """Return what two slugs share that name the same file on a case-insensitive disk."""
    return unicodedata.normalize("NFC", slug.casefold())


def allocate(name: str, taken: set[str]) -> tuple[str, str]:
    """Return a slug for `name` and its key, which is added to `taken`; a later twin gets a short hash suffix."""
    slug = slugify(name)
    while key(slug) in taken:
        slug = f"{slug}-{_short_hash(name)}"
    taken.add(key(slug))
    return slug, key(slug)


def _belongs(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char).startswith("M")


def _short_hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:8]
