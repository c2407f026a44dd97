from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from syndicator.policy import changes
from syndicator.policy.changes import Rules
from tests.records import DAY, HOUR, MINUTE, NOW, RULES, again, broken, post, seen

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from syndicator.models import Post, PostState, Quarantined

SECOND = MINUTE / 60


# First sight


@pytest.mark.parametrize(
    ("published", "draft", "state", "listed"),
    [
        pytest.param(NOW - HOUR, False, "live", True, id="past"),
        pytest.param(NOW, False, "live", True, id="this moment"),
        pytest.param(NOW + SECOND, False, "held", False, id="future"),
        pytest.param(NOW - HOUR, True, "draft", False, id="draft or unpublished"),
        pytest.param(NOW + HOUR, True, "draft", False, id="draft of the future"),
        pytest.param(NOW - 3650 * DAY, False, "live", True, id="ten years old: feeds know no window"),
    ],
)
def test_first_sight_decides_the_state(published: datetime, draft: bool, state: PostState, listed: bool) -> None:
    record = seen(post(published=published, draft=draft))
    assert (record.state, record.listed, record.announce) == (state, listed, "pending")
    assert (record.first_seen, record.stable_since, record.updated) == (NOW, NOW, published)


def test_a_record_holds_all_that_the_post_says() -> None:
    found = post()
    record = seen(found)
    for name in ("path", "title", "url", "content_hash", "categories", "tags", "authors", "language"):
        assert getattr(record, name) == getattr(found, name)
    assert (record.published, record.summary, record.problems) == (found.published, found.summary, found.problems)
    assert (record.id, record.source) == (None, "posts")


def test_a_broken_file_is_quarantined_with_its_problems_and_in_no_feed() -> None:
    record = seen(broken())
    assert (record.state, record.listed, record.problems) == ("quarantined", False, broken().problems)


# Announcing: the window


@pytest.mark.parametrize(
    ("age", "window", "decision"),
    [
        pytest.param(HOUR, 7 * DAY, "announced", id="new"),
        pytest.param(7 * DAY, 7 * DAY, "announced", id="just inside"),
        pytest.param(7 * DAY + SECOND, 7 * DAY, "skipped", id="just outside"),
        pytest.param(4000 * DAY, None, "announced", id="all"),
        pytest.param(SECOND, 0 * DAY, "skipped", id="no window at all"),
    ],
)
def test_the_window_is_measured_from_first_sight(age: timedelta, window: timedelta | None, decision: str) -> None:
    record = seen(post(published=NOW - age))
    later = NOW + 30 * DAY  # however late the scan that decides
    assert changes.announcement(record, Rules(window, settle=2 * MINUTE), later) == decision


def test_what_is_too_old_is_decided_when_it_has_settled_or_by_the_first_scan_of_all() -> None:
    old = seen(post(published=NOW - 8 * DAY))
    assert changes.announcement(old, RULES, NOW) == "pending"
    assert changes.announcement(old, RULES, NOW + 2 * MINUTE) == "skipped"
    assert changes.announcement(old, RULES, NOW, first=True) == "skipped"


@pytest.mark.parametrize("made", ["held", "draft"])
def test_a_post_prepared_long_ago_is_announced_at_its_time(made: str) -> None:
    then = NOW + 30 * DAY
    record = seen(post(published=then, draft=made == "draft"))
    record = changes.release(record) if made == "held" else again(record, post(published=then), then)
    assert changes.announcement(record, RULES, then + HOUR) == "announced"


# Announcing: settling


@pytest.mark.parametrize(
    ("waited", "settle", "decision"),
    [
        (0 * MINUTE, 2 * MINUTE, "pending"),
        (2 * MINUTE - SECOND, 2 * MINUTE, "pending"),
        (2 * MINUTE, 2 * MINUTE, "announced"),
        (0 * MINUTE, 0 * MINUTE, "announced"),
    ],
)
def test_a_post_settles_before_it_is_announced(waited: timedelta, settle: timedelta, decision: str) -> None:
    assert changes.announcement(seen(), Rules(7 * DAY, settle), NOW + waited) == decision


def test_a_change_begins_the_settling_again_and_the_same_bytes_do_not() -> None:
    touched = again(seen(), post(), NOW + MINUTE)
    assert changes.announcement(touched, RULES, NOW + 2 * MINUTE) == "announced"
    changed = again(seen(), post(content_hash="bytes-2"), NOW + MINUTE)
    assert changes.announcement(changed, RULES, NOW + 2 * MINUTE) == "pending"
    assert changes.announcement(changed, RULES, NOW + 3 * MINUTE) == "announced"


@pytest.mark.parametrize(
    ("record", "due"),
    [
        pytest.param(seen(), NOW + RULES.settle, id="settles"),
        pytest.param(again(seen(), post(content_hash="2"), NOW + MINUTE), NOW + MINUTE + RULES.settle, id="changed"),
        pytest.param(seen(post(published=NOW + DAY)), NOW + DAY, id="held"),
        pytest.param(seen(announce="announced"), None, id="announced"),
        pytest.param(seen(post(published=NOW - DAY), announce="skipped"), None, id="skipped"),
        pytest.param(seen(post(draft=True)), None, id="draft"),
        pytest.param(seen(broken()), None, id="quarantined"),
        pytest.param(changes.lost(seen(), RULES), None, id="gone"),
    ],
)
def test_a_record_that_waits_is_due_when_a_scan_would_announce_or_release_it(
    record: changes.Record, due: datetime | None
) -> None:
    assert changes.due(record, RULES, NOW) == due
    if due is not None and record.state == "live":
        assert changes.announcement(record, RULES, due) == "announced"
        assert changes.announcement(record, RULES, due - SECOND) == "pending"


def test_what_is_overdue_is_due_no_more_so_that_nothing_scans_for_it_again_and_again() -> None:
    assert changes.due(seen(), RULES, NOW + RULES.settle) is None


@pytest.mark.parametrize("decided", ["announced", "skipped"])
def test_what_was_decided_is_decided_for_ever(decided: Any) -> None:
    record = again(seen(announce=decided), post(content_hash="bytes-2", title="new"), NOW + DAY)
    assert changes.announcement(record, Rules(None, 0 * MINUTE), NOW + 2 * DAY) == decided


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(post(draft=True), id="draft"),
        pytest.param(post(published=NOW + DAY), id="held"),
        pytest.param(broken(), id="quarantined"),
    ],
)
def test_what_is_not_live_waits(found: Post | Quarantined) -> None:
    assert changes.announcement(seen(found), RULES, NOW + HOUR) == "pending"


def test_by_a_clock_that_was_set_back_a_post_settles_anew() -> None:
    ahead = seen(now=NOW + HOUR)
    assert changes.announcement(ahead, RULES, NOW + MINUTE) == "pending"
    for waits in (changes.waited(ahead, NOW + MINUTE), again(ahead, post(), NOW + MINUTE)):
        assert waits.stable_since == NOW + MINUTE
        assert changes.announcement(waits, RULES, NOW + 2 * MINUTE) == "pending"
        assert changes.announcement(waits, RULES, NOW + 3 * MINUTE) == "announced"


def test_a_post_that_feeds_show_and_that_is_put_off_is_announced_at_its_new_date() -> None:
    put_off = again(seen(), post(published=NOW + DAY, content_hash="bytes-2"), NOW + MINUTE)
    assert (put_off.state, put_off.listed) == ("live", True)
    assert changes.announcement(put_off, RULES, NOW + HOUR) == "pending"
    assert changes.announcement(put_off, RULES, NOW + DAY) == "announced"


def test_what_went_before_it_settled_is_not_announced() -> None:
    gone = changes.lost(seen(), RULES)
    assert changes.announcement(gone, RULES, NOW + HOUR) == "pending"


# Held, released, drafts


def test_what_waits_is_released_at_its_time_and_otherwise_left_alone() -> None:
    held, live = seen(post(published=NOW + DAY)), seen()
    assert changes.waited(held, NOW + HOUR) == held
    assert changes.waited(held, NOW + DAY) == changes.release(held)
    assert changes.waited(live, NOW + DAY) == live


def test_a_released_post_is_live_and_listed() -> None:
    held = seen(post(published=NOW + DAY))
    assert changes.release(held) == held._replace(state="live", listed=True)


def test_a_post_that_becomes_a_draft_leaves_the_feeds_and_returns_without_a_second_announcement() -> None:
    draft = again(seen(announce="announced", announce_seq=7), post(draft=True, content_hash="bytes-2"), NOW + HOUR)
    assert (draft.state, draft.listed) == ("draft", False)
    back = again(draft, post(), NOW + 2 * HOUR)
    assert (back.state, back.listed, back.announce_seq) == ("live", True, 7)
    assert changes.announcement(back, RULES, NOW + DAY) == "announced"


@pytest.mark.parametrize("known", [seen(), seen(state="quarantined"), seen(state="gone")], ids=lambda r: r.state)
def test_a_listed_post_whose_date_moves_into_the_future_stays_live(known: changes.Record) -> None:
    record = again(known, post(published=NOW + 5 * DAY, content_hash="bytes-2"), NOW + HOUR)
    assert (record.state, record.listed, record.published) == ("live", True, NOW + 5 * DAY)


def test_a_held_post_whose_date_moves_further_stays_held() -> None:
    record = again(seen(post(published=NOW + DAY)), post(published=NOW + 9 * DAY), NOW + 2 * DAY)
    assert (record.state, record.listed) == ("held", False)


# Broken and repaired


def test_a_file_that_breaks_keeps_what_was_known_and_its_place_in_the_feeds() -> None:
    known = seen(announce="announced", announce_seq=3)
    record = again(known, broken(), NOW + HOUR)
    assert record == known._replace(
        state="quarantined",
        content_hash="bytes-broken",
        stable_since=NOW + HOUR,
        problems=broken().problems,
    )


@pytest.mark.parametrize(
    ("breaks", "repaired"), [(NOW, NOW + DAY), (NOW, NOW + 6 * DAY)], ids=["next day", "within the window"]
)
def test_a_repaired_file_is_announced(breaks: datetime, repaired: datetime) -> None:
    record = again(seen(broken(), breaks), post(content_hash="bytes-2"), repaired)
    assert (record.state, record.listed, record.problems) == ("live", True, ())
    assert changes.announcement(record, RULES, repaired) == "pending"
    assert changes.announcement(record, RULES, repaired + 2 * MINUTE) == "announced"


def test_a_file_that_breaks_before_it_settled_is_announced_once_repaired() -> None:
    record = again(again(seen(), broken(), NOW + MINUTE), post(), NOW + DAY)
    assert changes.announcement(record, RULES, NOW + DAY + HOUR) == "announced"


# When a post was updated


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        pytest.param({"content_hash": "bytes-2"}, False, id="footer only"),
        pytest.param({"content_hash": "bytes-2", "tags": ("新",)}, False, id="tags only"),
        pytest.param({"content_hash": "bytes-2", "title": "风暴"}, True, id="the title"),
    ],
)
def test_updated_moves_only_with_what_readers_see(change: dict[str, str], moves: bool) -> None:
    scan = NOW + DAY
    record = again(seen(), post(**change), scan)
    assert record.updated == (scan if moves else NOW - HOUR)


def test_updated_stays_where_the_last_real_change_put_it() -> None:
    changed = changes.rewritten(again(seen(), post(content_hash="bytes-2"), NOW + HOUR), NOW + HOUR)
    footer = again(changed, post(content_hash="bytes-3"), NOW + DAY)
    assert footer.updated == NOW + HOUR


def test_updated_is_never_before_published() -> None:
    record = again(seen(), post(published=NOW + 9 * DAY, content_hash="bytes-2"), NOW + HOUR)
    assert record.updated == NOW + 9 * DAY
    assert changes.rewritten(record, NOW + HOUR).updated == NOW + 9 * DAY


def test_what_nobody_saw_changes_without_an_update() -> None:
    drafted = seen(post(draft=True))
    record = again(drafted, post(content_hash="bytes-2", title="风暴"), NOW + HOUR)
    assert record.updated == record.published


# Gone and back


@pytest.mark.parametrize(("keep", "listed"), [(True, True), (False, False)], ids=["keep", "remove"])
def test_a_missing_post_stays_in_the_feeds_or_leaves_them(keep: bool, listed: bool) -> None:
    known = seen(announce="announced", announce_seq=3)
    gone = changes.lost(known, replace(RULES, keep_missing=keep))
    assert gone == known._replace(state="gone", listed=listed)


@pytest.mark.parametrize("found", [post(draft=True), post(published=NOW + DAY), broken()])
@pytest.mark.parametrize("keep", [True, False])
def test_what_was_never_listed_is_not_listed_when_it_is_gone(found: Post | Quarantined, keep: bool) -> None:
    assert not changes.lost(seen(found), replace(RULES, keep_missing=keep)).listed


@pytest.mark.parametrize("keep", [True, False])
def test_a_missing_post_that_comes_back_is_live_and_not_announced_again(keep: bool) -> None:
    gone = changes.lost(seen(announce="announced", announce_seq=3), replace(RULES, keep_missing=keep))
    back = again(gone, post(), NOW + DAY)
    assert (back.state, back.listed, back.announce_seq) == ("live", True, 3)
    assert changes.announcement(back, RULES, NOW + 2 * DAY) == "announced"


@pytest.mark.parametrize(
    ("missing", "known", "stops"),
    [
        (0, 0, False), (0, 1, False), (1, 1, False), (2, 2, True), (1, 2, False), (1, 4, False), (2, 10, False),
        (2, 9, True), (3, 10, True), (200, 1000, False), (201, 1000, True), (1000, 1000, True),
    ],
)  # fmt: skip
def test_a_scan_stops_when_it_would_lose_over_a_fifth(missing: int, known: int, stops: bool) -> None:
    assert changes.loses_too_much(missing, known) is stops


# Catching up silently, and putting off


@pytest.mark.parametrize(
    ("record", "over"),
    [
        (seen(), True), (seen(broken()), True), (seen(post(draft=True)), False),
        (seen(post(published=NOW + DAY)), False), (changes.lost(seen(), RULES), False),
        (seen(announce="announced"), False), (seen(announce="skipped"), False),
    ],
)  # fmt: skip
def test_a_silent_scan_passes_over_what_is_there_and_not_what_is_to_come(record: changes.Record, over: bool) -> None:
    assert changes.passed_over(record) is over


def test_what_is_put_off_is_for_nobody_yet() -> None:
    ready = changes.decided(seen(), "announced")
    assert changes.put_off(ready) == ready._replace(announce="pending", audience=())


# Feeds


SHOWN: dict[str, Any] = {
    "content_hash": "x", "title": "x", "url": "x", "published": NOW, "updated": NOW, "categories": ("x",),
    "tags": ("x",), "authors": ("x",), "language": "x", "summary": "x",
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_feeds_are_written_again_for_all_that_they_show(name: str) -> None:
    assert changes.shows_differently(seen(), seen(**{name: SHOWN[name]}))


@pytest.mark.parametrize(
    "change",
    [
        {"announce": "announced", "announce_seq": 1}, {"stable_since": NOW + DAY},
        {"state": "gone"}, {"state": "quarantined"},
    ],
)  # fmt: skip
def test_feeds_stay_as_they_are_for_what_they_do_not_show(change: dict[str, Any]) -> None:
    assert not changes.shows_differently(seen(), seen(**change))


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [(None, True, True), (None, False, False), (True, False, True), (False, True, True), (False, False, False)],
)
def test_feeds_are_written_again_when_a_post_enters_or_leaves(before: Any, after: bool, differs: bool) -> None:
    known = None if before is None else seen(listed=before)
    assert changes.shows_differently(known, seen(listed=after, title="other")) is differs


def test_a_post_belongs_to_the_feeds_of_the_site_its_categories_and_its_tags() -> None:
    record = seen(post(categories=("TechWeb", "Techweb"), tags=("潮汐",)))
    assert list(changes.feed_names(record)) == [
        ("site", ""), ("category", "TechWeb"), ("category", "Techweb"), ("tag", "潮汐"),
    ]  # fmt: skip
