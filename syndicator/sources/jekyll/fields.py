"""Turn front matter values into a post's fields by Jekyll's rules."""

from __future__ import annotations

import re
from functools import lru_cache
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

from syndicator.content.text import plain_text, strip_illegal, without_markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_MOST = 1000
"""Lists may nest and refer to themselves (YAML aliases): nothing sensible has more items, lists within included."""

_WORD = re.compile(r"[^\s\0]+", re.A)


def categories(above: tuple[str, ...], defaults: Mapping[str, Any], front_matter: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the folders above `_posts`, then `categories` (split when a text), then `category` (kept whole)."""
    given = front_matter.get("categories")
    if type(given) is str and not defaults and "category" not in front_matter:
        return _of_words(above, given)
    found = [*above, *_words(defaults.get("categories")), *_words(front_matter.get("categories"))]
    single = front_matter.get("category")
    found += _flat(defaults.get("category") if _is_false(single) else single)
    return tuple(dict.fromkeys(found))


def tags(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return `tag` (kept whole), or else `tags` (split when a text, none when a number), without repeats."""
    single, several = data.get("tag"), data.get("tags")
    if not _is_false(single):
        return tuple(dict.fromkeys(_flat(single)))
    if type(several) is str:
        return _of_words((), several)
    return tuple(dict.fromkeys(_flat(several))) if isinstance(several, list) else ()


def authors(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names in `authors` or `author`: texts, mappings with a `name`, or lists of them."""
    value = data.get("authors") or data.get("author")
    if value is None:
        return ()
    people = value[:_MOST] if isinstance(value, list) else [value]
    names = (person.get("name") if isinstance(person, dict) else person for person in people)
    return tuple(dict.fromkeys(name for name in map(text, names) if name))


def text(value: object) -> str:
    """Return a scalar as one line of text that XML allows, and anything else as an empty one."""
    if value is None:
        return ""
    if type(value) is str and value.isprintable():
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return ""
    line = _float_text(value) if isinstance(value, float) else str(value)
    return line if line.isprintable() else strip_illegal(" ".join(line.split("\n")).replace("\t", " ")).strip(" ")


def _float_text(number: float) -> str:
    """Write a number as Ruby does: `1.0e+16`, `Infinity`."""
    if not isfinite(number):
        return "NaN" if isnan(number) else "Infinity" if number > 0 else "-Infinity"
    digits, letter, exponent = repr(number).partition("e")
    return f"{digits}.0e{exponent}" if letter and "." not in digits else repr(number)


def title(data: Mapping[str, Any], slug: str) -> str:
    """Return the title as text; where it is missing, empty or false, one made from the slug."""
    value = data.get("title")
    given = "".join(_flat(value)) if isinstance(value, list) else text(value) if value is not False else ""
    return given if given.strip() else " ".join(word.capitalize() for word in slug.rstrip("-").split("-"))


def summary(data: Mapping[str, Any]) -> str:
    """Return `excerpt`, or else `description`, as plain text."""
    given = text(data.get("excerpt")) or text(data.get("description"))
    return without_markdown(" ".join(plain_text(given).split())) if given else ""


def is_draft(data: Mapping[str, Any]) -> bool:
    """Tell whether front matter holds a post back: the texts "true" and "false" do not count, as in Jekyll."""
    return data.get("draft") is True or ("published" in data and _is_false(data["published"]))


def _is_false(value: object) -> bool:
    """Tell what Ruby takes for false: neither 0 nor an empty text is."""
    return value is None or value is False


@lru_cache(maxsize=4096)
def _of_words(first: tuple[str, ...], text: str) -> tuple[str, ...]:
    """Return `first` and the words of a text. Kept, because most posts share theirs with many."""
    return tuple(dict.fromkeys([*first, *_words(text)]))


def _words(value: object) -> Iterable[str]:
    """Split text at blanks, of which Ruby knows those of ASCII only: the wide one of Chinese is none."""
    if value is None:
        return ()
    return filter(None, map(text, _WORD.findall(value))) if isinstance(value, str) else _flat(value)


def _flat(value: object) -> Iterator[str]:
    """Yield the scalars of a value as text, those of lists within lists included, empty ones not."""
    waiting = [value]
    for _ in range(_MOST):
        if not waiting:
            return
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item[:_MOST][::-1]
        elif line := text(item):
            yield line
