"""Measure how many requests a second the service answers beside nginx: `python -m tests.bench.serving`.

wrk asks both in turn for one feed of 50 kB, through 16 connections that stay open: plain, compressed (which nginx has
as a file, for gzip_static), and with a copy that is current. The service is `syndicator serve`, one process; nginx has
config/nginx.conf and as many workers as there are cores, as Debian sets it up.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from random import Random
from statistics import median
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.bench.table import lines, ratios
from tests.nginx import Nginx, program

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS = 3
_ROUNDS = 3
_SIZE = 50_000
_PATH = "/feeds/site/all.rss"
_PATIENCE = 30.0
_HEADER = ("serving 50 kB", "against", "requests", "goal", "ours, 1/s", "theirs, 1/s")
_SETTINGS = """\
[site]
title = "Bench"
url = "https://news.example"
[[sources]]
path = "."
kind = "jekyll"
[web]
port = {port}
"""


def table() -> list[str]:
    """Return the lines of the table, or one that says what is not installed."""
    nginx, wrk = program(), shutil.which("wrk")
    if not nginx or not wrk:
        return ["serving: not measured, as it takes nginx and wrk: apt-get install nginx wrk"]
    with tempfile.TemporaryDirectory(prefix="syndicator-bench-") as folder:
        _fill(os.path.join(folder, "public"))
        with Nginx(nginx, os.path.join(folder, "public"), workers="auto") as theirs, _service(folder) as ours:
            return lines(_HEADER, list(_rows(wrk, ours, theirs.url)))


def _rows(wrk: str, ours: str, theirs: str) -> Iterator[tuple[str, ...]]:
    wishes = {"200, plain": {}, "200, gzip": {"Accept-Encoding": "gzip"}, "304": {"If-None-Match": ""}}
    for name, headers in wishes.items():
        pairs = [(_rate(wrk, ours, headers), _rate(wrk, theirs, headers)) for _ in range(_ROUNDS)]
        rates = (f"{median(side):,.0f}" for side in zip(*pairs, strict=True))
        yield name, "nginx", ratios(pairs), "≥ 0.33", *rates


def _rate(wrk: str, url: str, headers: dict[str, str]) -> float:
    """Return how many requests a second were answered as they should be; exit with 1 where one was not."""
    if "If-None-Match" in headers:
        headers = {"If-None-Match": _ask(url, {})[1]}
    expected = 304 if "If-None-Match" in headers else 200
    if _ask(url, headers)[0] != expected:
        sys.exit(f"{url}{_PATH}: no {expected} for {headers}")
    sent = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = [wrk, "-t1", "-c16", f"-d{_SECONDS}s", *sent, url + _PATH]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec: +([0-9.]+)", said)
    if not found or "Non-2xx" in said or "Socket errors" in said:
        sys.exit(f"{' '.join(command)}:\n{said}")
    return float(found[1])


def _ask(url: str, headers: dict[str, str]) -> tuple[int, str]:
    """Return the status and the entity tag of the answer to a request."""
    try:
        with urlopen(Request(url + _PATH, headers=headers), timeout=_PATIENCE) as answer:
            return answer.status, answer.headers["ETag"]
    except HTTPError as error:
        with error:
            return error.code, ""


def _fill(output: str) -> None:
    """Write a feed of words that compress about as well as news do, and its compressed sibling."""
    random = Random(1)
    words = ["".join(random.choices("etaoinshrdlu", k=random.randint(2, 9))) for _ in range(600)]
    text = " ".join(random.choices(words, k=_SIZE // 4))
    body = f"<rss><channel><item><description>{text[: _SIZE - 70]}</description></item></channel></rss>".encode()
    path = output + _PATH
    os.makedirs(os.path.dirname(path))
    for name, data in ((path, body), (f"{path}.gz", gzip.compress(body, 9))):
        with open(name, "wb") as file:
            file.write(data)


@contextmanager
def _service(folder: str) -> Iterator[str]:
    """Run `syndicator serve` on the folder, and give its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = os.path.join(folder, "syndicator.toml")
    with open(settings, "w", encoding="utf-8") as file:
        file.write(_SETTINGS.format(port=port))
    command = [sys.executable, "-m", "syndicator", "--config", settings, "serve"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            _wait(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not _listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit("syndicator serve does not listen")
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    print(*table(), sep="\n")
