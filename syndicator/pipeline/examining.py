"""Look at everything a source holds, and change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.models import Post
from syndicator.ports import Explainer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from syndicator.models import File, Problem
    from syndicator.ports import Source

    Track = Callable[[Sequence[File]], Iterable[File]]


def examine(source: Source, track: Track = list) -> Iterator[tuple[str, tuple[Problem, ...]]]:
    """Read and render every file, and yield (path, problems) of those with any, then of the files left out.

    Raise SourceError when the source cannot be listed.
    """
    for file in track(list(source.files())):
        if problems := _problems(source, file.path):
            yield file.path, problems
    if isinstance(source, Explainer):
        yield from ((problem.path, (problem,)) for problem in source.left_out())


def _problems(source: Source, path: str) -> tuple[Problem, ...]:
    found = source.read(path)
    body = source.render(path) if isinstance(found, Post) else None
    return (*(found.problems if found else ()), *(body.problems if body else ()))
