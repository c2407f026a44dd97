"""Commands on the ledger: deliveries list, show, retry, cancel, pause, resume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from syndicator.cli.output import as_json, count, moment, rows
from syndicator.errors import UsageError

if TYPE_CHECKING:
    from syndicator.cli import Session

STATES = ("queued", "leased", "sent", "unknown", "failed", "cancelled")


@click.group()
def deliveries() -> None:
    """See, retry, withdraw or hold back what is sent."""


@deliveries.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those in one state.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
@as_json
@click.pass_obj
def list_(session: Session, state: str | None, limit: int, as_json: bool) -> None:
    """List deliveries, the newest first."""
    from syndicator.store import ledger

    with session.app.store.read() as connection:
        found = ledger.listing(connection, state=state or "", limit=limit)
    columns = ("id", "kind", "to", "state", "attempts", "due", "reply")
    rows((_delivery(row) for row in found), as_json=as_json, columns=columns)


@deliveries.command()
@click.argument("delivery", type=int, metavar="ID")
@click.pass_obj
def show(session: Session, delivery: int) -> None:
    """Show one delivery, as JSON."""
    from syndicator.store import ledger

    with session.app.store.read() as connection:
        found = ledger.show(connection, delivery)
    if found is None:
        raise UsageError(f"there is no delivery {delivery}: see syndicator deliveries list")
    rows([_delivery(found)], as_json=True, columns=())


@deliveries.command()
@click.argument("ids", type=int, nargs=-1, metavar="[ID]...")
@click.option("--failed", is_flag=True, help="All that failed.")
@click.pass_obj
def retry(session: Session, ids: tuple[int, ...], failed: bool) -> None:
    """Queue failed or withdrawn deliveries again."""
    from syndicator.store import ledger

    if bool(ids) == failed:
        raise UsageError("give the IDs of deliveries, or --failed")
    with session.app.store.write() as connection:
        wanted = [row.id for row in ledger.listing(connection, state="failed", limit=None)] if failed else ids
        number = ledger.retry(connection, wanted, session.app.clock())
    click.echo(f"{count(number, 'delivery')} queued again".replace("deliverys", "deliveries"))


@deliveries.command()
@click.argument("post", metavar="POST")
@click.pass_obj
def cancel(session: Session, post: str) -> None:
    """Withdraw a post (its path, or its id) from everyone who has not got it yet."""
    from syndicator.store import ledger

    # Not while a scan is deciding: it would write back what it read before.
    with session.app.store.locks.scan(), session.app.store.write() as connection:
        number = ledger.withdraw(connection, post, session.app.clock())
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
