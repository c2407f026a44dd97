"""The owner hears of trouble: what, why, what to do; once; and that it is over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.site import Service, Site, eventually, free_port, text_of

if TYPE_CHECKING:
    from email.message import EmailMessage

    from tests.servers import Receiver

OWNER = "ops@example.org"


def alerts(site: Site) -> list[EmailMessage]:
    return [mail for mail in site.mails() if mail["To"] == OWNER]


def alert(site: Site, number: int) -> EmailMessage:
    """Return the so-manieth mail to the owner, and expect no later one."""
    found = eventually(lambda: found if len(found := alerts(site)) >= number else None, f"alert {number}")
    assert len(found) == number
    return found[-1]


def let_scans_pass(service: Service, number: int = 2) -> None:
    """Wait until the service has looked for trouble some more times."""

    def scans() -> int:
        shown = service.get("/metrics").body.decode()
        return sum(int(float(line.split()[-1])) for line in shown.splitlines() if line.startswith("syndicator_scans_t"))

    before = scans()
    eventually(lambda: scans() > before + number, "scans")


def test_a_lost_source_is_told_once_also_after_a_restart_and_that_it_is_back(site: Site) -> None:
    site.configure(more=f'[alerts]\nto = "{OWNER}"\nafter = "1s"')
    site.post("one")
    site.post("two")
    site.run("build")
    posts = site.folder / "_posts"
    posts.rename(site.folder / "away")
    with Service(site) as service:
        mail = alert(site, 1)
        assert mail["Subject"] == "Test News: The source “posts” cannot be read"
        assert "List-Unsubscribe" not in mail
        for text in (text_of(mail), text_of(mail, "html")):
            assert f"{site.folder}: no posts found" in text or "no posts found in" in text
            assert "then: syndicator scan" in text
        assert service.stop() == 0
    with Service(site) as service:
        let_scans_pass(service)
        assert len(alerts(site)) == 1
        (site.folder / "away").rename(posts)
        over = alert(site, 2)
        assert over["Subject"] == "Test News: Over: The source “posts” cannot be read"
        let_scans_pass(service)
    assert len(alerts(site)) == 2
    assert [row["kind"] for row in site.deliveries() if row["to"] == OWNER] == ["alert", "alert"]


def test_an_endpoint_that_was_switched_off_is_told_to_another_one(site: Site, receiver: Receiver) -> None:
    site.configure(more='[alerts]\nto = "ops"')
    for name, category in (("desk", "rates"), ("ops", "no-such-category")):
        url = f"{receiver.url}/{name}"
        site.run("endpoints", "add", name, "--kind", "webhook", "--url", url, "--category", category)
    receiver.answer(status=410)
    site.post()
    with Service(site) as service:
        _, hook = receiver.wait_for(2)
        let_scans_pass(service)
    assert len(receiver.requests) == 2
    event = json.loads(hook.body)
    assert (hook.path, event["type"]) == ("/ops", "alert")
    assert event["data"]["subject"] == "Test News: The endpoint “desk” was switched off"
    assert "What was said: HTTP 410" in event["data"]["text"]
    assert "syndicator endpoints resume desk" in event["data"]["text"]


def test_an_endpoint_that_takes_nothing_is_told_in_the_language_and_zone_of_the_owner(site: Site) -> None:
    site.configure(more=f'[alerts]\nto = "{OWNER}"\nafter = "1s"\nlanguage = "zh-CN"\nzone = "Asia/Shanghai"')
    site.run("endpoints", "add", "desk", "--kind", "webhook", "--url", f"http://127.0.0.1:{free_port()}/t0ken")
    site.post()
    with Service(site):
        mail = alert(site, 1)
    assert mail["Subject"] == "Test News: 发往“desk”的 1 条消息未被接收"
    assert mail["Content-Language"] == "zh-CN"
    assert "not reached: nothing listens there" in text_of(mail)
    assert "t0ken" not in mail.as_string()


def test_mail_that_cannot_go_out_is_told_when_it_can(site: Site) -> None:
    site.configure(more=f'[alerts]\nto = "{OWNER}"\nafter = "1s"')
    site.run("subscribers", "add", "reader@example.org", "--cadence", "instant")
    folder = site.folder / "state" / "mail"
    folder.write_text("a file where the folder should be")
    site.post()
    with Service(site) as service:
        eventually(lambda: [row for row in site.deliveries() if row["kind"] == "alert"], "the alert in the ledger")
        let_scans_pass(service)
        folder.unlink()
        # Not after the waits between the tries, which are minutes by now.
        site.run("deliveries", "retry", *(str(row["id"]) for row in site.deliveries() if row["state"] != "sent"))
        mails = eventually(lambda: found if len(found := alerts(site)) == 2 else None, "the alert and its end")
        eventually(lambda: len(site.mails()) == 3, "the mail to the reader")
    told, over = sorted(mails, key=lambda mail: "Over" in mail["Subject"])
    assert told["Subject"] == "Test News: A mail is not taken"
    assert "make the folder" in text_of(told)
    assert over["Subject"].startswith("Test News: Over: ")
    assert [mail["To"] for mail in site.mails()].count("reader@example.org") == 1


def test_too_many_broken_posts_are_told(site: Site) -> None:
    site.configure(more=f'[alerts]\nto = "{OWNER}"\nquarantined = 1')
    site.write("one", "---\ntitle: cut o")
    site.post()
    with Service(site) as service:
        let_scans_pass(service)
        assert alerts(site) == []
        site.write("two", "---\ntitle: cut o")
        assert alert(site, 1)["Subject"] == "Test News: 2 posts of the source “posts” are broken and set aside"


def test_an_endpoint_that_is_not_there_is_named_in_the_log(site: Site) -> None:
    site.configure(more='[alerts]\nto = "opps"\nquarantined = 0')
    site.write("one", "---\ntitle: cut o")
    with Service(site) as service:
        eventually(lambda: "[alerts] to: there is no endpoint 'opps'" in service.log, "the error")


@pytest.mark.parametrize("to", ["ops@example", "Ops <ops@example.org>", "a@b@example.org"])
def test_an_address_that_is_none_is_a_mistake_in_the_settings(site: Site, to: str) -> None:
    site.configure(more=f'[alerts]\nto = "{to}"')
    assert "alerts.to: " in site.run("check", code=2).stderr
