"""Which entries the last versions of feeds held."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from syndicator.web.documents import Document
from syndicator.web.history import History, unseen


def feed(*entries: bytes) -> Document:
    return Document(b"<", entries, b">", b"\n")


@given(st.lists(st.binary(min_size=1)), st.lists(st.binary(min_size=1)))
def test_what_is_unseen_is_what_was_not_held(before: list[bytes], after: list[bytes]) -> None:
    history = History()
    history.record("a", "1", feed(*before))
    held = history.held("a", "1")
    assert held is not None
    assert list(unseen(feed(*after), held)) == [entry for entry in after if entry not in before]


def test_versions_of_other_feeds_are_not_known() -> None:
    history = History()
    history.record("a", "1", feed(b"x"))
    assert history.held("b", "1") is history.held("a", "2") is None


def test_the_last_sixteen_versions_are_known_and_one_seen_again_is_one() -> None:
    history = History()
    for digest in (*range(20), 19, 19):
        history.record("a", str(digest), feed(b"x"))
    assert [history.held("a", str(digest)) is not None for digest in (0, 3, 4, 19)] == [False, False, True, True]


def test_feeds_by_the_thousand_take_little_memory() -> None:
    history = History()
    tracemalloc.start()
    for number in range(12_000):
        history.record(str(number), "0" * 32, feed(*(b"%d" % each for each in range(20))))
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 20_000_000
    assert history.held("1", "0" * 32) is None
    assert history.held("11999", "0" * 32) is not None
