"""The systemd unit in config/: systemd takes it, and it starts a command that exists."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from syndicator.cli import COMMANDS
from syndicator.resources import folder

if TYPE_CHECKING:
    from pathlib import Path

UNIT = f"{folder('config')}/syndicator.service"


def settings() -> dict[str, list[str]]:
    """Return key → values of all sections."""
    found: dict[str, list[str]] = {}
    with open(UNIT, encoding="utf-8") as file:
        for line in file:
            key, sign, value = line.partition("=")
            if sign and not line.startswith("#"):
                found.setdefault(key, []).append(value.strip())
    return found


def test_it_starts_the_service_and_lets_it_end() -> None:
    found = settings()
    (start,) = found["ExecStart"]
    program, option, _, command = shlex.split(start)
    assert (os.path.basename(program), option) == ("syndicator", "--config")
    assert command in COMMANDS
    assert found["Restart"] == ["on-failure"]
    assert int(found["TimeoutStopSec"][0]) > 20


def test_it_may_write_nothing_but_its_own() -> None:
    found = settings()
    assert found["ProtectSystem"] == ["strict"]
    assert found["ReadWritePaths"] == ["/var/lib/syndicator"]
    for key in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome"):
        assert found[key] == ["yes"]


def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    """Where there is no systemd, this only sees that the file can be written with another program in it."""
    with open(UNIT, encoding="utf-8") as file:
        text = file.read().replace("/opt/syndicator/bin/syndicator", sys.executable)
    unit = tmp_path / "syndicator.service"
    unit.write_text(text, "utf-8")
    assert sys.executable in text
    if shutil.which("systemd-analyze"):
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
