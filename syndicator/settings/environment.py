"""Let environment variables override the file: `SYNDICATOR_SECTION__KEY`, or `…__KEY_FILE` for what is in a file.

An array of tables takes the number of the table, from 0: `SYNDICATOR_ENDPOINTS__0__SECRET`; the number behind the last
one adds a table. Lists are JSON, or words between commas. Variables without `__` are not ours.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic_core import from_json

from syndicator.settings.fields import is_list, keys, table
from syndicator.settings.models import Settings
from syndicator.settings.places import Mistake
from syndicator.settings.wording import did_you_mean, either

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.fields import FieldInfo

    from syndicator.settings.toml import Key

_PREFIX = "SYNDICATOR_"


class Target(NamedTuple):
    """Hold what a variable's name means: the key it sets, its field if it is no channel option, and whether by file."""

    key: Key
    field: FieldInfo | None
    by_file: bool


def overlay(values: dict[str, Any], environ: Mapping[str, str], folder: str) -> tuple[dict[Key, str], list[Mistake]]:
    """Put the variables into `values`; return the variable of each key that was set, and what could not be.

    `folder` is that of the settings file, which relative paths in `…_FILE` start from.
    """
    variables: dict[Key, str] = {}
    mistakes = []
    for name in sorted((name for name in environ if name.startswith(_PREFIX) and "__" in name), key=_order):
        try:
            _set(values, variables, name, environ[name], folder)
        except ValueError as error:
            variables[(name,)] = name
            mistakes.append(Mistake((name,), str(error)))
    return variables, mistakes


def _order(name: str) -> list[str]:
    """Sort numbers by value: a table can only be added behind the last."""
    return [part.zfill(6) if part.isdecimal() else part for part in name.split("__")]


def _set(values: dict[str, Any], variables: dict[Key, str], name: str, text: str, folder: str) -> None:
    target = _target(name)
    if target.key in variables:
        raise ValueError(f"sets what {variables[target.key]} sets too, expected one of the two")
    value = _value(_content(os.path.join(folder, text)) if target.by_file else text, target.field)
    section, *index, key = target.key
    holder = values.setdefault(str(section), [] if index else {})
    for number in index:
        if isinstance(holder, list):
            if _added(holder, int(number), str(section)):
                variables[target.key[:-1]] = name
            holder = holder[int(number)]
    # A section that is no table is the file's mistake, and reported as such.
    if isinstance(holder, dict):
        holder[key] = value
    variables[target.key] = name


def _target(name: str) -> Target:
    """Parse a variable's name; raise `ValueError` when no setting can be meant."""
    section, *rest = name.removeprefix(_PREFIX).lower().split("__")
    sections = keys(Settings)
    model = table(sections[section]) if section in sections else None
    if not model:
        near = did_you_mean(section, sections)
        raise ValueError(f"unknown section{near or ', expected ' + either(sections)}")
    *index, key = rest
    if [part.isdecimal() for part in index] != [True] * is_list(sections[section]):
        number = "__0" if is_list(sections[section]) else ""
        raise ValueError(f"is no setting, expected {_PREFIX}{section.upper()}{number}__KEY")
    by_file = key not in keys(model) and key.endswith("_file")
    key = key.removesuffix("_file") if by_file else key
    return Target((section, *map(int, index), key), keys(model).get(key), by_file)


def _added(tables: list[Any], number: int, section: str) -> bool:
    """Add a table behind the last when the number is that of the next."""
    if number > len(tables):
        raise ValueError(f"there are only {len(tables)} [[{section}]], expected a number up to {len(tables)}")
    if number == len(tables):
        tables.append({})
        return True
    return False


def _content(path: str) -> str:
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.read().strip()
    except OSError as error:
        problem = f"cannot read {path}: {error.strerror}"
    except UnicodeDecodeError:
        problem = f"{path} is not UTF-8, expected text"
    raise ValueError(problem)


def _value(text: str, field: FieldInfo | None) -> Any:
    """Turn text into what TOML would give; what does not fit stays text, for the model to refuse."""
    if field and is_list(field) and not text.startswith("["):
        return [word.strip() for word in text.split(",") if word.strip()]
    if field and field.annotation is int:
        return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text.strip()) else text
    if text.startswith(("[", "{")) and (not field or is_list(field)):
        try:
            return from_json(text)
        except ValueError:
            return text
    return text
