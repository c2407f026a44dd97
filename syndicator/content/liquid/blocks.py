"""Tags that hold other marks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from syndicator.content.liquid import expressions, grammar, values
from syndicator.content.liquid.running import InterruptError
from syndicator.content.liquid.tags import Tag
from syndicator.content.liquid.values import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.content.liquid.running import Node, Nodes, Run
    from syndicator.content.liquid.tokens import Token

_LOOP = re.compile(r"([\w-]+)\s+in\s+(.*)\Z", re.S)
_NAME = re.compile(r"[\w.\[\]-]+")


class Block(Tag):
    """Be a node that holds others; `nodes` are those of the branch that is open."""

    def __init__(self, token: Token) -> None:
        self.nodes: Nodes = []
        super().__init__(token)

    def branch(self, _name: str, _markup: str) -> bool:
        """Open another branch, such as `else`, and tell whether there is one of that name."""
        return False

    def branches(self) -> list[Nodes]:
        """Return the nodes of each branch."""
        return [self.nodes]

    def close(self) -> None:
        """Drop the white space of a block that writes nothing else, as Ruby's Liquid does."""
        if all(_is_blank(node) for nodes in self.branches() for node in nodes):
            self.blank = True
            for nodes in self.branches():
                nodes[:] = [node for node in nodes if not isinstance(node, str)]


def _is_blank(node: str | Node) -> bool:
    return not node.strip() if isinstance(node, str) else node.blank


class If(Block):
    """Choose the first branch whose condition holds."""

    negated = False

    def read(self, markup: str) -> None:
        """Take in the condition."""
        self._branches = [(self._test(markup, negated=self.negated), self.nodes)]

    def branch(self, name: str, markup: str) -> bool:
        """Open `elsif` or `else`."""
        if name not in ("elsif", "else"):
            return False
        self.nodes = []
        self._branches.append((self._test(markup) if name == "elsif" else _always, self.nodes))
        return True

    def branches(self) -> list[Nodes]:
        """Return the nodes of each branch."""
        return [nodes for _, nodes in self._branches]

    def render(self, run: Run) -> None:
        """Run the branch."""
        for holds, nodes in self._branches:
            if holds(run):
                run.body(nodes)
                return

    def _test(self, markup: str, *, negated: bool = False) -> Callable[[Run], bool]:
        condition = grammar.condition(markup)
        return (lambda run: not condition.holds(run)) if negated else condition.holds


class Unless(If):
    """Choose the first branch if its condition does not hold."""

    negated = True


def _always(_run: Run) -> bool:
    return True


class Case(Block):
    """Run the branches whose values equal the case's, or else the `else`."""

    def read(self, markup: str) -> None:
        """Take in the value."""
        self._value = grammar.Cursor(markup).expression()
        self._branches: list[tuple[list[expressions.Expression] | None, Nodes]] = []

    def branch(self, name: str, markup: str) -> bool:
        """Open `when` or `else`."""
        if name not in ("when", "else"):
            return False
        self.nodes = []
        self._branches.append((_alternatives(markup) if name == "when" else None, self.nodes))
        return True

    def branches(self) -> list[Nodes]:
        """Return the nodes of each branch; what stands before the first `when` is never shown."""
        return [nodes for _, nodes in self._branches]

    def render(self, run: Run) -> None:
        """Run the branches."""
        value, found = self._value.value(run), False
        for wanted, nodes in self._branches:
            if not found if wanted is None else any(values.equal(value, one.value(run)) for one in wanted):
                found = found or wanted is not None
                run.body(nodes)


def _alternatives(markup: str) -> list[expressions.Expression]:
    cursor = grammar.Cursor(markup)
    found = [cursor.expression()]
    while cursor.takes(",", "or"):
        found.append(cursor.expression())
    return found


class For(Block):
    """Run its nodes for each item of a list, with `forloop` telling where it is."""

    def read(self, markup: str) -> None:
        """Take in `name in list`, `reversed`, `limit:` and `offset:`."""
        found = _LOOP.match(markup)
        if not found:
            raise RefusedError("name in list is expected")
        self._else: Nodes = []
        self._body = self.nodes
        self._options: dict[str, expressions.Expression] = {}
        self._name, cursor = found[1], grammar.Cursor(found[2])
        self._list = cursor.expression()
        self._key = f"{self._name}-{found[2].partition(' ')[0]}"
        self._reversed = False
        while cursor.kind:
            self._option(cursor)

    def branch(self, name: str, _markup: str) -> bool:
        """Open `else`, for an empty list."""
        self.nodes = self._else if name == "else" else self.nodes
        return name == "else"

    def branches(self) -> list[Nodes]:
        """Return the loop's nodes and those of `else`."""
        return [self._body, self._else]

    def render(self, run: Run) -> None:
        """Run the loop."""
        items = self._items(run)
        if not items:
            run.body(self._else)
            return
        loop: dict[str, Any] = {}
        outer = run.kept.get("forloop")
        run.kept["forloop"] = loop
        try:
            for index, item in enumerate(items):
                run.step()
                loop.update(_position(self._key, index, len(items)), parentloop=outer)
                if not self._turn(run, {self._name: item, "forloop": loop}):
                    break
        finally:
            run.kept["forloop"] = outer

    def _turn(self, run: Run, scope: dict[str, Any]) -> bool:
        """Run the nodes once, and tell whether the loop goes on."""
        try:
            run.within(scope, self._body)
        except InterruptError as interrupt:
            return not interrupt.ends
        return True

    def _items(self, run: Run) -> list[Any] | range:
        items = run.looped(self._list.value(run))
        start, limit = self._start(run), self._number(run, "limit")
        items = items[max(start, 0) : None if limit is None else max(start + limit, 0)]
        run.kept["offset", self._key] = start + len(items)
        return items[::-1] if self._reversed else items

    def _start(self, run: Run) -> int:
        offset = self._options.get("offset")
        if isinstance(offset, expressions.Lookup) and offset.root == expressions.Literal("continue"):
            return int(run.kept.get(("offset", self._key), 0))
        return self._number(run, "offset") or 0

    def _number(self, run: Run, option: str) -> int | None:
        given = self._options[option].value(run) if option in self._options else None
        return None if given is None else values.integer(given)

    def _option(self, cursor: grammar.Cursor) -> None:
        name = cursor.advance()
        if name == "reversed":
            self._reversed = True
        elif cursor.takes(":"):
            self._options[name] = cursor.expression()


def _position(name: str, index: int, length: int) -> dict[str, Any]:
    return {
        "name": name, "length": length, "index": index + 1, "index0": index, "rindex": length - index,
        "rindex0": length - index - 1, "first": index == 0, "last": index == length - 1,
    }  # fmt: skip


class TableRow(For):
    """Run its nodes as the cells of a table, `cols:` in a row."""

    def render(self, run: Run) -> None:
        """Write the rows."""
        items, columns = self._items(run), self._number(run, "cols") or 0
        run.write('<tr class="row1">\n')
        for index, item in enumerate(items):
            run.step()
            column = index % columns if columns > 0 else index
            if index and columns > 0 and not column:
                run.write(f'</tr>\n<tr class="row{index // columns + 1}">')
            run.write(f'<td class="col{column + 1}">')
            place = _position(self._key, index, len(items)) | {"col": column + 1, "col0": column}
            self._turn(run, {self._name: item, "tablerowloop": place})
            run.write("</td>")
        run.write("</tr>\n")


class Capture(Block):
    """Set a variable to what its nodes write."""

    blank = True

    def read(self, markup: str) -> None:
        """Take in the name."""
        found = _NAME.search(markup)
        if not found:
            raise RefusedError("a name is expected")
        self._name = found[0]

    def close(self) -> None:
        """Keep its white space: it may be all that is wanted."""

    def render(self, run: Run) -> None:
        """Run the nodes, and keep what they write."""
        run.assign(self._name, run.captured(self.nodes))


class IfChanged(Block):
    """Write what its nodes write if they wrote something else before."""

    def render(self, run: Run) -> None:
        """Run the nodes."""
        written = run.captured(self.nodes)
        if written != run.kept.get("ifchanged"):
            run.kept["ifchanged"] = written
            run.write(written)
