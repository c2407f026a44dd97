"""Make the ids that outlive every move of a post, a site or a store."""

from __future__ import annotations

from itertools import chain, count
from typing import TYPE_CHECKING
from unicodedata import normalize
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Container

# What RFC 4151 allows in the specific part of a tag URI beyond letters and digits (quote keeps `-._~` itself).
_TAG_SAFE = "/!$&'()*+,;=:@"


def entry_id(tag_authority: str, source: str, path: str) -> str:
    """Return the entry id of the post in file `path` of `source`: the same again when the store is lost.

    Disks that store names decomposed (NFD) and those that store them composed give the same id.
    """
    composed = normalize("NFC", path)
    return f"tag:{tag_authority}:{quote(f'{source}/{composed}', safe=_TAG_SAFE)}"


def unused(wanted: str, content_hash: str, taken: Container[str]) -> str:
    """Return an entry id that is not `taken`: the wanted one, unless a post that moved away from its path keeps it."""
    if wanted not in taken:
        return wanted
    other = f"{wanted};{content_hash[:8]}"
    return next(each for each in chain([other], (f"{other}-{n}" for n in count(2))) if each not in taken)


def folded(path: str) -> str:
    """Return a path or name in the form that all its spellings share which differ in case or in composition."""
    return normalize("NFC", normalize("NFC", path).casefold())


def feed_id(tag_authority: str, kind: str, slug: str) -> str:
    """Return the id of a feed."""
    return f"tag:{tag_authority}:feeds/{quote(f'{kind}/{slug}', safe=_TAG_SAFE)}"
