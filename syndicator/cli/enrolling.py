"""Check what a person typed about a recipient, and take it in."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from pydantic import ValidationError

from syndicator import plugins
from syndicator.errors import UsageError
from syndicator.mail import addresses
from syndicator.models import Recipient
from syndicator.parts import budget_key, choices
from syndicator.pipeline.enrolling import Enrolment, enrol
from syndicator.policy.calendar import WEEKDAYS
from syndicator.store import recipients

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from syndicator.app import App

_CADENCES = ("instant", "daily", "weekly")


def enrol_subscriber(app: App, address: str, wanted: Mapping[str, Any]) -> str:
    """Add a subscriber's subscriptions; return what it gets now, in words. Raise UsageError for what is wrong."""
    recipient = _with_wishes(app, stranger(app, address), wanted)
    domain = recipient.name.rpartition("@")[2]
    return _enrol(app, recipient, domain, wanted, cadence=wanted.get("cadence") or "daily")


def enrol_endpoint(app: App, name: str, kind: str, wanted: Mapping[str, Any]) -> Iterator[str]:
    """Add an endpoint; yield lines to show, with the secret where one was made. Raise UsageError for what is wrong."""
    module = plugins.load("channels", kind, "Channel")
    known = _find(app, name)
    options, made = _options(kind, wanted, dict(known.options) if known else {})
    if known and (known.declared or known.channel != kind):
        where = "declared in the settings" if known.declared else f"a {known.channel}"
        raise UsageError(f"{name}: there is such a name already, and it is {where}: choose another one")
    try:
        module.Options.model_validate(options)
    except ValidationError as error:
        raise UsageError("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())) from error
    blank = Recipient(id=0, channel=kind, name=name, zone="", language="", options=options)
    yield _enrol(
        app, _with_wishes(app, blank, wanted), budget_key(options), wanted, cadence=wanted.get("cadence") or "instant"
    )
    if made:
        yield f"secret (shown only now): {made}"


def rotate_secret(app: App, endpoint: Recipient) -> str:
    """Give an endpoint a new secret beside the old one, and return it. Raise UsageError where that cannot be."""
    if endpoint.declared:
        raise UsageError(f"{endpoint.name} is declared in the settings: change its secret there")
    make = _secret_maker(endpoint.channel)
    if make is None:
        raise UsageError(f"{endpoint.name}: the secret of a {endpoint.channel} endpoint is made by the platform")
    secret: str = make()
    options = {**endpoint.options, "secret": secret, "previous_secret": endpoint.options.get("secret")}
    with app.store.write() as connection:
        recipients.set_options(connection, endpoint.id, options)
    return secret


def stranger(app: App, address: str) -> Recipient:
    """Return a recipient for an address that need not be subscribed. Raise UsageError when it is none."""
    try:
        name = addresses.normalise(address)
    except ValueError as error:
        raise UsageError(f"{address!r} is no e-mail address and no endpoint: {error}") from error
    site = app.settings.site
    return Recipient(id=0, channel="email", name=name, zone=site.timezone, language=site.language)


def _enrol(app: App, recipient: Recipient, budget: str, wanted: Mapping[str, Any], *, cadence: Any) -> str:
    chosen = choices(wanted.get("categories") or (), wanted.get("tags") or ())
    with app.store.write() as connection:
        enrol(
            connection,
            Enrolment(recipient, budget, chosen, cadence, from_start=bool(wanted.get("from_start"))),
            app.clock(),
        )
    when = "" if cadence == "instant" else f" at {recipient.at} {recipient.zone}"
    day = f" on {recipient.day}" if cadence == "weekly" else ""
    return f"{recipient.name}: {cadence}{day}{when}: {', '.join(' '.join(item).strip() for item in chosen)}"


def _with_wishes(app: App, recipient: Recipient, wanted: Mapping[str, Any]) -> Recipient:
    """Return the recipient with what was asked for, then what it had before, then the site's ways."""
    site = app.settings.site
    defaults = {"at": "08:00", "day": "monday", "zone": site.timezone, "language": site.language}
    known = _find(app, recipient.name)
    wishes = {
        name: wanted.get(name) or (getattr(known, name) if known else default) for name, default in defaults.items()
    }
    _check(wishes, wanted.get("cadence"))
    return replace(recipient, at=wishes["at"], day=wishes["day"], zone=wishes["zone"], language=wishes["language"])


def _check(wishes: Mapping[str, str], cadence: str | None) -> None:
    if wishes["zone"] not in available_timezones():
        raise UsageError(f"--zone {wishes['zone']!r}: unknown time zone, expected an IANA name such as Asia/Shanghai")
    if wishes["day"] not in WEEKDAYS:
        raise UsageError(f"--day {wishes['day']!r}: expected one of {', '.join(WEEKDAYS)}")
    if cadence not in (None, *_CADENCES):
        raise UsageError(f"--cadence {cadence!r}: expected one of {', '.join(_CADENCES)}")
    try:
        if len(wishes["at"]) != len("HH:MM"):
            raise ValueError
        time.fromisoformat(wishes["at"])
    except ValueError:
        raise UsageError(f"--at {wishes['at']!r}: expected a wall time such as 08:00") from None


def _options(kind: str, wanted: Mapping[str, Any], known: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the channel's options, as typed over those it had, and the secret that was made for it, if any."""
    options: dict[str, Any] = {**known, "url": wanted["url"]}
    for item in wanted.get("options") or ():
        key, sign, value = item.partition("=")
        if not sign:
            raise UsageError(f"--option {item}: expected KEY=VALUE")
        options[key] = value
    if wanted.get("secret"):
        options["secret"] = wanted["secret"]
    make = _secret_maker(kind)
    if "secret" in options or make is None:
        return options, ""
    options["secret"] = make()
    return options, options["secret"]


def _secret_maker(kind: str) -> Any:
    """Return the channel module's `new_secret`, None where the platform gives the secret."""
    import importlib

    module = kind.partition(":")[0] if ":" in kind else f"syndicator.channels.{kind}"
    return getattr(importlib.import_module(module), "new_secret", None)


def _find(app: App, name: str) -> Recipient | None:
    with app.store.read() as connection:
        return recipients.find(connection, name)
