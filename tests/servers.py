"""Real servers for tests, on loopback."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Drop = Literal["before", "after", "midway"]


@dataclass(frozen=True)
class Request:
    """Hold one request as it came in, with lower-case header names."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """Hold what to do with one request.

    `body` may be a function of the request. `delay` is in seconds. `drop` closes the connection: before the request is
    read, after it is read and recorded, or midway in the answer's body.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | str | Callable[[Request], bytes] = b""
    delay: float = 0.0
    drop: Drop | None = None

    def bytes(self, request: Request) -> bytes:
        if callable(self.body):
            return self.body(request)
        return self.body.encode() if isinstance(self.body, str) else self.body


class Receiver:
    """Record every request and answer as told; 200 and nothing where nothing was told.

    with Receiver() as receiver:
        receiver.answer(status=500, times=2)
        ...post to receiver.url...
        assert receiver.wait_for(3)[-1].body == b"{}"
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self._script: deque[Answer] = deque()
        self._default = Answer()
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        # The default poll of half a second would be waited for at every close.
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, status: int = 200, *, times: int | None = 1, **how: Any) -> None:
        """Add an answer to the script, for so many requests; with `times=None` for all that follow the script."""
        answer = Answer(status, **how)
        if times is None:
            self._default = answer
        else:
            self._script.extend([answer] * times)

    def wait_for(self, count: int, timeout: float = 30.0) -> list[Request]:
        """Return the requests once there are so many; fail the test when they do not come."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.requests) >= count, timeout)
        assert came, f"{len(self.requests)} of {count} requests came within {timeout:g} s"
        return self.requests

    def _next(self) -> Answer:
        return self._script.popleft() if self._script else self._default

    def _record(self, request: Request) -> None:
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()

    def _pause(self, seconds: float) -> None:
        self._closed.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A delayed answer must not keep the test waiting after it is over.
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are part of the tests."""


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            receiver.connections += 1

        def handle_one_request(self) -> None:
            # The script moves on when a request comes, not when a kept connection merely waits for one.
            if not self.rfile.peek(1):  # type: ignore[attr-defined]
                self.close_connection = True
                return
            self.told = receiver._next()
            if self.told.drop == "before":
                self.close_connection = True
                return
            super().handle_one_request()

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, body)
            receiver._record(request)
            if self.told.drop == "after":
                self.close_connection = True
                return
            receiver._pause(self.told.delay)
            self.reply(self.told.bytes(request))

        do_GET = do_POST = answer  # noqa: N815 (the names that http.server looks for)

        def reply(self, body: bytes) -> None:
            self.send_response(self.told.status)
            for name, value in self.told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            half = len(body) // 2 if self.told.drop == "midway" else len(body)
            self.wfile.write(body[:half])
            self.close_connection = self.close_connection or self.told.drop == "midway"

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    return Handler
