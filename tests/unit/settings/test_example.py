"""The example in config/: complete, true to the defaults, and loadable with and without its commented parts."""

from __future__ import annotations

import re
import shutil
import tomllib
from typing import TYPE_CHECKING

import pytest

from syndicator.resources import folder
from syndicator.settings import Settings, load
from syndicator.settings.fields import is_list, keys, table

if TYPE_CHECKING:
    from pathlib import Path

COMMENTED = re.compile(r"^# (?=\[\[\w+\]\]$|\w+ = .+$)", re.MULTILINE)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    shutil.copy(f"{folder('config')}/syndicator.toml", tmp_path)
    return tmp_path / "syndicator.toml"


def test_it_loads_as_it_is(example: Path) -> None:
    settings = load(str(example), {})
    assert settings.site.title == "My site"
    assert settings.feeds.url == settings.web.url == "http://127.0.0.1:8080"
    assert settings.endpoints == ()


def test_it_loads_with_its_examples_uncommented(example: Path) -> None:
    example.write_text(COMMENTED.sub("", example.read_text("utf-8")), "utf-8")
    settings = load(str(example), {})
    assert settings.categories[0].title == "财经"
    assert settings.endpoints[0].options == {"url": "https://hooks.example.com/posts"}
    assert settings.endpoints[0].cadence == "instant"


def test_it_shows_every_setting_in_the_order_of_the_sections(example: Path) -> None:
    shown = tomllib.loads(COMMENTED.sub("", example.read_text("utf-8")))
    assert list(shown) == list(keys(Settings))
    for section, field in keys(Settings).items():
        model = table(field)
        assert model is not None
        values = shown[section][0] if is_list(field) else shown[section]
        assert keys(model).keys() - {"options"} <= values.keys(), section


def test_the_values_shown_are_the_defaults(example: Path) -> None:
    required = example.with_name("required.toml")
    required.write_text('[site]\ntitle = "My site"\nurl = "https://example.com"\n[[sources]]\npath = "site"\n')
    assert load(str(example), {}).model_dump() == load(str(required), {}).model_dump()


def test_the_values_shown_for_an_endpoint_are_the_defaults(example: Path) -> None:
    bare = example.read_text("utf-8") + '[[endpoints]]\nname = "newsroom"\nkind = "webhook"\n'
    shown = load(str(_written(example, COMMENTED.sub("", example.read_text("utf-8")))), {}).endpoints[0]
    expected = load(str(_written(example, bare)), {}).endpoints[0]
    assert shown.model_copy(update={"options": {}}) == expected


def test_every_setting_is_explained(example: Path) -> None:
    above = ""
    for line in example.read_text("utf-8").splitlines():
        if re.match(r"\w+ = ", line):
            assert above.startswith("# "), line
        else:
            above = line


def _written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path
