"""Tags that stand alone, and output marks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syndicator.content.liquid import expressions, grammar, values
from syndicator.content.liquid.running import InterruptError
from syndicator.content.liquid.values import RefusedError

if TYPE_CHECKING:
    from syndicator.content.liquid.running import Run
    from syndicator.content.liquid.tokens import Token

_ASSIGNMENT = re.compile(r"\(?([\w.\[\]-]+)\)?\s*=\s*(.*)\Z", re.S)


class Tag:
    """Be a node that stands alone. `blank` tells that it writes nothing."""

    blank = False

    def __init__(self, token: Token) -> None:
        self.token = token
        self.read(token.text)

    def read(self, markup: str) -> None:
        """Take in the markup, or raise `RefusedError`."""

    def render(self, run: Run) -> None:
        """Write to the run, or raise `RefusedError`."""


class Output(Tag):
    """Write a value: `{{ … }}` or `{% echo … %}`."""

    def read(self, markup: str) -> None:
        """Take in an expression."""
        self._expression = grammar.filtered(markup)

    def render(self, run: Run) -> None:
        """Write the value; where nothing came of it, tell so if what it asks for does not exist."""
        run.missing = False
        written = values.text(self._expression.value(run))
        if written:
            run.write(written)
        elif run.missing and run.in_body and self._expression.asked:
            asked = self._expression.asked
            run.leave_out(self, f"there is no {asked} here", "missing", silent=True)


class Assign(Tag):
    """Set a variable."""

    blank = True

    def read(self, markup: str) -> None:
        """Take in `name = expression`."""
        found = _ASSIGNMENT.match(markup)
        if not found:
            raise RefusedError("name = value is expected")
        self._name, self._expression = found[1], grammar.filtered(found[2])

    def render(self, run: Run) -> None:
        """Set it for the rest of the page."""
        run.assign(self._name, self._expression.value(run))


class Counter(Tag):
    """Write a number that grows or shrinks each time."""

    step = 1

    def read(self, markup: str) -> None:
        """Take in a name."""
        self._name = markup

    def render(self, run: Run) -> None:
        """Write it: before it grows, after it shrinks."""
        before = run.counters.get(self._name, 0)
        run.counters[self._name] = before + self.step
        run.write(str(min(before, before + self.step)))


class CounterDown(Counter):
    """Count down."""

    step = -1


class Cycle(Tag):
    """Write one of several values, in turn."""

    def read(self, markup: str) -> None:
        """Take in values, with the name of the group before a colon."""
        cursor = grammar.Cursor(markup)
        first = cursor.expression()
        self._group: expressions.Expression = expressions.Literal(markup)
        if cursor.takes(":"):
            self._group, first = first, cursor.expression()
        self._values = [first]
        while cursor.takes(","):
            self._values.append(cursor.expression())

    def render(self, run: Run) -> None:
        """Write the next."""
        key = "cycle", values.text(self._group.value(run))
        turn: int = run.kept.get(key, 0)
        run.kept[key] = turn + 1
        run.write(values.text(self._values[turn % len(self._values)].value(run)))


class Break(Tag):
    """End a loop."""

    blank = True
    ends = True

    def render(self, _run: Run) -> None:
        """Leave the loop's body."""
        raise InterruptError(ends=self.ends)


class Continue(Break):
    """Go on with a loop's next turn."""

    ends = False


class Remark(Tag):
    """Be a comment: `{% # … %}`."""

    blank = True


class Left(Tag):
    """Stand for a mark that is not understood; `kind` is what it shares with others."""

    blank = True

    def __init__(self, token: Token, why: str, kind: str = "") -> None:
        super().__init__(token)
        self._why, self._kind = why, kind

    def render(self, run: Run) -> None:
        """Tell that it was left out."""
        run.leave_out(self, self._why, self._kind)
