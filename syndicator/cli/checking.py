"""Find everything that is wrong before anything runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from syndicator import plugins, watching
from syndicator.errors import SettingsError, SourceError
from syndicator.files import is_writable
from syndicator.templates import Templates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from syndicator.ports import Source
    from syndicator.settings import Settings
    from syndicator.settings.models import SourceSettings


def problems(settings: Settings, source: Callable[[SourceSettings], Source]) -> list[str]:
    """Return every problem as `file:line: key: what is wrong`: unknown parts, wrong options, folders, templates.

    `source` makes a source of its settings: it is asked for its files.
    """
    return [
        *_sources(settings, source), *_formats(settings), *_endpoints(settings), *_watching(settings),
        *_folders(settings), *_relay(settings), *_templates(settings),
    ]  # fmt: skip


def _sources(settings: Settings, source: Callable[[SourceSettings], Source]) -> Iterator[str]:
    for place, item in enumerate(settings.sources):
        at = f"{settings.locate('sources', place, 'path')}: sources.{place}.path"
        kind = item.kind or next((kind for kind in plugins.names("sources") if _is_for(kind, item.path)), "")
        if not os.path.isdir(item.path):
            yield f"{at}: there is no folder {item.path}, expected the one that holds the posts"
        elif not kind:
            yield f"{at}: no posts found in {item.path}, expected the folder that holds _posts"
        elif wrong := _configured(settings, "sources", place, kind, "Source"):
            yield from wrong
        else:
            try:
                source(item).files()
            except SourceError as error:
                yield f"{at}: {error}"


def _is_for(kind: str, path: str) -> bool:
    detects: bool = plugins.load("sources", kind, "detect")(path)
    return detects


def _formats(settings: Settings) -> Iterator[str]:
    for place, name in enumerate(settings.feeds.formats):
        yield from _part(settings, "formats", name, "Format", ("feeds", "formats", place))


def _endpoints(settings: Settings) -> Iterator[str]:
    for place, item in enumerate(settings.endpoints):
        yield from _configured(settings, "endpoints", place, item.kind, "Channel")


def _configured(
    settings: Settings, section: Literal["sources", "endpoints"], place: int, kind: str, attribute: str
) -> list[str]:
    """Return what is wrong with the kind of a source or an endpoint, or else with its own keys."""
    group = "sources" if section == "sources" else "channels"
    if wrong := list(_part(settings, group, kind, attribute, (section, place, "kind"))):
        return wrong
    try:
        settings.options(section, place, plugins.load(group, kind, attribute).Options)
    except SettingsError as error:
        return error.problems
    return []


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
