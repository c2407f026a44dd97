"""Hold one conversation with a mail relay (RFC 5321).

aiosmtplib opens it; then it is taken over as streams: whether a mail may have arrived depends on whether its final dot
has left, and only who writes the dot himself knows that.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final, cast

from syndicator.mail import replies
from syndicator.mail.relay import RefusedError, dial, why
from syndicator.models import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from syndicator.mail.relay import Relay
    from syndicator.mail.replies import Phase, Reply
    from syndicator.mail.transport import Mail
    from syndicator.models import OutcomeState

_BLOCK: Final = 64 * 1024
_REPLY_LINES: Final = 100
# The answer to a whole mail may take longer than others (RFC 5321, section 4.5.3.2.6): who gives up on it sends twice.
_PATIENCE: Final = 5
# Seconds in which a relay may answer to QUIT; nothing depends on it.
_GOODBYE: Final = 2.0


async def connect(relay: Relay) -> Connection:
    """Open a connection that is ready for mail. Raise RefusedError, whose outcome says what to mend."""
    smtp = await dial(relay)
    return Connection(cast("asyncio.Transport", smtp.transport), smtp.esmtp_extensions, relay.timeout)


class Connection:
    """Send mails over one connection, one after the other.

    `usable` tells whether another mail may follow; where not, nothing is left but to `abort`.
    """

    def __init__(self, transport: asyncio.Transport, extensions: Mapping[str, str], timeout: float) -> None:
        self._timeout = timeout
        self._reader, self._writer = _streams(transport)
        self._announces_size = "size" in extensions
        self._largest = _number(extensions.get("size", ""))
        self._takes_utf8 = "smtputf8" in extensions
        self._phase: Phase = "MAIL FROM"
        self._kept = False
        self._pending = False
        self.usable = True

    async def send(self, mail: Mail) -> Outcome | None:
        """Try once; return None where a kept connection turns out to have ended before it took up this mail.

        Raise RefusedError where a new connection refuses the sender.
        """
        if outcome := self._obstacle(mail):
            return outcome
        kept, self._kept = self._kept, True
        outcome = await self._try(mail)
        if not self._is_about_us(outcome):
            return outcome
        if kept:
            return None
        raise RefusedError(outcome)

    async def quit(self) -> None:
        """Take leave, and close."""
        self.usable = False
        with suppress(OSError, ValueError):
            async with asyncio.timeout(_GOODBYE):
                await self._ask("QUIT")
                self._writer.close()
                await self._writer.wait_closed()
        self.abort()

    def abort(self) -> None:
        """Close at once."""
        self.usable = False
        self._writer.transport.abort()

    def _obstacle(self, mail: Mail) -> Outcome | None:
        if self._largest and len(mail.data) > self._largest:
            return Outcome("too_long", f"the mail has {len(mail.data)} octets, the relay takes {self._largest}")
        if _needs_utf8(mail) and not self._takes_utf8:
            # Another sender can be set, another recipient cannot.
            state: OutcomeState = "retry" if mail.recipient.isascii() else "permanent"
            return Outcome(state, "the relay takes only ASCII before the @ of an address (it announces no SMTPUTF8)")
        return None

    async def _try(self, mail: Mail) -> Outcome:
        self.usable = False
        try:
            reply = await self._transact(mail)
        except (OSError, ValueError) as error:
            return replies.lost(self._phase, why(error, self._deadline))
        outcome = replies.judge(self._phase, reply)
        self.usable = self._may_go_on(reply) and not self._is_about_us(outcome)
        self._pending = outcome.state != "sent"
        return outcome

    async def _transact(self, mail: Mail) -> Reply:
        """Return the reply that ends it: the first that refuses, or the one to the whole mail."""
        for phase, command in self._envelope(mail):
            self._phase = phase
            reply = await self._ask(command)
            if not replies.accepts(phase, reply):
                return reply
        self._phase = "message"
        await self._write(_stuffed(mail.data))
        self._phase = "final dot"
        return await self._ask(".")

    def _envelope(self, mail: Mail) -> Iterator[tuple[Phase, str]]:
        if self._pending:  # what was refused may still be open (RFC 5321, section 4.1.1.5)
            yield "RSET", "RSET"
        size = f" SIZE={len(mail.data)}" if self._announces_size else ""
        utf8 = " SMTPUTF8" if _needs_utf8(mail) else ""
        yield "MAIL FROM", f"MAIL FROM:<{mail.sender}>{size}{utf8}"
        yield "RCPT TO", f"RCPT TO:<{mail.recipient}>"
        yield "DATA", "DATA"

    def _is_about_us(self, outcome: Outcome) -> bool:
        return self._phase in ("RSET", "MAIL FROM") and outcome.state != "too_long"

    def _may_go_on(self, reply: Reply) -> bool:
        """Tell whether both sides agree on where they are: after 421 and after a reply out of place they do not."""
        refused = reply.code >= 400 and reply.code != 421
        return refused or (self._phase == "final dot" and replies.accepts(self._phase, reply))

    @property
    def _deadline(self) -> float:
        return self._timeout * (_PATIENCE if self._phase == "final dot" else 1)

    async def _ask(self, command: str) -> Reply:
        await self._write(f"{command}\r\n".encode())
        async with asyncio.timeout(self._deadline):
            return await self._reply()

    async def _write(self, data: bytes) -> None:
        """Write until the last octet has left the process; each block has its own deadline."""
        for start in range(0, len(data), _BLOCK):
            self._writer.write(data[start : start + _BLOCK])
            async with asyncio.timeout(self._timeout):
                await self._writer.drain()

    async def _reply(self) -> Reply:
        lines: list[str] = []
        while not lines or lines[-1][3:4] == "-":
            line = await self._reader.readline()
            if not line.endswith(b"\n"):
                raise ConnectionResetError("the connection was closed")
            lines.append(line.decode(errors="replace"))
            if len(lines) > _REPLY_LINES:
                raise ValueError("the reply does not end")
        return replies.parse(lines)


def _streams(transport: asyncio.Transport) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Take a connection over from the protocol that opened it; it keeps TLS."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport.set_protocol(protocol)
    protocol.connection_made(transport)
    transport.set_write_buffer_limits(high=1, low=0)  # so that `drain` waits until the buffer is empty
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


def _stuffed(data: bytes) -> bytes:
    """Double each dot that begins a line (RFC 5321, section 4.5.2), and end the last line."""
    stuffed = (b"." if data.startswith(b".") else b"") + data.replace(b"\r\n.", b"\r\n..")
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _needs_utf8(mail: Mail) -> bool:
    return not (mail.sender.isascii() and mail.recipient.isascii())


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
