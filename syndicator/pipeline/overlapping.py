"""Find files that two sources both list: their posts would be two each, in every feed and in every mail."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from syndicator.errors import SourceError

if TYPE_CHECKING:
    from syndicator.ports import Source


def shared(first: Source, folder: str, second: Source, other_folder: str) -> str | None:
    """Return the path of a file in the second source that the first lists too, None where there is none.

    They are only looked for where one folder is the other or lies in it. Raise SourceError when the second cannot be
    listed.
    """
    here, there = os.path.realpath(folder), os.path.realpath(other_folder)
    if os.path.commonpath([here, there]) not in (here, there):
        return None
    try:
        taken = {os.path.join(here, file.path) for file in first.files()}
    except SourceError:
        return None
    return next((file.path for file in second.files() if os.path.join(there, file.path) in taken), None)
