"""Look for trouble, and queue a message to the owner where there is something to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syndicator.errors import SettingsError
from syndicator.models import Recipient
from syndicator.policy.alerts import Sign, decide
from syndicator.store import alerts, facts, failing, posts, recipients, sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Connection

    from syndicator.store import Store


@dataclass(frozen=True, slots=True)
class Watch:
    """Hold how to watch: whom to tell (an address, or an endpoint's name), how, and of what.

    Trouble that may pass is told of after `patience`; that a source was not even tried, when its last scan is `late`
    behind; of set-aside posts when a source has more than `quarantined`.
    """

    to: str
    zone: str
    language: str
    patience: timedelta
    late: timedelta
    quarantined: int
    sources: Sequence[str]


def watch(store: Store, how: Watch, now: datetime) -> int:
    """Queue one message with everything there is to say now; return of how many troubles it tells.

    Raise SettingsError when there is nobody of the name that is to be told.
    """
    with store.read() as connection:
        known = alerts.known_troubles(connection)
        decision = decide(_signs(connection, how, now), known, how.patience, now)
    with store.write() as connection:
        alerts.keep(connection, known, decision.known)
        if decision.news:
            alert = alerts.Alert(decision.news, how.zone, how.language)
            alerts.queue(connection, alert, _recipient(connection, how, now), now)
    return len(decision.news)


def _signs(connection: Connection, how: Watch, now: datetime) -> Iterator[Sign]:
    yield from _source_signs(connection, how, now)
    if reason := facts.get(connection, facts.UNWRITTEN):
        yield Sign("output", "output", reason=reason, newest=now)
    if mail := failing.failing_mail(connection):
        yield Sign("relay", "relay", "", mail.reason, mail.count, mail.worked, now)
    for item in failing.failing_endpoints(connection):
        yield Sign(f"endpoint:{item.name}", "endpoint", item.name, item.reason, item.count, item.worked, now)
    for endpoint in recipients.listing(connection, email=False):
        if endpoint.state == "disabled" and endpoint.state_reason != recipients.NOT_DECLARED:
            yield Sign(f"disabled:{endpoint.name}", "disabled", endpoint.name, endpoint.state_reason)
    count, newest, reply = failing.failed_digests(connection)
    if count:
        yield Sign("digest", "digest", "", reply, count, newest=newest)


def _source_signs(connection: Connection, how: Watch, now: datetime) -> Iterator[Sign]:
    last = {scan.source: scan for scan in sources.all_scans(connection)}
    for source in how.sources:
        scan = last.get(source)
        late = scan is not None and scan.good is not None and now - scan.good >= how.late
        if scan and (scan.reason or late):
            yield Sign(f"source:{source}", "source", source, scan.reason, worked=scan.good, newest=now)
        _, number = posts.count(connection, source)
        if number > how.quarantined:
            yield Sign(f"quarantined:{source}", "quarantined", source, "", number)


def _recipient(connection: Connection, how: Watch, now: datetime) -> int:
    """Return the id of whoever is to be told; an address that nobody knows yet becomes one without subscriptions."""
    known = recipients.find(connection, how.to)
    if known:
        return known.id
    if "@" not in how.to:
        raise SettingsError([f"[alerts] to: there is no endpoint {how.to!r}: see syndicator endpoints list"])
    owner = Recipient(id=0, channel="email", name=how.to, zone=how.zone, language=how.language)
    return recipients.save(connection, owner, budget_key=how.to.rpartition("@")[2], now=now)
