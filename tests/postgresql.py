"""A PostgreSQL server of the tests' own, from the programs that the machine has."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from glob import glob
from itertools import count
from typing import TYPE_CHECKING, Self

import psycopg
from psycopg import sql
from sqlalchemy import URL

if TYPE_CHECKING:
    from typing import Any

PASSWORD = "only-for-tests"
_PATIENCE = 30.0

# Whoever comes through the socket is let in; over the network it takes the password.
_ACCESS = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
# Nothing here needs to outlive the machine; each test has a few connections only.
_SETTINGS = {
    "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "32MB",
    "max_connections": "60", "autovacuum": "off", "jit": "off",
}  # fmt: skip


def programs() -> str | None:
    """Return the folder of the newest server's programs, None where there is none."""
    found = sorted(glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: float(path.split("/")[4]))
    path = found[-1] if found else shutil.which("initdb")
    return os.path.dirname(path) if path else None


class Server:
    """Run a server from when the block begins to when it ends, in a temporary folder.

    with Server(programs()) as server:
        Store(server.database()).open()
    """

    def __init__(self, programs: str) -> None:
        self._programs = programs
        self._names = (f"test_{number}" for number in count(1))
        self._process: subprocess.Popen[bytes] | None = None
        # Short: the path of a socket has at most 107 bytes.
        self.folder = tempfile.mkdtemp(prefix="syndicator-pg-")
        self._data = os.path.join(self.folder, "data")
        self.port = _free_port()

    def __enter__(self) -> Self:
        if os.geteuid() == 0:
            shutil.chown(self.folder, _somebody())
        self._run("initdb", "-D", self._data, "-U", "owner", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync")
        with open(os.path.join(self._data, "pg_hba.conf"), "w", encoding="utf-8") as file:
            file.write(_ACCESS)
        self.start()
        self.execute(f"ALTER USER owner PASSWORD '{PASSWORD}'")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def start(self) -> None:
        options = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
        where = ["-D", self._data, "-k", self.folder, "-h", "127.0.0.1", "-p", str(self.port)]
        with open(os.path.join(self.folder, "log"), "ab") as log:
            command = [os.path.join(self._programs, "postgres"), *where, *options]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **_as_somebody())
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            assert time.monotonic() < deadline, self.log
            time.sleep(0.02)

    def stop(self) -> None:
        """End it at once, and with it every connection, but write everything down."""
        assert self._process
        self._process.send_signal(signal.SIGINT)
        self._process.wait(_PATIENCE)

    @property
    def log(self) -> str:
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def database(self, *, encoding: str = "UTF8") -> str:
        """Make an empty database and return its URL."""
        name = f"{next(self._names)}_{secrets.token_hex(2)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}'")
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.partition("?")[0].rpartition("/")[2]
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str, **query: str) -> str:
        """Return the URL of a database through the socket."""
        where = {"host": self.folder, "port": str(self.port)}
        return URL.create("postgresql", username="owner", database=name, query=where | query).render_as_string()

    def execute(self, statement: str, database: str = "postgres") -> list[Any]:
        """Run one statement as the owner, outside of a transaction; return its rows."""
        with self._connect(database) as connection:
            cursor = connection.execute(sql.SQL(statement))
            return cursor.fetchall() if cursor.description else []

    def _connect(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=self.folder, port=self.port, user="owner", dbname=database, autocommit=True, connect_timeout=10
        )

    def _answers(self) -> bool:
        assert self._process
        assert self._process.poll() is None, self.log
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        command = [os.path.join(self._programs, program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **_as_somebody())
        assert done.returncode == 0, done.stdout + done.stderr


def _somebody() -> str:
    """Return a user without rights: PostgreSQL refuses to run as root."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _as_somebody() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": _somebody(), "group": pwd.getpwnam(_somebody()).pw_gid, "extra_groups": [], "cwd": "/"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
