"""Treat values as Ruby does: what is true, what is equal, what comes first, and how it reads as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

Scalar = (str, int, float, bool)

_INTEGER = re.compile(r"\s*([-+]?\d+)", re.A)
_DECIMAL = re.compile(r"\s*-?\d+\.\d+\s*\Z", re.A)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?\Z", re.A)
MOST: Final = 200_000
"""Longer lists are not taken apart."""

LONGEST: Final = 16 << 20
"""Characters of a page, and of any text on the way to it."""

_DEEPEST = 30
_DIGITS = 300
"""Longer numbers are not calculated with."""


class RefusedError(Exception):
    """Say why a mark cannot be rendered: Jekyll would stop there."""


class Nothing:
    """Stand for `empty`, which equals whatever holds nothing, or `blank`, which to Jekyll equals no value."""

    def __init__(self, *, matches: bool) -> None:
        self._matches = matches

    def matches(self, value: object) -> bool:
        """Tell whether `==` finds a value empty."""
        return self._matches and isinstance(value, (str, list, range, Mapping)) and len(value) == 0


EMPTY: Final = Nothing(matches=True)
BLANK: Final = Nothing(matches=False)


def is_true(value: object) -> bool:
    """Tell whether a value counts as true: all but nil and false do, 0 and empty text too."""
    return value is not None and value is not False


def text(value: object) -> str:
    """Return a value as an output mark shows it."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, Nothing):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, range):
        return f"{value.start}..{value.stop - 1}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S %z").rstrip()
    if isinstance(value, (int, date)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return _joined(value)
    raise RefusedError("a table cannot be shown as it is")


def _joined(items: object) -> str:
    parts, size = [], 0
    for item in flat(items):
        parts.append(text(item))
        size += len(parts[-1])
        if size > LONGEST:
            raise RefusedError("a list too long")
    return "".join(parts)


def flat(value: object) -> Iterator[Any]:
    """Yield the items of a list, and of those in it; raise `RefusedError` for absurd lists (YAML can hold such)."""
    left, count = [iter([value])], 0
    while left:
        for item in left[-1]:
            count += 1
            if isinstance(item, (list, tuple, range)):
                left.append(iter(item))
                break
            yield item
        else:
            left.pop()
        if len(left) > _DEEPEST or count > MOST:
            raise RefusedError("a list too long or nested too deep")


def number(value: object) -> int | Decimal:
    """Return a value as a number to calculate with; text that begins with none is 0."""
    if isinstance(value, str):
        if len(value) > _DIGITS:
            raise RefusedError("a number too long to calculate with")
        return Decimal(value.strip()) if _DECIMAL.match(value) else integer_of(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value if isinstance(value, int) else Decimal(repr(value))
    return 0


def integer_of(value: str) -> int:
    """Return the integer that a text begins with, or 0, as Ruby's `to_i`."""
    found = _INTEGER.match(value[:_DIGITS])
    return int(found[1]) if found else 0


def integer(value: object) -> int:
    """Return a value as an integer; raise `RefusedError` for what is none."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str) and len(value) < _DIGITS and re.fullmatch(r"\s*[-+]?\d+\s*", value, re.A):
        return int(value)
    raise RefusedError("a whole number is expected")


def result(value: int | Decimal) -> int | float:
    """Return what was calculated as a value."""
    if isinstance(value, Decimal):
        return float(value)
    if value.bit_length() > _DIGITS * 3:
        raise RefusedError("a number too long to calculate with")
    return value


def equal(left: Any, right: Any) -> bool:
    """Compare as `==` does; a number also equals the text that front matter holds for it."""
    if isinstance(left, Nothing) or isinstance(right, Nothing):
        return left.matches(right) if isinstance(left, Nothing) else right.matches(left)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (list, Mapping)) or isinstance(right, (list, Mapping)):
        return left is right or _same_items(left, right)
    left, right = _comparable(left, right)
    return bool(left == right)


def _same_items(left: object, right: object) -> bool:
    """Compare lists; tables are equal only to themselves, as YAML can hold such that have no end."""
    if not isinstance(left, list) or not isinstance(right, list) or len(left) != len(right):
        return False
    return all(type(a) is type(b) and (a is b or (isinstance(a, Scalar) and a == b))
               for a, b in zip_longest(flat(left), flat(right)))  # fmt: skip


def order(left: Any, right: Any) -> int | None:
    """Return -1, 0 or 1 as Ruby's `<=>`; None for what cannot be compared."""
    left, right = _comparable(left, right)
    if _kind(left) is None or _kind(left) is not _kind(right):
        return 0 if left is None and right is None else None
    return int(left > right) - int(left < right)


def contains(whole: object, part: object) -> bool:
    """Tell whether text holds a text, a list a value, or a table a key."""
    if whole is None or part is None or part is False:
        return False
    if isinstance(whole, str):
        return text(part) in whole
    if isinstance(whole, Mapping):
        return isinstance(part, Scalar) and part in whole
    return isinstance(whole, (list, range)) and any(equal(one, part) for one in whole)


def _comparable(left: Any, right: Any) -> tuple[Any, Any]:
    """Return both as numbers where one is a number and the other reads as one: front matter keeps numbers as text."""
    if isinstance(left, str) and type(right) in (int, float) and _NUMBER.match(left):
        return float(left), right
    if isinstance(right, str) and type(left) in (int, float) and _NUMBER.match(right):
        return left, float(right)
    return left, right


def _kind(value: object) -> type | None:
    if isinstance(value, str):
        return str
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float
    return datetime if isinstance(value, datetime) else date if isinstance(value, date) else None


def _float(value: float) -> str:
    written = repr(value)
    mantissa, e, exponent = written.partition("e")
    if not e:
        return written
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{int(exponent):+03d}"
