"""The pure part of the benchmarks: ratios pair by pair, and the table."""

from __future__ import annotations

from tests.bench.measuring import Cost
from tests.bench.table import Comparison, differences, lines, ratios, row

PAIRS = [(Cost(1, 2, 30), Cost(2, 8, 10)), (Cost(3, 4, 50), Cost(4, 8, 20)), (Cost(1, 8, 40), Cost(10, 8, 90))]


def test_ratios_are_taken_pair_by_pair_and_not_of_sums() -> None:
    assert ratios([(1, 2), (3, 4), (1, 10)]) == "0.50 (0.10–0.75)"


def test_the_median_of_an_even_number_lies_between_the_middle_ones() -> None:
    assert ratios([(1, 1), (2, 1), (4, 1), (9, 1)]) == "3.00 (1.00–9.00)"


def test_differences_are_in_milliseconds_with_their_sign() -> None:
    assert differences([(0.050, 0.010), (0.010, 0.013), (0.060, 0.010)]) == "+40 (-3–+50) ms"


def test_a_row_has_the_goal_beside_the_cpu_ratio_and_the_medians_of_both_sides() -> None:
    assert row(Comparison("cold build", "Hugo", PAIRS, "≤ 0.8")) == (
        "cold build", "Hugo", "0.50 (0.10–0.75)", "≤ 0.8", "0.50 (0.25–1.00)", "1 : 4", "4 : 8", "40 : 20",
    )  # fmt: skip


def test_a_row_by_difference_compares_in_milliseconds() -> None:
    pairs = [(Cost(0.05, 0.07, 20), Cost(0.01, 0.02, 9))]
    assert row(Comparison("--help", "python", pairs, by_difference=True)) == (
        "--help", "python", "+40 (+40–+40) ms", "–", "+50 (+50–+50) ms", "0.05 : 0.01", "0.07 : 0.02", "20 : 9",
    )  # fmt: skip


def test_the_table_is_markdown_with_aligned_columns() -> None:
    assert lines(("what", "µs"), [("source.read", "41.0"), ("rss", "9.5")]) == [
        "| what        | µs   |",
        "| ----------- | ---- |",
        "| source.read | 41.0 |",
        "| rss         | 9.5  |",
    ]
