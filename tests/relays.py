"""A real mail relay for tests, on loopback: aiosmtpd in a thread, which answers as told."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from aiosmtpd.smtp import Envelope, Session

Step = Literal["greeting", "EHLO", "STARTTLS", "AUTH", "RSET", "MAIL", "RCPT", "DATA", "end", "QUIT"]
Deed = Literal["silent", "drop"]

SILENT: Deed = "silent"
DROP: Deed = "drop"
USER, PASSWORD = "news@relay.example", "pass wörd: 41%"


@dataclass(frozen=True)
class Received:
    """Hold a mail as it came in: the octets of the DATA command without the dots that were doubled on the way."""

    sender: str
    recipient: str
    options: tuple[str, ...]
    data: bytes


class Authority:
    """Issue certificates that nobody but the tests trusts."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.file = str(folder / "authority.pem")
        self._authority.cert_pem.write_to_path(self.file)

    def context(self, *names: str) -> ssl.SSLContext:
        """Return what a server needs to be known by these names."""
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*names).configure_cert(context)
        return context


class MailRelay:
    """Take mails, and answer each step as told; once, or with `times=None` from then on.

    with MailRelay() as relay:
        relay.tell("RCPT", "550 no such user")
        ...send to 127.0.0.1, relay.port...
        assert relay.mails == []
    """

    def __init__(
        self, *, port: int = 0, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, **how: Any
    ) -> None:
        self.mails: list[Received] = []
        self.commands: list[str] = []
        self.connections = 0
        self.open = 0
        self.most = 0
        self.names: list[str] = []
        self._told: defaultdict[str, deque[str]] = defaultdict(deque)
        self._always: dict[str, str] = {}
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._listen = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listen.getsockname()[1]
        self._tls = tls
        self._how = {"tls_context": starttls, "auth_require_tls": starttls is not None, "hostname": "relay.test"} | how

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread.is_alive():
            self.stop()

    def stop(self) -> None:
        """Hang up on everybody, and listen no more."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._listen.close()

    def tell(self, step: Step, answer: str, *, times: int | None = 1) -> None:
        """Answer a step with a line, with `SILENT` for ever, or with `DROP` by closing the connection."""
        if times is None:
            self._always[step] = answer
        else:
            self._told[step].extend([answer] * times)

    def relent(self) -> None:
        """Forget what was told: all goes well from now on."""
        self._always.clear()
        self._told.clear()

    def answer(self, step: str) -> str | None:
        return self._told[step].popleft() if self._told[step] else self._always.get(step)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        making = self._loop.create_server(lambda: _Conversation(self, self._how), sock=self._listen, ssl=self._tls)
        server = self._loop.run_until_complete(making)
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


class _HungUpError(ConnectionResetError):
    """End a conversation, in the way that aiosmtpd takes for a client that hung up."""


class _Conversation(SMTP):
    line_length_limit = 2**20  # the tests send lines of any length

    def __init__(self, relay: MailRelay, how: dict[str, Any]) -> None:
        self._relay = relay
        super().__init__(_Handler(relay), loop=asyncio.get_event_loop(), authenticator=_authenticate, **how)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._original_transport is None:
            self._relay.connections += 1
            self._relay.open += 1
            self._relay.most = max(self._relay.most, self._relay.open)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._relay.open -= 1
        super().connection_lost(error)

    async def _handle_client(self) -> None:
        try:
            if not await self._refused("greeting"):
                await super()._handle_client()
        except _HungUpError:
            pass
        finally:
            if self.transport:
                self.transport.close()

    async def _refused(self, step: str) -> bool:
        """Do what was told for a step; tell whether the step is over with that."""
        if step != "greeting":
            self._relay.commands.append(step)
        answer = self._relay.answer(step)
        if answer == SILENT:
            await asyncio.sleep(3600)
        if answer == DROP:
            assert self.transport
            self.transport.abort()  # type: ignore[attr-defined]
            raise _HungUpError
        if answer:
            await self.push(answer.encode("latin-1"))
        if answer and answer.startswith("421"):
            raise _HungUpError
        return bool(answer)


def _step(name: str) -> Callable[[_Conversation, str], Awaitable[None]]:
    async def run(self: _Conversation, argument: str) -> None:
        if not await self._refused(name):
            await getattr(SMTP, f"smtp_{name}")(self, argument)

    return run


for _name in ("EHLO", "STARTTLS", "AUTH", "RSET", "MAIL", "RCPT", "DATA", "QUIT"):
    setattr(_Conversation, f"smtp_{_name}", _step(_name))


class _Handler:
    def __init__(self, relay: MailRelay) -> None:
        self._relay = relay

    async def handle_EHLO(  # noqa: N802 (the names that aiosmtpd looks for)
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self._relay.names.append(hostname)
        return responses

    async def handle_DATA(self, server: _Conversation, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self._relay.answer("end")
        if answer in (SILENT, DROP):
            self._relay._told["end"].appendleft(answer)
            await server._refused("end")
        if answer and not answer.startswith("2"):
            return answer
        assert envelope.mail_from is not None
        assert isinstance(envelope.content, bytes)
        mail = Received(envelope.mail_from, envelope.rcpt_tos[0], tuple(envelope.mail_options), envelope.content)
        self._relay.mails.append(mail)
        return answer or "250 2.0.0 OK: queued"


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and data == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)
