"""Run an ASGI application on uvicorn, beside everything else in the process."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
from typing import TYPE_CHECKING

import uvicorn

from syndicator.errors import SyndicatorError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

_GRACE_SECONDS = 4
_ADVICE = {
    errno.EADDRINUSE: "is in use: stop the other program or set [web] port",
    errno.EACCES: "needs more rights: set [web] port to one above 1023, and put a web server in front of it",
    errno.EADDRNOTAVAIL: "is not an address of this machine: set [web] host",
}


class Server:
    """Listen on `host` and `port` (0 for any free one) and serve `app` until told to stop."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._socket: socket.socket | None = None

    @property
    def port(self) -> int:
        """Return the port: after `bind` the one that is listened on."""
        return self._port

    @property
    def url(self) -> str:
        """Return the address to open in a browser on this machine."""
        return f"http://{_join(self._host, self._port)}"

    def bind(self) -> None:
        """Take the port before anything else starts. Raise `SyndicatorError` with what to do when that cannot be."""
        self._socket = _listen(self._host, self._port)
        self._port = self._socket.getsockname()[1]

    async def serve(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, then let running requests end, for less than 5 s. Call `bind` first."""
        if self._socket is None:
            raise RuntimeError("bind() comes before serve()")
        server = _Uvicorn(_configure(self._app))
        serving = asyncio.create_task(server.serve(sockets=[self._socket]))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            server.should_exit = True
            await serving


class _Uvicorn(uvicorn.Server):
    """Leave signals to the program: uvicorn would raise them again at its end, and exit with 143 instead of 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _configure(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.create_server(address, family=family)
    except (OSError, UnicodeError) as error:
        raise SyndicatorError(f"{_join(host, port)} {_explain(error)}") from error
    # Connections inherit it. Without it a body waits 40 ms for the client to acknowledge the headers (Nagle's
    # algorithm), and asyncio sets it only on sockets that name their protocol, which create_server's do not.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _explain(error: OSError | UnicodeError) -> str:
    if isinstance(error, UnicodeError | socket.gaierror):
        return _ADVICE[errno.EADDRNOTAVAIL]
    # create_server() puts the address into the error's text, and ours begins with it.
    reason = os.strerror(error.errno or 0)
    return _ADVICE.get(error.errno or 0, f"cannot be listened on ({reason}): set [web] host and port")


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
