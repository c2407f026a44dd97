"""Turn front matter values into a post's fields by Jekyll's rules."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from syndicator.content.text import plain_text, strip_illegal, without_markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_DEPTH, _MOST = 5, 1000
"""Lists may nest and refer to themselves (YAML aliases): nothing sensible is deeper or longer."""


def categories(above: tuple[str, ...], defaults: Mapping[str, Any], front_matter: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the folders above `_posts`, then `categories` (split when a text), then `category` (kept whole)."""
    given = front_matter.get("categories")
    if type(given) is str and not defaults and "category" not in front_matter:
        return _of_words(above, given)
    found = [*above, *_words(defaults.get("categories")), *_words(front_matter.get("categories"))]
    if single := front_matter.get("category") or defaults.get("category"):
        found += _flat(single)
    return tuple(dict.fromkeys(found))


def tags(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return `tag` (kept whole), or else `tags` (split when a text), without repeats."""
    single, several = data.get("tag"), data.get("tags")
    if single is None and type(several) is str:
        return _of_words((), several)
    return tuple(dict.fromkeys(_flat(single) if single else _words(data.get("tags"))))


def authors(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names in `authors` or `author`: texts, mappings with a `name`, or lists of them."""
    value = data.get("authors") or data.get("author")
    if value is None:
        return ()
    people = value if isinstance(value, list) else [value]
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
    if isinstance(value, (dict, list, set, bytes)):
        return ""
    line = str(value)
    return line if line.isprintable() else strip_illegal(line.replace("\n", " ").replace("\t", " "))


def title(data: Mapping[str, Any], slug: str) -> str:
    """Return the title as text; where it is missing, empty or false, one made from the slug."""
    value = data.get("title")
    given = text(value) if value is not False else ""
    return given if given.strip() else " ".join(word.capitalize() for word in slug.rstrip("-").split("-"))


def summary(data: Mapping[str, Any]) -> str:
    """Return `excerpt`, or else `description`, as plain text."""
    given = text(data.get("excerpt")) or text(data.get("description"))
    return without_markdown(" ".join(plain_text(given).split())) if given else ""


def is_draft(data: Mapping[str, Any]) -> bool:
    """Tell whether front matter holds a post back: the texts "true" and "false" do not count, as in Jekyll."""
    return data.get("draft") is True or ("published" in data and data["published"] in (False, None))


@lru_cache(maxsize=4096)
def _of_words(first: tuple[str, ...], text: str) -> tuple[str, ...]:
    """Return `first` and the words of a text. Kept, because most posts share theirs with many."""
    return tuple(dict.fromkeys([*first, *text.split()]))


def _words(value: object) -> Iterable[str]:
    if value is None:
        return ()
    return value.split() if isinstance(value, str) else _flat(value)


def _flat(value: object) -> Iterator[str]:
    """Yield the scalars of a value as text, lists within lists included, empty ones not."""
    return islice((item for item in map(text, _leaves(value, _DEPTH)) if item), _MOST)


def _leaves(value: object, depth: int) -> Iterator[object]:
    if not isinstance(value, list):
        yield value
    elif depth:
        for item in value:
            yield from _leaves(item, depth - 1)
