"""Mail by SMTP against a real server: what is sent, what is refused, what is lost on the way, and what is kept."""

from __future__ import annotations

import asyncio
import base64
import logging
import socket
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest

from syndicator.channels.email import Channel, MailOptions
from syndicator.mail.relay import Relay
from syndicator.mail.smtp import SmtpTransport
from syndicator.mail.transport import Mail
from syndicator.models import Outcome, Recipient
from tests.messages import message
from tests.relays import DROP, PASSWORD, SILENT, USER, Authority, MailRelay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.relays import Step

TEXT = b"From: a@news.example\r\nSubject: x\r\n\r\nHello\r\n"


@pytest.fixture
def server() -> Iterator[MailRelay]:
    with MailRelay() as server:
        yield server


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def mail(number: int = 1, data: bytes = TEXT, to: str = "") -> Mail:
    return Mail(f"post.{number}", "news@news.example", to or f"reader{number}@example.org", data)


def relay(server: MailRelay, **how: Any) -> Relay:
    fields: dict[str, Any] = {"host": "127.0.0.1", "port": server.port, "security": "none", "timeout": 5.0}
    return Relay(**fields | how)


@asynccontextmanager
async def transport(server: MailRelay, *, connections: int = 2, idle: float = 10.0, **how: Any) -> AsyncIterator[Any]:
    async with SmtpTransport(relay(server, **how), connections=connections, idle=idle) as made:
        yield made


async def send(server: MailRelay, *mails: Mail, **how: Any) -> list[Outcome]:
    """Send mails at once, through a transport of their own."""
    async with transport(server, **how) as made:
        return list(await asyncio.gather(*(made.deliver(one) for one in mails or [mail()])))


async def one(server: MailRelay, what: Mail | None = None, **how: Any) -> Outcome:
    (outcome,) = await send(server, what or mail(), **how)
    return outcome


async def until(true: Any) -> None:
    """Wait for what happens in the server's thread; fail when it does not."""
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 -- another thread sets no event of this loop
            await asyncio.sleep(0.01)


# What arrives


async def test_a_mail_arrives_with_its_envelope(server: MailRelay) -> None:
    outcome = await one(server)
    assert outcome == Outcome("sent", "250 2.0.0 OK: queued")
    (received,) = server.mails
    assert (received.sender, received.recipient) == ("news@news.example", "reader1@example.org")
    assert received.options == (f"SIZE={len(TEXT)}",)
    assert received.data == TEXT
    assert server.commands == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]


async def test_we_say_who_we_are_without_asking_the_dns(server: MailRelay, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("news.example", "laptop", "a b.c"):
        monkeypatch.setattr(socket, "gethostname", lambda name=name: name)
        await one(server)
    assert server.names == ["news.example", "[127.0.0.1]", "[127.0.0.1]"]


@pytest.mark.parametrize(
    "data",
    [
        b".\r\n..\r\n...\r\n.x\r\nx.\r\n\r\n.\r\n\r\n.",
        b"Subject: x\r\n\r\n.\r\n.\r\n",
        b"Subject: x\r\n\r\n" + b"." * 1000 + b"\r\n",
        "Subject: x\r\n\r\n中文。.\r\n.正文\r\n".encode(),
    ],
)
async def test_lines_that_begin_with_a_dot_arrive_as_they_are(server: MailRelay, data: bytes) -> None:
    assert [outcome.state for outcome in await send(server, mail(data=data), mail(2))] == ["sent", "sent"]
    assert server.mails[0].data == (data if data.endswith(b"\r\n") else data + b"\r\n")


async def test_a_mail_of_a_megabyte_arrives_byte_for_byte(server: MailRelay) -> None:
    line = base64.b64encode(bytes(range(57))) + b"\r\n.\r\n"
    data = b"Subject: x\r\n\r\n" + line * (1_000_000 // len(line))
    assert (await one(server, mail(data=data))).state == "sent"
    assert server.mails[0].data == data


async def test_a_chinese_message_arrives_byte_for_byte(server: MailRelay) -> None:
    said = message(subject="央行公布利率决定：维持不变", text="正文第一行\n.第二行\n" * 50, html="<p>正文</p>")
    options = MailOptions(sender="金融消息 <news@例子.中国>", list_name="金融消息", list_domain="news.example")
    reader = Recipient(id=7, channel="email", name="wang@x.example", zone="UTC", language="zh")
    made: list[bytes] = []

    class Copying(SmtpTransport):
        async def deliver(self, mail: Mail) -> Outcome:
            made.append(mail.data)
            return await super().deliver(mail)

    async with Copying(relay(server)) as copying:
        assert (await Channel(options, copying).send(said, reader)).state == "sent"
    (received,) = server.mails
    assert received.data == made[0]
    assert received.sender == "news@xn--fsqu00a.xn--fiqs8s"
    parsed = message_from_bytes(received.data, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    text = parsed.get_body(("plain",))
    assert text is not None
    assert (parsed["Subject"], text.get_content()) == (said.subject, said.text.replace("\n", "\r\n"))


OPTIONS = MailOptions(sender="News <news@news.example>", list_name="News", list_domain="news.example")


async def said_to(name: str, server: MailRelay, options: MailOptions = OPTIONS) -> Outcome:
    async with transport(server) as made:
        reader = Recipient(id=1, channel="email", name=name, zone="UTC", language="zh")
        return await Channel(options, made).send(message(), reader)


async def test_an_address_in_chinese_goes_to_a_relay_that_takes_it() -> None:
    with MailRelay(enable_SMTPUTF8=True) as server:
        for name in ("读者@例子.中国", "wang@例子.中国"):
            assert (await said_to(name, server)).state == "sent"
    chinese, plain = server.mails
    assert (chinese.recipient, "SMTPUTF8" in chinese.options) == ("读者@xn--fsqu00a.xn--fiqs8s", True)
    assert (plain.recipient, "SMTPUTF8" in plain.options) == ("wang@xn--fsqu00a.xn--fiqs8s", False)


async def test_an_address_in_chinese_fails_for_good_where_the_relay_does_not_take_it(server: MailRelay) -> None:
    refused = await said_to("读者@example.org", server)
    assert refused.state == "permanent"
    assert "it announces no SMTPUTF8" in refused.reply
    chinese = OPTIONS.model_copy(update={"sender": "News <编辑@news.example>"})
    assert (await said_to("wang@example.org", server, chinese)).state == "retry"
    assert server.mails == []


async def test_a_mail_that_is_too_large_is_not_even_begun() -> None:
    with MailRelay(data_size_limit=1000) as server:
        large, small = await send(server, mail(data=b"x" * 999 + b"\r\n"), mail(2))
        assert large == Outcome("too_long", "the mail has 1001 octets, the relay takes 1000")
        assert small.state == "sent"
        assert server.commands.count("MAIL") == 1


# One connection for many


async def test_a_batch_goes_over_few_connections(server: MailRelay) -> None:
    outcomes = await send(server, *map(mail, range(50)))
    assert {outcome.state for outcome in outcomes} == {"sent"}
    assert server.connections == 2
    assert sorted(received.recipient for received in server.mails) == sorted(mail(n).recipient for n in range(50))
    assert server.commands.count("QUIT") == 2


async def test_one_connection_takes_a_whole_batch(server: MailRelay) -> None:
    await send(server, *map(mail, range(20)), connections=1)
    assert (server.connections, len(server.mails)) == (1, 20)
    assert [received.recipient for received in server.mails] == [mail(n).recipient for n in range(20)]


async def test_a_connection_is_kept_for_the_next_mail_and_closed_when_idle(server: MailRelay) -> None:
    async with transport(server, idle=0.3) as made:
        for number in range(3):
            await made.deliver(mail(number))
        assert server.connections == 1
        await until(lambda: not server.open)
        assert server.commands[-1] == "QUIT"
        await made.deliver(mail(4))
        assert server.connections == 2


@pytest.mark.parametrize("end", [SILENT, DROP, "500 what?"])
async def test_a_relay_that_does_not_take_leave_holds_nobody_up(server: MailRelay, end: str) -> None:
    server.tell("QUIT", end)
    async with asyncio.timeout(4):
        assert (await one(server)).state == "sent"


@pytest.mark.parametrize("end", ["421 4.4.2 too long idle", DROP, "451 MI:DMC too many mails on this connection"])
async def test_a_kept_connection_that_ended_costs_the_mail_nothing(server: MailRelay, end: str) -> None:
    async with transport(server) as made:
        await made.deliver(mail(1))
        server.tell("MAIL", end)
        assert (await made.deliver(mail(2))).state == "sent"
    assert server.connections == 2


async def test_a_relay_that_went_away_and_came_back_costs_the_mail_nothing() -> None:
    with MailRelay() as server:
        port = server.port
        async with transport(server) as made:
            await made.deliver(mail(1))
            server.stop()
            with MailRelay(port=port) as again:
                assert (await made.deliver(mail(2))).state == "sent"
                assert len(again.mails) == 1


async def test_where_the_relay_takes_one_connection_one_is_used(server: MailRelay) -> None:
    async with transport(server) as made:
        await made.deliver(mail(0))
        server.tell("greeting", "421 4.7.0 too many connections", times=None)
        outcomes = await asyncio.gather(*(made.deliver(mail(number)) for number in range(1, 20)))
    assert {outcome.state for outcome in outcomes} == {"sent"}
    assert server.connections == 2


# Security


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # it takes TLS from the beginning for none
@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_secured_connection_logs_in(authority: Authority, security: str) -> None:
    context = authority.context("127.0.0.1")
    how: dict[str, Any] = {"tls": context, "auth_require_tls": False} if security == "tls" else {"starttls": context}
    with MailRelay(**how, auth_required=True) as server:
        outcomes = await send(
            server, *map(mail, range(5)), mail(6, TEXT * 20_000),
            security=security, ca_file=authority.file, user=USER, password=PASSWORD,
        )  # fmt: skip
        assert {outcome.state for outcome in outcomes} == {"sent"}
        assert server.connections == 2
        assert max(len(received.data) for received in server.mails) == 20_000 * len(TEXT)


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("names", "trusted", "what"),
    [
        (("127.0.0.1",), False, "its TLS certificate is not accepted"),
        (("mail.example",), True, "IP address mismatch, certificate is not valid for '127.0.0.1'"),
    ],
)
async def test_a_certificate_that_is_not_the_relay_s_ends_it(
    authority: Authority, security: str, names: tuple[str, ...], trusted: bool, what: str
) -> None:
    context = authority.context(*names)
    how: dict[str, Any] = {"tls": context} if security == "tls" else {"starttls": context}
    with MailRelay(**how) as server:
        outcome = await one(
            server, security=security, ca_file=authority.file if trusted else "", user=USER, password=PASSWORD
        )
        assert outcome.state == "retry"
        assert what in outcome.reply
        assert outcome.reply.startswith(f"127.0.0.1:{server.port}: ")
        assert "AUTH" not in server.commands
        assert "MAIL" not in server.commands


async def test_a_relay_without_starttls_gets_nothing(server: MailRelay, authority: Authority) -> None:
    outcome = await one(server, security="starttls", ca_file=authority.file, user=USER, password=PASSWORD)
    assert outcome.state == "retry"
    assert outcome.reply.endswith(
        "STARTTLS: SMTP STARTTLS extension not supported by server.: check [mail] security and ca_file"
    )
    assert server.commands == ["EHLO"]


async def test_the_wrong_kind_of_security_says_so(server: MailRelay, authority: Authority) -> None:
    outcome = await one(server, security="tls", ca_file=authority.file, timeout=0.5)
    assert outcome.state == "retry"
    assert outcome.reply.endswith("check [mail] host, port and security")


async def test_a_file_without_certificates_says_so(server: MailRelay, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    for name in ("empty.pem", "none.pem"):
        outcome = await one(server, security="tls", ca_file=str(tmp_path / name))
        assert outcome.state == "retry"
        assert f"{tmp_path / name} holds no certificates (" in outcome.reply


async def test_a_wrong_password_is_never_shown(authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
    secret = "hunter2hunter2"
    quoted = base64.b64encode(f"\0{USER}\0{secret}".encode()).decode()
    with MailRelay(starttls=authority.context("127.0.0.1")) as server, caplog.at_level(logging.DEBUG, "syndicator"):
        how: dict[str, Any] = {"security": "starttls", "ca_file": authority.file, "user": USER, "password": secret}
        refused = await one(server, **how)
        server.tell("AUTH", f"535 5.7.8 not with AUTH PLAIN {quoted} or {secret}", times=None)
        echoed = await one(server, **how)
        server.relent()
        server.tell("AUTH", f"535 {'x' * 480} {quoted}", times=None)
        cut = await one(server, **how)
    assert quoted[:8] not in cut.reply
    assert refused.state == echoed.state == "retry"
    assert "AUTH: 535 5.7.8 Authentication credentials invalid: check [mail] user and password" in refused.reply
    assert "AUTH: 535 5.7.8 not with AUTH PLAIN *** or ***" in echoed.reply
    assert secret not in repr(relay(server, **how)) + caplog.text
    assert quoted not in caplog.text


# Refusals


REFUSALS = ["421 closing", "450 busy", "451 error", "452 full", "550 no", "552 5.2.2 full", "554 5.7.1 from your IP"]


@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL"])
@pytest.mark.parametrize("reply", REFUSALS)
async def test_what_is_refused_to_us_is_tried_again(server: MailRelay, step: Step, reply: str) -> None:
    server.tell(step, reply)
    outcome = await one(server)
    assert outcome.state == "retry"
    assert reply in outcome.reply
    assert (await one(server)).state == "sent"
    assert len(server.mails) == 1


@pytest.mark.parametrize("step", ["RCPT", "DATA", "end"])
@pytest.mark.parametrize("reply", REFUSALS)
async def test_what_is_refused_to_one_mail_leaves_the_others_alone(server: MailRelay, step: Step, reply: str) -> None:
    async with transport(server, connections=1) as made:
        await made.deliver(mail(0))
        server.tell(step, reply)
        outcome = await made.deliver(mail(1))
        assert outcome.state == ("permanent" if reply.startswith("550") else "retry")
        assert reply in outcome.reply
        assert (await made.deliver(mail(2))).state == "sent"
    assert [received.recipient for received in server.mails] == [mail(0).recipient, mail(2).recipient]
    assert server.connections == (2 if reply.startswith("421") else 1)


async def test_a_refused_recipient_harms_no_other(server: MailRelay) -> None:
    server.tell("RCPT", "550 5.1.1 no such user", times=5)
    outcomes = await send(server, *map(mail, range(20)))
    assert sorted(outcome.state for outcome in outcomes) == ["permanent"] * 5 + ["sent"] * 15
    assert (server.connections, len(server.mails)) == (2, 15)
    assert 4 <= server.commands.count("RSET") <= 5


async def test_a_size_refused_at_mail_from_is_the_mail_s_own(server: MailRelay) -> None:
    server.tell("MAIL", "552 5.3.4 message size exceeds fixed limit")
    large, small = await send(server, mail(1), mail(2), connections=1)
    assert (large.state, small.state) == ("too_long", "sent")


@pytest.mark.parametrize(
    ("step", "reply"),
    [
        *((step, reply) for step in ("EHLO", "MAIL", "RCPT") for reply in ("354 go on", "xyz", "55", "\x00\xff")),
        *(("DATA", reply) for reply in ("250 what", "200", "xyz", "\x00\xff")),
    ],
)
async def test_a_reply_out_of_place_is_nothing_to_build_on(server: MailRelay, step: Step, reply: str) -> None:
    server.tell(step, reply)
    outcome = await one(server, timeout=0.5)
    assert outcome.state == "retry"
    assert server.mails == []


async def test_a_reply_that_never_ends_is_cut_off() -> None:
    async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 flood\r\n")
        while not writer.is_closing():
            writer.write(b"250-more\r\n" * 1000)
            await writer.drain()

    flooding = await asyncio.start_server(flood, "127.0.0.1", 0)
    port = flooding.sockets[0].getsockname()[1]
    async with flooding, SmtpTransport(Relay("127.0.0.1", port, "none", timeout=2.0)) as made:
        assert (await made.deliver(mail())).state == "retry"


# Silence and drops


@pytest.mark.parametrize("step", ["greeting", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "end"])
async def test_silence_ends_at_the_deadline_of_each_step(authority: Authority, step: Step) -> None:
    with MailRelay(starttls=authority.context("127.0.0.1")) as server:
        server.tell(step, SILENT)
        outcome = await one(
            server, security="starttls", ca_file=authority.file, user=USER, password=PASSWORD, timeout=0.3
        )
        assert outcome.state == ("unknown" if step == "end" else "retry")
        assert f"no answer within {1.5 if step == 'end' else 0.3} s" in outcome.reply
        await until(lambda: not server.open)


async def test_a_port_that_takes_no_connection_ends_at_the_deadline() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), SmtpConnections(port):
            async with SmtpTransport(Relay("127.0.0.1", port, "none", timeout=0.3)) as made:
                outcome = await made.deliver(mail())
    assert outcome == Outcome(
        "retry", f"127.0.0.1:{port}: connect: no answer within 0.3 s: check [mail] host, port and security"
    )


class SmtpConnections:
    """Fill up the queue of a port that nobody accepts from."""

    def __init__(self, port: int) -> None:
        self._sockets = [socket.socket() for _ in range(3)]
        for one in self._sockets:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        for one in self._sockets:
            one.close()


@pytest.mark.parametrize("step", ["greeting", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "end"])
async def test_a_drop_is_unknown_only_after_the_final_dot(authority: Authority, step: Step) -> None:
    with MailRelay(starttls=authority.context("127.0.0.1")) as server:
        how: dict[str, Any] = {"security": "starttls", "ca_file": authority.file, "user": USER, "password": PASSWORD}
        server.tell(step, DROP)
        outcome = await one(server, **how)
        assert outcome.state == ("unknown" if step == "end" else "retry")
        assert "the connection was closed" in outcome.reply
        assert (await one(server, **how)).state == "sent"


async def test_a_drop_amid_a_mail_is_before_its_final_dot() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        for reply in (b"250 EHLO", b"250 MAIL", b"250 RCPT", b"354 DATA"):
            await reader.readline()
            writer.write(reply + b"\r\n")
        await reader.read(1000)
        writer.transport.abort()

    hanging = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = hanging.sockets[0].getsockname()[1]
    async with hanging, SmtpTransport(Relay("127.0.0.1", port, "none", timeout=5.0)) as made:
        outcome = await made.deliver(mail(data=b"x" * 98 + b"\r\n" + b"y" * 20_000_000))
    assert outcome == Outcome("retry", "message: the connection was closed")


async def test_a_relay_that_does_not_read_ends_at_the_deadline() -> None:
    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        for reply in (b"250 EHLO", b"250 MAIL", b"250 RCPT", b"354 DATA"):
            await reader.readline()
            writer.write(reply + b"\r\n")
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(3600)

    stalling = await asyncio.start_server(stall, "127.0.0.1", 0)
    port = stalling.sockets[0].getsockname()[1]
    async with SmtpTransport(Relay("127.0.0.1", port, "none", timeout=0.3)) as made:
        outcome = await made.deliver(mail(data=b"x" * 20_000_000))
    stalling.close()
    assert outcome == Outcome("retry", "message: no answer within 0.3 s")


# A relay that refuses us altogether


async def test_a_relay_that_is_not_there_is_asked_once_for_a_whole_batch(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    async with SmtpTransport(Relay("127.0.0.1", port, "none")) as made:
        outcomes = await asyncio.gather(*(made.deliver(mail(number)) for number in range(50)))
    assert len(set(outcomes)) == 1
    assert outcomes[0].state == "retry"
    assert outcomes[0].reply.startswith(f"127.0.0.1:{port}: connect: nothing listens there (")
    assert outcomes[0].reply.endswith(": check [mail] host, port and security")
    assert len(caplog.records) == 1


@pytest.mark.parametrize(("step", "reply"), [("greeting", "554 5.7.1 not you"), ("EHLO", "550 no"), ("MAIL", "553 no")])
async def test_a_relay_that_refuses_us_is_not_hammered(server: MailRelay, step: Step, reply: str) -> None:
    server.tell(step, reply, times=None)
    async with transport(server) as made:
        waiting = await asyncio.gather(*(made.deliver(mail(number)) for number in range(16)))
        later = await asyncio.gather(*(made.deliver(mail(number)) for number in range(16, 32)))
        assert {outcome.state for outcome in waiting + later} == {"retry"}
        assert all(reply in outcome.reply for outcome in waiting + later)
        assert server.connections <= 2
        server.relent()
        async with asyncio.timeout(10):
            while (await made.deliver(mail())).state != "sent":  # noqa: ASYNC110 -- as the ledger would
                await asyncio.sleep(0.1)


async def test_a_silent_relay_holds_a_batch_up_for_one_deadline(server: MailRelay) -> None:
    server.tell("greeting", SILENT, times=None)
    async with asyncio.timeout(2):
        outcomes = await send(server, *map(mail, range(50)), timeout=0.5)
    assert len(set(outcomes)) == 1
    assert server.connections == 1


# The end


async def test_what_is_under_way_when_the_transport_closes_ends(server: MailRelay) -> None:
    server.tell("RCPT", SILENT, times=None)
    async with transport(server, timeout=60) as made:
        under_way = [asyncio.create_task(made.deliver(mail(number))) for number in range(5)]
        await until(lambda: server.commands.count("RCPT") == 2)
    async with asyncio.timeout(2):
        outcomes = await asyncio.gather(*under_way)
    assert {outcome.state for outcome in outcomes} == {"retry"}
    await until(lambda: not server.open)


async def test_a_mail_that_is_cancelled_takes_its_connection_with_it(server: MailRelay) -> None:
    server.tell("RCPT", SILENT)
    async with transport(server, connections=1) as made:
        under_way = asyncio.create_task(made.deliver(mail(1)))
        await until(lambda: "RCPT" in server.commands)
        under_way.cancel()
        assert (await made.deliver(mail(2))).state == "sent"
    assert server.connections == 2
    assert [received.recipient for received in server.mails] == ["reader2@example.org"]
