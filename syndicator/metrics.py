"""Count what the service does, for Prometheus: in a registry of our own, from the reports that the work returns anyway.

No label holds an address, a name or a URL: endpoints are told apart by their channel alone.
"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder

from syndicator import __version__
from syndicator.errors import StoreError
from syndicator.store import backlog, ledger, sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, timedelta

    from prometheus_client.core import Metric

    from syndicator.app import BuildReport
    from syndicator.models import Delivery, Outcome
    from syndicator.store import Store

# A local webhook takes milliseconds, a mail relay a second, and a hanging one 15 seconds.
_SEND_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
# A scan that finds nothing takes milliseconds, the first one of a large site minutes.
_SCAN_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """Hold the counters of one process. What the store knows is asked when somebody looks."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        registry = self._registry = CollectorRegistry()
        Info("syndicator_build", "The version that runs.", registry=registry).info(
            {"version": __version__, "python": platform.python_version()}
        )
        self._sent = Counter("syndicator_deliveries", "Tries to send.", ("channel", "outcome"), registry=registry)
        self._send_seconds = Histogram(
            "syndicator_send_seconds", "Seconds of a try to send.", ("channel",), buckets=_SEND_SECONDS,
            registry=registry,
        )  # fmt: skip
        self._posts = Gauge("syndicator_posts", "Posts a source holds.", ("source", "state"), registry=registry)
        self._found = Counter("syndicator_posts_found", "New posts.", ("source",), registry=registry)
        self._announced = Counter("syndicator_posts_announced", "Announced posts.", ("source",), registry=registry)
        self._written = Counter("syndicator_feed_files_written", "Feed files written.", registry=registry)
        self._scans = Counter("syndicator_scans", "Scans of all sources.", ("result",), registry=registry)
        self._scan_seconds = Histogram(
            "syndicator_scan_seconds", "Seconds of a scan of all sources.", buckets=_SCAN_SECONDS,
            registry=registry,
        )  # fmt: skip
        self._requests = Counter("syndicator_feed_requests", "HTTP requests to feeds.", ("status",), registry=registry)
        registry.register(_StoreCollector(store, clock))
        ProcessCollector(registry=registry)

    def tried(self, delivery: Delivery, outcome: Outcome, took: timedelta) -> None:
        """Count one try to send."""
        channel = delivery.recipient.channel.partition(":")[0]
        self._sent.labels(channel, outcome.state).inc()
        self._send_seconds.labels(channel).observe(max(took.total_seconds(), 0))

    def scanned(self, report: BuildReport, took: timedelta) -> None:
        """Count what a scan of all sources found."""
        self._scans.labels("failed" if report.errors else "good").inc()
        self._scan_seconds.observe(max(took.total_seconds(), 0))
        for scan in report.scans:
            self._posts.labels(scan.source, "good").set(scan.posts)
            self._posts.labels(scan.source, "quarantined").set(scan.quarantined)
            self._found.labels(scan.source).inc(scan.new)
            self._announced.labels(scan.source).inc(scan.announced)

    def published(self, report: BuildReport) -> None:
        """Count the feed files that were written."""
        self._written.inc(report.published.written if report.published else 0)

    def served(self, status: int) -> None:
        """Count an answer to a request for a feed."""
        self._requests.labels(str(status)).inc()

    def text(self, accept: str) -> tuple[bytes, str]:
        """Return everything as text and its media type: OpenMetrics where the Accept header asks for it."""
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type


class _StoreCollector:
    """Ask the store how long the queue is; a store that does not answer hides no other number."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges of this moment."""
        try:
            yield from list(self._ask())
        except StoreError:
            yield GaugeMetricFamily("syndicator_store_up", "Whether the store answers.", value=0)
        else:
            yield GaugeMetricFamily("syndicator_store_up", "Whether the store answers.", value=1)

    def _ask(self) -> Iterator[Metric]:
        now = self._clock()
        with self._store.read() as connection:
            counts, due, known = (
                backlog.counts(connection),
                backlog.oldest_due(connection, now),
                sources.all_scans(connection),
            )
        queue = GaugeMetricFamily("syndicator_queue", "Deliveries by state.", labels=["state"])
        for state in (*ledger.OPEN, "failed"):
            queue.add_metric([state], counts.get(state, 0))
        yield queue
        late = max((now - due).total_seconds(), 0) if due else 0
        yield GaugeMetricFamily("syndicator_oldest_due_seconds", "Age of the oldest due delivery.", value=late)
        ages = GaugeMetricFamily("syndicator_scan_age_seconds", "Seconds since the last good scan.", labels=["source"])
        for scan in known:
            if scan.good:
                ages.add_metric([scan.source], (now - scan.good).total_seconds())
        yield ages
