"""Filters that calculate, and `default`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from syndicator.content.liquid.values import RefusedError, integer, integer_of, is_true, number, result

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.content.liquid.running import Run

Number = int | Decimal


def _calculated(calculate: Callable[[Any, Any], Number]) -> Callable[..., Any]:
    return lambda _run, value, other: result(calculate(number(value), number(other)))


def _divided(value: Number, other: Number) -> Number:
    return value // other if isinstance(value, int) and isinstance(other, int) else Decimal(value) / other


def _modulo(value: Number, other: Number) -> Number:
    if isinstance(value, int) and isinstance(other, int):
        return value % other
    return Decimal(value) - Decimal(other) * _whole(Decimal(value) / other, ROUND_FLOOR)


def _absolute(value: Number) -> Number:
    return value if value >= 0 else -value


def _whole(value: Number, rounding: str) -> int:
    return int(Decimal(value).to_integral_value(rounding=rounding))


def _round(_run: Run, value: Any, digits: Any = 0) -> int | float:
    places = integer(digits)
    if places <= 0 or isinstance(number(value), int):
        return _whole(number(value), ROUND_HALF_UP)
    if places > 30:
        raise RefusedError("too many digits")
    return float(Decimal(number(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def _default(_run: Run, value: Any, fallback: Any = "", options: Any = None) -> Any:
    allows_false = isinstance(options, dict) and is_true(options.get("allow_false"))
    if value is None or (value is False and not allows_false):
        return fallback
    return fallback if isinstance(value, (str, list, Mapping)) and not len(value) else value


def _to_integer(_run: Run, value: Any) -> int:
    return integer_of(value) if isinstance(value, str) else int(value or 0)


FILTERS: dict[str, Callable[..., Any]] = {
    "plus": _calculated(lambda value, other: value + other),
    "minus": _calculated(lambda value, other: value - other),
    "times": _calculated(lambda value, other: value * other),
    "divided_by": _calculated(_divided),
    "modulo": _calculated(_modulo),
    "at_least": _calculated(lambda value, other: max(value, other)),
    "at_most": _calculated(lambda value, other: min(value, other)),
    "abs": lambda _run, value: result(_absolute(number(value))),
    "round": _round,
    "ceil": lambda _run, value: _whole(number(value), ROUND_CEILING),
    "floor": lambda _run, value: _whole(number(value), ROUND_FLOOR),
    "to_integer": _to_integer,
    "default": _default,
}
