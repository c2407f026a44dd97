"""PostgreSQL's own: who is let in, connections that break, and what its errors say."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import URL, make_url, text

from syndicator.errors import StoreError
from syndicator.store import Store, facts
from tests.postgresql import PASSWORD
from tests.stores import add_post, together

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from tests.postgresql import Server


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    url = postgresql.database()
    yield url
    postgresql.drop(url)


@pytest.fixture
def opened(url: str) -> Iterator[Store]:
    store = Store(url).open()
    yield store
    store.close()


def over_the_network(postgresql: Server, url: str, **changes: Any) -> str:
    """Return a URL of the same database with a host, a port, a user and a password."""
    parts: dict[str, Any] = {
        "host": "127.0.0.1", "port": postgresql.port, "username": "owner", "password": PASSWORD,
        "database": make_url(url).database,
    }  # fmt: skip
    return URL.create("postgresql", **parts | changes).render_as_string(hide_password=False)


def test_a_user_with_a_password_comes_in_over_the_network(postgresql: Server, url: str) -> None:
    store = Store(over_the_network(postgresql, url)).open()
    with store.write() as connection:
        facts.put(connection, "a", "b")
    store.close()


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        pytest.param({"port": 1}, "Connection refused.*check the host and the port in", id="port"),
        pytest.param({"host": "nowhere.invalid"}, r"check the host in \[store\] url", id="host"),
        pytest.param({"password": "s3cret-and-wrong"}, "check the user and the password in", id="password"),
        pytest.param({"password": None}, "SYNDICATOR_STORE__URL_FILE", id="no password"),
        pytest.param({"username": "nobody-here"}, "check the user and the password in", id="user"),
        pytest.param({"database": "missing"}, 'database "missing" does not exist: .*createdb', id="database"),
    ],
)
def test_who_cannot_be_reached_or_comes_in_vain_is_told_what_to_change(
    postgresql: Server, url: str, changes: dict[str, Any], advice: str
) -> None:
    wrong = over_the_network(postgresql, url, **changes)
    with pytest.raises(StoreError, match=advice) as caught:
        Store(wrong).open()
    said = str(caught.value)
    assert "\n" not in said
    assert said.startswith("postgresql://")
    assert PASSWORD not in said
    assert "s3cret" not in said


def test_options_of_the_url_are_not_shown_either() -> None:
    with pytest.raises(StoreError, match=r"^postgresql://owner@127\.0\.0\.1:1/name: ") as caught:
        Store("postgresql://owner:s3cret@127.0.0.1:1/name?sslpassword=s3cret&connect_timeout=2").open()
    assert "s3cret" not in str(caught.value)


def test_a_user_without_rights_is_told_so(postgresql: Server, url: str) -> None:
    postgresql.execute(f"CREATE USER guest PASSWORD '{PASSWORD}'")
    with pytest.raises(StoreError, match=r"permission denied for schema public.*OWNER TO"):
        Store(over_the_network(postgresql, url, username="guest")).open()
    postgresql.execute("DROP USER guest")


def test_a_database_that_cannot_hold_every_character_is_refused(postgresql: Server) -> None:
    url = postgresql.database(encoding="LATIN1")
    with pytest.raises(StoreError, match="the database is in LATIN1: make one in UTF8"):
        Store(url).open()
    postgresql.drop(url)


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg2"])
def test_another_driver_is_refused(driver: str) -> None:
    with pytest.raises(StoreError, match=f"the driver {driver} is not supported: write postgresql://"):
        Store(f"postgresql+{driver}://owner@127.0.0.1/name")


def test_a_missing_driver_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r'psycopg: pip install "syndicator\[postgresql\]"'):
        Store("postgresql://owner@127.0.0.1/name")


def test_the_driver_may_be_written(url: str) -> None:
    Store(url.replace("postgresql://", "postgresql+psycopg://")).open().close()


def test_many_may_make_a_store_at_once(url: str) -> None:
    for store in together(6, lambda _: Store(url).open()):
        with store.write() as connection:
            facts.put(connection, "a", "b")
        store.close()


def test_a_store_of_a_newer_version_is_refused_and_left_alone(opened: Store, url: str) -> None:
    with opened.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"newer Syndicator \(schema 9999"):
        Store(url).open()


def end_session(postgresql: Server, connection: Connection) -> None:
    pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    postgresql.execute(f"SELECT pg_terminate_backend({pid}, 5000)")


def lose(store: Store, postgresql: Server) -> None:
    """Write, and lose the connection before the commit."""
    with store.write() as connection:
        facts.put(connection, "a", "lost")
        end_session(postgresql, connection)
        facts.put(connection, "a", "lost, too")


def test_a_connection_that_breaks_in_a_transaction_undoes_it_and_the_next_works(
    opened: Store, postgresql: Server
) -> None:
    with pytest.raises(StoreError, match=r"terminating connection.*The next run goes on"):
        lose(opened, postgresql)
    with opened.write() as connection:
        assert facts.get(connection, "a") == ""
        facts.put(connection, "a", "kept")


def test_a_server_that_was_restarted_is_found_again(opened: Store, postgresql: Server) -> None:
    for transaction in (opened.read, opened.write):
        with transaction() as connection:
            facts.get(connection, "a")
    postgresql.stop()
    with pytest.raises(StoreError, match=r"check the socket's folder|whether the server runs"), opened.read():
        pytest.fail("the server is away")
    postgresql.start()
    with opened.write() as connection:
        facts.put(connection, "a", "b")
    with opened.read() as connection:
        assert facts.get(connection, "a") == "b"
    with opened.locks.scan():
        pass


def test_a_lock_whose_session_ends_is_free_and_its_holder_ends_well(opened: Store, postgresql: Server) -> None:
    query = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
    with opened.locks.scan():
        with opened.read() as connection:
            (pid,) = connection.execute(text(query)).scalars()
        postgresql.execute(f"SELECT pg_terminate_backend({pid}, 5000)")
        with opened.locks.scan():
            pass


def test_a_character_that_postgresql_cannot_hold_is_replaced(opened: Store) -> None:
    with opened.write() as connection:
        facts.put(connection, "a", "x\0y")
        add_post(connection, title="x\0y")
        assert facts.get(connection, "a") == "x\ufffdy"
