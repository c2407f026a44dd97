"""The wheel holds all that the program needs, and runs from any folder."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.e2e.site import ROOT, Site, environment


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, with the build backend that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    pip(sys.executable, "wheel", str(ROOT), "--no-build-isolation", "--wheel-dir", str(folder))
    (built,) = folder.glob("syndicator-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone into a new environment, which sees the dependencies of this one; return its `bin`."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    pip(sys.executable, "--python", str(python), "install", str(wheel))
    own = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    (own / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    return folder / "bin"


def pip(python: str, *arguments: str) -> None:
    command = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", *arguments, "--no-deps"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def run(folder: Path, program: str, *arguments: str) -> str:
    """Run an installed program from the root folder, without this checkout in sight."""
    clean = environment()
    del clean["PYTHONPATH"]
    done = subprocess.run(
        [str(folder / program), *arguments], cwd="/", env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_holds_templates_and_settings_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "config"):
        ours = {str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("*") if _travels(path)}
        assert ours
        assert {f"syndicator/_share/{name}" for name in ours} <= names
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "syndicator").rglob("*.py")}
    assert modules <= names
    assert "syndicator/store/migrations/script.py.mako" in names
    assert not [name for name in names if "tests/" in name or name.endswith((".pyc", ".db"))]


def _travels(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def test_it_runs_from_any_folder(installed: Path, tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.post()
    origin = run(installed, "python", "-c", "import syndicator; print(syndicator.__file__)")
    assert origin.startswith(str(installed.parent))
    assert run(installed, "syndicator", "--config", str(site.config), "check") == f"{site.config}: no errors\n"
    assert "1 post found" in run(installed, "syndicator", "--config", str(site.config), "build")
    assert site.entry().title == "The first post"
    site.config.unlink()
    assert "written" in run(installed, "syndicator", "init", str(tmp_path))
    run(installed, "syndicator", "--config", str(site.config), "send-test", "reader@example.org")
    assert len(site.mails()) == 1
