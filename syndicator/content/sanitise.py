"""Make rendered HTML safe for feed readers and mail clients, with every address absolute."""

from __future__ import annotations

import re
from contextvars import ContextVar
from functools import lru_cache
from html import escape
from urllib.parse import urljoin

import nh3

from syndicator.content.nesting import flattened
from syndicator.content.restoring import restored
from syndicator.content.text import plain_text, strip_illegal

MOST_TAGS, MOST_REFERENCES = 50_000, 200_000
"""HTML with more tags, or more character references, is shown as text: parsing it would take seconds."""

_MATHML = {
    "math", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mprescripts", "mroot", "mrow", "ms",
    "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover",
}  # fmt: skip
_TAGS = (
    (nh3.ALLOWED_TAGS - {"area", "map"})
    | {"address", "main", "menu", "section", "tfoot"}
    | {"audio", "video", "source", "picture", "track"}
    | _MATHML
)
_DROPPED_WITH_CONTENT = {
    "script", "style", "template", "title", "noscript", "iframe", "noembed", "noframes", "svg", "canvas", "annotation",
    "annotation-xml", "button", "select", "textarea", "option", "datalist",
}  # fmt: skip
_CELL = {"align", "colspan", "rowspan"}
_ATTRIBUTES = {
    "*": {"title", "lang", "dir"},
    "a": {"href", "hreflang"},
    "img": {"src", "alt", "width", "height"},
    "source": {"src", "type", "media"},
    "track": {"src", "srclang", "kind", "label", "default"},
    "video": {"src", "poster", "width", "height"},
    "audio": {"src"},
    "code": {"class"},
    "details": {"open"},
    "math": {"display"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "td": _CELL,
    "th": _CELL | {"scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "p": {"align"},
    "time": {"datetime"},
    "del": {"datetime"},
    "ins": {"datetime"},
}
_FILTERED_ATTRIBUTES = {
    **{name: {"cite"} for name in ("blockquote", "q")},
    **{name: _ATTRIBUTES[name] | {"srcset", "sizes"} for name in ("img", "source")},
    **{name: _ATTRIBUTES[name] | {"cite"} for name in ("del", "ins")},
}
"""Whose addresses nh3 does not know to be addresses: they are resolved and judged here, where there are any."""
_PLAYED = {"video": {"controls": ""}, "audio": {"controls": ""}}
"""Without a page's scripts there is no other way to start them."""
_SCHEMES = {"http", "https", "mailto", "tel", "sms", "xmpp", "irc", "ircs", "ftp", "magnet", "geo"}
_DATA = re.compile(r"[\0- ]*d[\t\r\n]*a[\t\r\n]*t[\t\r\n]*a[\t\r\n]*:", re.I)
_PICTURE = re.compile(r"data:image/(?:png|jpe?g|gif|webp|avif);base64,[A-Za-z0-9+/=%\s]{200,}\Z")
"""A picture within its address, longer than those that hold the place of a picture that is still to be loaded."""
_EMPTY_IMAGE = re.compile(r"<img(?![^<>]*\s(?:src|srcset)=)[^<>]*>")
_SIZE = re.compile(r"(?:\s+[\d.]+[wxh])*\s*\Z")
_CANDIDATE = re.compile(r"([^\s,]\S*+)(?:(?<=,)|(\s[^,]*+)?)[\s,]*+")
_PATH = re.compile(r"/?(?:[A-Za-z0-9_~%-][A-Za-z0-9._~%-]*+/)*+(?:[A-Za-z0-9_~%-][A-Za-z0-9._~%-]*+)?+\Z")
_LONG = 200
"""Characters of an address, from which on it is not worth keeping."""
_SPACE = " \t\r\n\f"
"""What may surround an address in HTML. Other blanks are part of it: without its no-break space, `\\xa0javascript:` is
one that runs."""
_NETWORK_PATH = re.compile(r"//[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~/-]*)?\Z")

_TEXT = "[^<>&\x00-\x08\x0b-\x1f\xa0\ud800-\udfff\ufffe\uffff]"
_URL = r"https?://(?:(?!xn--)[a-z0-9-]+\.)+[a-z]+(?:/[A-Za-z0-9._~!$'()*+,;=:@/?#%-]*+)?"
_SPANS = [f"<{name}>{_TEXT}*+</{name}>" for name in ("strong", "em", "b", "i", "code")]
_SPAN = "|".join([rf"{_TEXT}++", *_SPANS, rf'<a href="{_URL}">{_TEXT}*+</a>'])
_BLOCKS = "|".join([f"<{name}>(?:{_SPAN})*+</{name}>" for name in ("p", "h1", "h2", "h3", "h4", "h5", "h6")])
_PLAIN = re.compile(rf"(?!\ufeff)(?:{_TEXT}++|{_BLOCKS})*+")
"""Text, and blocks of text: what a parser writes as it read it, with no element left open and no control characters."""

_page: ContextVar[str] = ContextVar("page")


def clean(html: str, page_url: str) -> str:
    """Return safe HTML: no scripts, handlers, frames, forms or styles; addresses resolved against `page_url`.

    What its page shows by means of scripts and styles is restored first (`restoring`). An address that cannot be
    resolved, or is none of the web's, loses its attribute, and an image without one goes. Characters that XML forbids
    are dropped.
    """
    # Text in its own clean form need not be parsed, up to where it ends (20 instead of 45 µs for a news item). The
    # rest is parsed alone, with the same result, for no element reaches into it.
    plain = _PLAIN.match(html)
    end = plain.end() if plain else 0
    if end == len(html):
        return html
    if is_excessive(html):
        return _as_text(html)
    return html[:end] + _cleaned(flattened(restored(html[end:])), page_url)


def is_excessive(html: str) -> bool:
    """Tell whether HTML has more in it than a post can have, and is shown as text."""
    return len(html) > MOST_TAGS and (html.count("<") > MOST_TAGS or html.count("&") > MOST_REFERENCES)


def absolute(url: str, page_url: str) -> str | None:
    """Resolve a URL reference (RFC 3986) found on a page; None when it is empty, malformed, or none of the web's."""
    url = url.strip(_SPACE)
    if not url:
        return None
    if _NETWORK_PATH.match(url):
        return f"{page_url.partition(':')[0]}:{url}"  # as urljoin has it, in 1 µs instead of 20
    folder = page_url[: page_url.rfind("/", 8) + 1] or page_url + "/"
    if _PATH.match(url):
        return (folder[: folder.find("/", 8)] if url[0] == "/" else folder) + url
    try:
        found = _joined(folder, url) if url[0] == "." and len(url) < _LONG else urljoin(page_url, url)
    except ValueError:
        return None
    # nh3 asks here about whatever it takes for relative, and does not look at the answer.
    return found if found.startswith(("http://", "https://")) else None


@lru_cache(maxsize=4096)  # posts of one day and category share their folder, and all posts of a site their last links
def _joined(folder: str, url: str) -> str:
    return urljoin(folder, url)


def _cleaned(html: str, page_url: str) -> str:
    token = _page.set(page_url)
    try:
        made = _cleaner_for(html).clean(html)
    except UnicodeEncodeError:
        return _cleaned(strip_illegal(html), page_url)
    finally:
        _page.reset(token)
    return strip_illegal(_EMPTY_IMAGE.sub("", made) if "<img" in made else made)


def _as_text(html: str) -> str:
    return "\n".join([f"<p>{escape(line, quote=False)}</p>" for line in plain_text(html).split("\n")])


def _absolute_on_page(url: str) -> str | None:
    return absolute(url, _page.get())


def _filter(element: str, attribute: str, value: str) -> str | None:
    if attribute == "srcset":
        return _absolute_set(value)
    if attribute == "cite":
        return _absolute_on_page(value)
    if attribute in ("href", "src", "poster") and _DATA.match(value):
        return value if (element, attribute) == ("img", "src") and _PICTURE.match(value) else None
    return value


def _absolute_set(srcset: str) -> str | None:
    """Resolve the candidates of a `srcset` (HTML, 4.8.4.2.1) and leave out those with an odd scheme."""
    written = [(found[1].rstrip(","), (found[2] or "").rstrip()) for found in _CANDIDATE.finditer(srcset)]
    resolved = [(_absolute_on_page(url), size) for url, size in written if _SIZE.match(size)]
    return ", ".join([url + size for url, size in resolved if url]) or None


def _cleaner(*, filtering: bool) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_ATTRIBUTES | (_FILTERED_ATTRIBUTES if filtering else {}),
        set_tag_attribute_values=_PLAYED,
        attribute_filter=_filter if filtering else None,
        link_rel=None,
        url_schemes=_SCHEMES | {"data"} if filtering else _SCHEMES,
        url_relative=_absolute_on_page,
    )


_FILTERING = _cleaner(filtering=True)
_CLEANER = _cleaner(filtering=False)


def _cleaner_for(html: str) -> nh3.Cleaner:
    return _FILTERING if "srcset" in html or "cite=" in html or "data:image/" in html else _CLEANER
