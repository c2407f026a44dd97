"""Read what stands inside marks: values, filters and conditions, as leniently as Ruby's Liquid.

What follows a complete expression and is none of these is passed over.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from syndicator.content.liquid import values
from syndicator.content.liquid.expressions import NIL, Comparison, Condition, Filtered, Literal, Lookup, Span
from syndicator.content.liquid.values import RefusedError

if TYPE_CHECKING:
    from syndicator.content.liquid.expressions import Expression

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
_LONGEST = 50_000


class Cursor:
    """Read one expression after the other; `kind` and `word` are those of the token that comes next."""

    def __init__(self, markup: str) -> None:
        if len(markup) > _LONGEST:
            raise RefusedError("it is too long")
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
        return Filtered(NIL, (), "")
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
    return Comparison(left, "", NIL)


_kept = lru_cache(maxsize=4096)(_filtered)
_kept_condition = lru_cache(maxsize=1024)(_condition)


def _number(word: str) -> int | float:
    if len(word) > _LONGEST_KEPT:
        raise RefusedError("a number too long to calculate with")
    return float(word) if "." in word else int(word)
