"""Mail through a relay, as the commands and the service send it."""

from __future__ import annotations

import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from syndicator.app import App
from syndicator.settings import load
from tests.e2e.site import Service, Site, eventually, free_port, text_of
from tests.relays import DROP, PASSWORD, USER, Authority, MailRelay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.relays import Step

READERS = [f"reader{number}@example.org" for number in range(5)]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def relay(authority: Authority) -> Iterator[MailRelay]:
    with MailRelay(starttls=authority.context("localhost"), auth_required=True) as relay:
        yield relay


@pytest.fixture
def mailing(site: Site, authority: Authority, relay: MailRelay) -> Site:
    """Be a site whose mail goes to the relay, with readers who get every post at once."""
    through(site, relay.port, f'ca_file = "{authority.file}"', f'user = "{USER}"', f'password = "{PASSWORD}"')
    readers = site.folder / "readers.csv"
    readers.write_text("address,cadence\n" + "".join(f"{reader},instant\n" for reader in READERS))
    site.run("subscribers", "import", str(readers))
    return site


def through(site: Site, port: int, *lines: str) -> None:
    """Write the settings for a relay on this machine."""
    settings = ["[mail]", 'transport = "smtp"', 'host = "localhost"', f"port = {port}", 'timeout = "5s"', *lines]
    site.configure(more="\n".join(settings))


def parsed(data: bytes) -> EmailMessage:
    mail = message_from_bytes(data, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_deliver_hands_every_mail_to_the_relay_once(mailing: Site, relay: MailRelay) -> None:
    mailing.post(title="央行公布利率决定", body="维持不变。")
    mailing.post("second")
    mailing.run("build")
    done = mailing.run("deliver")
    assert done.stdout == "0 digests queued; 10 sent\n"
    assert done.stderr == ""
    assert "nothing to send" in mailing.run("deliver").stdout
    assert Counter(mail.recipient for mail in relay.mails) == dict.fromkeys(READERS, 2)
    assert relay.connections == 2
    assert relay.commands.count("QUIT") == 2
    mail = next(mail for mail in (parsed(mail.data) for mail in relay.mails) if "利率" in mail["Subject"])
    assert "维持不变。" in text_of(mail)
    assert {(row["state"], row["reply"]) for row in mailing.deliveries()} == {("sent", "250 2.0.0 OK: queued")}


def test_a_refused_reader_fails_and_the_others_have_their_mail(mailing: Site, relay: MailRelay) -> None:
    relay.tell("RCPT", "550 5.1.1 no such user here")
    mailing.post()
    mailing.run("build")
    assert "1 permanent, 4 sent" in mailing.run("deliver", code=1).stdout
    (failed,) = [row for row in mailing.deliveries() if row["state"] == "failed"]
    assert failed["reply"] == "RCPT TO: 550 5.1.1 no such user here"
    assert sorted([failed["to"], *(mail.recipient for mail in relay.mails)]) == READERS


def test_send_test_says_what_the_relay_says(mailing: Site, relay: MailRelay) -> None:
    assert mailing.run("send-test", READERS[0]).stdout == f"{READERS[0]}: sent: 250 2.0.0 OK: queued\n"
    relay.tell("RCPT", "550 5.1.1 no such user here")
    refused = mailing.run("send-test", READERS[0], code=1)
    assert refused.stdout == f"{READERS[0]}: permanent: RCPT TO: 550 5.1.1 no such user here\n"
    assert len(relay.mails) == 1


def test_a_wrong_password_is_said_once_and_never_shown(mailing: Site, relay: MailRelay, authority: Authority) -> None:
    through(mailing, relay.port, f'ca_file = "{authority.file}"', f'user = "{USER}"', 'password = "hunter2"')
    mailing.post()
    mailing.run("build")
    done = mailing.run("deliver", code=1, apart=True)
    assert "5 retry" in done.stdout
    reply = (
        f"localhost:{relay.port}: AUTH: 535 5.7.8 Authentication credentials invalid: check [mail] user and password"
    )
    assert done.stderr.count(f"no mail leaves: {reply}") == 1
    assert {(row["state"], row["reply"]) for row in mailing.deliveries()} == {("queued", reply)}
    assert relay.connections == 1
    tested = mailing.run("send-test", READERS[0], code=1)
    assert tested.stdout == f"{READERS[0]}: retry: {reply}\n"
    assert "hunter2" not in done.stdout + done.stderr + tested.stderr


def test_a_relay_that_is_not_there(mailing: Site, authority: Authority) -> None:
    port = free_port()
    through(mailing, port, f'ca_file = "{authority.file}"')
    mailing.post()
    mailing.run("build")
    assert "5 retry" in mailing.run("deliver", code=1).stdout
    assert all(row["reply"].startswith(f"localhost:{port}: connect: ") for row in mailing.deliveries())
    assert "check [mail] host, port and security" in mailing.run("send-test", READERS[0], code=1).stdout


def test_a_certificate_of_nobody_we_trust(mailing: Site, relay: MailRelay) -> None:
    through(mailing, relay.port, f'user = "{USER}"', f'password = "{PASSWORD}"')
    tested = mailing.run("send-test", READERS[0], code=1)
    assert "its TLS certificate is not accepted" in tested.stdout
    assert "AUTH" not in relay.commands


def test_check_asks_no_relay_but_reads_the_authority(mailing: Site, authority: Authority) -> None:
    mailing.configure(more='[mail]\ntransport = "smtp"\nhost = "relay.invalid"')
    assert mailing.run("check").stdout == f"{mailing.config}: no errors\n"
    mailing.configure(more='[mail]\ntransport = "smtp"\nhost = "relay.invalid"\nca_file = "none.pem"')
    wrong = mailing.run("check", code=2).stderr
    assert wrong.startswith(f"{mailing.config}:")
    assert f"mail.ca_file: {mailing.folder}/none.pem holds no certificates" in wrong


def test_the_service_keeps_a_connection_and_takes_leave(mailing: Site, relay: MailRelay) -> None:
    mailing.post()
    with Service(mailing) as service:
        eventually(lambda: len(relay.mails) == 5 or None, "the first mails")
        mailing.post("second")
        eventually(lambda: len(relay.mails) == 10 or None, "the second mails")
        assert relay.connections == 2
        assert service.stop(signal.SIGTERM) == 0
    assert relay.commands[-2:] == ["QUIT", "QUIT"]
    assert "Traceback" not in service.log


def test_a_relay_that_takes_nothing_for_a_day_loses_nothing(mailing: Site, relay: MailRelay) -> None:
    mailing.post()
    mailing.run("build")
    trouble: list[tuple[Step, str]] = [
        ("greeting", "554 5.7.1 not you"), ("AUTH", "535 5.7.8 no"), ("MAIL", "550 5.7.1 denied"),
        ("RCPT", "450 4.2.0 greylisted"), ("RCPT", "550 MI:SFQ"), ("end", "554 DT:SPM"), ("end", DROP), ("EHLO", DROP),
    ]  # fmt: skip
    start = now = datetime.now(UTC)
    app = App(load(str(mailing.config), {}), lambda: now)
    tally: Counter[str] = Counter()
    for step, reply in trouble * 6:
        relay.relent()
        relay.tell(step, reply, times=None)
        tally += app.deliver_now()
        now += timedelta(minutes=30)
    assert now - start == timedelta(days=1)
    assert tally.keys() == {"retry", "unknown"}
    assert relay.mails == []
    relay.relent()
    while any(row["state"] != "sent" for row in mailing.deliveries()):
        app.deliver_now()
        now += timedelta(minutes=30)
        assert now - start < timedelta(days=2)
    app.store.close()
    assert sorted(mail.recipient for mail in relay.mails) == READERS
