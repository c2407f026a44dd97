"""A Jekyll site in a folder, the command line on it, and the service as a real process."""

from __future__ import annotations

import email
import email.policy
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import feedparser

from syndicator.cli import cli

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from email.message import EmailMessage

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
"""Seconds until something that does not come counts as missing, on the slowest of machines."""

SETTINGS = """\
[site]
title = "Test News"
url = "https://news.example"
{site}
[[sources]]
path = "."
{source}
[announce]
window = "all"
settle = "{settle}"

[feeds]
limit = 1000

[schedule]
scan = "1s"
digests = "1s"
deliver = "1s"

[web]
port = {port}
{more}
"""

POST = """\
---
title: "{title}"
date: {date}
categories: {categories}
---
<p>{body}</p>

[Back to the list](https://news.example/{link})
"""


def environment(**changes: str) -> dict[str, str]:
    """Return the environment for a process: this checkout, no settings of our own but `changes`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SYNDICATOR_")}
    return {**kept, "PYTHONPATH": str(ROOT), **changes}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(look: Callable[[], T | None], what: str, patience: float = PATIENCE) -> T:
    """Look until there is something to see, and return it; fail the test, naming `what` is missing, when it is late."""
    deadline = time.monotonic() + patience
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not within {patience:g} s: {what}"
        time.sleep(0.02)
    return seen


@dataclass(frozen=True)
class Reply:
    """Hold an HTTP answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def request(
    url: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Reply:
    asked = urllib.request.Request(url, data=body, headers=dict(headers or {}), method=method)
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            return Reply(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, {name.lower(): value for name, value in error.headers.items()}, error.read())


class Site:
    """Be a Jekyll site with a settings file, and what Syndicator makes of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "syndicator.toml"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.prefix: Sequence[str] = ()
        (folder / "_posts").mkdir()
        self.configure()

    def configure(self, *, settle: str = "0s", site: str = "", source: str = "", more: str = "") -> None:
        """Write the settings anew: `site` and `source` are lines of those sections, `more` comes after `[web]`."""
        text = SETTINGS.format(settle=settle, site=site, source=source, port=self.port, more=more)
        self.config.write_text(text, "utf-8")

    def post(
        self,
        slug: str = "first",
        *,
        title: str = "",
        date: str = "2026-01-02 03:04:05 +0000",
        categories: str = "rates",
        body: str = "Unchanged.",
        link: str = "old",
    ) -> str:
        """Write a post, or write it again; return its path as the program calls it."""
        text = POST.format(title=title or f"The {slug} post", date=date, categories=categories, body=body, link=link)
        return self.write(slug, text)

    def write(self, slug: str, text: str | bytes) -> str:
        path = f"_posts/2026-01-02-{slug}.md"
        (self.folder / path).write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def start_process(self, *arguments: str, **how: Any) -> subprocess.Popen[str]:
        command = [*self.prefix, sys.executable, "-m", "syndicator", "--config", str(self.config), *arguments]
        return subprocess.Popen(command, cwd=self.folder, env=environment(), text=True, **how)

    def run(self, *arguments: str, code: int = 0, apart: bool = False) -> subprocess.CompletedProcess[str]:
        """Run one command to its end, and expect its exit code.

        It runs in this process, as starting one takes twenty times as long; `apart`, or with a `prefix`, in one of its
        own.
        """
        done = self._run_apart(arguments) if apart or self.prefix else self._run_here(arguments)
        assert done.returncode == code, f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        """Return the JSON lines of a command that lists."""
        return [json.loads(line) for line in self._run_here((*arguments, "--json")).stdout.splitlines()]

    def _run_here(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        with chdir(self.folder), redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            try:
                cli.main(["--config", str(self.config), *arguments], prog_name="syndicator")
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else int(end.code is not None)
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    def _run_apart(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        with self.start_process(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def posts(self) -> dict[str, dict[str, Any]]:
        return {row["path"]: row for row in self.rows("posts")}

    def deliveries(self) -> list[dict[str, Any]]:
        return self.rows("deliveries", "list")

    def files(self) -> dict[str, bytes]:
        """Return every feed file by its path below the output folder."""
        feeds = self.folder / "public"
        return {str(path.relative_to(feeds)): path.read_bytes() for path in feeds.rglob("*") if path.is_file()}

    def snapshot(self) -> dict[str, Any]:
        """Return all that must not get lost: feeds, posts, deliveries, subscribers, endpoints."""
        listed = {name: self.rows(*name.split()) for name in ("posts", "deliveries list", "subscribers list")}
        return {"files": self.files(), "endpoints": self.rows("endpoints", "list"), **listed}

    def mails(self) -> list[EmailMessage]:
        """Return every mail there is, the oldest first."""
        files = sorted((self.folder / "state" / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]

    def entry(self, slug: str = "first") -> Any:
        """Return the entry of a post in the site's feed on the disk, None where it is not in it."""
        path = self.folder / "public" / "feeds" / "site" / "all.atom"
        entries = feedparser.parse(path.read_bytes()).entries if path.exists() else []
        return next((entry for entry in entries if f"{slug}.html" in entry.link), None)


class Service:
    """Run `syndicator run` (or `serve`) on a site, from when it listens to when the block ends.

    with Service(site) as service:
        ...
        assert service.stop(signal.SIGTERM) == 0
    """

    def __init__(self, site: Site, command: str = "run") -> None:
        self._site = site
        self._log = (site.folder / "service.log").open("a+", encoding="utf-8")
        self._process = site.start_process(command, stdout=self._log, stderr=subprocess.STDOUT)

    def __enter__(self) -> Self:
        eventually(self._listens, f"the service at {self._site.url}")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()

    @property
    def log(self) -> str:
        return (self._site.folder / "service.log").read_text("utf-8")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code, negative where a signal killed it."""
        self._process.send_signal(number)
        return self._process.wait(timeout=PATIENCE)

    def get(self, path: str, **headers: str) -> Reply:
        return request(self._site.url + path, headers=headers)

    def _listens(self) -> bool:
        assert self._process.poll() is None, f"it ended: {self.log}"
        try:
            return request(f"{self._site.url}/healthz").status == 200
        except OSError:
            return False


class Worker:
    """Run `syndicator worker` on a site as a process, with a log of its own, until the block ends."""

    def __init__(self, site: Site, name: str) -> None:
        self.site = site
        self._path = site.folder / f"worker-{name}.log"
        self._log = self._path.open("w", encoding="utf-8")
        self._process = site.start_process("worker", stdout=self._log, stderr=subprocess.STDOUT)
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()

    @property
    def log(self) -> str:
        return self._path.read_text("utf-8")

    @property
    def schedules(self) -> bool:
        """Tell whether it has ever been the scheduler."""
        return "this process is the scheduler" in self.log

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code, negative where a signal killed it."""
        self.send(number)
        return self._process.wait(timeout=PATIENCE)


def watches(pid: int) -> int:
    """Return how many folders the kernel watches for a process."""
    found = 0
    for info in Path(f"/proc/{pid}/fdinfo").iterdir():
        with suppress(FileNotFoundError):
            found += info.read_text("ascii").count("inotify wd:")
    return found


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """Return the text of a mail, or its HTML, with the line ends of this machine."""
    part = mail.get_body((kind,))
    assert part is not None
    return "\n".join(part.get_content().splitlines())
