"""Reach a mail relay: connect, secure the connection, log in (RFC 5321, RFC 3207, RFC 4954), through aiosmtplib."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

import aiosmtplib

from syndicator.mail import replies
from syndicator.mail.replies import Phase, Reply
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
    try:
        async for step in _introduce(smtp, relay):
            phase = step
        return smtp
    except aiosmtplib.SMTPResponseException as error:
        smtp.close()
        outcome = _judged(phase, error)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        smtp.close()
        outcome = replies.lost(phase, why(error, relay.timeout))
    except asyncio.CancelledError:
        smtp.close()
        raise
    reply = _without_password(outcome.reply, relay) if phase == "AUTH" else outcome.reply
    raise RefusedError(Outcome("retry", f"{relay}: {reply}"))


async def _introduce(smtp: aiosmtplib.SMTP, relay: Relay) -> AsyncIterator[Phase]:
    """Do one step after the other, each announced before it is done."""
    yield "connect"
    await smtp.connect(tls_context=None if relay.security == "none" else trust(relay.ca_file))
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


@cache
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


def _judged(phase: Phase, error: aiosmtplib.SMTPResponseException) -> Outcome:
    if error.code < 200:
        return replies.lost(phase, f"what came is no reply of a mail server: {replies.one_line(error.message)}")
    return replies.judge(phase, Reply(error.code, error.message))


def why(error: Exception, timeout: float) -> str:
    """Say why a step failed; `timeout` is the time it had, in seconds."""
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} s"
    cause = error.__cause__ if isinstance(error, aiosmtplib.SMTPConnectError) and error.__cause__ else error
    for kind, words in _CAUSES:
        if isinstance(cause, kind):
            return f"{words} ({replies.one_line(str(cause))})"
    if isinstance(cause, ConnectionError):
        return "the connection was closed"
    return replies.one_line(str(cause)) or type(cause).__name__


def _without_password(text: str, relay: Relay) -> str:
    """Hide the password in every form in which a server that quotes us could repeat it."""
    plain = f"\0{relay.user}\0{relay.password}"
    coded = (b64encode(form.encode()).decode("ascii") for form in (plain, relay.password))
    for secret in (*coded, relay.password):
        text = text.replace(secret, "***")
    return text
