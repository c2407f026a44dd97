"""A short form of `make chaos`: servers that misbehave, a service that is killed, and books that agree."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.chaos.ordeal import Size, endure

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgresql import Server

SMALL = Size(readers=30, posts=5, kills=2, stalls=0.003)


def test_nothing_is_lost_on_sqlite(tmp_path: Path) -> None:
    result = endure(tmp_path, SMALL)
    assert result.sent > 250


def test_nothing_is_lost_between_three_workers_on_postgresql(tmp_path: Path, postgresql: Server) -> None:
    result = endure(tmp_path, replace(SMALL, processes=3), postgresql.database())
    assert result.sent > 250
