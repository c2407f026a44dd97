"""Commands on the ledger: deliveries list, show, retry, cancel, pause, resume."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from syndicator.cli.output import as_json, count, moment, rows
from syndicator.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from syndicator.cli import Session

STATES = ("queued", "leased", "sent", "unknown", "failed", "cancelled")


@click.group()
def deliveries() -> None:
    """See, retry, withdraw or hold back what is sent."""


def _range(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that narrow down which deliveries are meant."""
    for option in (
        click.option("--since", metavar="TIME", help="Only those queued since, as 2026-11-22 or 2026-11-22T08:00."),
        click.option("--to", metavar="NAME", help="Only those to one address or endpoint."),
    ):
        command = option(command)
    return command


@deliveries.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those in one state.")
@_range
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
@as_json
@click.pass_obj
def list_(session: Session, state: str | None, to: str | None, since: str | None, limit: int, as_json: bool) -> None:
    """List deliveries, the newest first."""
    from syndicator.store import upkeep

    when = _moment(session, since)
    with session.app.store.read() as connection:
        _check_name(connection, to)
        found = upkeep.listing(connection, state=state or "", to=to or "", since=when, limit=limit)
    columns = ("id", "kind", "to", "state", "attempts", "due", "reply")
    rows((_delivery(row) for row in found), as_json=as_json, columns=columns)


@deliveries.command()
@click.argument("delivery", type=int, metavar="ID")
@click.pass_obj
def show(session: Session, delivery: int) -> None:
    """Show one delivery, as JSON."""
    from syndicator.store import upkeep

    with session.app.store.read() as connection:
        found = upkeep.show(connection, delivery)
    if found is None:
        raise UsageError(f"there is no delivery {delivery}: see syndicator deliveries list")
    rows([_delivery(found)], as_json=True, columns=())


@deliveries.command()
@click.argument("ids", type=int, nargs=-1, metavar="[ID]...")
@click.option("--failed", is_flag=True, help="Only those that failed for good.")
@_range
@click.pass_obj
def retry(session: Session, ids: tuple[int, ...], failed: bool, to: str | None, since: str | None) -> None:
    """Send again at once: the given IDs, also withdrawn ones; or all that failed or wait for another try."""
    from syndicator.store import upkeep

    if bool(ids) == bool(failed or to or since):
        raise UsageError("give either the IDs of deliveries, or some of --failed, --to and --since")
    when = _moment(session, since)
    with session.app.store.write() as connection:
        _check_name(connection, to)
        wanted = ids or upkeep.unsent(connection, to=to or "", since=when, failed_only=failed)
        number = upkeep.retry(connection, wanted, session.app.clock())
    click.echo(f"{count(number, 'delivery')} queued again".replace("deliverys", "deliveries"))


@deliveries.command()
@click.argument("post", metavar="POST")
@click.pass_obj
def cancel(session: Session, post: str) -> None:
    """Withdraw a post (its path, or its id) from everyone who has not got it yet."""
    from syndicator.store import upkeep

    # Not while a scan is deciding: it would write back what it read before.
    with session.app.store.locks.scan(), session.app.store.write() as connection:
        number = upkeep.withdraw(connection, post, session.app.clock())
    if number is None:
        raise UsageError(f"there is no post {post!r}: see syndicator posts")
    click.echo(f"{count(number, 'message')} withdrawn; no later digest will hold the post")


@deliveries.command()
@click.pass_obj
def pause(session: Session) -> None:
    """Hold everything back; what is due waits for `resume`."""
    _set_paused(session, "yes")
    click.echo("deliveries are paused: syndicator deliveries resume")


@deliveries.command()
@click.pass_obj
def resume(session: Session) -> None:
    """Send again after `pause`."""
    _set_paused(session, "")
    click.echo("deliveries go on")


def _moment(session: Session, text: str | None) -> datetime | None:
    """Read a time in the site's zone, or in its own."""
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--since {text!r}: expected a time such as 2026-11-22 or 2026-11-22T08:00") from error
    return given if given.tzinfo else given.replace(tzinfo=ZoneInfo(session.app.settings.site.timezone))


def _check_name(connection: Connection, name: str | None) -> None:
    from syndicator.store import recipients

    if name and recipients.find(connection, name) is None:
        raise UsageError(f"--to {name!r}: there is no such subscriber or endpoint")


def _set_paused(session: Session, value: str) -> None:
    from syndicator.store import facts

    with session.app.store.write() as connection:
        facts.put(connection, facts.PAUSED, value)


def _delivery(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "channel": row.channel,
        "to": row.name,
        "key": row.unique_key,
        "state": row.state,
        "attempts": row.attempts,
        "due": moment(row.due),
        "created": moment(row.created),
        "settled": moment(row.settled),
        "reply": row.reply,
    }
