"""Read where old addresses lead, as owners write it. Checks raise `ValueError` with the whole message."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator

from syndicator.policy.redirects import PRESETS, mistake
from syndicator.settings.wording import did_you_mean, either, shown


def _preset(name: str) -> str:
    if name not in PRESETS:
        near = did_you_mean(name, PRESETS)
        raise ValueError(f"{shown(name)} is no generator known here{near or ', expected ' + either(PRESETS)}")
    return name


def _paths(paths: dict[str, str]) -> dict[str, str]:
    if found := list(_mistakes(paths)):
        raise ValueError("; ".join(found))
    return paths


def _mistakes(paths: dict[str, str]) -> Iterator[str]:
    for pattern, target in paths.items():
        if wrong := mistake(pattern, target):
            yield f"{shown(pattern)} {wrong}"


Preset = Annotated[str, AfterValidator(_preset)]
Paths = Annotated[dict[str, str], AfterValidator(_paths)]
