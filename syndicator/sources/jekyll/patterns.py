"""Match paths with the patterns of `exclude` and `include`, as Jekyll's entry filter does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Patterns:
    """Hold patterns: one matches what begins with it (`lib` also matches `library`), or what it matches as a glob.

    The `*` of a glob matches `/` too.
    """

    prefixes: tuple[str, ...]
    glob: re.Pattern[str] | None

    @classmethod
    def of(cls, items: Iterable[object]) -> Patterns:
        """Compile texts and numbers (a folder may be called 2013); anything else is left out."""
        given = (str(item) for item in items if isinstance(item, (str, int, float)) and not isinstance(item, bool))
        texts = [text for item in given if (text := item.lstrip("/"))]
        globs = [translate(text.replace("[^", "[!")) for text in texts if _WILD.search(text)]
        return cls(tuple(texts), re.compile("|".join(globs)) if globs else None)

    def match(self, path: str) -> bool:
        """Tell whether a path is matched."""
        return path.startswith(self.prefixes) or (self.glob is not None and self.glob.match(path) is not None)

    def match_folder(self, path: str) -> bool:
        """Tell whether a folder is matched: `lib/` matches it, and not `library`."""
        return f"{path}/".startswith(self.prefixes) or (self.glob is not None and self.glob.match(path) is not None)
