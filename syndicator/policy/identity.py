"""Make the ids that outlive every move of a post, a site or a store."""

from __future__ import annotations

from urllib.parse import quote

# What RFC 4151 allows in the specific part of a tag URI beyond letters and digits (quote keeps `-._~` itself).
_TAG_SAFE = "/!$&'()*+,;=:@"


def entry_id(tag_authority: str, source: str, path: str) -> str:
    """Return the entry id of the post in file `path` of `source`: the same again when the store is lost."""
    return f"tag:{tag_authority}:{quote(f'{source}/{path}', safe=_TAG_SAFE)}"


def feed_id(tag_authority: str, kind: str, slug: str) -> str:
    """Return the id of a feed."""
    return f"tag:{tag_authority}:feeds/{quote(f'{kind}/{slug}', safe=_TAG_SAFE)}"
