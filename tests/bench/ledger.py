"""Measure the ledger against the bare drivers doing the same updates: `python -m tests.bench.ledger`.

A round claims deliveries in batches of 50, each batch one transaction, and settles each batch in another, until nothing
is due; ours and theirs take turns on the same rows. Every message is answered alike, as most are. SQLite is compared
with sqlite3, PostgreSQL with psycopg (not with asyncpg, which is a fifth faster), on a server of its own that does not
sync.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from statistics import median
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import update

from syndicator.store import Store, ledger
from syndicator.store.tables import deliveries, to_microseconds
from tests.bench.table import lines
from tests.postgresql import Server, programs
from tests.records import MINUTE, NOW
from tests.stores import add_post, add_subscriber

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DELIVERIES = 2_000
_ROUNDS = 5
_BATCH = 50

_HEADER = ("ledger", "against", "share", "goal", "ours, 1/s", "theirs, 1/s")

_CLAIM = """
UPDATE deliveries SET state = 'leased', lease_until = {0}, lease_token = {0}, attempts = attempts + 1
WHERE id IN (SELECT id FROM deliveries WHERE state IN ('queued', 'leased', 'unknown') AND state != 'leased'
             AND due <= {0} ORDER BY due, id LIMIT {0} {lock})
RETURNING id"""
_SETTLE = """
UPDATE deliveries SET state = 'sent', due = {0}, reply = {0}, settled = {0}, lease_until = NULL, lease_token = NULL
WHERE id = {0} AND lease_token = {0}"""


def table() -> list[str]:
    """Return the lines of the table: deliveries a second, ours as a share of theirs."""
    return lines(_HEADER, list(_rows()))


def _rows() -> Iterator[tuple[str, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "syndicator.db")
        raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA synchronous = FULL")
        yield _row("SQLite", "sqlite3", "≥ 0.1", Store(f"sqlite:///{path}").open(), lambda: _sqlite(raw))
        raw.close()
    found = programs()
    if not found:
        yield "PostgreSQL", "psycopg", "–", "≥ 0.5", "not installed", "–"
        return
    with Server(found) as server:
        url = server.database()
        store = Store(url).open()
        with psycopg.connect(url, autocommit=False) as connection:
            yield _row("PostgreSQL", "psycopg", "≥ 0.5", store, lambda: _psycopg(connection))
        store.close()


def _row(name: str, against: str, goal: str, store: Store, theirs: Callable[[], int]) -> tuple[str, ...]:
    _fill(store)
    pairs = [(_rate(store, lambda: _ours(store)), _rate(store, theirs)) for _ in range(1 + _ROUNDS)][1:]
    part = sorted(ours / raw for ours, raw in pairs)
    rates = (f"{median(rates):,.0f}" for rates in zip(*pairs, strict=True))
    return f"claim and settle, {name}", against, f"{median(part):.2f} ({part[0]:.2f}–{part[-1]:.2f})", goal, *rates


def _fill(store: Store) -> None:
    """Queue one post for so many recipients."""
    with store.write() as connection:
        for number in range(_DELIVERIES):
            add_subscriber(connection, f"{number}@x.example")
        ledger.queue_post(connection, add_post(connection), {"site": [""]}, NOW)


def _rate(store: Store, work: Callable[[], int]) -> float:
    """Return how many deliveries a second `work` claims and settles, when all of them are due."""
    with store.write() as connection:
        connection.execute(update(deliveries).values(state="queued", due=NOW, attempts=0, settled=None))
        connection.exec_driver_sql("ANALYZE")  # what PostgreSQL's autovacuum does within a minute
    began = time.perf_counter()
    number = work()
    passed = time.perf_counter() - began
    assert number == _DELIVERIES
    return number / passed


def _ours(store: Store) -> int:
    number = 0
    while True:
        with store.write(alone=False) as connection:
            batch = ledger.claim(connection, NOW, NOW + MINUTE, "bench", _BATCH)
        if not batch:
            return number
        with store.write(alone=False) as connection:
            number += ledger.settle(connection, "bench", [(item.id, "sent", NOW, "200 OK") for item in batch], NOW)


def _sqlite(connection: sqlite3.Connection) -> int:
    claim, settle = _CLAIM.format("?", lock=""), _SETTLE.format("?")
    number, now = 0, to_microseconds(NOW)
    while True:
        connection.execute("BEGIN IMMEDIATE")
        ids = [row[0] for row in connection.execute(claim, (now, "bench", now, _BATCH))]
        connection.execute("COMMIT")
        if not ids:
            return number
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(settle, [(now, "200 OK", now, row_id, "bench") for row_id in ids])
        connection.execute("COMMIT")
        number += len(ids)


def _psycopg(connection: psycopg.Connection[Any]) -> int:
    claim, settle = _CLAIM.format("%s", lock="FOR UPDATE SKIP LOCKED"), _SETTLE.format("%s")
    number, now = 0, to_microseconds(NOW)
    cursor = connection.cursor()
    while True:
        with connection.transaction():
            ids = [row[0] for row in cursor.execute(claim, (now, "bench", now, _BATCH))]
        if not ids:
            return number
        with connection.transaction():
            cursor.executemany(settle, [(now, "200 OK", now, row_id, "bench") for row_id in ids])
        number += len(ids)


if __name__ == "__main__":
    print(*table(), sep="\n")
