"""Find everything that is wrong before anything runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from syndicator import plugins, watching
from syndicator.errors import SettingsError
from syndicator.files import is_writable
from syndicator.templates import Templates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.settings import Settings


def problems(settings: Settings) -> list[str]:
    """Return every problem as `file:line: key: what is wrong`: unknown parts, wrong options, folders, templates."""
    return [
        *_sources(settings), *_formats(settings), *_endpoints(settings), *_watching(settings), *_folders(settings),
        *_relay(settings), *_templates(settings),
    ]  # fmt: skip


def _sources(settings: Settings) -> Iterator[str]:
    for place, item in enumerate(settings.sources):
        at = settings.locate("sources", place, "path")
        if not os.path.isdir(item.path):
            yield f"{at}: sources.{place}.path: there is no folder {item.path}, expected the one that holds the posts"
        elif item.kind:
            yield from _part(settings, "sources", item.kind, "Source", ("sources", place, "kind"))
        elif not any(plugins.load("sources", kind, "detect")(item.path) for kind in plugins.names("sources")):
            yield f"{at}: sources.{place}.path: no posts found in {item.path}, expected the folder that holds _posts"


def _formats(settings: Settings) -> Iterator[str]:
    for place, name in enumerate(settings.feeds.formats):
        yield from _part(settings, "formats", name, "Format", ("feeds", "formats", place))


def _endpoints(settings: Settings) -> Iterator[str]:
    for place, item in enumerate(settings.endpoints):
        wrong = list(_part(settings, "channels", item.kind, "Channel", ("endpoints", place, "kind")))
        yield from wrong
        try:
            if not wrong:
                settings.options(place, plugins.load("channels", item.kind, "Channel").Options)
        except SettingsError as error:
            yield from error.problems


def _watching(settings: Settings) -> Iterator[str]:
    try:
        watching.require(settings)
    except SettingsError as error:
        yield from error.problems


def _folders(settings: Settings) -> Iterator[str]:
    folders = {("feeds", "output"): settings.feeds.output}
    if settings.mail.transport == "file":
        folders["mail", "folder"] = settings.mail.folder
    for key, path in folders.items():
        if not is_writable(path):
            at = settings.locate(*key)
            yield f"{at}: {'.'.join(key)}: {path} cannot be written to, expected a writable folder"


def _relay(settings: Settings) -> Iterator[str]:
    if settings.mail.transport == "smtp":
        from syndicator.mail.relay import trust

        try:
            trust(settings.mail.ca_file)
        except OSError as error:
            yield f"{settings.locate('mail', 'ca_file')}: mail.ca_file: {error}"


def _templates(settings: Settings) -> Iterator[str]:
    yield from Templates(settings.site.templates or None).check()


def _part(settings: Settings, group: str, name: str, attribute: str, key: tuple[str | int, ...]) -> Iterator[str]:
    try:
        plugins.load(group, name, attribute)
    except SettingsError as error:
        yield f"{settings.locate(*key)}: {'.'.join(map(str, key))}: {error}"
