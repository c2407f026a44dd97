"""The migrations make the schema that `tables.py` says, and cost nothing where there is nothing to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from syndicator.store import Store, feeds, migrations, posts, upkeep
from syndicator.store.engine import SCHEMA_VERSION
from syndicator.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

ROOT = Path(__file__).parents[2]
SCRIPTS = ScriptDirectory(os.path.dirname(migrations.__file__))


@pytest.fixture
def migrated(store_url: str) -> Iterator[Engine]:
    """Give a database that the migrations alone have made."""
    engine = driven(store_url)
    migrations.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def made(request: pytest.FixtureRequest, store_url: str, tmp_path: Path) -> Iterator[Engine]:
    """Give another database, of the same kind, that `Store.open` has made."""
    if store_url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path}/made.db"
    else:
        url = request.getfixturevalue("postgresql").database()
    Store(url).open().close()
    engine = driven(url)
    yield engine
    engine.dispose()


def driven(url: str) -> Engine:
    """Return an engine without anything of ours."""
    if url.startswith("sqlite"):
        os.makedirs(os.path.dirname(url.removeprefix("sqlite:///")), exist_ok=True)
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


def schema(engine: Engine) -> dict[str, list[str]]:
    """Return table, constraint or index → what matters of it, without alembic's own table.

    The order of a table's constraints has no meaning.
    """
    found: dict[str, list[str]] = {}
    with engine.connect() as connection:
        for name, sql in connection.execute(text(SCHEMA[engine.dialect.name])):
            found[name] = found.get(name, []) + statement(sql or "")
    return found


SCHEMA = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE tbl_name != 'alembic_version'",
    "postgresql": """
        SELECT table_name, concat_ws(' ', column_name, data_type, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name != 'alembic_version'
        UNION ALL
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conrelid != 'alembic_version'::regclass
        UNION ALL
        SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename != 'alembic_version'
        ORDER BY 1, 2""",
}


def statement(sql: str) -> list[str]:
    words = " ".join(sql.replace('"', "").split())
    head, _, rest = words.partition("(")
    return [head, *sorted(part.strip(" )") for part in rest.split(", "))]


def version(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def test_the_migrations_make_the_same_schema_as_a_new_store(made: Engine, migrated: Engine) -> None:
    assert schema(migrated) == schema(made) != {}
    assert {"posts", "leases", "ix_deliveries_due"} < schema(made).keys()
    assert version(migrated) == version(made) == SCHEMA_VERSION


def test_both_keep_the_version_in_the_same_column(made: Engine, migrated: Engine) -> None:
    (one,), (two,) = (inspect(engine).get_columns("alembic_version") for engine in (made, migrated))
    assert (one["name"], str(one["type"]), one["nullable"]) == (two["name"], str(two["type"]), two["nullable"])


def test_alembic_finds_nothing_left_to_do(migrated: Engine) -> None:
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_the_schema_version_is_the_newest_migration_and_there_is_one_line_of_them() -> None:
    assert SCRIPTS.get_heads() == [SCHEMA_VERSION]
    assert len(SCRIPTS.get_bases()) == 1
    assert SCHEMA_VERSION in migrations.known_versions()


def test_migrating_what_is_up_to_date_changes_nothing(made: Engine) -> None:
    before = schema(made)
    migrations.upgrade(made)
    assert (schema(made), version(made)) == (before, SCHEMA_VERSION)


def test_a_store_of_the_first_version_keeps_what_it_holds(store_url: str) -> None:
    engine = driven(store_url)
    migrations.upgrade(engine, "0001")
    with engine.begin() as connection:
        for statement in FIRST_VERSION:
            connection.execute(text(statement))
    engine.dispose()
    store = Store(store_url).open()
    with store.read() as connection:
        assert [record.title for record in posts.listing(connection)] == ["潮汐"]
        assert posts.rendered(connection, [1]) == {1: "<p>涨潮</p>"}
        assert feeds.newest(connection, 1, 10) == [1]
        (row,) = upkeep.listing(connection)
        kept = (row.kind, row.name, row.unique_key, row.state, row.reply)
        assert kept == ("post", "a@b.example", "post:1:1", "sent", "ok")
        if store_url.startswith("sqlite"):
            assert list(connection.execute(text("PRAGMA foreign_key_check"))) == []
    store.close()


FIRST_VERSION = [
    """INSERT INTO posts VALUES (1, 'posts', '_posts/a.md', 'tag:a', 'live', '', 'h', 'text hash', '潮汐', '/a', 1, 1,
       '[]', '[]', '[]', '', '', '[]', 1, 1, TRUE, 'announced', 1)""",
    "INSERT INTO contents VALUES (1, 'h', '<p>涨潮</p>', '')",
    "INSERT INTO feeds VALUES (1, 'site', '', 'all', 'all', 'Site', FALSE, 1)",
    "INSERT INTO feed_posts VALUES (1, 1, 1)",
    """INSERT INTO recipients VALUES (1, 'email', 'a@b.example', 'a@b.example', 'UTC', 'en', '08:00', 'monday',
       'active', '', FALSE, '[]', 'b.example', 1)""",
    """INSERT INTO deliveries VALUES (1, 'post', 1, 1, NULL, 'post:1:1', 'sent', 1, NULL, NULL, 1, 'b.example', NULL,
       'ok', 1, 1)""",
]


def test_a_store_that_the_migrations_made_works(migrated: Engine, store_url: str) -> None:
    store = Store(store_url).open()
    with store.write() as connection:
        connection.execute(text("INSERT INTO facts VALUES ('a', 'b')"))
    store.close()


_OPEN = """
import sys
from syndicator.store import Store
Store(sys.argv[1]).open().close()
print(*sys.modules, sep="\\n")
"""


@pytest.mark.parametrize("there", [True, False], ids=["up to date", "new"])
def test_opening_a_store_that_needs_no_migration_does_not_load_alembic(store_url: str, there: bool) -> None:
    if there:
        Store(store_url).open().close()
    command = [sys.executable, "-c", _OPEN, store_url]
    modules = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert "sqlalchemy" in modules
    assert "alembic" not in modules
