"""Whatever happens to files, clocks and stores: nobody is told twice, nothing new is missed, ids stay, feeds are true.

Not done here, because it is not recognised, and a post more is announced: a file that changes its place and, before
the next scan, its name, title or date too, or whose old place another file takes before the next scan.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import wraps
from itertools import count
from typing import TYPE_CHECKING, Any, Literal
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from syndicator.pipeline import scanning
from syndicator.store import Store
from tests.properties.disk import Text, edited
from tests.properties.history import SECOND, SETTLE, Books, World
from tests.records import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta
    from pathlib import Path

    from tests.properties.history import Place

ANY = st.integers(0, 99)
SIDES = st.sampled_from(["a", "b"])
AGES = st.sampled_from([0 * HOUR, 5 * HOUR, 6 * DAY, 8 * DAY, -2 * HOUR, -3 * DAY])
FRESH = st.sampled_from([None, None, None, 0 * HOUR, 5 * HOUR, 8 * DAY, -2 * HOUR])
THEN = st.sampled_from([None, None, SECOND / 4, 30 * SECOND, SETTLE, HOUR])
HOW = st.sampled_from(["whole", "empty", "cut"])
How = Literal["whole", "empty", "cut"]


def same_head(one: Text, other: Text) -> bool:
    return (one.title, one.published, one.whole, other.whole) == (other.title, other.published, "whole", "whole")


def same_text(one: Text, other: Text) -> bool:
    return one == other and one.whole == "whole"


def happens(**drawn: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """Make a rule of what may happen: perhaps after a new post was written, and perhaps before a scan.

    Hypothesis leaves out a part of the rules in each history; of these two there cannot be too many.
    """

    def decorate(happening: Callable[..., None]) -> Any:
        @wraps(happening)
        def all_of_it(self: History, fresh: timedelta | None, then: timedelta | None, **drawn: Any) -> None:
            if fresh is not None:
                self.create("ab"[len(self.world.places()) % 2], fresh)
            happening(self, **drawn)
            if then is not None:
                self.scan_after(then)

        draws = {"fresh": FRESH, "then": THEN, **drawn}
        as_rule: Any = rule
        return as_rule(**draws)(all_of_it)

    return decorate


class History(RuleBasedStateMachine):
    """Let things happen in any order, and look at the books after each scan."""

    empty_store: Path

    def __init__(self) -> None:
        super().__init__()
        self.serials, self.names = count(1), count(1)
        self.scanned: dict[Place, Text | None] = {}  # as the last scan read it; None where nobody knows
        self.graves: dict[Place, Text | None] = {}  # where a file was deleted, or (None) moved away and that was seen
        self.vacated: set[Place] = set()
        self.untouchable: set[Place] = set()  # what moved since the last scan
        self.copied = ""
        self.sound = False

    @initialize(coarse=st.booleans(), on_missing=st.sampled_from(["keep", "remove"]))
    def begin(self, coarse: bool, on_missing: str) -> None:
        self.coarse = coarse
        self.world = World(self.empty_store, on_missing, 2 * 10**9 if coarse else 1)
        self.books = Books(self.world)
        self.sound = True

    # The folders

    def create(self, side: str, age: timedelta) -> None:
        self.world.write((side, f"_posts/post-{next(self.names)}.md"), self.new(age))

    @happens(pick=ANY, age=AGES)
    def write_another_post_over_one(self, pick: int, age: timedelta) -> None:
        for place in self.pick(pick):
            text = self.new(age)
            self.books.may_miss.add(text.serial)  # a post is known by its place: this is an edit
            self.world.write(place, text)

    @happens(pick=ANY, age=AGES)
    def use_a_place_again(self, pick: int, age: timedelta) -> None:
        for place in one_of(sorted(self.graves), pick):
            text = self.new(age)
            if self.graves.pop(place):
                self.books.may_miss.add(text.serial)
            self.world.write(place, text)

    @happens(pick=ANY, what=st.sampled_from(["title", "body", "footer", "category"]), how=st.integers(0, 3))
    def edit(self, pick: int, what: str, how: int) -> None:
        """Write another text: in place, as a file put in its place, or with a time of long ago."""
        for place in self.pick(pick):
            text = edited(self.world.text(place), **{what: "+"})
            self.world.write(place, text, anew=how % 2 == 1, mtime=1 if how > 1 else None)

    @happens(pick=ANY, hours=st.sampled_from([-30 * 24, -8, 8, 30 * 24]))
    def correct_the_date(self, pick: int, hours: int) -> None:
        for place in self.pick(pick):
            text = self.world.text(place)
            self.world.write(place, replace(text, published=text.published + hours * HOUR, whole="whole"))

    @happens(pick=ANY)
    def publish_or_withdraw(self, pick: int) -> None:
        for place in self.pick(pick):
            text = self.world.text(place)
            self.world.write(place, replace(text, draft=not text.draft, whole="whole"))

    @happens()
    def give_all_a_new_footer(self) -> None:
        for place in self.touchable():
            self.world.write(place, edited(self.world.text(place), footer="*"))

    @happens(pick=ANY, how=HOW)
    def half_write(self, pick: int, how: How) -> None:
        for place in self.pick(pick):
            self.world.write(place, replace(self.world.text(place), whole=how))

    @happens(pick=ANY, how=st.sampled_from(["touch", "in place", "anew"]))
    def write_the_same_again(self, pick: int, how: str) -> None:
        for side, path in self.pick(pick):
            if how == "touch":
                self.world.disks[side].touch(path)
            else:
                self.world.write((side, path), self.world.text((side, path)), anew=how == "anew")

    @happens(pick=ANY)
    def delete(self, pick: int) -> None:
        for place in self.pick(pick):
            self.graves[place] = self.world.text(place)
            del self.world.disks[place[0]].files[place[1]]

    @happens(pick=ANY)
    def bring_back(self, pick: int) -> None:
        """Restore a file from a backup of the folder: with its old time, but another inode."""
        for place in one_of(sorted(place for place, text in self.graves.items() if text), pick):
            if text := self.graves.pop(place):
                self.world.write(place, text, mtime=1)

    @happens(pick=ANY, to=SIDES)
    def move(self, pick: int, to: str) -> None:
        """Move a file that was not edited since the last scan, to another name and perhaps to the other source."""
        for place in self.pick(pick):
            if self.is_as_scanned(place, same_text):
                self.relocate(place, (to, f"_posts/renamed-{next(self.names)}.md"))
                self.vacated.add(place)

    @happens(pick=ANY, what=st.sampled_from(["body", "footer", "category"]))
    def move_and_edit(self, pick: int, what: str) -> None:
        for place in self.pick(pick):
            if self.is_as_scanned(place, same_head):
                new = (place[0], f"_posts/{next(self.names)}/{place[1].rpartition('/')[2]}")
                self.relocate(place, new)
                self.vacated.add(place)
                self.world.write(new, edited(self.world.text(new), **{what: "-"}))

    @happens(pick=ANY)
    def change_the_case_of_a_name(self, pick: int) -> None:
        for side, path in self.pick(pick):
            new = f"_posts/{next(self.names)}.md" if self.world.text((side, path)).whole != "whole" else path.swapcase()
            taken = {*self.world.places(), *self.graves, *self.vacated, *self.scanned}
            if new == path.swapcase() and (side, new) not in taken:
                self.relocate((side, path), (side, new))

    @happens(one=ANY, other=ANY)
    def swap(self, one: int, other: int) -> None:
        for first in self.pick(one):
            for second in self.pick(other):
                texts = self.world.text(first), self.world.text(second)
                self.world.write(first, texts[1], mtime=1, anew=True)
                self.world.write(second, texts[0], mtime=1, anew=True)
                for exempt in (self.books.may_miss, self.books.may_repeat) if first != second else ():
                    exempt.update(text.serial for text in texts)

    @happens(pick=ANY, to=SIDES)
    def copy(self, pick: int, to: str) -> None:
        for place in self.pick(pick):
            self.books.copies[self.world.text(place).serial] += 1
            self.world.write((to, f"_posts/copy-{next(self.names)}.md"), self.world.text(place), mtime=1)

    # Time

    @happens(hours=st.sampled_from([-31, -1.003, 1.007, 26]))
    def set_the_clock(self, hours: float) -> None:
        """Set it, but not back where times are coarse: a file could then be written twice at one and the same time."""
        if hours > 0 or not self.coarse:
            self.world.now += hours * HOUR
            self.books.exact = self.books.exact and hours < 0

    @happens(wait=st.sampled_from([SECOND / 2, 2 * SECOND, HOUR, DAY]))
    def let_time_go_by(self, wait: timedelta) -> None:
        self.world.tick(wait)

    # The program

    @rule(full=st.booleans())
    def scan(self, full: bool) -> None:
        self.scan_after(HOUR, full=full)

    @happens(side=SIDES, state=st.sampled_from(["empty", "broken"]))
    def scan_while_a_folder_is_away(self, side: str, state: Literal["empty", "broken"]) -> None:
        before = self.world.records()
        self.world.disks[side].state = state
        unread = self.world.scan(allow_missing=False)
        self.world.disks[side].state = "mounted"
        if side in unread:
            after = self.world.records().items()
            assert all(before[n] == record for n, record in after if record.source == self.world.sources[side])
        self.look({*unread, side})

    @happens(pick=ANY, how=HOW)
    def scan_while_a_file_is_written(self, pick: int, how: How) -> None:
        for side, path in self.pick(pick):
            text = replace(edited(self.world.text((side, path)), body="?"), whole=how)
            about_to = self.world.disks[side].after_read
            about_to[path] = text
            unread = self.world.scan()
            was_read = about_to.pop(path, None) is None
            self.look(unread, (side, path) if was_read else None)

    @happens(commits=st.integers(0, 2))
    def die_in_a_scan(self, commits: int) -> None:
        self.world.die_while_scanning(commits)
        self.scanned = dict.fromkeys(self.scanned)
        self.sound = False
        self.books.look(whole=False)
        self.sound = True

    @happens(early=st.booleans())
    def plan(self, early: bool) -> None:
        self.world.app.plan(early=early)

    @happens(side=SIDES)
    def rename_a_source(self, side: str) -> None:
        mine = {place for place in self.world.places() if place[0] == side}
        if self.untouchable or self.books.silent or not all(self.is_as_scanned(one, same_head) for one in mine):
            return
        self.untouchable |= mine
        self.graves = {place: text for place, text in self.graves.items() if place[0] != side}
        self.world.sources[side] = f"{side}{next(self.names)}"
        self.world.restart()

    @happens(mark=st.booleans())
    def back_up(self, mark: bool) -> None:
        self.world.back_up(mark=mark)
        self.copied = "with mark" if mark else "without"

    @precondition(lambda self: self.copied)
    @happens()
    def restore(self) -> None:
        self.world.restore()
        ever = set(range(1, next(self.serials)))
        self.books.may_miss |= ever
        if self.copied == "with mark":
            self.books.silent = set(self.world.sources)
        else:  # what was announced since then is announced again
            self.books.may_repeat |= ever
        self.books.exact = False
        self.books.forget_records()
        self.scanned = dict.fromkeys(self.world.places())
        self.graves.clear()
        self.vacated.clear()

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            if self.sound:
                self.end_well()
        finally:
            self.world.close()

    def end_well(self) -> None:
        for wait in (SECOND, SETTLE, 45 * DAY, HOUR):
            self.scan_after(wait)
        self.books.check_nothing_is_missed()
        for _ in range(9):
            self.world.tick(DAY)
            self.world.app.plan()
        self.books.check_digests()

    # How it is done

    def scan_after(self, wait: timedelta, *, full: bool = False) -> None:
        self.world.tick(wait)
        self.look(self.world.scan(full=full))

    def look(self, unread: set[str], written: Place | None = None) -> None:
        self.sound = False
        self.books.look(unread, written)
        self.scanned = {place: text for place, text in self.scanned.items() if place[0] in unread}
        self.scanned |= {place: self.world.text(place) for place in self.world.places() if place[0] not in unread}
        if written:
            self.scanned[written] = None
            self.books.met.pop(written, None)
        if not unread:
            self.graves |= dict.fromkeys(self.vacated)
            self.vacated.clear()
            self.untouchable.clear()
        self.sound = True

    def new(self, age: timedelta) -> Text:
        return Text(next(self.serials), self.world.now - age)

    def touchable(self) -> list[Place]:
        return [place for place in self.world.places() if place not in self.untouchable]

    def pick(self, number: int) -> list[Place]:
        return one_of(self.touchable(), number)

    def is_as_scanned(self, place: Place, alike: Callable[[Text, Text], bool]) -> bool:
        """Tell whether a file was never scanned, or is like what the last scan read."""
        was = self.scanned.get(place)
        return place not in self.scanned or (was is not None and alike(was, self.world.text(place)))

    def relocate(self, old: Place, new: Place) -> None:
        self.world.move(old, new)
        self.untouchable.add(new)
        if old in self.scanned:
            self.scanned[new] = self.scanned.pop(old)
        if old in self.books.met:
            self.books.met[new] = self.books.met.pop(old)


def one_of(places: Iterable[Place], number: int) -> list[Place]:
    """Return a list of one of them, or of none where there are none."""
    found = list(places)
    return [found[number % len(found)]] if found else []


def test_nobody_is_told_twice_and_nothing_new_is_missed(tmp_path: Path) -> None:
    Store(f"sqlite:///{tmp_path}/empty.db").open().close()
    History.empty_store = tmp_path / "empty.db"
    how = settings(
        max_examples=int(os.environ.get("SYNDICATOR_HISTORIES", "15")), stateful_step_count=25, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    with mock.patch.object(scanning, "_COMMIT_POSTS", 2):  # so that a scan may die between two commits
        run_state_machine_as_test(History, settings=how)
