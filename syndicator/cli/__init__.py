"""The command line. What a command needs is imported when it runs: `--help` costs no more than click."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from syndicator import __version__
from syndicator.errors import SettingsError, SyndicatorError

if TYPE_CHECKING:
    from syndicator.app import App
    from syndicator.settings import Settings


class _Group(click.Group):
    """Turn the errors that we raise on purpose into one clear message and their exit code."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
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


from syndicator.cli import deliveries, listing, recipients, work  # noqa: E402 - they add themselves to the group

__all__ = ["Session", "cli", "deliveries", "listing", "main", "recipients", "work"]


def main() -> None:
    """Run the command line; exit with 0 (done), 1 (something failed) or 2 (wrong usage or settings)."""
    cli(prog_name="syndicator")
