"""Load parts by the names that the settings use: a module's name, or `package.module:Class` for one from elsewhere."""

from __future__ import annotations

import importlib
import os
from typing import Any

from syndicator.errors import SettingsError


def load(group: str, name: str, attribute: str) -> Any:
    """Return the class (or function) of a part. Raise SettingsError naming the ones there are.

    `load("channels", "webhook", "Channel")` is `syndicator.channels.webhook.Channel`; of `package.module:Class` the
    class is taken.
    """
    module, _, own = name.partition(":")
    try:
        return getattr(importlib.import_module(module if own else f"syndicator.{group}.{name}"), own or attribute)
    except (ImportError, AttributeError, ValueError) as error:
        kind = group.removesuffix("s")
        raise SettingsError([f"{name!r} is no {kind}: there are {', '.join(names(group))} ({error})"]) from error


def names(group: str) -> list[str]:
    """Return the names of the parts of a group that come with the program."""
    package = importlib.import_module(f"syndicator.{group}")
    found = {entry.split(".")[0] for folder in package.__path__ for entry in os.listdir(folder)}
    return sorted(name for name in found if not name.startswith("_"))
