"""What fails in the ledger, as the owner is told of it; and that alerts survive the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.models import Subscription
from syndicator.pipeline.alerting import Watch, watch
from syndicator.policy.alerts import News, Trouble
from syndicator.store import alerts, failing, ledger, recipients, sources, upkeep
from tests.records import DAY, HOUR, MINUTE, NOW
from tests.stores import add_post, add_recipient, add_subscriber

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from syndicator.models import DeliveryState
    from syndicator.store import Store

HOW = Watch("ops@example.org", "UTC", "en", HOUR, 3 * MINUTE, 20, ["posts"])
TROUBLE = Trouble("endpoint:desk", "endpoint", "desk", "«HTTP 500» 海", 3, NOW, NOW + HOUR, None)


def send(connection: Connection, states: Sequence[DeliveryState], first: int = 1, attempts: int = 1) -> None:
    """Queue a post for each state, and end its last try in it, a minute after the other."""
    for turn, state in enumerate(states):
        post = add_post(connection, first + turn)
        ledger.queue_post(connection, post, {"site": {""}}, NOW)
        for attempt in range(attempts):
            now = NOW + attempt * MINUTE
            (item,) = ledger.claim(connection, now, now + MINUTE, "us/1", 1)
            last = attempt == attempts - 1
            result = (item.id, state if last else "queued", now if not last else NOW + DAY, f"said {state}")
            ledger.settle(connection, "us/1", [result], NOW + (turn + 1) * MINUTE)


def endpoint(connection: Connection, name: str = "desk") -> int:
    found = add_recipient(connection, name, "webhook")
    recipients.subscribe(connection, found, [Subscription("site", "", "instant")])
    return found


def test_nothing_fails_where_all_is_sent_or_waits_for_its_first_try(store: Store) -> None:
    with store.write() as connection:
        endpoint(connection)
        send(connection, ["sent"])
        ledger.queue_post(connection, add_post(connection, 9), {"site": {""}}, NOW)
        assert failing.failing_endpoints(connection) == []
        assert failing.failing_mail(connection) is None


def test_an_endpoint_fails_while_messages_wait_for_another_try(store: Store) -> None:
    with store.write() as connection:
        desk = endpoint(connection)
        send(connection, ["sent", "queued", "unknown", "queued"])
        (found,) = failing.failing_endpoints(connection)
    assert found == failing.Failing(desk, "desk", "said queued", 3, NOW + MINUTE)


def test_a_try_under_way_does_not_hide_that_it_fails(store: Store) -> None:
    with store.write() as connection:
        endpoint(connection)
        send(connection, ["queued"])
        ledger.claim(connection, NOW + DAY, NOW + DAY + MINUTE, "us/2", 1)
        assert len(failing.failing_endpoints(connection)) == 1


def test_what_failed_for_good_counts_until_something_is_sent(store: Store) -> None:
    with store.write() as connection:
        endpoint(connection)
        send(connection, ["failed"])
        assert [item.count for item in failing.failing_endpoints(connection)] == [1]
        send(connection, ["sent", "sent"], first=2)
        assert failing.failing_endpoints(connection) == []


def test_one_address_that_is_refused_at_once_is_not_the_relays_trouble(store: Store) -> None:
    with store.write() as connection:
        add_subscriber(connection)
        send(connection, ["failed"])
        assert failing.failing_mail(connection) is None
        send(connection, ["failed"], first=2, attempts=3)
        found = failing.failing_mail(connection)
    assert found == failing.Failing(None, "", "said failed", 1, None)


def test_the_last_mail_that_was_sent_is_known(store: Store) -> None:
    with store.write() as connection:
        add_subscriber(connection)
        send(connection, ["sent", "queued"])
        found = failing.failing_mail(connection)
    assert found == failing.Failing(None, "", "said queued", 1, NOW + MINUTE)


def test_an_alert_comes_out_as_it_was_put_in_and_is_claimed(store: Store) -> None:
    alert = alerts.Alert((News(TROUBLE), News(TROUBLE, over=True)), "Asia/Shanghai", "zh-CN")
    with store.write() as connection:
        alerts.queue(connection, alert, endpoint(connection), NOW)
        (item,) = ledger.claim(connection, NOW, NOW + MINUTE, "us/1", 5)
        assert item.kind == "alert"
        assert item.alert_id is not None
        assert alerts.contents(connection, [item.alert_id, 99]) == {item.alert_id: alert}


def test_what_is_known_is_kept_changed_and_forgotten(store: Store) -> None:
    other = Trouble("relay", "relay", "", "", 1, NOW, None, NOW)
    with store.write() as connection:
        alerts.keep(connection, {}, [TROUBLE, other])
    with store.write() as connection:
        known = alerts.known_troubles(connection)
        assert known == {"endpoint:desk": TROUBLE, "relay": other}
        alerts.keep(connection, known, [TROUBLE])
        assert alerts.known_troubles(connection) == {"endpoint:desk": TROUBLE}


def test_the_owner_is_told_in_one_message_and_becomes_no_reader(store: Store) -> None:
    with store.write() as connection:
        sources.failed(connection, "posts", "no such folder")
        sources.failed(connection, "not in the settings any more", "no such folder")
        endpoint(connection)
        send(connection, ["queued"])
    assert watch(store, HOW, NOW) == 0
    assert watch(store, HOW, NOW + HOUR) == 2
    assert watch(store, HOW, NOW + 2 * HOUR) == 0
    with store.read() as connection:
        (told,) = [row for row in upkeep.listing(connection) if row.kind == "alert"]
        assert told.name == "ops@example.org"
        assert recipients.subscriptions_of(connection, [told.recipient_id]) == {}


def test_a_source_whose_scans_stopped_is_told_of(store: Store) -> None:
    with store.write() as connection:
        sources.succeeded(connection, "posts", NOW)
    assert watch(store, HOW, NOW + 2 * MINUTE) == 0
    assert watch(store, HOW, NOW + 3 * MINUTE) == 0
    assert watch(store, HOW, NOW + 3 * MINUTE + HOUR) == 1


def test_a_reader_who_is_told_keeps_what_it_had(store: Store) -> None:
    with store.write() as connection:
        add_subscriber(connection, "ops@example.org", cadence="daily")
        before = recipients.find(connection, "ops@example.org")
        sources.failed(connection, "posts", "no such folder")
    watch(store, HOW, NOW)
    watch(store, HOW, NOW + HOUR)
    with store.read() as connection:
        assert recipients.find(connection, "OPS@example.org") == before
