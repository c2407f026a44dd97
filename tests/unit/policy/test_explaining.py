"""Why a post is announced or not: always in step with the decision itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syndicator.policy.changes import announcement
from syndicator.policy.explaining import announcing, days, state
from tests.records import DAY, MINUTE, NOW, RULES, post, seen

LATER = NOW + RULES.settle


@pytest.mark.parametrize(
    ("changes", "decision", "why"),
    [
        ({"announce": "announced", "announce_seq": 7}, "announced", "number 7 in the order of announcing"),
        ({"published": NOW - 8 * DAY}, "skipped", 'more than [announce] window = "7d" before it was first seen'),
        ({"announce": "skipped"}, "skipped", "a silent scan found it"),
        ({"announce": "skipped", "published": NOW - 8 * DAY}, "skipped", 'window = "7d"'),
        ({"state": "held"}, "pending", "when its time has come"),
        ({"state": "draft"}, "pending", "a draft is not announced"),
        ({"state": "quarantined"}, "pending", "must be mended"),
        ({"state": "gone"}, "pending", "is gone"),
        ({}, "announced", "the next scan announces it"),
        ({"stable_since": LATER - MINUTE}, "pending", "unchanged until 2026-03-06 12:03:00 UTC"),
    ],
)
def test_the_reason_fits_what_is_decided(changes: dict[str, Any], decision: str, why: str) -> None:
    record = seen(post())._replace(**changes)
    assert announcement(record, RULES, LATER) == decision
    assert why in announcing(record, RULES, LATER)


def test_without_a_window_nothing_is_too_old() -> None:
    record = seen(post())._replace(published=NOW - 900 * DAY)
    assert announcing(record, replace(RULES, window=None), LATER) == "the next scan announces it"


def test_a_gone_post_may_still_be_in_the_feeds() -> None:
    assert state(seen(state="gone", listed=True)).endswith("and still in the feeds")
    assert "feeds" not in state(seen(state="gone", listed=False))


@pytest.mark.parametrize(
    ("span", "text"),
    [(7 * DAY, '"7d"'), (timedelta(hours=36), '"36h"'), (90 * MINUTE, '"90m"'), (timedelta(seconds=90), '"90s"')],
)
def test_spans_are_written_as_in_the_settings(span: timedelta, text: str) -> None:
    assert days(span) == text
