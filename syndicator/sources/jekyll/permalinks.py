"""Make a post's URL from its permalink: Jekyll's named styles, placeholders, slugs and sanitising."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

STYLES = {
    "none": "/:categories/:title:output_ext",
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
}

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PLACEHOLDER = re.compile(r":([a-z_]+)")
_PLAIN = re.compile(r"[A-Za-z0-9./-]*\Z")
_SOUND = re.compile(r"(?:/[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*+)++/?\Z")
_PRETTY = "._~!$&'()+,;=@"
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*+\Z")
_PRETTY_SLUG = re.compile(r"[A-Za-z0-9._~!$&'()+,;=@]+(?:-[A-Za-z0-9._~!$&'()+,;=@]+)*+\Z")
_PATH_SAFE = "-._~!$&'()*+,;=:@/"
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Place(NamedTuple):
    """Hold what placeholders stand for; `stem` is the path within its collection, without extension."""

    collection: str
    stem: str
    slug: str
    date: datetime
    categories: tuple[str, ...]
    output_ext: str


def path_of(permalink: str, place: Place) -> tuple[str, list[str]]:
    """Return the path below the site's base path, percent-encoded once, and the placeholders that do not exist.

    The path begins with `/` and never leaves the site: `..` is cut out, `%2e%2e` stays encoded.
    """
    template, placeholders, unknown = _compiled(permalink)
    values = tuple([placeholder(place) for placeholder in placeholders])
    path = template % values
    # Nearly every path needs nothing: 3 µs less than proving it step by step.
    if _SOUND.match(path):
        return path, unknown
    if not all(map(_PLAIN.match, values)):
        path = template % tuple([quote(value, safe=_PATH_SAFE) for value in values])
    return _sanitised(path), unknown


def ending(style: str) -> str:
    """Return how the site's permalink style has the URLs of its pages and of other collections end."""
    if style == "pretty" or style.endswith("/"):
        return "/"
    return ":output_ext" if style in ("date", "ordinal", "none") or style.endswith(":output_ext") else ""


@lru_cache(maxsize=1024)
def _compiled(permalink: str) -> tuple[str, list[Callable[[Place], str]], list[str]]:
    """Make a `%` template, the placeholders that fill it, and those that do not exist (kept literal)."""
    template, placeholders, unknown, position = "", [], [], 0
    for found in PLACEHOLDER.finditer(permalink):
        # "/:month_:day": the underscore belongs to the name only where such a name exists.
        name = found[1] if found[1] in _PLACEHOLDERS else found[1].removesuffix("_")
        if name not in _PLACEHOLDERS:
            unknown.append(found[1])
            continue
        template += permalink[position : found.start()].replace("%", "%%") + "%s"
        placeholders.append(_PLACEHOLDERS[name])
        position = found.start() + 1 + len(name)
    return template + permalink[position:].replace("%", "%%"), placeholders, unknown


def _sanitised(path: str) -> str:
    path = ("/" + path).replace("..", "/").replace("./", "")
    while "//" in path:
        path = path.replace("//", "/")
    return path if _PLAIN.match(path) else quote(_STRAY_PERCENT.sub("%25", path), safe=_PATH_SAFE + "%?#[]")


def slugify(text: str, *, pretty: bool = False) -> str:
    """Turn text into a slug: letters, marks and digits of any script stay, runs of all else become one hyphen.

    `pretty` also keeps `._~!$&'()+,;=@` and upper case.
    """
    if (_PRETTY_SLUG if pretty else _SLUG).match(text):
        return text
    extra = _PRETTY if pretty else ""
    kept = "".join(character if _kept(character) or character in extra else " " for character in text)
    slug = re.sub(" +", "-", kept).removeprefix("-").removesuffix("-")
    return slug if pretty else _lower(slug)


def _lower(text: str) -> str:
    """Return text in lower case as Ruby does: a capital sigma gives the same letter wherever it stands."""
    return text.replace("Σ", "σ").lower()


def _kept(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd"


@lru_cache(maxsize=4096)
def _categories(categories: tuple[str, ...]) -> str:
    return "/".join(dict.fromkeys(_lower(category) for category in categories))


@lru_cache(maxsize=4096)
def _slugified(categories: tuple[str, ...]) -> str:
    return "/".join(dict.fromkeys(slugify(category) for category in categories))


def _path(place: Place) -> str:
    return place.stem.replace(f"_{place.collection}", "", 1).rstrip(".")


_PLACEHOLDERS: dict[str, Callable[[Place], str]] = {
    "collection": lambda place: place.collection,
    "path": _path,
    "output_ext": lambda place: place.output_ext,
    "name": lambda place: slugify(_path(place).rpartition("/")[2]),
    "title": lambda place: slugify(place.slug, pretty=True),
    "slug": lambda place: slugify(place.slug),
    "categories": lambda place: _categories(place.categories),
    "slugified_categories": lambda place: _slugified(place.categories),
    "year": lambda place: f"{place.date.year:04}",
    "month": lambda place: f"{place.date.month:02}",
    "day": lambda place: f"{place.date.day:02}",
    "hour": lambda place: f"{place.date.hour:02}",
    "minute": lambda place: f"{place.date.minute:02}",
    "second": lambda place: f"{place.date.second:02}",
    "i_day": lambda place: str(place.date.day),
    "i_month": lambda place: str(place.date.month),
    "short_month": lambda place: _MONTHS[place.date.month - 1][:3],
    "long_month": lambda place: _MONTHS[place.date.month - 1],
    "short_year": lambda place: f"{place.date.year % 100:02}",
    "w_year": lambda place: f"{place.date.isocalendar().year:04}",
    "week": lambda place: f"{place.date.isocalendar().week:02}",
    "w_day": lambda place: str(place.date.isoweekday()),
    "short_day": lambda place: _DAYS[place.date.weekday()][:3],
    "long_day": lambda place: _DAYS[place.date.weekday()],
    "y_day": lambda place: f"{place.date.timetuple().tm_yday:03}",
}
