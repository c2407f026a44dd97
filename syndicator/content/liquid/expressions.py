"""What stands inside marks, ready to be evaluated: values, filters and conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from syndicator.content.liquid import values
from syndicator.content.liquid.context import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.content.liquid.running import Run


class Expression(Protocol):
    """Give a value during a run."""

    def value(self, run: Run) -> Any:
        """Return the value."""


class Literal(NamedTuple):
    """Hold a value that is written out."""

    constant: Any

    def value(self, _run: Run) -> Any:
        """Return the value."""
        return self.constant


class Span(NamedTuple):
    """Hold a range `(first..last)`, which is never made a list."""

    first: Expression
    last: Expression

    def value(self, run: Run) -> range:
        """Return the range."""
        first, last = (values.integer_of(values.text(one.value(run))) for one in self)
        return range(first, last + 1)


class Lookup(NamedTuple):
    """Hold a variable and the keys into it."""

    root: Expression
    keys: tuple[Expression, ...]

    def value(self, run: Run) -> Any:
        """Return the value, None where there is none: then the run knows that it was missing."""
        found = run.variable(self.root.value(run))
        for key in self.keys:
            if isinstance(found, Unavailable):
                break
            found = _at(found, key.value(run), run)
        if isinstance(found, Unavailable):
            run.unavailable(found)
            return None
        return found


@dataclass(frozen=True, slots=True)
class Filtered:
    """Hold an expression and the filters that it goes through."""

    first: Expression
    filters: tuple[tuple[str, tuple[Expression, ...], tuple[tuple[str, Expression], ...]], ...]
    asked: str

    def value(self, run: Run) -> Any:
        """Return the value behind the last filter."""
        value = self.first.value(run)
        for name, positional, named in self.filters:
            arguments = [one.value(run) for one in positional]
            if named:
                arguments.append({key: one.value(run) for key, one in named})
            value = run.filtered(name, value, arguments)
        return value


class Comparison(NamedTuple):
    """Hold `left operator right`; `operator` is empty where the left side stands alone."""

    left: Expression
    operator: str
    right: Expression

    def holds(self, run: Run) -> bool:
        """Tell whether it is true."""
        if not self.operator:
            return values.is_true(self.left.value(run))
        left = self.left.value(run)
        if isinstance(left, (str, list)):
            run.step(len(left) >> 6)
        return _OPERATORS[self.operator](left, self.right.value(run))


class Condition(NamedTuple):
    """Hold comparisons and the `and` or `or` behind each: read from the left, the right side is one whole."""

    comparisons: tuple[Comparison, ...]
    joints: tuple[str, ...]

    def holds(self, run: Run) -> bool:
        """Tell whether it is true."""
        held = self.comparisons[0].holds(run)
        for joint, comparison in zip(self.joints, self.comparisons[1:], strict=True):
            if held is (joint == "or"):
                break
            held = comparison.holds(run)
        return held


def _ordered(test: Callable[[int], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        found = None if left is None or right is None else values.order(left, right)
        return found is not None and test(found)

    return compare


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": values.equal,
    "!=": lambda left, right: not values.equal(left, right),
    "<>": lambda left, right: not values.equal(left, right),
    "<": _ordered(lambda found: found < 0),
    ">": _ordered(lambda found: found > 0),
    "<=": _ordered(lambda found: found <= 0),
    ">=": _ordered(lambda found: found >= 0),
    "contains": values.contains,
}
NIL = Literal(None)


def _at(holder: Any, key: Any, run: Run) -> Any:
    """Return what a table or list has under a key."""
    if isinstance(holder, Mapping):
        if isinstance(key, values.Scalar) and key in holder:
            return holder[key]
    elif isinstance(holder, (list, range)) and type(key) is int:
        return holder[key] if -len(holder) <= key < len(holder) else None
    asked = _ASKED.get(key) if isinstance(key, str) else None
    if asked and isinstance(holder, (list, range, Mapping)):
        return asked(holder)
    if key == "size" and isinstance(holder, str):
        return len(holder)
    run.missing = True
    return None


def first_of(holder: Any) -> Any:
    """Return the first item; of a table, its key and value."""
    if isinstance(holder, Mapping):
        return next(([key, holder[key]] for key in islice(holder, 1)), None)
    return holder[0] if holder else None


def last_of(holder: Any) -> Any:
    """Return the last item; a table has none."""
    return holder[-1] if not isinstance(holder, Mapping) and holder else None


_ASKED: dict[str, Callable[[Any], Any]] = {"size": len, "first": first_of, "last": last_of}
