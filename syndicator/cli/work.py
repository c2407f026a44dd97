"""Commands that do the work: init, check, scan, build, deliver, digest, run, worker, serve."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from syndicator.cli.explaining import print_reasons
from syndicator.cli.output import as_json, count, tracker, warn
from syndicator.errors import UsageError

if TYPE_CHECKING:
    from syndicator.app import App, BuildReport
    from syndicator.cli import Session
    from syndicator.pipeline.scanning import ScanReport


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False))
def init(folder: str) -> None:
    """Write a commented syndicator.toml, ready to run."""
    from syndicator.cli.starting import start

    path = start(folder)
    if os.path.exists(os.path.join(folder, "_config.yml")):
        click.echo("In _config.yml, keep Jekyll away from these: exclude: [syndicator.toml, state, public]")
    click.echo(f"{path} written. Next: look through it, then: syndicator --config {path} build")


@click.command()
@click.pass_obj
def check(session: Session) -> None:
    """Check settings, templates and folders; every error at once, as file:line: key: what is wrong."""
    from syndicator.cli.checking import problems
    from syndicator.errors import SettingsError

    app = session.app
    if found := problems(app.settings, app.source):
        raise SettingsError(found)
    click.echo(f"{session.config}: no errors")


@click.command()
@click.option("--full", is_flag=True, help="Read every file, not only those that look changed.")
@click.option("--no-announce", is_flag=True, help="Catch up silently: nothing found now is ever announced.")
@click.option("--allow-missing", is_flag=True, help="Go on though more than a fifth of a source's files are missing.")
@click.option("--explain", metavar="PATH", help="Scan nothing, but say of one file how its post was decided.")
@as_json
@click.pass_obj
def scan(
    session: Session, full: bool, no_announce: bool, allow_missing: bool, explain: str | None, as_json: bool
) -> None:
    """Read the sources; record what is new, changed and gone."""
    from syndicator.app import ScanWishes

    if explain is not None:
        print_reasons(session, explain, as_json=as_json)
        return
    if as_json:
        raise UsageError("--json goes with --explain")
    report = session.app.scan(ScanWishes(full, no_announce, allow_missing, tracker("Reading posts")))
    _print_scans(session, report)
    _exit(report)


@click.command()
@click.option("--no-scan", is_flag=True, help="Write the feeds from what the last scan knew.")
@click.option("--full", is_flag=True, help="Make every feed again, not only the changed ones.")
@click.pass_obj
def build(session: Session, no_scan: bool, full: bool) -> None:
    """Scan, then write the feeds that changed."""
    from syndicator.app import ScanWishes

    wishes = None if no_scan else ScanWishes(track=tracker("Reading posts"))
    report = session.app.build(wishes, full=full, track=tracker("Writing feeds"))
    _print_scans(session, report)
    if report.published:
        done = report.published
        click.echo(f"{count(done.feeds, 'feed')}: {done.checked} made again, {count(done.written, 'file')} written")
    _exit(report)


@click.command()
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Send at most N.")
@click.pass_obj
def deliver(session: Session, limit: int | None) -> None:
    """Plan the digests that are due, then send all that is due."""
    queued = session.app.plan()
    tally = session.app.deliver_now(limit)
    sent = ", ".join(f"{number} {outcome}" for outcome, number in sorted(tally.items())) or "nothing to send"
    click.echo(f"{count(queued, 'digest')} queued; {sent}")
    if tally.total() > tally["sent"]:
        click.echo("see: syndicator deliveries list", err=True)
        raise click.exceptions.Exit(1)


@click.command()
@click.option("--now", "early", is_flag=True, help="Do not wait for the hour of the next digests.")
@click.pass_obj
def digest(session: Session, early: bool) -> None:
    """Plan the digests that are due; `deliver` or the service sends them."""
    click.echo(f"{count(session.app.plan(early=early), 'digest')} queued")


@click.command()
@click.pass_obj
def run(session: Session) -> None:
    """Run the service: web, scheduler and delivery in one process.

    On PostgreSQL any number of them may run, on any machines: one schedules, all deliver.
    """
    from syndicator import service

    service.run(_logging_app(session), _announce)


@click.command()
@click.pass_obj
def worker(session: Session) -> None:
    """Scan, plan and deliver, without the web.

    On PostgreSQL any number of them may run, on any machines: one schedules, all deliver.
    """
    from syndicator import service

    app = _logging_app(session)
    click.echo("Working (Ctrl-C to stop)")
    service.work(app)


@click.command()
@click.pass_obj
def serve(session: Session) -> None:
    """Serve the feeds and pages alone; `worker` does the rest.

    It reads feeds from the folder that the scheduler writes: [feeds] output must be shared between machines.
    """
    from syndicator import service

    service.serve(_logging_app(session), _announce)


def _logging_app(session: Session) -> App:
    from syndicator.cli.logs import configure

    configure(session.app.settings.log.level, session.app.settings.log.format)
    return session.app


def _announce(url: str) -> None:
    click.echo(f"Listening on {url} (Ctrl-C to stop)")


def _print_scans(session: Session, report: BuildReport) -> None:
    folders = {item.name: item.path for item in session.app.settings.sources}
    problems = [os.path.join(folders[source], str(problem)) for source, problem in report.problems()]
    warn(problems)
    for item in report.scans:
        click.echo(_summary(item))
    if len(problems) > 1:
        click.echo(f"{len(problems)} new warnings; see all again: syndicator posts --problems", err=True)


def _summary(scan: ScanReport) -> str:
    facts = [
        (scan.new, "new"), (scan.changed, "changed"), (scan.moved, "moved"), (scan.gone, "gone"),
        (scan.announced, "announced"), (scan.skipped, "too old to announce"), (scan.queued, "queued"),
    ]  # fmt: skip
    news = ", ".join(f"{number} {what}" for number, what in facts if number) or "nothing new"
    return f"source {scan.source}: {count(scan.posts, 'post')} found, {scan.quarantined} quarantined: {news}"


def _exit(report: BuildReport) -> None:
    for line in report.errors.values():
        click.echo(f"error: {line}", err=True)
    if report.errors:
        raise click.exceptions.Exit(1)
