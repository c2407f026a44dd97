"""The W3C feed validator, over HTTP, on feeds of every shape: no error and no warning at level AA.

`SYNDICATOR_FEEDVALIDATOR` names a checkout of github.com/w3c/feedvalidator, and `SYNDICATOR_FEEDVALIDATOR_PYTHON` a
Python that has html5lib and lxml, where the one that runs the tests has not.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from syndicator.formats.atom import Format as Atom
from syndicator.formats.rss import Format as Rss
from tests.golden.feed_samples import BARE_FEED, ENTRIES, FEED, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.models import Entry, Feed
    from syndicator.ports import Format

CHECKOUT = os.environ.get("SYNDICATOR_FEEDVALIDATOR", "")
PYTHON = os.environ.get("SYNDICATOR_FEEDVALIDATOR_PYTHON", sys.executable)
FORMATS = [pytest.param(Rss(), id="rss"), pytest.param(Atom(), id="atom")]

pytestmark = pytest.mark.skipif(not CHECKOUT, reason="SYNDICATOR_FEEDVALIDATOR names no checkout")


class FeedServer(ThreadingHTTPServer):
    """Serve one document at its path, since the validator compares a feed's self link with where it was read."""

    body = b""
    media_type = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/feed"


class Handler(BaseHTTPRequestHandler):
    server: FeedServer

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{self.server.media_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the test's output clean."""


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def validate(server: FeedServer, form: Format, document: bytes) -> subprocess.CompletedProcess[str]:
    server.body, server.media_type = document, form.media_type
    command = [PYTHON, "-W", "ignore", str(Path(CHECKOUT, "src", "demo.py")), f"{server.url}.{form.extension}", "AA"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("feed", "entries"), [(FEED, ENTRIES), (BARE_FEED, ENTRIES[:1])], ids=["full", "bare"])
def test_feeds_are_valid_without_a_warning(
    server: FeedServer, form: Format, feed: Feed, entries: tuple[Entry, ...]
) -> None:
    done = validate(server, form, written(form, replace(feed, url=server.url), entries))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No errors or warnings" in done.stdout


@pytest.mark.parametrize("form", FORMATS)
def test_the_validator_would_have_complained(server: FeedServer, form: Format) -> None:
    elsewhere = written(form, FEED, ENTRIES[:1])
    assert "Self reference doesn't match document location" in validate(server, form, elsewhere).stdout
