"""Commands for those who get messages: subscribers, endpoints, send-test."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Any

import click

from syndicator.cli.output import as_json, count, rows
from syndicator.errors import UsageError
from syndicator.policy.calendar import WEEKDAYS

if TYPE_CHECKING:
    import io
    from collections.abc import Callable

    from syndicator.cli import Session
    from syndicator.models import Recipient, RecipientState, Subscription

_FIELDS = ("address", "categories", "tags", "cadence", "at", "day", "zone", "language")


def _choosing(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what a recipient gets, and when."""
    for option in reversed(
        (
            click.option("--category", "categories", multiple=True, metavar="SLUG", help="Need not exist yet."),
            click.option("--tag", "tags", multiple=True, metavar="TAG", help="Need not exist yet."),
            click.option("--cadence", type=click.Choice(("instant", "daily", "weekly")), help="How often."),
            click.option("--at", metavar="HH:MM", help="Hour of digests, in their zone (08:00)."),
            click.option("--day", type=click.Choice(WEEKDAYS), help="Day of weekly digests (monday)."),
            click.option("--zone", metavar="ZONE", help="IANA time zone (the site's)."),
            click.option("--language", metavar="LANG", help="en or zh-CN (the site's)."),
            click.option("--from-start", is_flag=True, help="Digests begin with what was announced before."),
        )
    ):
        command = option(command)
    return command


@click.group()
def subscribers() -> None:
    """Manage who gets mail."""


@subscribers.command("add")
@click.argument("address")
@_choosing
@click.pass_obj
def add_subscriber(session: Session, /, address: str, **wanted: Any) -> None:
    """Subscribe ADDRESS to the site, or to categories and tags. Adds to what it has already."""
    from syndicator.cli.enrolling import enrol_subscriber

    click.echo(enrol_subscriber(session.app, address, wanted))


@subscribers.command("list")
@as_json
@click.pass_obj
def list_subscribers(session: Session, as_json: bool) -> None:
    """List subscribers and what they get."""
    _list(session, email=True, as_json=as_json)


@subscribers.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"), default="-")
@click.pass_obj
def import_(session: Session, file: io.TextIOBase) -> None:
    """Add subscribers from a CSV file, with the columns that `export` writes; `;` parts several categories or tags."""
    from syndicator.cli.enrolling import enrol_subscriber

    reader = csv.DictReader(file)
    if "address" not in (reader.fieldnames or ()):
        raise UsageError(f"the first line must name the columns: {', '.join(_FIELDS)}; only address is required")
    added, wrong = 0, []
    for row in reader:
        try:
            enrol_subscriber(session.app, row["address"] or "", _from_csv(row))
            added += 1
        except UsageError as error:
            wrong.append(f"line {reader.line_num}: {error}")
    for line in wrong:
        click.echo(line, err=True)
    click.echo(f"{count(added, 'subscriber')} added or brought up to date, {len(wrong)} refused")
    if wrong:
        raise click.exceptions.Exit(1)


@subscribers.command()
@click.pass_obj
def export(session: Session) -> None:
    """Write all subscribers as CSV, one line for each cadence of each."""
    writer = csv.DictWriter(sys.stdout, _FIELDS, lineterminator="\n")
    writer.writeheader()
    for recipient, subscriptions in _everyone(session, email=True):
        for cadence in dict.fromkeys(item.cadence for item in subscriptions):
            mine = [item for item in subscriptions if item.cadence == cadence]
            writer.writerow(
                {
                    "address": recipient.name,
                    "categories": ";".join(item.feed for item in mine if item.kind == "category"),
                    "tags": ";".join(item.feed for item in mine if item.kind == "tag"),
                    "cadence": cadence, "at": recipient.at, "day": recipient.day, "zone": recipient.zone,
                    "language": recipient.language,
                }
            )  # fmt: skip


@click.group()
def endpoints() -> None:
    """Manage which chats and programs get posts."""


@endpoints.command("add")
@click.argument("name")
@click.option("--kind", required=True, help="webhook, feishu, … or package.module:Class.")
@click.option("--url", required=True, help="Where to post.")
@click.option("--secret", help="What it is signed with; for a webhook one is made when it is left out.")
@click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="Any other setting of the channel.")
@_choosing
@click.pass_obj
def add_endpoint(session: Session, /, name: str, kind: str, **wanted: Any) -> None:
    """Add an endpoint for the site, or for categories and tags. Adds to what it gets already."""
    from syndicator.cli.enrolling import enrol_endpoint

    for line in enrol_endpoint(session.app, name, kind, wanted):
        click.echo(line)


@endpoints.command("list")
@as_json
@click.pass_obj
def list_endpoints(session: Session, as_json: bool) -> None:
    """List endpoints and what they get."""
    _list(session, email=False, as_json=as_json)


@endpoints.command()
@click.argument("name")
@click.pass_obj
def rotate(session: Session, name: str) -> None:
    """Make a new signing secret; messages carry signatures for both until the next rotation."""
    from syndicator.cli.enrolling import rotate_secret

    click.echo(f"new secret: {rotate_secret(session.app, _named(session, name, email=False))}")


@endpoints.command()
@click.argument("name")
@click.pass_obj
def test(session: Session, name: str) -> None:
    """Send a test message to an endpoint."""
    _send_test(session, _named(session, name, email=False))


@click.command("send-test")
@click.argument("to", metavar="ADDRESS|ENDPOINT")
@click.pass_obj
def send_test(session: Session, to: str) -> None:
    """Send a test message to an address or an endpoint, and say what became of it."""
    from syndicator.cli.enrolling import stranger

    _send_test(session, _find(session, to) or stranger(session.app, to))


def _manage(group: click.Group, *, email: bool, noun: str) -> None:
    """Add pause, resume and remove, alike for subscribers and endpoints."""

    def change(name: str, verb: str, act: Callable[[Session, Recipient], str]) -> None:
        @click.argument("name")
        @click.pass_obj
        def command(session: Session, name: str) -> None:
            click.echo(act(session, _named(session, name, email=email)))

        command.__doc__ = verb
        group.command(name)(command)

    change("pause", f"Send nothing to one {noun}; what is due waits.", _pause)
    change("resume", f"Send to a paused or disabled {noun} again.", _resume)
    change("remove", f"Forget one {noun}, with its deliveries.", _remove)


def _pause(session: Session, recipient: Recipient) -> str:
    return _set_state(session, recipient, "paused", "by the owner")


def _resume(session: Session, recipient: Recipient) -> str:
    return _set_state(session, recipient, "active", "")


def _set_state(session: Session, recipient: Recipient, state: RecipientState, reason: str) -> str:
    from syndicator.store import recipients

    with session.app.store.write() as connection:
        recipients.set_state(connection, recipient.id, state, reason)
    return f"{recipient.name}: {state}"


def _remove(session: Session, recipient: Recipient) -> str:
    if recipient.declared:
        raise UsageError(f"{recipient.name} is declared in the settings: take it out of {session.config}")
    mails = session.app.forget(recipient)
    return f"{recipient.name}: removed" + (f", with {count(mails, 'mail')} in the mail folder" if mails else "")


def _send_test(session: Session, recipient: Recipient) -> None:
    outcome = session.app.send_test(recipient)
    click.echo(f"{recipient.name}: {outcome.state}: {outcome.reply}")
    if outcome.state != "sent":
        raise click.exceptions.Exit(1)


def _find(session: Session, name: str) -> Recipient | None:
    from syndicator.store import recipients

    with session.app.store.read() as connection:
        return recipients.find(connection, name)


def _named(session: Session, name: str, *, email: bool) -> Recipient:
    noun = "subscriber" if email else "endpoint"
    found = _find(session, name)
    if found is None or (found.channel == "email") != email:
        raise UsageError(f"there is no {noun} {name!r}: see syndicator {noun}s list")
    return found


def _everyone(session: Session, *, email: bool) -> list[tuple[Recipient, list[Subscription]]]:
    from syndicator.store import recipients

    with session.app.store.read() as connection:
        found = recipients.listing(connection, email=email)
        chosen = recipients.subscriptions_of(connection, (item.id for item in found))
    return [(item, [its for its in chosen.get(item.id, ()) if not its.ended]) for item in found]


def _list(session: Session, *, email: bool, as_json: bool) -> None:
    items = (
        {
            "name": recipient.name, "kind": recipient.channel, "state": recipient.state,
            "reason": recipient.state_reason, "gets": [_words(item) for item in subscriptions], "at": recipient.at,
            "day": recipient.day, "zone": recipient.zone, "language": recipient.language,
            "declared": recipient.declared,
        }
        for recipient, subscriptions in _everyone(session, email=email)
    )  # fmt: skip
    of_subscribers, of_endpoints = ("at", "zone", "language"), ("kind", "reason")
    rows(items, as_json=as_json, columns=("name", "state", "gets", *(of_subscribers if email else of_endpoints)))


def _words(item: Subscription) -> str:
    return " ".join(filter(None, (item.cadence, item.kind, item.feed)))


def _from_csv(row: dict[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {name: row.get(name) or None for name in ("cadence", "at", "day", "zone", "language")}
    for name in ("categories", "tags"):
        given[name] = tuple(part.strip() for part in (row.get(name) or "").split(";") if part.strip())
    return given


_manage(subscribers, email=True, noun="subscriber")
_manage(endpoints, email=False, noun="endpoint")
