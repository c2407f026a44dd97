"""Read the path of a request as the name of a file below the output folder, and say of which type it is."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEEPEST = 6
_PAGES = {"html": "text/html", "opml": "text/x-opml"}
_ASSETS = {
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "xml": "application/xml",
    "ico": "image/x-icon",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "woff2": "font/woff2",
}
_PACKED = ("ico", "jpg", "png", "webp", "woff2")


def parse(raw_path: bytes) -> str | None:
    """Return the name of a file, `feeds/<kind>/<slug>.<extension>`; None for what can name none that is served."""
    try:
        parts = [unquote_to_bytes(part).decode() for part in raw_path.split(b"/")[1:]]
    except UnicodeDecodeError:
        return None
    if parts == [""]:
        return "index.html"
    safe = all(part and not part.startswith(".") and not {"/", "\0"} & set(part) for part in parts)
    return "/".join(parts) if safe and 0 < len(parts) <= _DEEPEST else None


def decoded(raw_path: bytes) -> str:
    """Return a path as text, to be compared with patterns."""
    return unquote(raw_path.decode("latin-1"))


def path_of(name: str) -> str:
    """Return the path of a file, percent-encoded: the only spelling of it that we give out."""
    return "/" if name == "index.html" else f"/{quote(name)}"


def media_type(name: str, feeds: Mapping[str, str]) -> str:
    """Return the type of a file, "" for one that is not served. `feeds` has that of each feed's extension.

    Feeds are in the folder of a kind, below `feeds/`; there is nothing else but pages and lists of feeds.
    """
    top, _, rest = name.partition("/")
    own = _ASSETS if top != "feeds" else feeds if "/" in rest else {}
    extension = name.rpartition(".")[2]
    return _PAGES.get(extension) or own.get(extension, "")


def is_text(name: str) -> bool:
    """Tell whether a file is text in UTF-8, which gets shorter when it is compressed."""
    return not name.endswith(_PACKED)


def is_archive(name: str) -> bool:
    """Tell whether a file is a closed part of a feed (RFC 5005, 4): `feeds/<kind>/<slug>/<part>.<extension>`."""
    return name.startswith("feeds/") and name.count("/") == 3 and not name.endswith(".html")


def tombstone(name: str) -> str:
    """Return the name of the file that says of a feed's file or page that the feed was removed; "" for other files."""
    parts = name.rpartition(".")[0].split("/")
    return f"{'/'.join(parts[:3])}.gone" if parts[0] == "feeds" and len(parts) > 2 else ""
