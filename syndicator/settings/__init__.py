"""The settings: one TOML file, the environment over it, and messages that say where and what to do."""

from syndicator.settings.loading import load
from syndicator.settings.models import Settings

__all__ = ["Settings", "load"]
