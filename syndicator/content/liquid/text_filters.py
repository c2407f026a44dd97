"""Filters that make text of text."""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, unquote_plus

from syndicator.content.liquid.values import LONGEST, MOST, RefusedError, integer, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.content.liquid.running import Run

_INVISIBLE = (("<script", "</script>"), ("<!--", "-->"), ("<style", "</style>"))
_ESCAPED_ONCE = re.compile(r"[\"'<>]|&(?!(?:[a-zA-Z]+|#\d+);)")
_BREAK = re.compile(r"\r?\n")
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]")
_LONGEST_SLUG = 10_000
_KEPT = {"pretty": "._~!$&'()+,;=@", "ascii": ""}


def _text_only(function: Callable[[str], Any]) -> Callable[..., Any]:
    """Make a filter of a function of the text alone."""
    return lambda _run, value: function(text(value))


def _unless_nil(function: Callable[[str], Any]) -> Callable[..., Any]:
    """Make a filter that leaves nil as it is."""
    return lambda _run, value: None if value is None else function(text(value))


def escape(source: str) -> str:
    """Escape text for HTML as Ruby's CGI does."""
    return html.escape(source).replace("&#x27;", "&#39;")


def _escape_once(source: str) -> str:
    return _ESCAPED_ONCE.sub(lambda found: escape(found[0]), source)


def _strip_html(source: str) -> str:
    for opening, closing in _INVISIBLE:
        source = _without(source, opening, closing)
    return _without(source, "<", ">")


def _without(source: str, opening: str, closing: str) -> str:
    kept, position = [], 0
    while (start := source.find(opening, position)) >= 0 and (end := source.find(closing, start)) >= 0:
        kept.append(source[position:start])
        position = end + len(closing)
    return "".join(kept) + source[position:]


def _replace(_run: Run, value: Any, old: Any, new: Any = "") -> str:
    source, old, new = text(value), text(old), text(new)
    if len(source) + source.count(old) * len(new) > LONGEST:
        raise RefusedError("what it makes is too long")
    return source.replace(old, new)


def _replace_last(_run: Run, value: Any, old: Any, new: Any = "") -> str:
    head, found, tail = text(value).rpartition(text(old))
    return head + text(new) + tail if found else tail


def _slice(_run: Run, value: Any, offset: Any, length: Any = 1) -> Any:
    source = value if isinstance(value, list) else text(value)
    start, count = integer(offset), integer(length)
    if start < 0:
        start += len(source)
    return source[start : start + count] if start >= 0 and count >= 0 else source[:0]


def _split(run: Run, value: Any, separator: Any) -> list[str]:
    source, separator = text(value), text(separator)
    if (source.count(separator) if separator else len(source)) > MOST:
        raise RefusedError("a list too long")
    parts = source.split() if separator == " " else source.split(separator) if separator else list(source)
    while parts and not parts[-1]:
        parts.pop()
    run.step(len(parts))
    return parts


def _truncate(_run: Run, value: Any, length: Any = 50, ellipsis: Any = "...") -> str | None:
    if value is None:
        return None
    source, end, most = text(value), text(ellipsis), integer(length)
    return source if len(source) <= most else source[: max(most - len(end), 0)] + end


def _truncate_words(_run: Run, value: Any, count: Any = 15, ellipsis: Any = "...") -> str | None:
    if value is None:
        return None
    most = max(integer(count), 1)
    words = text(value).split(None, most)
    return text(value) if len(words) <= most else " ".join(words[:most]) + text(ellipsis)


def _number_of_words(_run: Run, value: Any, mode: Any = None) -> int:
    source = text(value)
    apart = len(_EAST_ASIAN.findall(source)) if mode in ("cjk", "auto") else 0
    return len(source.split()) if not apart else apart + len(_EAST_ASIAN.sub(" ", source).split())


def _slugify(_run: Run, value: Any, mode: Any = None) -> str | None:
    if value is None:
        return None
    source, mode = text(value), mode or "default"
    if len(source) > _LONGEST_SLUG:
        raise RefusedError("too long for a slug")
    if mode in ("none", "raw"):
        return (re.sub(r"\s+", "-", source) if mode == "raw" else source).lower()
    if mode == "latin":
        source = unicodedata.normalize("NFKD", source).encode("ascii", "ignore").decode()
    extra = _KEPT.get(str(mode), "")
    kept = (one if _kept(one, ascii_only=mode == "ascii") or one in extra else " " for one in source)
    return re.sub(" +", "-", "".join(kept)).removeprefix("-").removesuffix("-").lower()


def _kept(character: str, *, ascii_only: bool) -> bool:
    category = unicodedata.category(character)
    return (category[0] in "LM" or category == "Nd") and not (ascii_only and ord(character) > 127)


FILTERS: dict[str, Callable[..., Any]] = {
    "append": lambda _run, value, other: text(value) + text(other),
    "prepend": lambda _run, value, other: text(other) + text(value),
    "upcase": _text_only(str.upper),
    "downcase": _text_only(str.lower),
    "capitalize": _text_only(str.capitalize),
    "strip": _text_only(str.strip),
    "lstrip": _text_only(str.lstrip),
    "rstrip": _text_only(str.rstrip),
    "escape": _unless_nil(escape),
    "h": _unless_nil(escape),
    "escape_once": _text_only(_escape_once),
    "xml_escape": _text_only(lambda source: escape(source).replace("&#39;", "&apos;")),
    "url_encode": _unless_nil(lambda source: quote_plus(source, safe="*-._")),
    "url_decode": _unless_nil(lambda source: unquote_plus(source, errors="strict")),
    "cgi_escape": _text_only(lambda source: quote_plus(source, safe="*-._")),
    "uri_escape": _text_only(lambda source: quote(source, safe="-._~:/?#[]@!$&'()*+,;=%")),
    "base64_encode": _text_only(lambda source: base64.b64encode(source.encode()).decode()),
    "base64_decode": _text_only(lambda source: base64.b64decode(source).decode()),
    "strip_html": _text_only(_strip_html),
    "strip_newlines": _text_only(lambda source: _BREAK.sub("", source)),
    "newline_to_br": _text_only(lambda source: _BREAK.sub("<br />\n", source)),
    "normalize_whitespace": _text_only(lambda source: " ".join(source.split())),
    "replace": _replace,
    "replace_first": lambda _run, value, old, new="": text(value).replace(text(old), text(new), 1),
    "replace_last": _replace_last,
    "remove": lambda run, value, old: _replace(run, value, old),
    "remove_first": lambda _run, value, old: text(value).replace(text(old), "", 1),
    "remove_last": _replace_last,
    "slice": _slice,
    "split": _split,
    "truncate": _truncate,
    "truncatewords": _truncate_words,
    "number_of_words": _number_of_words,
    "slugify": _slugify,
}
