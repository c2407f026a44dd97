"""Send mails to a relay by SMTP, over a few connections that are kept while there is mail."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, Self

from syndicator.mail.connection import connect
from syndicator.mail.relay import RefusedError
from syndicator.models import Outcome

if TYPE_CHECKING:
    from syndicator.mail.connection import Connection
    from syndicator.mail.relay import Relay
    from syndicator.mail.transport import Mail

log = logging.getLogger(__name__)

# Seconds for which a relay that refuses us is not asked again: less than the first wait of a mail (policy.retry).
_COOL_DOWN: Final = 3.0
# Seconds for which one connection less is used, where the relay takes fewer than we would open.
_FEWER: Final = 60.0


class SmtpTransport:
    """Send mails concurrently over at most `connections`; an async context manager, which closes them.

    Each connection takes one mail after the other, and is closed after `idle` seconds without any.
    """

    def __init__(self, relay: Relay, *, connections: int = 2, idle: float = 10.0) -> None:
        self._relay = relay
        self._idle_seconds = idle
        self._turns = asyncio.Semaphore(connections)
        self._opening = asyncio.Lock()
        self._open: set[Connection] = set()
        self._idle: dict[Connection, asyncio.TimerHandle] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._refusal: Outcome | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._refusal = Outcome("retry", "the program stopped before this mail's turn")
        for connection in list(self._idle):
            self._retire(connection)
        for connection in self._open:
            connection.abort()
        if self._closing:
            await asyncio.wait(self._closing)

    async def deliver(self, mail: Mail) -> Outcome:
        """Try once, and say what became of it.

        While the relay refuses us altogether, every mail that waits gets the same outcome, and the relay one try.
        """
        while True:
            await self._turns.acquire()
            pause = 0.0
            try:
                if outcome := self._refusal or await self._try(mail):
                    return outcome
            except RefusedError as refused:
                if not self._open:
                    return self._refuse(refused.outcome)
                pause = _FEWER  # the connections that it has taken do the work
            finally:
                asyncio.get_running_loop().call_later(pause, self._turns.release)

    async def _try(self, mail: Mail) -> Outcome | None:
        """Send over a kept connection or a new one; None where a kept one turns out to have ended."""
        connection = self._take() or await self._connect()
        try:
            return await connection.send(mail)
        finally:
            self._give_back(connection)

    async def _connect(self) -> Connection:
        """Open a connection, one at a time: when the first is refused, so would be the others."""
        async with self._opening:
            if self._refusal:
                raise RefusedError(self._refusal)
            connection = await connect(self._relay)
        self._open.add(connection)
        return connection

    def _take(self) -> Connection | None:
        """Take the kept connection that was used last."""
        if not self._idle:
            return None
        connection, timer = self._idle.popitem()
        timer.cancel()
        return connection

    def _give_back(self, connection: Connection) -> None:
        if connection.usable:
            timer = asyncio.get_running_loop().call_later(self._idle_seconds, self._retire, connection)
            self._idle[connection] = timer
        else:
            connection.abort()
            self._open.discard(connection)

    def _retire(self, connection: Connection) -> None:
        self._idle.pop(connection).cancel()
        self._open.discard(connection)
        task = asyncio.create_task(connection.quit())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _refuse(self, outcome: Outcome) -> Outcome:
        if self._refusal is None:
            log.warning("no mail leaves: %s", outcome.reply)
            self._refusal = outcome
            asyncio.get_running_loop().call_later(_COOL_DOWN, self._forgive)
        return outcome

    def _forgive(self) -> None:
        self._refusal = None
