"""Filters over lists: those of Jekyll where both have one of that name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from functools import cmp_to_key
from itertools import islice
from typing import TYPE_CHECKING, Any

from syndicator.content.liquid import expressions, grammar, values
from syndicator.content.liquid.values import RefusedError, integer, is_true, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from syndicator.content.liquid.running import Run

_NUMBER = re.compile(r"\s*-?(?:\d+\.?\d*|\.\d+)\s*\Z", re.A)


def _join(run: Run, value: Any, glue: Any = " ") -> str:
    parts, between = [text(one) for one in run.items(value)], text(glue)
    if sum(map(len, parts)) + len(parts) * len(between) > values.LONGEST:
        raise RefusedError("what it makes is too long")
    return between.join(parts)


def _size(_run: Run, value: Any) -> int:
    return len(value) if isinstance(value, (str, list, range, Mapping)) else 0


def _first(_run: Run, value: Any) -> Any:
    return expressions.first_of(value) if isinstance(value, (list, range, Mapping)) else None


def _last(_run: Run, value: Any) -> Any:
    return expressions.last_of(value) if isinstance(value, (list, range)) else None


def _sort(run: Run, value: Any, key: Any = None, nils: Any = "first") -> list[Any]:
    first = -1 if nils == "first" else 1
    if key is None:
        return sorted(_rows(run, value), key=cmp_to_key(_compare(first)))
    pairs = [(property_of(one, key), one) for one in _rows(run, value)]
    by_key = cmp_to_key(_compare(first))
    return [one for _, one in sorted(pairs, key=lambda pair: by_key(pair[0]))]


def _compare(nil: int) -> Callable[[Any, Any], int]:
    def compare(left: Any, right: Any) -> int:
        if (left is None) != (right is None):
            return nil if left is None else -nil
        found = values.order(left, right)
        return values.order(text(left), text(right)) or 0 if found is None else found

    return compare


def _sort_natural(run: Run, value: Any, key: Any = None) -> list[Any]:
    def folded(item: Any) -> tuple[bool, str]:
        found = item if key is None else property_of(item, key)
        return found is None, text(found).lower()

    return sorted(_rows(run, value), key=folded)


def _where(run: Run, value: Any, key: Any, target: Any = None) -> Any:
    rows = _selectable(run, value)
    if rows is None or not is_true(key) or isinstance(target, (list, Mapping)):
        return value
    return [row for row in rows if _is(property_of(row, key), target)]


def _where_exp(run: Run, value: Any, name: Any, expression: Any) -> Any:
    rows = _selectable(run, value)
    return value if rows is None else list(_holding(run, rows, text(name), text(expression)))


def _find(run: Run, value: Any, key: Any, target: Any = None) -> Any:
    found = _where(run, value, key, target)
    return found if found is value else next(iter(found), None)


def _find_exp(run: Run, value: Any, name: Any, expression: Any) -> Any:
    rows = _selectable(run, value)
    return value if rows is None else next(_holding(run, rows, text(name), text(expression)), None)


def _holding(run: Run, rows: Iterable[Any], name: str, expression: str) -> Iterator[Any]:
    condition = grammar.condition(expression)
    return (row for row in rows if run.holding({name: row}, condition.holds))


def _group_by(run: Run, value: Any, key: Any) -> Any:
    return _grouped(run, value, lambda row: text(property_of(row, key)))


def _group_by_exp(run: Run, value: Any, name: Any, expression: Any) -> Any:
    asked = grammar.filtered(text(expression))
    return _grouped(run, value, lambda row: run.holding({text(name): row}, asked.value))


def _grouped(run: Run, value: Any, key: Callable[[Any], Any]) -> Any:
    if not isinstance(value, (list, range, Mapping)):
        return value
    groups: dict[Any, list[Any]] = {}
    for row in _rows(run, value):
        groups.setdefault(key(row), []).append(row)
    return [{"name": name, "items": rows, "size": len(rows)} for name, rows in groups.items()]


def _map(run: Run, value: Any, key: Any) -> list[Any]:
    return [property_of(one, key, as_number=False) for one in run.items(value)]


def _uniq(run: Run, value: Any, key: Any = None) -> list[Any]:
    seen: dict[object, Any] = {}
    for one in run.items(value):
        found = one if key is None else property_of(one, key)
        seen.setdefault(found if isinstance(found, str) else _json(run, found), one)
    return list(seen.values())


def _compact(run: Run, value: Any, key: Any = None) -> list[Any]:
    return [one for one in run.items(value) if (one if key is None else property_of(one, key)) is not None]


def _added(run: Run, value: Any, item: Any, *, before: bool) -> Any:
    if not isinstance(value, list):
        return value
    run.step(len(value))
    return [item, *value] if before else [*value, item]


def _taken(run: Run, value: Any, count: Any, *, before: bool) -> Any:
    if not isinstance(value, list):
        return value
    run.step(len(value))
    taken = integer(count)
    return value[taken:] if before else value[: max(len(value) - taken, 0)]


def _sentence(run: Run, value: Any, connector: Any = "and") -> str:
    parts = run.items(value)
    if len(parts) < 3:
        return _join(run, parts, f" {text(connector)} ")
    return f"{_join(run, parts[:-1], ', ')}, {text(connector)} {text(parts[-1])}"


def _json(run: Run, value: Any) -> str:
    return json.dumps(_plain(run, value, 0), ensure_ascii=False, separators=(",", ":"))


def _plain(run: Run, value: Any, depth: int) -> Any:
    run.step(1 + (len(value) >> 6 if isinstance(value, str) else 0))
    if depth > 30:
        raise RefusedError("nested too deep")
    if isinstance(value, Mapping):
        return {text(key): _plain(run, value[key], depth + 1) for key in value}
    if isinstance(value, (list, range)):
        return [_plain(run, one, depth + 1) for one in value]
    return text(value) if isinstance(value, (date, values.Nothing)) else value


def property_of(item: Any, key: Any, *, as_number: bool = True) -> Any:
    """Return what an item has under a key such as `image.alt`; text that reads as a number is one."""
    for name in text(key).split("."):
        item = item.get(name) if isinstance(item, Mapping) else None
    if as_number and isinstance(item, str) and item and _NUMBER.match(item) and len(item) < 30:
        return float(item) if "." in item else int(item)
    return item


def _join_any(found: Any) -> str:
    return "" if found is None else text(found) if not isinstance(found, Mapping) else "a table"


def _is(found: Any, target: Any) -> bool:
    if target is None:
        return found is None
    if isinstance(target, values.Nothing):
        return not _join_any(found)
    wanted = property_of({"": target}, "") if isinstance(found, (int, float)) else text(target)
    if isinstance(found, (list, tuple)):
        return any(text(one) == wanted for one in values.flat(found))
    if isinstance(found, Mapping) or found is None:
        return False
    return bool(found == wanted if isinstance(found, (int, float)) and not isinstance(found, bool)
                else text(found) == text(target))  # fmt: skip


def _selectable(run: Run, value: Any) -> list[Any] | None:
    """Return the rows to choose from: of a table, its values; None for what is neither list nor table."""
    if isinstance(value, Mapping):
        run.step(len(value))
        return list(value.values())
    return _rows(run, value) if isinstance(value, (list, range)) else None


def _rows(run: Run, value: Any) -> list[Any]:
    """Return the items without taking apart lists in the list."""
    if value is None:
        raise RefusedError("there is nothing to sort")
    if not isinstance(value, (list, range, Mapping)):
        return [value]
    if len(value) > values.MOST:
        raise RefusedError("a list too long")
    run.step(len(value))
    return list(islice(run.looped(value), len(value)))


FILTERS: dict[str, Callable[..., Any]] = {
    "join": _join,
    "size": _size,
    "first": _first,
    "last": _last,
    "sort": _sort,
    "sort_natural": _sort_natural,
    "where": _where,
    "where_exp": _where_exp,
    "find": _find,
    "find_exp": _find_exp,
    "group_by": _group_by,
    "group_by_exp": _group_by_exp,
    "map": _map,
    "uniq": _uniq,
    "compact": _compact,
    "reverse": lambda run, value: run.items(value)[::-1],
    "concat": lambda run, value, other: run.items(value) + run.items(other),
    "push": lambda run, value, item: _added(run, value, item, before=False),
    "unshift": lambda run, value, item: _added(run, value, item, before=True),
    "pop": lambda run, value, count=1: _taken(run, value, count, before=False),
    "shift": lambda run, value, count=1: _taken(run, value, count, before=True),
    # A random choice would make another text each time.
    "sample": lambda run, value, _count=1: _first(run, value),
    "array_to_sentence_string": _sentence,
    "jsonify": _json,
}
