"""What a site gives to the Liquid in its pages."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime


class Included(NamedTuple):
    """Hold a file that another one includes; `name` is its path within the site."""

    name: str
    text: str


class Unavailable(NamedTuple):
    """Stand for a value that a generator has and that cannot be had here; `reason` says why."""

    reason: str


def _nothing(_reference: object) -> None:
    return None


class Context(NamedTuple):
    """Hold what bodies may refer to: variables, the site's address, and how the rest of the site is reached.

    `post` and `file` return the path (with the base path) of what `post_url` and `link` name; `include` and
    `include_relative` a file's text; `time` the moment that a value names; `markdown` makes HTML.
    """

    variables: Mapping[str, Any]
    site_url: str = ""
    base_path: str = ""
    post: Callable[[str], str | None] = _nothing
    file: Callable[[str], str | None] = _nothing
    include: Callable[[str], Included | None] = _nothing
    include_relative: Callable[[str], Included | None] = _nothing
    time: Callable[[object], datetime | None] = _nothing
    markdown: Callable[[str], str] = html.escape
