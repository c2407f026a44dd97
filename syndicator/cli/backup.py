"""The command that copies the store."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from syndicator.errors import UsageError

if TYPE_CHECKING:
    from syndicator.cli import Session


@click.command()
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--force", is_flag=True, help="Replace FILE where it is there already.")
@click.pass_obj
def backup(session: Session, file: str, force: bool) -> None:
    """Copy the store to FILE while the service runs.

    To restore, stop the service and put FILE in the place of the store: what it held queued is then withdrawn, and
    nothing is sent twice.
    """
    from syndicator.store import backups

    app = session.app
    if not app.settings.store.url.startswith("sqlite:"):
        raise UsageError("[store] url is PostgreSQL: pg_dump makes a consistent copy of it, while everything runs")
    store = str(app.store.url.database)
    if os.path.exists(file) and (not force or os.path.samefile(file, store)):
        raise UsageError(f"{file} is there already: choose another name, or give --force to replace a backup")
    backups.copy(store, file, app.clock())
    click.echo(f"{file} written ({os.path.getsize(file):,} bytes); it holds addresses and secrets")
    click.echo(f"not in it: {app.settings.web.secret_key_file}, which signs the links in mails: keep a copy of it too")
