"""Load the settings: read the file, lay the environment over it, check everything, fill in what follows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from syndicator.errors import SettingsError
from syndicator.settings import toml
from syndicator.settings.defaults import complete
from syndicator.settings.environment import overlay
from syndicator.settings.mistakes import describe
from syndicator.settings.models import Settings, SourceSettings
from syndicator.settings.places import Mistake, Places
from syndicator.settings.wording import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def load(path: str, environ: Mapping[str, str]) -> Settings:
    """Load a settings file, with the variables of `environ` laid over it.

    Raise `SettingsError` with every mistake at once, one line each: `file:line: key: what is wrong, what was expected`,
    or `environment: VARIABLE: …`. No line, and no repr of what is returned, shows a secret.
    """
    document = toml.read(path)
    folder = os.path.dirname(os.path.abspath(path))
    variables, mistakes = overlay(document.values, environ, folder)
    places = Places(path, document.lines, variables)
    mistakes += _same_names(document.values)
    try:
        settings = Settings.model_validate(document.values, context={"folder": folder})
    except ValidationError as error:
        mistakes += describe(error, Settings)
    if mistakes:
        raise SettingsError(places.report(mistakes))
    return complete(settings).placed(places)


def _same_names(values: dict[str, Any]) -> Iterator[Mistake]:
    """Find names given twice, here rather than in a model: pydantic checks a whole only where no part has a mistake."""
    for section in ("sources", "categories", "endpoints"):
        first: dict[str, int] = {}
        for number, name in _names(section, values.get(section)):
            taken = first.setdefault(name, number)
            if taken != number:
                text = f"{shown(name)} is the name of {section}.{taken} too, expected another"
                yield Mistake((section, number, "name"), text)


def _names(section: str, tables: object) -> Iterator[tuple[int, str]]:
    default = SourceSettings.model_fields["name"].default if section == "sources" else None
    for number, values in enumerate(tables if isinstance(tables, list) else ()):
        name = values.get("name", default) if isinstance(values, dict) else None
        if isinstance(name, str):
            yield number, name.strip()
