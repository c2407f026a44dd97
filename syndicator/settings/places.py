"""Remember where each setting comes from: a line of the file, or a variable of the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syndicator.settings.toml import Key


@dataclass(frozen=True, slots=True)
class Mistake:
    """Hold one mistake: the path of the key, and what is wrong and expected there."""

    key: Key
    text: str


@dataclass(frozen=True, slots=True)
class Places:
    """Hold the lines of a settings file and the environment variables that override it, by the path of the key."""

    file: str = "settings"
    lines: Mapping[Key, int] = field(default_factory=dict)
    variables: Mapping[Key, str] = field(default_factory=dict)

    def locate(self, key: Key) -> str:
        """Return `file:line` of a key, or `environment: VARIABLE`; a key not written stands where its section does."""
        near = self._nearest(key)
        if near in self.variables:
            return f"environment: {self.variables[near]}"
        return f"{self.file}:{self.lines.get(near, 1)}"

    def report(self, mistakes: Iterable[Mistake]) -> list[str]:
        """Return complete lines `place: key: text`, in the order of the file, the environment last."""
        return [self._line(mistake) for mistake in sorted(mistakes, key=self._order)]

    def _line(self, mistake: Mistake) -> str:
        key = "" if mistake.key in self.variables else f"{'.'.join(map(str, mistake.key))}: "
        return f"{self.locate(mistake.key)}: {key}{mistake.text}"

    def _order(self, mistake: Mistake) -> tuple[str, int]:
        near = self._nearest(mistake.key)
        return self.variables.get(near, ""), self.lines.get(near, 1)

    def _nearest(self, key: Key) -> Key:
        prefixes = (key[:length] for length in range(len(key), 0, -1))
        return next((prefix for prefix in prefixes if prefix in self.variables or prefix in self.lines), ())
