"""The service as a process: a post lands, and its feed, its mail and its webhook follow, each exactly once."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from standardwebhooks import Webhook

from tests.e2e.site import POST, Service, Site, eventually, request, text_of

if TYPE_CHECKING:
    from tests.servers import Receiver, Request

ADDRESS = "reader@example.org"
FEED = "/feeds/category/rates.atom"


def enrol(site: Site, receiver: Receiver) -> str:
    """Add a subscriber and a webhook, both instant; return the webhook's secret."""
    site.run("subscribers", "add", ADDRESS, "--cadence", "instant")
    added = site.run("endpoints", "add", "desk", "--kind", "webhook", "--url", f"{receiver.url}/hook").stdout
    found = re.search(r"whsec_\S+", added)
    assert found, added
    return found[0]


def title_in(hook: Request) -> str:
    title: str = json.loads(hook.body)["data"]["post"]["title"]
    return title


def let_pass(site: Site, receiver: Receiver, slug: str) -> None:
    """Write one more post and wait until it was sent: whatever else was due before it has been sent, too."""
    sent = len(site.mails())
    site.post(slug)
    eventually(lambda: [hook for hook in receiver.requests if title_in(hook) == f"The {slug} post"], f"hook of {slug}")
    eventually(lambda: len(site.mails()) > sent, f"mail of {slug}")


def entry_with(site: Site, text: str) -> Any:
    """Return the entry of the first post, once its body holds a text."""
    entry = site.entry()
    return entry if text in entry.content[0].value else None


def test_a_new_post_reaches_feed_mail_and_webhook_once(site: Site, receiver: Receiver) -> None:
    site.post("earlier")
    site.run("build")
    secret = enrol(site, receiver)
    with Service(site) as service:
        before = service.get(FEED)
        tag = {"If-None-Match": before.headers["etag"]}
        assert service.get(FEED, **tag).status == 304
        text = POST.format(title="Rates up", date="2026-01-03", categories="rates", body="By a quarter.", link="old")
        half = site.write("first", text[: text.index("categories")])
        eventually(lambda: half in service.log, "the warning of the half-written post")
        assert service.get(FEED, **tag).status == 304
        site.write("first", text)
        (hook,) = receiver.wait_for(1)
        (mail,) = eventually(site.mails, "the mail")
        eventually(lambda: service.get(FEED, **tag).status == 200, "the changed feed")
        after = service.get(FEED)
        assert after.headers["etag"] != before.headers["etag"]
        assert b"Rates up" in after.body
        assert b"Rates up" not in before.body
        assert mail["Subject"] == "Rates up"
        assert mail["To"] == ADDRESS
        assert "By a quarter." in text_of(mail)
        assert Webhook(secret).verify(hook.body.decode(), hook.headers)["type"] == "post.published"
        assert title_in(hook) == "Rates up"
        let_pass(site, receiver, "later")
        assert service.stop() == 0
    assert [title_in(hook) for hook in receiver.requests] == ["Rates up", "The later post"]
    assert [mail["Subject"] for mail in site.mails()] == ["Rates up", "The later post"]
    assert [row["state"] for row in site.deliveries()] == ["sent"] * 4


def test_a_post_that_is_still_being_written_is_not_sent_out(site: Site, receiver: Receiver) -> None:
    site.configure(settle="2s")
    enrol(site, receiver)
    with Service(site):
        site.post(body="Half of a")
        eventually(site.entry, "the half post in the feed, which waits for nothing")
        site.post(body="Half of a sentence, and the rest.")
        receiver.wait_for(1)
        eventually(site.mails, "the mail")
        let_pass(site, receiver, "later")
    assert [title_in(hook) for hook in receiver.requests] == ["The first post", "The later post"]
    assert "Half of a sentence, and the rest." in receiver.requests[0].body.decode()
    assert "Half of a sentence, and the rest." in text_of(site.mails()[0])


def test_an_edited_post_changes_the_feed_and_notifies_nobody(site: Site, receiver: Receiver) -> None:
    enrol(site, receiver)
    with Service(site):
        site.post()
        receiver.wait_for(1)
        first = eventually(site.entry, "the entry")
        site.post(link="new")
        relinked = eventually(lambda: entry_with(site, "/new"), "the new footer link in the feed")
        assert (relinked.id, relinked.updated) == (first.id, first.updated)
        site.post(link="new", body="Changed.")
        rewritten = eventually(lambda: entry_with(site, "Changed."), "the new body in the feed")
        assert rewritten.summary == "Changed."
        assert (rewritten.id, rewritten.published) == (first.id, first.published)
        assert rewritten.updated_parsed > first.updated_parsed
        let_pass(site, receiver, "later")
    assert [title_in(hook) for hook in receiver.requests] == ["The first post", "The later post"]
    assert len(site.mails()) == 2


def test_a_post_of_the_future_appears_at_its_time(site: Site, receiver: Receiver) -> None:
    enrol(site, receiver)
    with Service(site):
        path = post_at(site, datetime.now(UTC) + timedelta(hours=1))
        eventually(lambda: path in site.posts(), "the scan")
        assert site.posts()[path]["state"] == "held"
        site.post("now")
        eventually(lambda: site.entry("now"), "the post of now in the feed")
        assert site.entry() is None
        receiver.wait_for(1)
        at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=4)
        post_at(site, at)
        shown = eventually(site.entry, "the held post in the feed")
        assert datetime.now(UTC) >= at
        receiver.wait_for(2)
    assert datetime.fromisoformat(shown.published) == at
    assert [title_in(hook) for hook in receiver.requests] == ["The now post", "The first post"]


def post_at(site: Site, at: datetime) -> str:
    return site.post(date=f"{at:%Y-%m-%d %H:%M:%S} +0000")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_after_a_restart_nothing_is_sent_again(
    site: Site, receiver: Receiver, number: signal.Signals
) -> None:
    enrol(site, receiver)
    site.post()
    with Service(site) as service:
        receiver.wait_for(1)
        eventually(site.mails, "the mail")
        assert service.stop(number) == 0
        assert "Traceback" not in service.log
    with Service(site):
        let_pass(site, receiver, "later")
    assert [title_in(hook) for hook in receiver.requests] == ["The first post", "The later post"]
    assert len(site.mails()) == 2


def test_a_delivery_cut_off_by_kill_9_is_tried_again_under_the_same_id(site: Site, receiver: Receiver) -> None:
    enrol(site, receiver)
    receiver.answer(delay=600)
    site.post()
    with Service(site) as service:
        receiver.wait_for(1)
        assert service.stop(signal.SIGKILL) == -signal.SIGKILL
    with Service(site) as service:
        first, second = receiver.wait_for(2)
        let_pass(site, receiver, "later")
        assert "freed leases of a process that died" in service.log
        assert service.stop() == 0
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert len(receiver.requests) == 3
    tries = {row["to"]: row["attempts"] for row in site.deliveries() if row["id"] <= 2}
    assert tries["desk"] == 2
    assert {row["state"] for row in site.deliveries()} == {"sent"}


def test_what_was_sent_before_kill_9_is_not_sent_again(site: Site, receiver: Receiver) -> None:
    enrol(site, receiver)
    receiver.answer(delay=600)
    site.post()
    with Service(site) as service:
        receiver.wait_for(1)
        # Less than the endpoint's time-out of 15 seconds, which would end the batch.
        eventually(lambda: [row for row in site.deliveries() if row["state"] == "sent"], "the mail in the ledger", 10)
        assert service.stop(signal.SIGKILL) == -signal.SIGKILL
    with Service(site):
        receiver.wait_for(2)
        let_pass(site, receiver, "later")
    assert [row["attempts"] for row in site.deliveries() if row["to"] == ADDRESS] == [1, 1]


def test_the_unsubscribe_link_asks_first_and_then_ends_it(site: Site, receiver: Receiver) -> None:
    enrol(site, receiver)
    site.post()
    with Service(site):
        (mail,) = eventually(site.mails, "the mail")
        link = mail["List-Unsubscribe"].strip("<>")
        assert link.startswith(f"{site.url}/unsubscribe/")
        assert link in text_of(mail)
        assert link in text_of(mail, "html")
        page = request(link)
        assert page.status == 200
        assert b"r***@example.org" in page.body
        assert site.rows("subscribers", "list")[0]["gets"] == ["instant site"]
        assert request(link[:-3] + "xxx", "POST").status == 404
        done = request(link, "POST", body=b"List-Unsubscribe=One-Click")
        assert done.status == 200
        assert site.rows("subscribers", "list")[0]["gets"] == []
        assert request(link, "POST").status == 200
        site.post("later")
        receiver.wait_for(2)
    assert [row["to"] for row in site.deliveries()] == ["desk", "desk", ADDRESS]
    assert len(site.mails()) == 1


def test_the_index_lists_the_feeds_that_are_served(site: Site) -> None:
    site.post(categories="利率")
    site.run("build")
    with Service(site) as service:
        index = service.get("/").body.decode()
        for feed in site.rows("feeds"):
            for url in feed["urls"].values():
                assert url in index
                assert request(url).status == 200


def test_two_services_on_one_store_are_refused(site: Site) -> None:
    with Service(site) as service:
        second = site.run("run", code=1)
        assert re.search(
            r"another `syndicator run` or `worker` holds this store: process \d+ on \S+; stop it first", second.stderr
        )
        assert service.get("/healthz").status == 200


def test_build_and_deliver_beside_the_service_send_nothing_twice(site: Site, receiver: Receiver) -> None:
    enrol(site, receiver)
    with Service(site):
        for number in range(3):
            site.post(f"number-{number}")
            beside = site.start_process("deliver", stdout=subprocess.DEVNULL)
            site.run("build")
            assert beside.wait() == 0
        receiver.wait_for(3)
        let_pass(site, receiver, "later")
    assert len(receiver.requests) == len(site.mails()) == 4
    assert len({hook.headers["webhook-id"] for hook in receiver.requests}) == 4
