"""Bring a store's schema up to date with alembic. Imported only when a store is new or old."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from sqlalchemy import Engine


def known_versions() -> set[str]:
    """Return every schema version that this program can migrate from."""
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def upgrade(engine: Engine, version: str = "head") -> None:
    """Run every missing migration up to a version in one transaction."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", os.path.dirname(__file__))
    config.set_main_option("path_separator", "os")
    return config
