"""Run a tree of nodes: the variables in scope, what was written, what was left out, and the limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from syndicator.content.liquid import values
from syndicator.content.liquid.filters import FILTERS
from syndicator.content.liquid.values import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.content.liquid.context import Context, Included, Unavailable
    from syndicator.content.liquid.tokens import Token

STEPS = 300_000
"""Nodes run, items looped over, list items filtered, and each 64 characters that a filter makes."""

DEEPEST = 100
"""Blocks and includes within each other, as in Ruby's Liquid."""

_FAILURES = (RefusedError, TypeError, ValueError, ArithmeticError, AttributeError, LookupError, RecursionError)


class ExhaustedError(Exception):
    """Say which limit ended a run."""


class InterruptError(Exception):
    """Leave a loop's body: for good (`break`), or for its next turn (`continue`)."""

    def __init__(self, *, ends: bool) -> None:
        self.ends = ends


class Node(Protocol):
    """Do what a mark, its `token`, says; `blank` tells that it writes nothing."""

    token: Token
    blank: bool

    def render(self, run: Run) -> None:
        """Write to the run, or raise `RefusedError`."""


Nodes = list[str | Node]


class Omission(NamedTuple):
    """Hold what was left out: where, how the mark reads, which kind of trouble it shares with others, and why.

    Of `silent` ones a generator would say nothing.
    """

    at: int
    mark: str
    kind: str
    why: str
    silent: bool = False


class _Place(NamedTuple):
    """Hold where in the body a file is included, and that file."""

    at: int
    file: Included


class Run:
    """Hold the state of one rendering. `missing` tells that a variable asked for was not there."""

    def __init__(self, context: Context, parse: Callable[[str], Nodes]) -> None:
        self.context = context
        self.parse = parse
        self.omissions: dict[tuple[int, str], Omission] = {}
        self.counters: dict[str, int] = {}
        self.kept: dict[object, Any] = {}
        self.missing = False
        self._scopes: list[dict[str, Any]] = [{}]
        self._out: list[str] = []
        self._size = 0
        self._steps = 0
        self._depth = 0
        self._place: _Place | None = None
        self._node: Node | None = None

    def body(self, nodes: Nodes) -> None:
        """Run nodes in turn; one that fails is left out."""
        self._depth += 1
        try:
            if self._depth > DEEPEST:
                raise RefusedError(f"more than {DEEPEST} blocks and includes within each other")
            for node in nodes:
                if isinstance(node, str):
                    self.write(node)
                else:
                    self._run(node)
        finally:
            self._depth -= 1

    def _run(self, node: Node) -> None:
        self.step()
        outer, self._node, told = self._node, node, len(self.omissions)
        try:
            node.render(self)
        except _FAILURES as error:
            if len(self.omissions) == told:  # else it failed for want of what was left out
                self.leave_out(node, f"{error}" if isinstance(error, RefusedError) else "it is not understood")
        finally:
            self._node = outer

    def write(self, text: str) -> None:
        """Add to the output; raise `ExhaustedError` when it is too long."""
        self._size += len(text)
        if self._size > values.LONGEST:
            raise ExhaustedError(f"the text is longer than {values.LONGEST >> 20} MiB")
        self._out.append(text)

    def written(self) -> str:
        """Return the output so far."""
        return "".join(self._out)

    def ends(self, text: str) -> bool:
        """Tell whether the last thing written ends like this; so does, for a line break, the beginning."""
        last = next((piece for piece in reversed(self._out) if piece), "\n")
        return last.endswith(text)

    def starts_line(self) -> bool:
        """Tell whether only white space stands before the next character on its line."""
        for piece in reversed(self._out):
            bare = piece.rstrip(" \t")
            if bare:
                return bare.endswith("\n")
        return True

    def captured(self, nodes: Nodes) -> str:
        """Run nodes, and return what they write instead of writing it."""
        outer, self._out = self._out, []
        try:
            self.body(nodes)
            return self.written()
        finally:
            self._out = outer

    def step(self, steps: int = 1) -> None:
        """Count work; raise `ExhaustedError` when there was too much."""
        self._steps += steps
        if self._steps > STEPS:
            raise ExhaustedError(f"it takes more than {STEPS:,} steps")

    def variable(self, name: Any) -> Any:
        """Return a variable from the innermost scope that has it."""
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        if name in self.counters:
            return self.counters[name]
        if name in self.context.variables:
            return self.context.variables[name]
        self.missing = True
        return None

    def assign(self, name: str, value: Any) -> None:
        """Set a variable for the rest of the page."""
        self._scopes[0][name] = value

    def within(self, scope: dict[str, Any], nodes: Nodes) -> None:
        """Run nodes with variables of their own."""
        self._scopes.append(scope)
        try:
            self.body(nodes)
        finally:
            self._scopes.pop()

    def holding(self, scope: dict[str, Any], test: Callable[[Run], Any]) -> Any:
        """Return what a test gives with variables of its own."""
        self._scopes.append(scope)
        try:
            return test(self)
        finally:
            self._scopes.pop()

    def included(self, node: Node, file: Included, scope: dict[str, Any], nodes: Nodes) -> None:
        """Run the nodes of another file."""
        outer = self._place
        self._place = _Place(outer.at if outer else node.token.at, file)
        try:
            self.within(scope, nodes)
        finally:
            self._place = outer

    def filtered(self, name: str, value: Any, arguments: list[Any]) -> Any:
        """Return what a filter makes of a value; one that is not known leaves it as it is, as with Jekyll."""
        function = FILTERS.get(name)
        if function is None:
            self._leave_out_here(f"no filter is called {name}: the value is written without it", f"filter {name}")
            return value
        self.step(1 + (len(value) >> 6 if isinstance(value, str) else 0))
        made = function(self, value, *arguments)
        if isinstance(made, str):
            self.step(len(made) >> 6)
            if len(made) > values.LONGEST:
                raise ExhaustedError(f"the text is longer than {values.LONGEST >> 20} MiB")
        return made

    def items(self, value: Any) -> list[Any]:
        """Return the items of a list, or the value as the only one, counting them as work."""
        if isinstance(value, Mapping):
            self.step(len(value))
            return [value]
        if value is None:
            return []
        if isinstance(value, (list, range)) and len(value) > values.MOST:
            raise RefusedError("a list too long")
        found = list(values.flat(value))
        self.step(len(found))
        return found

    def looped(self, value: Any) -> list[Any] | range:
        """Return what a loop goes over: of a table, keys and values."""
        if isinstance(value, Mapping):
            return [[key, value[key]] for key in value]
        if isinstance(value, str):
            return [value] if value else []
        return value if isinstance(value, (list, range)) else []

    def unavailable(self, what: Unavailable) -> None:
        """Tell that a value cannot be had, with the mark that asks for it."""
        self._leave_out_here(what.reason)

    def _leave_out_here(self, why: str, kind: str = "") -> None:
        if self._node:
            self.leave_out(self._node, why, kind)

    def leave_out(self, node: Node, why: str, kind: str = "", *, silent: bool = False) -> None:
        """Tell that a mark was left out; those of one kind are told together."""
        at, mark = node.token.at, node.token.mark
        if self._place:
            at, file = self._place
            why = f"{why} ({file.name}:{file.text.count(chr(10), 0, node.token.at) + 1})"
        kind = kind or f"{mark} {why}"
        self.omissions.setdefault((at, kind), Omission(at, mark, kind, why, silent))

    @property
    def in_body(self) -> bool:
        """Tell whether what runs stands in the body itself, not in a file that it includes."""
        return self._place is None
