"""Make a tree of a source's tokens; a mark that does not fit becomes a node that tells so, and its content stays."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from syndicator.content.liquid import blocks, site_tags, tags
from syndicator.content.liquid.running import DEEPEST
from syndicator.content.liquid.tags import Left, Output, Tag
from syndicator.content.liquid.tokens import Token, tokens
from syndicator.content.liquid.values import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.content.liquid.running import Nodes

TAGS: dict[str, Callable[[Token], Tag]] = {
    "#": tags.Remark,
    "assign": tags.Assign,
    "break": tags.Break,
    "continue": tags.Continue,
    "cycle": tags.Cycle,
    "decrement": tags.CounterDown,
    "echo": tags.Output,
    "gist": site_tags.Gist,
    "include": site_tags.Include,
    "include_cached": site_tags.Include,
    "include_relative": site_tags.IncludeRelative,
    "increment": tags.Counter,
    "link": site_tags.Link,
    "post_url": site_tags.PostUrl,
}
BLOCKS: dict[str, Callable[[Token], blocks.Block]] = {
    "capture": blocks.Capture,
    "case": blocks.Case,
    "for": blocks.For,
    "highlight": site_tags.Highlight,
    "if": blocks.If,
    "ifchanged": blocks.IfChanged,
    "tablerow": blocks.TableRow,
    "unless": blocks.Unless,
}
_BRANCHES = frozenset({"else", "elsif", "when"})
_UNCLOSED = "it is never closed"


def parse(source: str) -> Nodes:
    """Return the nodes of a source."""
    tree = _Tree()
    for token in tokens(source):
        tree.add(token)
    return tree.finished()


parse_again = lru_cache(maxsize=128)(parse)
"""Parse what many pages include. The nodes hold no state of a run."""


class _Open(NamedTuple):
    """Hold a block that is not closed yet, and the nodes that it will be one of."""

    name: str
    block: blocks.Block
    outer: Nodes


class _Tree:
    """Grow a tree, token by token."""

    def __init__(self) -> None:
        self._top: Nodes = []
        self._open: list[_Open] = []
        self._unknown: set[str] = set()

    def add(self, token: Token) -> None:
        """Add what a token stands for."""
        if token.kind in ("text", "raw"):
            self._nodes.append(token.text)
        elif token.kind == "ruin":
            self._nodes.append(Left(token, _UNCLOSED))
        else:
            try:
                self._add_mark(token)
            except RefusedError as error:
                self._nodes.append(Left(token, str(error)))
                self._unknown.add(token.name)

    def finished(self) -> Nodes:
        """Return the whole tree."""
        while self._open:
            self._dissolve()
        return self._top

    @property
    def _nodes(self) -> Nodes:
        return self._open[-1].block.nodes if self._open else self._top

    def _add_mark(self, token: Token) -> None:
        name = token.name
        if token.kind == "output":
            self._nodes.append(Output(token))
        elif name in TAGS:
            self._nodes.append(TAGS[name](token))
        elif name in BLOCKS:
            self._begin(token)
        elif name in _BRANCHES:
            self._branch(token)
        elif name.startswith("end"):
            self._end(token)
        elif name == "raw":
            raise RefusedError(_UNCLOSED)
        else:
            self._unknown.add(name)
            why = f"no tag is called {name}: write HTML or Markdown for what its plug-in makes"
            self._nodes.append(Left(token, why, f"tag {name}"))

    def _begin(self, token: Token) -> None:
        if len(self._open) >= DEEPEST - 1:
            raise RefusedError(f"more than {DEEPEST} blocks within each other")
        block = BLOCKS[token.name](token)
        self._open.append(_Open(token.name, block, self._nodes))

    def _branch(self, token: Token) -> None:
        if not self._open or not self._open[-1].block.branch(token.name, token.text):
            raise RefusedError(f"no block is open that has {token.name}")

    def _end(self, token: Token) -> None:
        name = token.name[3:]
        if any(one.name == name for one in self._open):
            while self._open[-1].name != name:
                self._dissolve()
            closed = self._open.pop()
            closed.block.close()
            closed.outer.append(closed.block)
        elif name not in self._unknown:
            raise RefusedError(f"no {name} is open that it would close")

    def _dissolve(self) -> None:
        """Leave out the opening of a block that is never closed, and keep what stands in it."""
        _, block, outer = self._open.pop()
        outer.append(Left(block.token, _UNCLOSED))
        for nodes in block.branches():
            outer.extend(nodes)
