"""Reading the request headers that choose an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.web.negotiation import choose_language, weights


def nearest(wanted: str) -> str:
    """Have three languages, and English for everybody else, as the templates do."""
    return {"zh": "zh-CN", "de": "de"}.get(wanted.partition("-")[0].lower(), "en")


@pytest.mark.parametrize(
    ("header", "fallback", "language"),
    [
        ("", "zh-CN", "zh-CN"),
        ("", "fr", "en"),
        ("en", "zh-CN", "en"),
        ("en-GB,en;q=0.9", "zh-CN", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "en", "zh-CN"),
        ("zh-TW", "en", "zh-CN"),
        ("fr, de;q=0.7, en;q=0.3", "zh-CN", "de"),
        ("fr", "zh-CN", "zh-CN"),
        ("fr, *;q=0.1", "de", "de"),
        ("*", "zh-CN", "zh-CN"),
        ("en;q=0, zh", "en", "zh-CN"),
        ("en;q=0", "zh-CN", "zh-CN"),
        ("zh;q=0.3, en;q=0.7", "de", "en"),
        ("x;;q=,,", "zh-CN", "zh-CN"),
    ],
)
def test_the_language_readers_like_best(header: str, fallback: str, language: str) -> None:
    assert choose_language(header, fallback, nearest) == language


def test_weights_read_lists_and_parameters() -> None:
    assert weights("gzip;q=0.5, Text/HTML;level=1;q=0.25,,*") == {"gzip": 0.5, "text/html": 0.25, "*": 1.0}


@given(st.text())
def test_every_weight_lies_between_0_and_1(header: str) -> None:
    assert all(0 <= weight <= 1 for weight in weights(header).values())
