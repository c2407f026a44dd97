"""Metrics beside a store that answers, and beside one that does not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from syndicator.metrics import Metrics
from syndicator.models import Delivery, Outcome, Recipient
from syndicator.store import Store, backlog, ledger, sources
from tests.records import MINUTE, NOW
from tests.stores import add_post, add_subscriber

if TYPE_CHECKING:
    from pathlib import Path


def shown(metrics: Metrics) -> list[str]:
    return [line for line in metrics.text("")[0].decode().splitlines() if not line.startswith("#")]


def test_the_queue_is_what_the_store_says_at_this_moment(store: Store) -> None:
    metrics = Metrics(store, lambda: NOW + 2 * MINUTE)
    assert 'syndicator_queue{state="queued"} 0.0' in shown(metrics)
    with store.write() as connection:
        add_subscriber(connection)
        ledger.queue_post(connection, add_post(connection), {"site": {""}}, NOW)
        sources.succeeded(connection, "posts", NOW + MINUTE)
    assert {
        'syndicator_queue{state="queued"} 1.0',
        "syndicator_oldest_due_seconds 120.0",
        'syndicator_scan_age_seconds{source="posts"} 60.0',
        "syndicator_store_up 1.0",
    } <= set(shown(metrics))


def test_what_waits_for_a_paused_recipient_or_for_later_is_not_late(store: Store) -> None:
    with store.write() as connection:
        add_subscriber(connection)
        ledger.queue_post(connection, add_post(connection), {"site": {""}}, NOW + MINUTE)
        assert backlog.oldest_due(connection, NOW) is None
        assert backlog.oldest_due(connection, NOW + 2 * MINUTE) == NOW + MINUTE


def test_a_store_that_does_not_answer_hides_no_other_number(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/syndicator.db").open()
    metrics = Metrics(store, lambda: NOW)
    metrics.served(304)
    store.close()
    with open(str(store.url.database), "r+b") as damaged:
        damaged.write(b"no database at all " * 500)
    assert {"syndicator_store_up 0.0", 'syndicator_feed_requests_total{status="304"} 1.0'} <= set(shown(metrics))
    assert not any(line.startswith("syndicator_queue") for line in shown(metrics))


def test_a_channel_from_elsewhere_is_named_by_its_module_and_a_clock_that_jumps_back_counts_as_nothing(
    store: Store,
) -> None:
    metrics = Metrics(store, lambda: NOW)
    recipient = Recipient(1, "my.channel:Channel", "desk", "UTC", "en")
    metrics.tried(Delivery(1, "post", "k", recipient, "", 1, NOW), Outcome("retry"), timedelta(seconds=-5))
    assert {
        'syndicator_deliveries_total{channel="my.channel",outcome="retry"} 1.0',
        'syndicator_send_seconds_sum{channel="my.channel"} 0.0',
    } <= set(shown(metrics))


def test_two_do_not_share_their_numbers(store: Store) -> None:
    one, two = Metrics(store, lambda: NOW), Metrics(store, lambda: NOW)
    one.served(200)
    assert not any(line.startswith("syndicator_feed_requests_total") for line in shown(two))
