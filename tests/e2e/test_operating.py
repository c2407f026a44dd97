"""The service as its operator sees it: probes, metrics, the log."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.site import Reply, Service, Site, eventually, free_port

if TYPE_CHECKING:
    from tests.servers import Receiver

ADDRESS = "somebody.special@mailbox.example.org"


def numbers(service: Service) -> dict[str, float]:
    """Return sample → value as a Prometheus server would read it: `name{label=value,…}`."""
    families = text_string_to_metric_families(service.get("/metrics").body.decode())
    return {
        sample.name + str({name: value for name, value in sorted(sample.labels.items()) if name != "le"}): sample.value
        for family in families
        for sample in family.samples
        if not sample.name.endswith("_bucket")
    }


def until_ready(service: Service) -> Reply:
    return eventually(lambda: found if (found := service.get("/readyz")).status == 200 else None, "readiness")


def enrol(site: Site, receiver: Receiver) -> None:
    site.run("subscribers", "add", ADDRESS, "--cadence", "instant")
    site.run("endpoints", "add", "desk", "--kind", "webhook", "--url", f"{receiver.url}/bot/t0ken-in-path")


def test_metrics_count_what_was_found_sent_written_and_served(site: Site, receiver: Receiver) -> None:
    enrol(site, receiver)
    site.post()
    site.write("broken", "---\ntitle: cut o")
    with Service(site) as service:
        receiver.wait_for(1)
        eventually(site.mails, "the mail")
        service.get("/feeds/site/all.atom")
        service.get("/feeds/site/none.atom")
        seen = eventually(
            lambda: (
                found if (found := numbers(service)).get("syndicator_scans_total{'result': 'good'}", 0) > 1 else None
            ),
            "the second scan",
        )
        shown = service.get("/metrics").body.decode()
    assert seen["syndicator_deliveries_total{'channel': 'webhook', 'outcome': 'sent'}"] == 1
    assert seen["syndicator_deliveries_total{'channel': 'email', 'outcome': 'sent'}"] == 1
    assert seen["syndicator_send_seconds_count{'channel': 'email'}"] == 1
    assert 0 < seen["syndicator_send_seconds_sum{'channel': 'webhook'}"] < 15
    assert seen["syndicator_posts{'source': 'posts', 'state': 'good'}"] == 1
    assert seen["syndicator_posts{'source': 'posts', 'state': 'quarantined'}"] == 1
    assert seen["syndicator_posts_found_total{'source': 'posts'}"] == 1
    assert seen["syndicator_posts_announced_total{'source': 'posts'}"] == 1
    assert seen["syndicator_feed_files_written_total{}"] == 4
    assert seen["syndicator_scan_seconds_count{}"] >= 2
    assert 0 <= seen["syndicator_scan_age_seconds{'source': 'posts'}"] < 30
    assert seen["syndicator_queue{'state': 'queued'}"] == 0
    assert seen["syndicator_oldest_due_seconds{}"] == 0
    assert seen["syndicator_store_up{}"] == 1
    assert seen["syndicator_feed_requests_total{'status': '200'}"] == 1
    assert seen["syndicator_feed_requests_total{'status': '404'}"] == 1
    assert re.search(r'syndicator_build_info\{python="3\.\d+\.\d+",version="\d+\.\d+\.\d+"\} 1\.0', shown)
    for secret in (ADDRESS, "mailbox.example", "desk", "t0ken", receiver.url):
        assert secret not in shown


def test_the_queue_and_its_oldest_delivery_show_what_is_stuck(site: Site) -> None:
    site.run("endpoints", "add", "desk", "--kind", "webhook", "--url", f"http://127.0.0.1:{free_port()}/")
    site.post()
    site.run("build")
    site.run("deliveries", "pause")
    with Service(site) as service:
        until_ready(service)
        seen = eventually(
            lambda: found if (found := numbers(service))["syndicator_oldest_due_seconds{}"] > 0.5 else None, "its age"
        )
    assert seen["syndicator_queue{'state': 'queued'}"] == 1


def test_metrics_can_be_switched_off(site: Site) -> None:
    site.configure(more="metrics = false")
    with Service(site) as service:
        assert service.get("/metrics").status == 404


def test_it_is_ready_after_a_scan_and_not_while_a_source_is_lost(site: Site) -> None:
    for number in range(3):
        site.post(f"number-{number}")
    with Service(site) as service:
        assert until_ready(service).body == b"ok"
        (site.folder / "_posts").rename(site.folder / "posts")
        late = eventually(
            lambda: found if (found := service.get("/readyz")).status == 503 else None, "503 after three intervals"
        )
        assert re.fullmatch(r"source posts: not read since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", late.body.decode())
        assert service.get("/healthz").status == 200
        assert service.get("/feeds/site/all.atom").status == 200
        (site.folder / "posts").rename(site.folder / "_posts")
        until_ready(service)


def test_it_is_not_ready_while_feeds_cannot_be_written(site: Site) -> None:
    site.post()
    (site.folder / "public").write_text("a file where the folder should be")
    with Service(site) as service:
        found = eventually(
            lambda: found if b"feeds are not written" in (found := service.get("/readyz")).body else None, "the reason"
        )
        assert found.status == 503
        assert b"public/feeds/site/all.rss: cannot be written: Not a directory: check [feeds] output" in found.body
        (site.folder / "public").unlink()
        until_ready(service)
        assert site.entry() is not None


@pytest.mark.parametrize("style", ["text", "json"])
def test_the_log_tells_what_happened_and_no_secret(site: Site, receiver: Receiver, style: str) -> None:
    site.configure(more=f'[log]\nlevel = "debug"\nformat = "{style}"')
    enrol(site, receiver)
    down = f"http://127.0.0.1:{free_port()}/bot/unreachable-t0ken"
    site.run("endpoints", "add", "gone", "--kind", "webhook", "--url", down)
    receiver.answer(status=400, body=f"{receiver.url}/bot/t0ken-in-path does not like {ADDRESS}")
    site.write("broken", "---\ntitle: cut o")
    site.post()
    with Service(site) as service:
        receiver.wait_for(1)
        eventually(site.mails, "the mail")
        for said in ("delivery sent", "delivery permanent", "delivery retry", "problem in a post", "scanned"):
            eventually(lambda said=said: said in service.log, said)  # type: ignore[misc]
        assert service.stop() == 0
        log = service.log
    for secret in (ADDRESS, "mailbox.example", "t0ken", "/bot/", "whsec_", "unreachable"):
        assert secret not in log
    lines = [line for line in log.splitlines() if not line.startswith("Listening on ")]
    if style == "json":
        sent = next(entry for entry in map(json.loads, lines) if entry["event"] == "delivery sent")
        assert (sent["channel"], sent["kind"], sent["attempt"]) == ("email", "post", 1)
        assert isinstance(sent["delivery"], int)
        assert isinstance(sent["recipient"], int)
    else:
        assert re.search(
            r" info delivery sent delivery=\d+ kind=post recipient=\d+ channel=email attempt=1$", log, re.M
        )


def test_removing_a_reader_leaves_nothing_of_it_behind(site: Site) -> None:
    for address in (ADDRESS, "other@example.org"):
        site.run("subscribers", "add", address, "--cadence", "instant")
    site.post()
    site.run("build")
    site.run("deliver")
    done = site.run("subscribers", "remove", ADDRESS)
    assert done.stdout == f"{ADDRESS}: removed, with 1 mail in the mail folder\n"
    assert [mail["To"] for mail in site.mails()] == ["other@example.org"]
    assert [row["to"] for row in site.deliveries()] == ["other@example.org"]
    site.run("build")  # the log of the store is folded in when the last process closes it
    assert ADDRESS.encode() not in (site.folder / "state" / "syndicator.db").read_bytes()


def test_what_failed_is_kept_listed_and_retried_by_recipient_and_time(site: Site, receiver: Receiver) -> None:
    for name in ("desk", "wall"):
        site.run("endpoints", "add", name, "--kind", "webhook", "--url", f"{receiver.url}/{name}")
    receiver.answer(status=400, times=4)
    for slug in ("first", "second"):
        site.post(slug)
    site.run("build")
    site.run("deliver", code=1)
    failed = site.rows("deliveries", "list", "--state", "failed")
    assert len(failed) == 4
    assert {row["reply"] for row in failed} == {"HTTP 400"}
    to_desk = site.rows("deliveries", "list", "--to", "desk")
    assert {row["to"] for row in to_desk} == {"desk"}
    assert len(to_desk) == 2
    assert site.rows("deliveries", "list", "--since", "2999-01-01") == []
    shown = json.loads(site.run("deliveries", "show", str(failed[0]["id"])).stdout)
    assert shown == failed[0]
    assert site.run("deliveries", "retry", "--since", "2999-01-01").stdout == "0 deliveries queued again\n"
    assert site.run("deliveries", "retry", "--to", "desk").stdout == "2 deliveries queued again\n"
    assert "2 sent" in site.run("deliver").stdout
    assert {row["state"] for row in site.rows("deliveries", "list", "--to", "desk")} == {"sent"}
    site.run("deliveries", "retry", "--since", "2026-01-01T08:00")
    assert "2 sent" in site.run("deliver").stdout
    assert [row["state"] for row in site.deliveries()] == ["sent"] * 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["retry"], "give either the IDs of deliveries, or some of --failed, --to and --since"),
        (["retry", "1", "--failed"], "give either the IDs of deliveries, or some of --failed, --to and --since"),
        (["retry", "--to", "nobody"], "--to 'nobody': there is no such subscriber or endpoint"),
        (["list", "--to", "nobody"], "--to 'nobody': there is no such subscriber or endpoint"),
        (["list", "--since", "yesterday"], "--since 'yesterday': expected a time such as 2026-11-22"),
    ],
)
def test_what_cannot_be_meant_is_refused(site: Site, arguments: list[str], said: str) -> None:
    assert said in site.run("deliveries", *arguments, code=2).stderr
