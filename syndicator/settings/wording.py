"""Word the messages about settings: short, in the owner's terms, and with what to write instead."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Longer values would push the advice off the screen.
_SHOWN = 60

# Text and what a name must not hold: control characters, surrogates, line and paragraph separators.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

# Chat platforms put their tokens into the URL.
_SECRET = re.compile("secret|password|token|key|url|auth|credential", re.IGNORECASE)

_NOUNS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "a truth value"),
    (int, "a whole number"),
    (float, "a decimal number"),
    (str, "text"),
    ((datetime, date, time), "a date or time without quotes"),
    (dict, "a table"),
    (list, "a list"),
)


def noun(value: object) -> str:
    """Return what TOML calls a value of this type, with its article."""
    return next((noun for types, noun in _NOUNS if isinstance(value, types)), "something else")


def shown(value: object) -> str:
    """Return a value as its owner wrote it, on one line and not too long."""
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else str(value)
    text = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    return f'"{text}"' if len(text) <= _SHOWN else f'"{text[:_SHOWN]}…"'


def has_unprintable(text: str) -> bool:
    """Tell whether a text holds line breaks or other characters that no name or title may have."""
    return _UNPRINTABLE.search(text) is not None


def is_secret(name: str) -> bool:
    """Tell whether a setting of this name may hold a secret, which no message or repr shows."""
    return _SECRET.search(name) is not None


def redacted(options: Mapping[str, object]) -> dict[str, object]:
    """Return options fit to be shown: no secrets, and no tables or lists that might hold one."""
    return {
        name: "***" if is_secret(name) or isinstance(value, (dict, list)) else value for name, value in options.items()
    }


def either(words: Iterable[str]) -> str:
    """Join alternatives: `"a", "b" or "c"`."""
    *first, last = [f'"{word}"' for word in words]
    return f"{', '.join(first)} or {last}" if first else last


def did_you_mean(word: str, known: Iterable[str], likeness: float = 0.7) -> str:
    """Return `; did you mean "…"?` for the known word that is most alike (0 to 1), whatever its case, or nothing."""
    from difflib import get_close_matches  # only a mistake needs it

    by_fold = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), by_fold, n=1, cutoff=likeness)
    return f'; did you mean "{by_fold[near[0]]}"?' if near else ""
