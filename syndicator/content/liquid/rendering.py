"""Render a page, and put together what was left out of it."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from syndicator.content.liquid import parsing
from syndicator.content.liquid.running import ExhaustedError, InterruptError, Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.content.liquid.context import Context
    from syndicator.content.liquid.running import Omission

Fault = tuple[int, str]
"""A line (from 1, within the source) and what is wrong there."""

_STOPPED = "Liquid stopped before the end of the text"

_MOST_MARKS = 50_000
"""What has more was not written by anyone, and would take seconds."""

_MOST_TOLD = 20
_MARK = re.compile(r"\{[{%]")


def render(source: str, context: Context) -> tuple[str, list[Fault]]:
    """Render a page; what cannot be rendered is left out and told as a fault, once for each kind. Never raises."""
    run = Run(context, parsing.parse_again)
    end = _end(source)
    stopped = f"{_STOPPED}: more than {_MOST_MARKS:,} marks, split the post" if end < len(source) else ""
    try:
        run.body(parsing.parse(source[:end]))
    except InterruptError:
        pass  # a `break` outside of a loop ends the page, as with Jekyll
    except ExhaustedError as error:
        stopped = f"{_STOPPED}: {error}"
    faults = list(_told(source, list(run.omissions.values())))
    return run.written(), [*faults, (1, stopped)] if stopped else faults


def _end(source: str) -> int:
    """Return where the first mark stands that is one too many, or else where the text ends."""
    if source.count("{{") + source.count("{%") <= _MOST_MARKS:
        return len(source)
    found = next(islice(_MARK.finditer(source), _MOST_MARKS, None), None)
    return found.start() if found else len(source)


def _told(source: str, omissions: list[Omission]) -> Iterator[Fault]:
    """Yield a fault for each kind of omission, in the order of their first lines."""
    kinds: dict[str, list[Omission]] = {}
    for omission in sorted(omissions):
        kinds.setdefault(omission.kind, []).append(omission)
    position, line = 0, 1
    for first, *others in list(kinds.values())[:_MOST_TOLD]:
        line += source.count("\n", position, first.at)
        position = first.at
        yield line, _sentence(first, len(others))
    if len(kinds) > _MOST_TOLD:
        yield line, f"Liquid left out: {len(kinds) - _MOST_TOLD} more marks below, each for a reason of its own"


def _sentence(first: Omission, others: int) -> str:
    more = f", and {others} more like it" if others else ""
    if first.silent:
        advice = "mend the name, or put {% raw %} … {% endraw %} around it"
        return f"Liquid left out: {first.mark}{more}: empty, {first.why}: {advice}"
    return f"Liquid left out: {first.mark}{more}: {first.why}"
