"""A settings file in a folder of its own, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from syndicator.errors import SettingsError
from syndicator.settings import Settings, load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BASE = '[site]\ntitle = "Leaves"\nurl = "https://leaves.example"\n[[sources]]\npath = "site"\n'


class Loader(Protocol):
    """Load what is written below the five lines of `BASE`, so that line 6 is the first of `text`."""

    def __call__(self, text: str = "", environ: Mapping[str, str] | None = None, *, base: str = BASE) -> Settings: ...


class Complainer(Protocol):
    """Load the same way, and return every problem, with the folder cut off."""

    def __call__(self, text: str = "", environ: Mapping[str, str] | None = None, *, base: str = BASE) -> list[str]: ...


@pytest.fixture
def loaded(tmp_path: Path) -> Loader:
    def run(text: str = "", environ: Mapping[str, str] | None = None, *, base: str = BASE) -> Settings:
        path = tmp_path / "s.toml"
        path.write_text(base + text, "utf-8")
        return load(str(path), environ or {})

    return run


@pytest.fixture
def problems(tmp_path: Path, loaded: Loader) -> Complainer:
    def run(text: str = "", environ: Mapping[str, str] | None = None, *, base: str = BASE) -> list[str]:
        with pytest.raises(SettingsError) as caught:
            loaded(text, environ, base=base)
        assert caught.value.exit_code == 2
        return [problem.replace(f"{tmp_path}/", "") for problem in caught.value.problems]

    return run
