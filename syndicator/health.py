"""Answer the probes of a running service: can it do its work, and what has it done."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from syndicator.errors import StoreError
from syndicator.files import is_writable
from syndicator.policy import readiness
from syndicator.store import facts, sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.app import App
    from syndicator.metrics import Metrics


class Health:
    """Be the `web.probes.Probes` of an app; without `metrics` there are none to see."""

    def __init__(self, app: App, metrics: Metrics | None) -> None:
        self._app = app
        self._metrics = metrics

    def problems(self) -> list[str]:
        """Return why the service cannot do its work now: the store, the scans, the output folder."""
        try:
            return list(self._problems())
        except StoreError as error:
            return [f"the store does not answer: {error}"]

    def metrics(self, accept: str) -> tuple[bytes, str] | None:
        """Return the metrics and their media type, None where they are switched off."""
        return self._metrics.text(accept) if self._metrics else None

    def served(self, status: int) -> None:
        """Count an answer to a request for a feed."""
        if self._metrics:
            self._metrics.served(status)

    def _problems(self) -> Iterator[str]:
        settings = self._app.settings
        with self._app.store.read() as connection:
            last = {scan.source: scan.good for scan in sources.all_scans(connection)}
            unwritten = facts.get(connection, facts.UNWRITTEN)
        wanted = {item.name: last.get(item.name) for item in settings.sources}
        yield from readiness.late_sources(wanted, settings.schedule.scan, self._app.clock())
        if unwritten:
            yield f"feeds are not written: {unwritten}"
        elif not is_writable(os.path.join(settings.feeds.output, "feeds")):
            yield f"{settings.feeds.output}: cannot be written to: check [feeds] output"
