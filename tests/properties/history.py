"""A site of two folders over time, and the books of what its readers were told."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from sqlalchemy import select

from syndicator.app import App, ScanWishes
from syndicator.models import Recipient
from syndicator.pipeline.enrolling import Enrolment, enrol
from syndicator.settings import load
from syndicator.store import backups, feeds, ledger, posts
from syndicator.store.tables import contents, deliveries
from tests.properties.disk import DISKS, Disk, Text
from tests.records import DAY, MINUTE, NOW
from tests.stores import KilledError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from syndicator.models import Cadence
    from syndicator.policy.changes import Record

SECOND = timedelta(seconds=1)
SETTLE, WINDOW = 2 * MINUTE, 7 * DAY

SETTINGS = """\
[site]
title = "News"
url = "https://news.example"
{sources}
[announce]
settle = "2m"
"""
SOURCE = """\
[[sources]]
name = "{name}"
path = "{disk}"
kind = "tests.properties.disk:Source"
on_missing = "{on_missing}"
"""

Place = tuple[str, str]
"""(disk, path)"""


class World:
    """Be two disks, a clock, and the program with its store."""

    def __init__(self, empty_store: Path, on_missing: str, granule: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="history-"))
        self.store_path = self.folder / "state" / "syndicator.db"
        self.store_path.parent.mkdir()
        shutil.copy(empty_store, self.store_path)
        self.now = self.real = NOW  # the machine's clock, and what it should show
        self.on_missing = on_missing
        self.sources = {"a": "a", "b": "b"}  # disk → name in the settings
        self.disks = {side: Disk(lambda: self.now, granule) for side in self.sources}
        DISKS.update({str(self.folder / side): disk for side, disk in self.disks.items()})
        self._ticks = count(1)
        self.app = self._start()
        with self.app.store.write() as connection:
            self.instant = self._enrol(connection, "instant")
            self.digests = [self._enrol(connection, "daily"), self._enrol(connection, "weekly")]

    def close(self) -> None:
        self.app.store.close()
        for side in self.sources:
            del DISKS[str(self.folder / side)]
        shutil.rmtree(self.folder)

    def restart(self) -> None:
        self.app.store.close()
        self.app = self._start()

    def tick(self, wait: timedelta) -> None:
        """Let time go by. No two moments are the same, as on a real machine."""
        wait += next(self._ticks) * timedelta(microseconds=1)
        self.now += wait
        self.real += wait

    def places(self) -> list[Place]:
        return [(side, path) for side, disk in self.disks.items() for path in sorted(disk.files)]

    def text(self, place: Place) -> Text:
        return self.disks[place[0]].files[place[1]].text

    def write(self, place: Place, text: Text, **how: Any) -> None:
        self.tick(SECOND / 10)
        self.disks[place[0]].write(place[1], text, **how)

    def move(self, old: Place, new: Place) -> None:
        self.tick(SECOND / 10)
        if old[0] == new[0]:
            self.disks[old[0]].move(old[1], new[1])
        else:
            self.disks[new[0]].write(new[1], self.disks[old[0]].files.pop(old[1]).text, mtime=1)

    def scan(self, *, full: bool = False, allow_missing: bool = True) -> set[str]:
        """Scan both sources; return the disks of those that could not be read."""
        errors = self.app.scan(ScanWishes(full=full, allow_missing=allow_missing)).errors
        return {side for side, name in self.sources.items() if name in errors}

    def die_while_scanning(self, commits: int) -> None:
        """Begin a scan, and die before it commits for the n-th time (from 0), if it does."""
        left, real = count(), self.app.store.write

        @contextmanager
        def write(**how: Any) -> Iterator[Connection]:
            with real(**how) as connection:
                yield connection
                if next(left) == commits:
                    raise KilledError

        with mock.patch.object(self.app.store, "write", write), suppress(KilledError):
            self.scan()

    def back_up(self, *, mark: bool) -> None:
        copy = self.folder / "copy.db"
        if mark:
            backups.copy(str(self.store_path), str(copy), self.now)
            return
        with closing(sqlite3.connect(self.store_path)) as store, closing(sqlite3.connect(copy)) as target:
            store.backup(target)

    def restore(self) -> None:
        self.app.store.close()
        for file in self.store_path.parent.glob("syndicator.db*"):
            file.unlink()
        shutil.copy(self.folder / "copy.db", self.store_path)
        self.app = self._start()

    def records(self) -> dict[int, Record]:
        with self.app.store.read() as connection:
            return {record.id or 0: record for record in posts.listing(connection)}

    def bodies(self) -> dict[int, str]:
        """Return post id → hash of the content that its body was made from."""
        with self.app.store.read() as connection:
            rows = connection.execute(select(contents.c.post_id, contents.c.content_hash)).all()
        return {row.post_id: row.content_hash for row in rows}

    def messages(self, who: int) -> Counter[int]:
        """Return how often each post was sent to somebody, alone or in a digest."""
        with self.app.store.read() as connection:
            rows = connection.execute(select(deliveries).where(deliveries.c.recipient_id == who)).all()
            chosen = ledger.digest_contents(connection, [row.digest_id for row in rows if row.digest_id])
        in_digests = [number for _, numbers in chosen.values() for number in numbers]
        return Counter([*(row.post_id for row in rows if row.post_id), *in_digests])

    def shown(self) -> list[int]:
        with self.app.store.read() as connection:
            site = feeds.ids_of(connection, "site", [""]).get("", 0)
            return feeds.newest(connection, site, 10_000)

    def _start(self) -> App:
        described = "".join(
            SOURCE.format(name=name, disk=disk, on_missing=self.on_missing) for disk, name in self.sources.items()
        )
        path = self.folder / "syndicator.toml"
        path.write_text(SETTINGS.format(sources=described))
        return App(load(str(path), {}), lambda: self.now)

    def _enrol(self, connection: Connection, cadence: Cadence) -> int:
        who = Recipient(0, "email", f"{cadence}@x.example", "Asia/Shanghai", "en")
        return enrol(connection, Enrolment(who, "x.example", [("site", "")], cadence), self.now)


class Books:
    """Count what is told by the serial number that a text carries, not by what the program takes for one post."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.told: Counter[int] = Counter()
        self.copies: Counter[int] = Counter()
        self.may_repeat: set[int] = set()
        self.may_miss: set[int] = set()
        self.exact = True  # no clock went ahead and no store was restored: what settles takes as long as it should
        self.met: dict[Place, tuple[str, datetime]] = {}
        self.silent: set[str] = set()  # disks whose next scan announces nothing
        self._undigested: set[int] = set()
        self.forget_records()

    def forget_records(self) -> None:
        """Begin anew with the records that there are, as after a store was restored."""
        records = self.world.records()
        self._ids = {number: record.entry_id for number, record in records.items()}
        self._sequences = {number: record.announce_seq for number, record in records.items() if record.announce_seq}
        self._skipped = {number for number, record in records.items() if record.announce == "skipped"}
        self._undigested |= records.keys()

    def look(self, unread: Sequence[str] | set[str] = (), written: Place | None = None, *, whole: bool = True) -> None:
        """See that all is true after a scan: of all disks but those `unread`, to its end if it was `whole`."""
        records = self.world.records()
        self._meet(unread)
        self._fall_silent(unread, whole=whole)
        for number, entry_id in self._ids.items():
            assert records[number].entry_id == entry_id
        for number, sequence in self._sequences.items():
            assert records[number].announce_seq == sequence
        if whole:
            self._compare(records, unread, written)
        self._hear(records)
        self._check_feeds(records)
        self._ids |= {number: record.entry_id for number, record in records.items()}
        self._undigested |= {number for number in self._sequences if not records[number].listed}

    def check_nothing_is_missed(self) -> None:
        there = {(record.source, record.path): record for record in self.world.records().values()}
        for side, path in self.world.places():
            text, record = self.world.text((side, path)), there[self.world.sources[side], path]
            if text.whole == "whole" and not text.draft and text.published <= self.world.now:
                assert record.announce != "pending"
                old = record.announce == "skipped"
                assert old or self.told[text.serial] or text.serial in self.may_miss, f"{record} was never told"

    def check_digests(self) -> None:
        announced = {n for n, record in self.world.records().items() if record.announce_seq and record.listed}
        for who in self.world.digests:
            sent = self.world.messages(who)
            assert set(sent.values()) <= {1}
            assert announced - self._undigested <= sent.keys()

    def _meet(self, unread: Sequence[str] | set[str]) -> None:
        """Note when a scan met each content first."""
        for side, path in self.world.places():
            content = self.world.text((side, path)).hash
            if side not in unread and self.met.get((side, path), ("",))[0] != content:
                self.met[side, path] = (content, self.world.real)

    def _fall_silent(self, unread: Sequence[str] | set[str], *, whole: bool) -> None:
        """Expect a silent scan to pass over what is there, and to know nothing of what is not, or is to come yet."""
        if not self.silent:
            return
        texts = [self.world.text(place) for place in self.world.places()]
        passed = {t.serial for t in texts if t.whole != "whole" or (not t.draft and t.published <= self.world.now)}
        self.may_miss |= passed
        self.may_repeat |= set(self.told) - passed
        if whole:
            self.silent &= {*unread, *(side for side, disk in self.world.disks.items() if not disk.files)}

    def _compare(self, records: dict[int, Record], unread: Sequence[str] | set[str], written: Place | None) -> None:
        """See that the store knows what each file holds, however its times lie."""
        there = {(record.source, record.path): record for record in records.values()}
        for side, path in self.world.places():
            if side in unread or (side, path) == written:
                continue
            text, record = self.world.text((side, path)), there[self.world.sources[side], path]
            assert record.content_hash == text.hash
            if text.whole != "whole":
                assert record.state == "quarantined"
            elif text.draft:
                assert record.state == "draft"
            else:
                assert record.state == "live" or (record.state == "held" and text.published > self.world.now)
                assert record.title == text.headline

    def _hear(self, records: dict[int, Record]) -> None:
        """See that what was announced was ready, and is told once; and that what never will be is too old."""
        bodies, told = self.world.bodies(), self.world.messages(self.world.instant)
        assert set(told.values()) <= {1}
        for number, record in records.items():
            if record.announce_seq and number not in self._sequences:
                self._sequences[number] = record.announce_seq
                assert record.state == "live"
                assert record.published is not None
                assert record.published <= self.world.now
                assert bodies[number] == record.content_hash
                assert told[number] == 1
                self._count(record)
            if record.announce == "skipped" and number not in self._skipped:
                self._skipped.add(number)
                old = record.published is not None and record.published < record.first_seen - WINDOW
                assert old or not record.title or int(record.title.split()[0]) in self.may_miss

    def _count(self, record: Record) -> None:
        serial = int(record.title.split()[0])
        self.told[serial] += 1
        assert self.told[serial] <= 1 + self.copies[serial] or serial in self.may_repeat, f"{record} is told again"
        side = next((side for side, name in self.world.sources.items() if name == record.source), "")
        met = self.met.get((side, record.path))
        if self.exact and met and not self.copies[serial]:
            assert met[0] == record.content_hash
            assert self.world.real - met[1] >= SETTLE

    def _check_feeds(self, records: dict[int, Record]) -> None:
        listed = {number for number, record in records.items() if record.listed}
        assert sorted(self.world.shown()) == sorted(listed)
        for record in records.values():
            assert record.listed or record.state != "live"
            assert not record.listed or record.state not in ("draft", "held")
            assert not record.listed or record.state != "gone" or self.world.on_missing == "keep"
