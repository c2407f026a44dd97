"""The command line. A command is imported when it is called: `--help` costs little more than click."""

from __future__ import annotations

import gc
import importlib
import os
from typing import TYPE_CHECKING, Any

import click

from syndicator import __version__
from syndicator.errors import SettingsError, SyndicatorError

if TYPE_CHECKING:
    from syndicator.app import App
    from syndicator.settings import Settings


# name: (module in this package, short help)
# What is imported and read stays: looking for garbage in it again and again took a tenth of every start.
GARBAGE_THRESHOLD = 200_000

COMMANDS = {
    "init": ("work", "Write a commented syndicator.toml, ready to run."),
    "check": ("work", "Check settings, templates and folders."),
    "scan": ("work", "Read the sources; record what is new, changed and gone."),
    "build": ("work", "Scan, then write the feeds that changed."),
    "deliver": ("work", "Plan the digests that are due, then send all that is due."),
    "digest": ("work", "Plan the digests that are due."),
    "run": ("work", "Run the service: web, scheduler and delivery."),
    "worker": ("work", "Run the scheduler and delivery alone."),
    "serve": ("work", "Serve the feeds and pages alone."),
    "posts": ("listing", "Show what the last scan knows of every post."),
    "feeds": ("listing", "Show every feed."),
    "subscribers": ("recipients", "Manage who gets mail."),
    "endpoints": ("recipients", "Manage which chats and programs get posts."),
    "deliveries": ("deliveries", "See, retry, withdraw or hold back what is sent."),
    "backup": ("backup", "Copy the store while the service runs."),
    "send-test": ("recipients", "Send a test message."),
}


class _Group(click.Group):
    """Load a command's module when it is called, and turn the errors that we raise on purpose into messages."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"syndicator.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SyndicatorError as error:
            lines = error.problems if isinstance(error, SettingsError) else [f"error: {error}"]
            for line in lines:
                click.echo(line, err=True)
            raise click.exceptions.Exit(error.exit_code) from error


class Session:
    """Hold what the commands share: where the settings are, and the app once it is asked for."""

    def __init__(self, config: str) -> None:
        self.config = config
        self._app: App | None = None

    @property
    def settings(self) -> Settings:
        """Load the settings. Raise SettingsError with everything that is wrong."""
        from syndicator.settings import load

        return load(self.config, os.environ)

    @property
    def app(self) -> App:
        """Return the app, with plain warnings on stderr."""
        if self._app is None:
            from syndicator.app import App

            self._app = App(self.settings)
        return self._app

    def close(self) -> None:
        """Close the store, if it was used."""
        if self._app is not None and "store" in vars(self._app):
            self._app.store.close()


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "-c",
    metavar="FILE",
    envvar="SYNDICATOR_CONFIG",
    default="syndicator.toml",
    show_default=True,
    help="The settings file; relative paths in it are relative to it.",
)
@click.version_option(__version__, prog_name="syndicator")
@click.pass_context
def cli(context: click.Context, config: str) -> None:
    """Turn a folder of posts into feeds, e-mail digests and chat notifications."""
    context.obj = Session(config)
    context.call_on_close(context.obj.close)


def main() -> None:
    """Run the command line; exit with 0 (done), 1 (something failed) or 2 (wrong usage or settings)."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    cli(prog_name="syndicator")
