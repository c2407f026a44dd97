"""What is wrong with bodies is kept beside them, told once and forgotten when it is mended; and one post is traced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.models import Content, Problem
from syndicator.pipeline.bodies import keep_bodies
from syndicator.store import feeds, ledger, posts, problems, traces
from tests.records import DAY, NOW
from tests.stores import ODD, add_post, add_subscriber, numbered, queue_digest

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from syndicator.store import Store


def body(number: int, *texts: str, line: int = 5) -> Content:
    """Return the body of post `number` with these problems."""
    found = tuple(Problem(f"_posts/{number}.md", line, text) for text in texts)
    return Content("<p>body</p>", "body", f"bytes-{number}", found)


def keep(connection: Connection, post_id: int, content: Content) -> list[tuple[int, Problem]]:
    return list(keep_bodies(connection, {post_id: content}))


def test_problems_of_bodies_come_back_with_the_paths_of_their_posts(store: Store) -> None:
    with store.write() as connection:
        one, two, sound = (add_post(connection, number) for number in (1, 2, 3))
        posts.save_contents(
            connection, [(one, body(1, "Liquid", ODD)), (two, body(2, "link", line=2**31)), (sound, body(3))]
        )
    with store.read() as connection:
        assert (
            problems.of_bodies(connection)
            == problems.known(connection, [one, two, sound])
            == {
                one: (Problem("_posts/1.md", 5, "Liquid"), Problem("_posts/1.md", 5, ODD)),
                two: (Problem("_posts/2.md", 2**31, "link"),),
            }
        )
        assert problems.known(connection, [sound]) == {}


def test_only_what_the_file_still_holds_counts(store: Store) -> None:
    with store.write() as connection:
        edited, gone = add_post(connection, 1), add_post(connection, 2, state="gone")
        posts.save_contents(connection, [(edited, body(9, "Liquid")), (gone, body(2, "Liquid"))])
        assert problems.of_bodies(connection) == {}
        assert problems.known(connection, [edited, gone]).keys() == {edited, gone}


def test_a_post_that_moved_takes_its_problems_along(store: Store) -> None:
    with store.write() as connection:
        post_id = add_post(connection, 1)
        keep(connection, post_id, body(1, "Liquid"))
        posts.save(connection, [numbered(1, id=post_id, path="_posts/moved.md")])
        assert problems.of_bodies(connection) == {post_id: (Problem("_posts/moved.md", 5, "Liquid"),)}


def test_a_problem_of_a_body_is_told_once_and_forgotten_when_mended(store: Store) -> None:
    with store.write() as connection:
        post_id = add_post(connection, 1)
        liquid = Problem("_posts/1.md", 5, "Liquid")
        assert keep(connection, post_id, body(1, "Liquid")) == [(post_id, liquid)]
        assert keep(connection, post_id, body(1, "Liquid", line=8)) == []
        assert problems.of_bodies(connection)[post_id][0].line == 8
        assert [problem.text for _, problem in keep(connection, post_id, body(1, "Liquid", "link"))] == ["link"]
        assert keep(connection, post_id, body(1)) == []
        assert problems.of_bodies(connection) == {}
        assert keep(connection, post_id, body(1, "Liquid")) == [(post_id, liquid)]


def test_a_post_is_followed_into_its_feeds(store: Store) -> None:
    with store.write() as connection:
        records = [
            numbered(1, categories=("a",), tags=()),
            numbered(2, categories=("a", "b"), tags=(), published=NOW - DAY),
            numbered(3, categories=("b",), tags=("t",)),  # as old as the first: the later id is the newer post
        ]
        ids = posts.save(connection, records)
        feeds.list_posts(connection, list(zip(ids, records, strict=True)), [])
        found = [{place.slug: (place.position, place.total) for place in traces.places(connection, i)} for i in ids]
        assert found == [
            {"all": (2, 3), "a": (1, 2)},
            {"all": (3, 3), "a": (2, 2), "b": (2, 2)},
            {"all": (1, 3), "b": (1, 2), "t": (1, 1)},
        ]
        site = feeds.ids_of(connection, "site", [""])[""]
        shown = feeds.newest(connection, site, 3)
    assert [shown.index(post_id) + 1 for post_id in ids] == [place["all"][0] for place in found]


def test_a_post_is_followed_into_its_messages(store: Store) -> None:
    with store.write() as connection:
        one, two, unsent = (add_post(connection, number) for number in (1, 2, 3))
        for name in ("a@example.com", "b@example.com"):
            add_subscriber(connection, name, cadence="instant", also="daily")
        ledger.queue_post(connection, one, {"site": {""}}, NOW)
        queue_digest(connection, "2026-03-06", [one, two])
        (first, *_) = ledger.claim(connection, NOW, NOW + DAY, "token", 1)
        ledger.settle(connection, "token", [(first.id, "sent", NOW, "ok")], NOW + DAY)
        assert traces.sendings(connection, one) == [
            ("digest", "queued", 2, NOW), ("post", "queued", 1, NOW), ("post", "sent", 1, NOW + DAY),
        ]  # fmt: skip
        assert traces.sendings(connection, two) == [("digest", "queued", 2, NOW)]
        assert traces.sendings(connection, unsent) == []
