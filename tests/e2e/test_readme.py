"""What the README shows exists: commands with their options, settings, targets of make, files."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from syndicator.cli import COMMANDS as ALL_COMMANDS
from syndicator.cli import cli
from syndicator.settings import Settings, load
from syndicator.settings.fields import is_list, keys, table
from tests.e2e.site import ROOT

if TYPE_CHECKING:
    from pathlib import Path

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
SHELL = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines() if line.strip()]
IN_TEXT = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL))
COMMANDS = sorted({line for line in (*SHELL, *IN_TEXT) if line.startswith("syndicator ")})
SETTINGS = sorted({text for text in IN_TEXT if re.match(r"\[", text)})
VARIABLES = sorted({text.split("=")[0] for text in IN_TEXT if "SYNDICATOR_" in text and "__" in text})
TARGETS = sorted({text.split()[1] for text in (*SHELL, *IN_TEXT) if re.match(r"make [a-z]", text)})


def test_it_is_short() -> None:
    assert len(README.splitlines()) < 200


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_exists_with_these_options(line: str) -> None:
    words = [word for word in shlex.split(line, comments=True)[1:] if word != "…"]
    helped = CliRunner().invoke(cli, [*words, "--help"])
    assert helped.exit_code == 0, helped.output
    for option in (word for word in words if word.startswith("--")):
        # Options of the program itself come before the command, and are in its own help.
        assert option in helped.output + CliRunner().invoke(cli, ["--help"]).output


def test_every_command_there_is_is_named() -> None:
    shown = {word for line in COMMANDS for word in shlex.split(line, comments=True)}
    assert ALL_COMMANDS.keys() <= shown


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_exists(setting: str) -> None:
    section, key = re.fullmatch(r"\[{1,2}(\w+)\]{1,2} (\w+)", setting).groups()  # type: ignore[union-attr]
    assert setting.startswith("[[") == is_list(Settings.model_fields[section])
    model = table(keys(Settings)[section])
    assert model is not None
    assert key in keys(model)


def test_the_settings_shown_are_enough(tmp_path: Path) -> None:
    site, mail = (block for kind, block in BLOCKS if kind == "toml")
    path = tmp_path / "syndicator.toml"
    path.write_text(site, "utf-8")
    assert load(str(path), {}).site.title == "My site"
    (tmp_path / "password").write_text("secret\n", "utf-8")
    path.write_text(f"{site}\n{mail}", "utf-8")
    settings = load(str(path), {"SYNDICATOR_MAIL__PASSWORD_FILE": "password"})
    assert (settings.mail.port, settings.mail.password.get_secret_value()) == (587, "secret")


@pytest.mark.parametrize("name", [name for name in VARIABLES if not name.startswith("SYNDICATOR_MAIL")])
def test_every_variable_sets_something(name: str, tmp_path: Path) -> None:
    path = tmp_path / "syndicator.toml"
    settings = '[site]\ntitle = "T"\nurl = "https://example.com"\n[[sources]]\npath = "site"\n[[endpoints]]\n'
    path.write_text(f'{settings}name = "newsroom"\nkind = "webhook"\n', "utf-8")
    (tmp_path / "4321").write_text("4321", "utf-8")
    changed = load(str(path), {name: "4321"})
    assert "4321" in f"{changed.web.port} {changed.endpoints[0].options}"


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_of_make_exists(target: str) -> None:
    asked = subprocess.run(["make", "--question", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert asked.returncode in (0, 1), asked.stderr  # done already, or to be done; 2 is a mistake


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!http)([^)]+)\)", README))))
def test_every_file_it_links_to_exists(link: str) -> None:
    assert (ROOT / link).exists()
