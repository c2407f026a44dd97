"""Reach a mail relay: connect, secure the connection, log in (RFC 5321, RFC 3207, RFC 4954), through aiosmtplib."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from base64 import b64encode
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import aiosmtplib

from syndicator.mail import replies
from syndicator.mail.replies import Phase, Reply, one_line
from syndicator.models import Outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_FULL_NAME: Final = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_CAUSES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (socket.gaierror, "its name does not resolve"),
    (ConnectionRefusedError, "nothing listens there"),
    (ssl.SSLCertVerificationError, "its TLS certificate is not accepted"),
    (ssl.SSLError, "TLS failed"),
)


@dataclass(frozen=True, slots=True)
class Relay:
    """Say where mail goes; as text `host:port`.

    `timeout` is in seconds, for each step. Without `ca_file` the system's authorities are trusted. Without `user`
    nobody logs in.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    timeout: float = 60.0

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class RefusedError(Exception):
    """Say that the relay would not take any mail now: what it answered is about us."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reply)
        self.outcome = outcome


async def dial(relay: Relay) -> aiosmtplib.SMTP:
    """Connect, secure the connection and log in. Raise RefusedError, whose outcome says what to mend."""
    smtp = aiosmtplib.SMTP(
        hostname=relay.host, port=relay.port, use_tls=relay.security == "tls", start_tls=False, timeout=relay.timeout
    )
    phase: Phase = "connect"
    with ExitStack() as closing:
        closing.callback(smtp.close)
        try:
            async for step in _introduce(smtp, relay):
                phase = step
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise RefusedError(_refusal(phase, error, relay)) from error
        closing.pop_all()
        return smtp


async def _introduce(smtp: aiosmtplib.SMTP, relay: Relay) -> AsyncIterator[Phase]:
    """Do one step after the other, each announced before it is done."""
    yield "connect"
    context = None if relay.security == "none" else await asyncio.to_thread(trust, relay.ca_file)
    await smtp.connect(tls_context=context)
    name = _own_name(smtp)
    yield "EHLO"
    await smtp.ehlo(hostname=name)
    if relay.security == "starttls":
        yield "STARTTLS"
        await smtp.starttls()
        yield "EHLO"
        await smtp.ehlo(hostname=name)
    if relay.user:
        yield "AUTH"
        await smtp.login(relay.user, relay.password)


def trust(ca_file: str) -> ssl.SSLContext:
    """Return what checks certificates and host names. Raise OSError naming a file that holds no authority."""
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        reason = error.strerror or error
        raise OSError(f"{ca_file} holds no certificates ({reason}), expected those of an authority, as PEM") from error


def _own_name(smtp: aiosmtplib.SMTP) -> str:
    """Return this machine's full name, or its address as a literal where it has none; without asking the DNS."""
    name = socket.gethostname()
    if _FULL_NAME.fullmatch(name):
        return name
    address = str(smtp.get_transport_info("sockname")[0]).partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _refusal(phase: Phase, error: Exception, relay: Relay) -> Outcome:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        words = _without_password(error.message, relay) if phase == "AUTH" else error.message
        answered = error.code > 0  # or what came was no reply
        outcome = replies.judge(phase, Reply(error.code, words)) if answered else replies.lost(phase, one_line(words))
    else:
        outcome = replies.lost(phase, why(error, relay.timeout))
    return Outcome("retry", f"{relay}: {outcome.reply}")


def why(error: Exception, timeout: float) -> str:
    """Say why a step failed; `timeout` is the time it had, in seconds."""
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} s"
    cause = error.__cause__ if isinstance(error, aiosmtplib.SMTPConnectError) and error.__cause__ else error
    for kind, words in _CAUSES:
        if isinstance(cause, kind):
            return f"{words} ({one_line(str(cause))})"
    if isinstance(cause, ConnectionError):
        return "the connection was closed"
    return one_line(str(cause.args[-1] if cause.args else "")) or type(cause).__name__


def _without_password(words: str, relay: Relay) -> str:
    """Hide the password in every form in which a server that quotes us could repeat it."""
    forms = (f"\0{relay.user}\0{relay.password}", relay.password)
    coded = (b64encode(form.encode()).decode("ascii") for form in forms)
    for secret in filter(None, (*coded, relay.password)):
        words = words.replace(secret, "***")
    return words
