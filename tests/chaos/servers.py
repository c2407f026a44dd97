"""A mail server and a web server that behave badly at random, and keep a book of all that they took."""

from __future__ import annotations

import asyncio
import random
import threading
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import TYPE_CHECKING, Any, Self

from aiosmtpd.smtp import SMTP

if TYPE_CHECKING:
    from collections.abc import Coroutine

# Longer than any client waits.
STALL = 60.0


@dataclass
class Book:
    """Hold what one server did: (recipient, message id) → how often it took the message.

    `unanswered` counts those of them whose sender was never told, `refused` how often each recipient's was refused
    for good.
    """

    taken: Counter[tuple[str, str]] = field(default_factory=Counter)
    unanswered: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


class Chaos:
    """Decide what goes wrong, until `calm()`; `stalls` is how often a server says nothing any more."""

    def __init__(self, seed: int, stalls: float) -> None:
        self.stalls = stalls
        self._chance = random.Random(seed)
        self._calm = False

    def calm(self) -> None:
        self._calm = True

    def draw(self, **rates: float) -> str:
        """Return one of the names, each with its probability, or "" for nothing."""
        if self._calm:
            return ""
        return next((name for name, rate in rates.items() if self._chance.random() < rate), "")


class _Server(ABC):
    """Run on an event loop in a thread of its own, from `with` to the end of the block."""

    def __init__(self, chaos: Chaos) -> None:
        self.book = Book()
        self.chaos = chaos
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._end_connections())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end_connections(self) -> None:
        tasks = asyncio.all_tasks(self._loop) - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    @abstractmethod
    async def _start(self) -> None: ...


class MailServer(_Server):
    """Take mail by SMTP on a free port of 127.0.0.1."""

    port = 0

    async def _start(self) -> None:
        server = await self._loop.create_server(lambda: SMTP(_Mails(self), loop=self._loop), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]


class _Mails:
    def __init__(self, server: MailServer) -> None:
        self._book, self._chaos = server.book, server.chaos

    async def handle_RCPT(self, server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        what = self._chaos.draw(
            greylist=0.04, busy=0.02, full=0.02, unknown=0.01, close=0.01, drop=0.02, stall=self._chaos.stalls
        )
        if what == "drop":
            server.transport.abort()
        if what == "stall":
            await asyncio.sleep(STALL)
        if what == "unknown":
            self._book.refused[address] += 1
        replies = {
            "greylist": "450 4.2.0 Greylisted, try again later",
            "busy": "451 4.3.2 Try again later",
            "full": "452 4.2.2 Mailbox full",
            "unknown": "550 5.1.1 No such user here",
            "close": "421 4.3.2 Going down",
        }
        if what in replies:
            return replies[what]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        what = self._chaos.draw(later=0.03, drop=0.02, stall=self._chaos.stalls)
        if what == "later":
            return "451 4.3.0 Try again later"
        key = envelope.rcpt_tos[0], str(message_from_bytes(envelope.content)["Message-ID"])
        self._book.taken[key] += 1
        if what:
            self._book.unanswered[key] += 1
        if what == "drop":
            server.transport.abort()
        if what == "stall":
            await asyncio.sleep(STALL)
        return "250 2.0.0 Taken"


class WebServer(_Server):
    """Take webhooks on one free port of many loopback addresses: to a client each is a server of its own."""

    port = 0

    def __init__(self, chaos: Chaos, addresses: int) -> None:
        super().__init__(chaos)
        self._hosts = [f"127.0.1.{number + 1}" for number in range(addresses)]

    def url(self, number: int) -> str:
        return f"http://{self._hosts[number % len(self._hosts)]}:{self.port}/{number}"

    async def _start(self) -> None:
        first = await asyncio.start_server(self._serve, self._hosts[0], 0)
        self.port = first.sockets[0].getsockname()[1]
        for host in self._hosts[1:]:
            await asyncio.start_server(self._serve, host, self.port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        if self.chaos.draw(drop=0.02):
            return False
        await reader.readexactly(int(headers["content-length"]))
        return await self._answer((head[0].split()[1], headers["webhook-id"]), writer)

    async def _answer(self, key: tuple[str, str], writer: asyncio.StreamWriter) -> bool:
        what = self.chaos.draw(error=0.05, busy=0.04, refuse=0.01, lost=0.02, stall=self.chaos.stalls)
        status = {"error": "500 Oops", "busy": "503 Later", "refuse": "400 No"}.get(what, "204 Taken")
        if what == "refuse":
            self.book.refused[key[0]] += 1
        if status.startswith("204"):
            self.book.taken[key] += 1
            if what:
                self.book.unanswered[key] += 1
        if what == "stall":
            await asyncio.sleep(STALL)
        if what in ("lost", "stall"):
            return False
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        return True
