"""Turn what runs cost into ratios, and ratios into a Markdown table."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.bench.measuring import Cost


@dataclass(frozen=True, slots=True)
class Comparison:
    """Hold what pairs of runs cost, ours and the other's; `by_difference` is for times too short for ratios."""

    name: str
    against: str
    pairs: Sequence[tuple[Cost, Cost]]
    goal: str = "–"
    by_difference: bool = False


def row(item: Comparison) -> tuple[str, ...]:
    """Return the cells of a comparison: CPU, its goal and wall pair by pair, then the medians of both sides."""
    relate = differences if item.by_difference else ratios
    return (
        item.name,
        item.against,
        relate([(ours.cpu, theirs.cpu) for ours, theirs in item.pairs]),
        item.goal,
        relate([(ours.wall, theirs.wall) for ours, theirs in item.pairs]),
        *(" : ".join(_medians(item.pairs, place, form)) for place, form in enumerate((".3g", ".3g", ".0f"))),
    )


def ratios(pairs: Iterable[tuple[float, float]]) -> str:
    """Return the median ratio of the pairs, with the least and the greatest: `0.31 (0.30–0.35)`."""
    return _spread([ours / theirs for ours, theirs in pairs], ".2f")


def differences(pairs: Iterable[tuple[float, float]]) -> str:
    """Return the median difference of the pairs (seconds) in milliseconds: `+41 (+40–+44) ms`."""
    return f"{_spread([(ours - theirs) * 1000 for ours, theirs in pairs], '+.0f')} ms"


def lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table with its columns aligned."""
    table = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    rule = ["-" * width for width in widths]
    return [_line(cells, widths) for cells in (header, rule, *table[1:])]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))} |"


def _spread(values: Sequence[float], form: str) -> str:
    return f"{median(values):{form}} ({min(values):{form}}–{max(values):{form}})"


def _medians(pairs: Sequence[tuple[Cost, Cost]], place: int, form: str) -> list[str]:
    """Return the median of one of the costs for each side."""
    return [f"{median(cost[place] for cost in side):{form}}" for side in zip(*pairs, strict=True)]
