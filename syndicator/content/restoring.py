"""Make of a body what its page's scripts and styles make of it, before it loses both.

Lazily loaded images get their address, frames become links, check boxes become signs; hidden blocks and the pixels that
count readers go.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import NamedTuple

from syndicator.content import tags

_UNUSUAL = re.compile(
    r"<(?=[aeinpsvxAEINPSVX][filmnouFILMNOU])(?i:(?:iframe|noscript|input|embed|xmp|plaintext)\b"  # most tags fail here
    r"|(?:img|source|video|audio)\b[^<>]*?(?:\sdata-|\s(?:width|height)\s*=\s*[\"']?[01](?!\d)))"
)
_HIDDEN = re.compile(r" hidden(?=[\s=/>])[^<>]*>")
_NO_DISPLAY = re.compile(r"[dD](?i:isplay\s*:\s*none)")

_LAZY = ("data-src", "data-original", "data-lazy-src", "data-actualsrc", "data-lazy")
_LAZY_SET = ("data-srcset", "data-lazy-srcset")
_NEAR = 200
"""Characters."""
_SCHEME = re.compile(r"(?!https?:)[^/?#]*:", re.I)
_SCHEME_PART = re.compile(r"\A(?:https?:)?//", re.I)
_PIXEL = re.compile(r"\s*[01](?:px)?\s*\Z")
_VIDEOS = [
    (re.compile(pattern), page)
    for pattern, page in (
        (r"youtube(?:-nocookie)?\.com/(?:embed|v)/(?!videoseries)([\w-]{11})", "https://www.youtube.com/watch?v={}"),
        (r"player\.vimeo\.com/video/(\d+)", "https://vimeo.com/{}"),
        (r"player\.bilibili\.com/.*\bbvid=(BV\w+)", "https://www.bilibili.com/video/{}"),
        (r"player\.bilibili\.com/.*\baid=(\d+)", "https://www.bilibili.com/video/av{}"),
        (r"v\.qq\.com/.*\bvid=(\w+)", "https://v.qq.com/x/page/{}.html"),
        (r"player\.youku\.com/embed/([\w=]+)", "https://v.youku.com/v_show/id_{}.html"),
        (r"dailymotion\.com/embed/video/(\w+)", "https://www.dailymotion.com/video/{}"),
    )
]


def restored(html: str) -> str:
    """Return HTML that shows without scripts and styles what its page shows; most HTML comes back as it is."""
    return _Page(html).restored() if _UNUSUAL.search(html) or _hides(html) else html


def _hides(html: str) -> bool:
    """Tell whether there may be a hidden element; the words alone are common."""
    if ("isplay" in html or "ISPLAY" in html) and _NO_DISPLAY.search(html):
        return True
    return " hidden" in html and _HIDDEN.search(html) is not None


class _Image(NamedTuple):
    """Say where an image ends in the source, where it is among the pieces, and whether it was loaded lazily."""

    end: int
    piece: int
    lazy: bool


class _Page:
    """Read HTML tag by tag; `_pieces` are what was made of it up to `_at`."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._at = 0
        self._pieces: list[str] = []
        self._ends = tags.Ends(html)
        self._unclosed: set[str] = set()
        self._image = _Image(-1, -1, lazy=False)
        self._shown: set[str] = set()
        self._shown_without_script: set[str] = set()

    def restored(self) -> str:
        while tag := tags.TAG.search(self._html, self._at):
            self._pieces.append(self._html[self._at : tag.start()])
            self._at = tag.end()
            self._pieces.append(self._made_of(tag))
        return "".join(self._pieces) + self._html[self._at :]

    def _made_of(self, tag: re.Match[str]) -> str:
        name = (tag["name"] or "").lower()
        if not name or tag["close"]:
            return tag[0]
        if _is_hidden(tag) and self._skips(name):
            return tags.NOTHING
        if name in tags.RAW:
            return self._made_of_raw(name, tag)
        match name:
            case "img":
                return self._picture(tag)
            case "source" | "video" | "audio":
                return tags.written(name, _awake(tags.attributes(tag)))
            case "input":
                return _sign(tags.attributes(tag))
            case "embed":
                return _link(tags.attributes(tag), others=False)
            case _:
                return tag[0]

    def _skips(self, name: str) -> bool:
        """Step behind a hidden element; one that is never closed is shown, so that no typing error hides a post."""
        end = None if name in self._unclosed else _end_of(name, self._html, self._at)
        if end is None:
            self._unclosed.add(name)
            return False
        self._at = end
        return True

    def _made_of_raw(self, name: str, tag: re.Match[str]) -> str:
        end = self._ends.after(name, self._at)
        if end is None and name != "plaintext":
            return tag[0]
        start, stop = end or (len(self._html),) * 2
        inside, self._at = self._html[self._at : start], stop
        match name:
            case "iframe":
                return _link(tags.attributes(tag), others=True)
            case "noscript":
                return self._without_script(inside, tag.start())
            case "xmp" | "plaintext":
                return f"<pre>{escape(inside, quote=False)}</pre>"
            case _:
                return tags.NOTHING

    def _picture(self, tag: re.Match[str]) -> str:
        given = tags.attributes(tag)
        values = _awake(given)
        lazy, address = values != given, _address(values)
        if _is_pixel(values) or (lazy and address in self._shown_without_script):
            return tags.NOTHING
        self._image = _Image(self._at, len(self._pieces), lazy)
        self._shown.add(address)
        return tags.written("img", values) if lazy else tag[0]

    def _without_script(self, inside: str, start: int) -> str:
        """Return the images that are meant for readers without scripts, unless the page shows them anyway.

        An image right before them stands in for them: it is enough where it was lazy, and else gives way.
        """
        found = [_awake(tags.attributes(tag)) for tag in tags.TAG.finditer(inside) if tag["name"] in ("img", "IMG")]
        images = [image for image in found if not _is_pixel(image) and _address(image) not in self._shown]
        if not images or (self._stands_before(start) and self._image.lazy):
            return tags.NOTHING
        if self._stands_before(start):
            self._pieces[self._image.piece] = tags.NOTHING
        self._shown_without_script.update(map(_address, images))
        return "".join([tags.written("img", image) for image in images])

    def _stands_before(self, start: int) -> bool:
        """Tell whether nothing but tags is between the last image and a place."""
        end = self._image.end
        return 0 <= start - end <= _NEAR and not tags.TAG.sub("", self._html[end:start]).strip()


def _awake(values: dict[str, str]) -> dict[str, str]:
    """Return attributes with the addresses that a script would put in their place."""
    source = next((values[name] for name in _LAZY if values.get(name)), None)
    candidates = next((values[name] for name in _LAZY_SET if values.get(name)), None)
    if source is None and candidates is None:
        return values
    kept = {name: value for name, value in values.items() if name not in (*_LAZY, *_LAZY_SET)}
    if source is not None:
        # The candidates that stand beside a placeholder are placeholders too.
        kept = {name: value for name, value in kept.items() if name not in ("src", "srcset")} | {"src": source}
    return kept | {"srcset": candidates} if candidates is not None else kept


def _address(values: dict[str, str]) -> str:
    return values.get("src", "").strip().partition("?")[0]


def _is_pixel(values: dict[str, str]) -> bool:
    return all(_PIXEL.match(values.get(side, "")) for side in ("width", "height"))


def _is_hidden(tag: re.Match[str]) -> bool:
    written = tag["attributes"].lower()
    if "hidden" not in written and "display" not in written:
        return False
    values = tags.attributes(tag)
    return values.get("hidden", "until-found") != "until-found" or bool(_NO_DISPLAY.search(values.get("style", "")))


def _sign(values: dict[str, str]) -> str:
    """Return a check box, as task lists have them, as a character."""
    if values.get("type", "").lower() != "checkbox":
        return tags.NOTHING
    return "☑" if "checked" in values else "☐"


def _link(values: dict[str, str], *, others: bool) -> str:
    """Return a frame as a link: to the page of its video; or, where `others` count as well, to what it frames."""
    address = unescape(values.get("data-src") or values.get("src") or "").strip()
    video = next((page.format(found[1]) for pattern, page in _VIDEOS if (found := pattern.search(address))), "")
    target = video or (address if others and not _is_pixel(values) and not _SCHEME.match(address) else "")
    if not target:
        return tags.NOTHING
    text = values.get("title") or escape(_SCHEME_PART.sub("", target))
    return f'<a href="{escape(target)}">{text.replace("<", "&lt;")}</a>'


def _end_of(name: str, html: str, start: int) -> int | None:
    """Return where an element that begins before `start` ends; None when it is never closed."""
    if name in tags.VOID:
        return start
    depth = 1
    for found in re.compile(rf"<(/?){re.escape(name)}(?=[\s/>])[^<>]*>", re.I).finditer(html, start):
        # A paragraph cannot hold another: a second one means that the first was not closed.
        if name == "p" and not found[1]:
            return found.start()
        depth += -1 if found[1] else 1
        if depth == 0:
            return found.end()
    return None
