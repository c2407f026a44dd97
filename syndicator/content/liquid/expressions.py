"""Read what stands inside marks: values, filters and conditions, as leniently as Ruby's Liquid.

What follows a complete expression and is none of these is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from syndicator.content.liquid import values
from syndicator.content.liquid.context import Unavailable
from syndicator.content.liquid.values import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.content.liquid.running import Run

_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w-]))"
    r"|(?P<name>[\w-]+\??)"
    r"|(?P<compared>==|!=|<>|<=|>=|<|>)"
    r"|(?P<sign>\.\.|[.,:|()\[\]])"
    r"|(?P<other>\S))"
)
_WORDS: dict[str, Any] = {
    "nil": None, "null": None, "true": True, "false": False, "empty": values.EMPTY, "blank": values.BLANK,
}  # fmt: skip
_DEEPEST = 20
_LONGEST_KEPT = 300


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
        return _OPERATORS[self.operator](self.left.value(run), self.right.value(run))


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
_NIL = Literal(None)


class Cursor:
    """Read one expression after the other; `kind` and `word` are those of the token that comes next."""

    def __init__(self, markup: str) -> None:
        self._tokens = _TOKEN.finditer(markup)
        self._depth = 0
        self.kind: str | None = None
        self.word = ""
        self.advance()

    def advance(self) -> str:
        """Go on to the next token, and return the word of the one left behind."""
        word, found = self.word, next(self._tokens, None)
        self.kind = found.lastgroup if found else None
        self.word = found[found.lastgroup or 0] if found else ""
        return word

    def takes(self, *words: str) -> bool:
        """Go on when the next token is one of these words or signs, and tell whether it was."""
        if self.kind in ("text", None) or self.word not in words:
            return False
        self.advance()
        return True

    def expression(self) -> Expression:
        """Read one value; raise `RefusedError` where there is none."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RefusedError("brackets nested too deep")
        try:
            return self._expression()
        finally:
            self._depth -= 1

    def _expression(self) -> Expression:
        if self.kind == "text":
            return Literal(self.advance()[1:-1])
        if self.kind == "number":
            return Literal(_number(self.advance()))
        if self.kind == "name":
            name = self.advance()
            if name in _WORDS and self.word not in (".", "["):
                return Literal(_WORDS[name])
            return Lookup(Literal(name), self._keys())
        if self.takes("("):
            return self._span()
        if self.takes("["):
            return Lookup(self._bracket(), self._keys())
        raise RefusedError("a value is missing" if self.kind is None else f"{self.word} is not understood")

    def _span(self) -> Expression:
        first = self.expression()
        if not self.takes(".."):
            raise RefusedError("( begins a range such as (1..5)")
        last = self.expression()
        self.takes(")")
        return Span(first, last)

    def _keys(self) -> tuple[Expression, ...]:
        keys: list[Expression] = []
        while True:
            if self.takes("["):
                keys.append(self._bracket())
            elif self.takes("."):
                if self.kind in ("name", "number"):
                    keys.append(Literal(self.advance()))
            else:
                break
        return tuple(keys)

    def _bracket(self) -> Expression:
        inner = self.expression()
        self.takes("]")
        return inner


def filtered(markup: str) -> Filtered:
    """Read an expression with its filters; raise `RefusedError` where there is none."""
    return _kept(markup) if len(markup) < _LONGEST_KEPT else _filtered(markup)


def condition(markup: str) -> Condition:
    """Read a condition; raise `RefusedError` where there is none."""
    return _kept_condition(markup) if len(markup) < _LONGEST_KEPT else _condition(markup)


def _filtered(markup: str) -> Filtered:
    cursor = Cursor(markup)
    if cursor.kind is None:
        return Filtered(_NIL, (), "")
    first = cursor.expression()
    filters = []
    while cursor.kind:
        if cursor.takes("|"):
            name = cursor.advance() if cursor.kind == "name" else ""
            if name:
                filters.append((name, *_arguments(cursor)))
        else:
            cursor.advance()
    return Filtered(first, tuple(filters), markup.partition("|")[0].strip())


def _arguments(cursor: Cursor) -> tuple[tuple[Expression, ...], tuple[tuple[str, Expression], ...]]:
    positional: list[Expression] = []
    named: list[tuple[str, Expression]] = []
    if cursor.takes(":", ","):
        while cursor.kind and cursor.word != "|":
            one = cursor.expression()
            if isinstance(one, Lookup) and isinstance(one.root, Literal) and not one.keys and cursor.takes(":"):
                named.append((str(one.root.constant), cursor.expression()))
            else:
                positional.append(one)
            if not cursor.takes(","):
                break
    return tuple(positional), tuple(named)


def _condition(markup: str) -> Condition:
    cursor = Cursor(markup)
    comparisons, joints = [_comparison(cursor)], []
    while cursor.word in ("and", "or") and cursor.kind == "name":
        joints.append(cursor.advance())
        comparisons.append(_comparison(cursor))
    return Condition(tuple(comparisons), tuple(joints))


def _comparison(cursor: Cursor) -> Comparison:
    left = cursor.expression()
    if cursor.kind == "compared" or (cursor.kind == "name" and cursor.word == "contains"):
        return Comparison(left, cursor.advance(), cursor.expression())
    return Comparison(left, "", _NIL)


_kept = lru_cache(maxsize=4096)(_filtered)
_kept_condition = lru_cache(maxsize=1024)(_condition)


def _number(word: str) -> int | float:
    if len(word) > _LONGEST_KEPT:
        raise RefusedError("a number too long to calculate with")
    return float(word) if "." in word else int(word)


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
