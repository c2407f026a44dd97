"""Render what people read, from the shipped templates or the site owner's own."""

from __future__ import annotations

import os
import re
import tomllib
import traceback
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateSyntaxError,
    UndefinedError,
    nodes,
    select_autoescape,
)

from syndicator import resources
from syndicator.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SUFFIXES = (".html", ".txt", ".j2")
_REFERENCES: tuple[type[nodes.Extends | nodes.Include | nodes.Import | nodes.FromImport], ...] = (
    nodes.Extends,
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
)
_TOML_LINE = re.compile(r"\(at line (\d+)")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")


class Texts:
    """Say the program's own words in one language: `texts("more_posts", n=3)`, with dates in its manner."""

    def __init__(self, strings: Mapping[str, str]) -> None:
        self._strings = strings

    def __contains__(self, key: object) -> bool:
        return key in self._strings

    def __call__(self, key: str, **values: Any) -> str:
        """Return the text of `key` with its {names} filled in; `key_one` speaks for n = 1."""
        if values.get("n") == 1 and f"{key}_one" in self:
            key = f"{key}_one"
        if key not in self:
            raise UndefinedError(f"no text {key!r} in strings/en.toml")
        return self._strings[key].format(**values)

    def date_time(self, value: datetime, zone: str = "") -> str:
        """Write a date and time in `zone` (IANA name), or in its own."""
        return self._format("date_time", value.astimezone(ZoneInfo(zone)) if zone else value)

    def period(self, value: str) -> str:
        """Write a digest's period in words: a local date `2026-11-22` or an ISO week `2026-W47`."""
        if week := _WEEK.fullmatch(value):
            return self("period_week", year=int(week[1]), week=int(week[2]))
        return self._format("period_day", date.fromisoformat(value))

    def _format(self, key: str, value: date) -> str:
        months, months_short = self._strings["months"].split(), self._strings["months_short"].split()
        return self(key, d=value, month=months[value.month - 1], month_short=months_short[value.month - 1])


class Templates:
    """Render templates in a reader's language.

    A file in the `override` folder takes the place of the shipped one of the same path, and can build upon it with
    `{% extends "default:email/digest/body.html" %}`. `strings/<language>.toml` there changes single texts, or adds a
    language.
    """

    def __init__(self, override: str | None = None) -> None:
        shipped = resources.folder("templates")
        self._folders = [shipped, override] if override else [shipped]
        self._languages = _languages(self._folders)
        self._environment = cache(self._make_environment)

    def language(self, wanted: str) -> str:
        """Return the language that texts for `wanted` (BCP 47) are in: itself, else a near one, else English."""
        tag = wanted.replace("_", "-").lower()
        base = tag.partition("-")[0]
        near = {name.lower(): name for name in self._languages if name.lower().partition("-")[0] == base}
        return near.get(tag) or near.get(base) or next(iter(near.values()), "en")

    def render(self, name: str, language: str, /, **values: Any) -> str:
        """Render the template `name`, a path such as `email/post/body.html`.

        Templates know `language`, `t("key", n=3)` and the filters `date(zone)`, `period` and `domain`. Raise
        `SettingsError` with the template's file and line for whatever goes wrong in it.
        """
        try:
            return self._environment(self.language(language)).get_template(name).render(**values)
        except SettingsError:
            raise
        except Exception as error:
            raise SettingsError([self._describe(name, error)]) from error

    def check(self) -> list[str]:
        """Compile every template and return what is wrong, as `file:line: what`, without rendering any."""
        problems = [f"{folder}: no such folder" for folder in self._folders if not os.path.isdir(folder)]
        for language in self._languages:
            try:
                _read_texts(self._folders, language)
            except SettingsError as error:
                problems += error.problems
        return list(dict.fromkeys(problems)) or [
            problem for folder in self._folders for problem in self._check_folder(folder)
        ]

    def _check_folder(self, folder: str) -> Iterator[str]:
        texts = _read_texts(self._folders, "en")
        for name in FileSystemLoader(folder).list_templates():
            if name.endswith(_SUFFIXES):
                yield from _check_template(self._environment("en"), texts, os.path.join(folder, name))

    def _make_environment(self, language: str) -> Environment:
        """Make one environment for each language, so that imported macros know the language too."""
        environment = Environment(
            loader=_loader(self._folders),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html"]),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        texts = _read_texts(self._folders, language)
        environment.globals.update(language=language, t=texts)
        environment.filters.update(date=texts.date_time, period=texts.period, domain=_domain)
        return environment

    def _describe(self, name: str, error: Exception) -> str:
        """Write `file:line: what`; jinja2 puts the template's own lines into the traceback."""
        if isinstance(error, TemplateSyntaxError):
            return f"{error.filename or error.name or name}:{error.lineno}: {error.message}"
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if frame.filename.startswith(tuple(self._folders))]
        place = f"{ours[-1].filename}:{ours[-1].lineno}" if ours else name
        return f"{place}: {type(error).__name__}: {error}"


def _loader(folders: Sequence[str]) -> ChoiceLoader:
    shipped, *own = [FileSystemLoader(folder) for folder in folders]
    return ChoiceLoader([*own, shipped, PrefixLoader({"default": shipped}, delimiter=":")])


def _languages(folders: Sequence[str]) -> list[str]:
    """List the languages that have a strings file, the shipped ones first."""
    paths = [os.path.join(folder, "strings") for folder in folders]
    files = [name for path in paths if os.path.isdir(path) for name in sorted(os.listdir(path))]
    return list(dict.fromkeys(name.removesuffix(".toml") for name in files if name.endswith(".toml")))


def _read_texts(folders: Sequence[str], language: str) -> Texts:
    """Lay the language over English and the owner's texts over the shipped: what nobody translated still shows."""
    names = dict.fromkeys(["en", language])
    paths = [os.path.join(folder, "strings", f"{name}.toml") for name in names for folder in folders]
    return Texts({key: text for path in paths for key, text in _read_strings(path).items()})


def _read_strings(path: str) -> dict[str, str]:
    """Read one strings file; an absent one is empty."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            source = file.read()
        strings = tomllib.loads(source)
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        found = _TOML_LINE.search(str(error))
        line = found[1] if found else source.count("\n") + 1  # where none is given it is the end
        raise SettingsError([f"{path}:{line}: {error}"]) from error
    wrong = [key for key, text in strings.items() if not isinstance(text, str)]
    if wrong:
        raise SettingsError([f"{path}: {key}: expected a text in quotes" for key in wrong])
    return strings


def _check_template(environment: Environment, texts: Texts, path: str) -> Iterator[str]:
    """Find syntax errors, templates that are not there, and texts that nobody wrote."""
    with open(path, encoding="utf-8", errors="replace") as file:
        source = file.read()
    try:
        environment.compile(source, filename=path)
    except TemplateSyntaxError as error:
        yield f"{path}:{error.lineno}: {error.message}"
        return
    tree = environment.parse(source)
    known = environment.list_templates()
    for reference in tree.find_all(_REFERENCES):
        if isinstance(reference.template, nodes.Const) and reference.template.value not in known:
            yield f"{path}:{reference.lineno}: no template {reference.template.value!r}"
    for call in tree.find_all(nodes.Call):
        if (key := _text_key(call)) and key not in texts:
            yield f"{path}:{call.lineno}: no text {key!r} in strings/en.toml"


def _text_key(call: nodes.Call) -> str | None:
    """Return the key of `t("key")`, None for any other call."""
    is_text = isinstance(call.node, nodes.Name) and call.node.name == "t" and call.args
    return call.args[0].value if is_text and isinstance(call.args[0], nodes.Const) else None


def _domain(url: str) -> str:
    """Return the host of a URL, or the text itself where there is none."""
    return urlsplit(url).hostname or url
