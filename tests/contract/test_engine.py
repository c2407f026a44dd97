"""Transactions, SQLite, and stores that cannot be opened."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, text

from syndicator.errors import StoreError
from syndicator.store import Store, facts, posts
from syndicator.store import tables as t
from tests.stores import ODD, KilledError, add_post, killed_before_commit, together

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


def test_a_block_that_raises_changes_nothing(store: Store) -> None:
    with pytest.raises(KilledError), killed_before_commit(store) as connection:
        add_post(connection)
    with store.read() as connection:
        assert list(posts.listing(connection)) == []


def test_a_reader_sees_one_state_from_beginning_to_end(store: Store) -> None:
    with store.read() as reading:
        assert posts.count(reading, "posts") == (0, 0)
        with store.write() as writing:
            add_post(writing)
        assert posts.count(reading, "posts") == (0, 0)
    with store.read() as reading:
        assert posts.count(reading, "posts") == (1, 0)


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError), store.read() as connection:
        facts.put(connection, facts.PAUSED, "yes")
    with store.read() as connection:
        assert facts.get(connection, facts.PAUSED) == ""


def test_concurrent_writers_wait_for_each_other_and_lose_nothing(store: Store) -> None:
    def add_up(_: int) -> None:
        for _turn in range(10):
            with store.write() as connection:
                value = int(facts.get(connection, "sum") or 0)  # read, then write: deferred transactions lose here
                facts.put(connection, "sum", str(value + 1))

    together(4, add_up)
    with store.read() as connection:
        assert facts.get(connection, "sum") == "40"


def test_a_store_keeps_what_it_holds_when_it_is_opened_again(store: Store) -> None:
    with store.write() as connection:
        add_post(connection)
    store.close()
    again = Store(store.url.render_as_string(hide_password=False)).open()
    with again.read() as connection:
        assert posts.count(connection, "posts") == (1, 0)
    again.close()


def test_a_fact_is_remembered_replaced_and_forgotten(store: Store) -> None:
    with store.write() as connection:
        assert facts.get(connection, facts.PAUSED) == ""
        for value in ("yes", ODD, ""):
            facts.put(connection, facts.PAUSED, value)
            assert facts.get(connection, facts.PAUSED) == value
        assert facts.get(connection, facts.FULL_SCAN) == ""


# SQLite


def pragma(connection: Connection, name: str) -> Any:
    return connection.execute(text(f"PRAGMA {name}")).scalar()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "syndicator.db"


@pytest.fixture
def sqlite(path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{path}").open()
    yield opened
    opened.close()


def test_sqlite_logs_ahead_survives_a_power_cut_and_keeps_references(sqlite: Store) -> None:
    with sqlite.write() as writing, sqlite.read() as reading:
        for connection in (writing, reading):
            assert pragma(connection, "journal_mode") == "wal"
            assert pragma(connection, "synchronous") == 2
            assert pragma(connection, "foreign_keys") == 1
        assert (pragma(writing, "query_only"), pragma(reading, "query_only")) == (0, 1)


def test_a_writer_holds_the_lock_from_the_beginning_and_readers_none(sqlite: Store, path: Path) -> None:
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    with sqlite.read():
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    with sqlite.write(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


def fill_up(store: Store) -> None:
    """Write to a file that may grow no more."""
    with store.write() as connection:
        connection.execute(text("PRAGMA max_page_count = 1"))
        for number in range(1000):
            add_post(connection, number, summary="long " * 1000)


def test_a_full_disk_is_said_in_words_and_the_store_goes_on(sqlite: Store) -> None:
    with pytest.raises(StoreError, match="disk is full: make room"):
        fill_up(sqlite)
    with sqlite.write() as connection:
        connection.execute(text("PRAGMA max_page_count = 1000000"))
        add_post(connection)
    with sqlite.read() as connection:
        assert posts.count(connection, "posts") == (1, 0)


def test_a_mistake_of_ours_is_not_dressed_up_as_the_users(sqlite: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)constraint") as caught, sqlite.write() as connection:
        connection.execute(insert(t.facts).values(name="a", value=None))
    assert not isinstance(caught.value, StoreError)


@pytest.mark.parametrize("turn", range(8))
def test_many_may_make_a_store_at_once(path: Path, turn: int) -> None:
    for opened in together(6, lambda _: Store(f"sqlite:///{path}").open()):
        with opened.write() as connection:
            facts.put(connection, "a", "b")
        opened.close()


def test_nobody_but_its_owner_reads_a_store(sqlite: Store, path: Path) -> None:
    with sqlite.write() as connection:
        add_post(connection)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {f"{path.name}{suffix}": 0o600 for suffix in ("", "-wal", "-shm", ".open.lock")}


# Stores that cannot be opened


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "not a database URL"), ("syndicator.db", "not a database URL"),
        ("mysql://db.example/x", "mysql is not supported"),
    ],
)  # fmt: skip
def test_a_wrong_url_is_refused_with_the_setting_to_change(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words) as caught:
        Store(url)
    assert "[store] url" in str(caught.value)


def test_a_store_of_a_newer_version_is_refused_and_left_alone(sqlite: Store, path: Path) -> None:
    with sqlite.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"newer Syndicator \(schema 9999, .*install that version again") as caught:
        Store(f"sqlite:///{path}").open()
    assert str(path) in str(caught.value)
    with sqlite.read() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"


@pytest.mark.parametrize("content", [b"title: not a database\n" * 100, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match="cannot be opened: ") as caught:
        Store(f"sqlite:///{path}").open()
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=str(tmp_path)):
        Store(f"sqlite:///{tmp_path}").open()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="Not a directory: check"):
        Store(f"sqlite:///{tmp_path}/file/state/syndicator.db").open()


@contextmanager
def as_nobody() -> Iterator[None]:
    """Work without root's rights, which no file mode stops."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def readable() -> Iterator[Path]:
    """Give a folder that everyone may enter and read, and nobody but root may write to."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        yield Path(folder)
        os.chmod(folder, 0o755)


@pytest.mark.parametrize("place", ["syndicator.db", "state/syndicator.db"])
def test_an_unwritable_folder_is_refused(readable: Path, place: str) -> None:
    with as_nobody(), pytest.raises(StoreError, match=str(readable)):
        Store(f"sqlite:///{readable}/{place}").open()
