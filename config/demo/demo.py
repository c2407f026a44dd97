"""Show the whole of Syndicator on a small site: feeds, digests, instant mails and a signed webhook.

`make demo` runs it in `.demo` and then serves until Ctrl-C; with ONCE=1 it looks at its own pages and ends. What it
does, it does with the commands that it prints: `cd .demo` and try them.
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import hashlib
import hmac
import io
import json
import os
import shlex
import shutil
import signal
import socket
import sys
import time
from email import message_from_bytes, policy
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from syndicator import service
from syndicator.app import App
from syndicator.channels.webhook import new_secret
from syndicator.cli import cli
from syndicator.cli.logs import configure
from syndicator.errors import SyndicatorError
from syndicator.settings import load
from syndicator.store import recipients

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

    from syndicator.settings import Settings

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / ".demo"

READERS = {
    "wenxi@reader.example": "--cadence daily --at 08:00 --zone Asia/Shanghai --language zh-CN",
    "quill@reader.example": "--cadence daily --at 07:30 --zone America/New_York --language en",
    "lucia@reader.example": "--cadence instant --category huanyuyingwenbao --language en",
}
_TOLERANCE = 5 * 60  # seconds: a message signed earlier may be one that somebody recorded
_PATIENCE = 10  # seconds to wait for one of our own pages
_UNSIGNED = "  webhook: signature NOT VALID, refused"


def main() -> int:
    """Run the demo; return the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True, errors="replace")
    take_ctrl_c()
    try:
        demo(once=os.environ.get("ONCE") == "1")
    except SyndicatorError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:  # before the service listens to signals itself
        return 130
    return 0


def take_ctrl_c() -> None:
    """Be the terminal's foreground group, as a shell arranges it: make, hearing Ctrl-C too, would end with an error."""
    if not sys.stdin.isatty() or os.tcgetpgrp(0) != os.getpgrp():
        return
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    atexit.register(os.tcsetpgrp, 0, os.getpgrp())
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpgrp())


def demo(*, once: bool) -> None:
    """Do what an owner does on the first day, then run the service. Raise SyndicatorError when anything fails."""
    print("Syndicator's demo works in the folder .demo; delete that folder to begin anew.")
    unpack()
    app = App(load("syndicator.toml", os.environ))
    require_port(app.settings)
    with Receiver(secret()) as receiver:
        add_readers(app)
        syndicator("endpoints", "add", "newsroom", "--kind", "webhook", "--url", receiver.url, "--secret", secret())
        feeds, mails = feed_files(app), mail_files(app)
        syndicator("build")
        written = show_feeds(app, feeds)
        syndicator("digest", "--now")
        syndicator("deliver")
        sent = show_mails(app, mails)
        if not (written or sent or receiver.received):
            print("\nNothing new: no feed was written, nothing was sent.")
        serve(app, once=once)


def unpack() -> None:
    """Copy the site and the settings on the first run, and go there; later they belong to whoever plays with them."""
    if not (WORK / "syndicator.toml").exists():
        shutil.copytree(HERE / "site", WORK / "site", dirs_exist_ok=True)
        shutil.copy(HERE / "syndicator.toml", WORK)  # the last: it says that the rest is there
    os.chdir(WORK)
    # Nothing in the owner's shell may lead the demo to the store of a real site.
    for name in [name for name in os.environ if name.startswith("SYNDICATOR_") and name != "SYNDICATOR_WEB__PORT"]:
        del os.environ[name]
    prompt("cd .demo")


def secret() -> str:
    """Return the secret that the receiver shares with the service, made on the first run."""
    path = Path("receiver.secret")
    if not path.exists():
        path.touch(0o600)
        path.write_text(new_secret(), "ascii")
    return path.read_text("ascii")


def require_port(settings: Settings) -> None:
    """Raise SyndicatorError when the service could not listen later: better now than after the work."""
    host, port = settings.web.host, settings.web.port
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        raise SyndicatorError(
            f"{host}:{port} cannot be listened on ({os.strerror(error.errno or 0)}): stop the other program, or take "
            f"another port: SYNDICATOR_WEB__PORT={port + 1} make demo"
        ) from error


def add_readers(app: App) -> None:
    """Subscribe the readers who are not known yet: one who unsubscribed stays away."""
    for address, wishes in READERS.items():
        with app.store.read() as connection:
            known = recipients.find(connection, address)
        if not known:
            syndicator("subscribers", "add", address, *wishes.split())


def syndicator(*words: str) -> None:
    """Run a command of the command line, and show it. Raise SyndicatorError when it fails."""
    line = shlex.join(word if not word.startswith("whsec_") else "whsec_…" for word in words)
    prompt(f"syndicator {line}")
    with contextlib.redirect_stderr(sys.stdout):  # warnings belong where the command's other lines are
        code = cli.main(list(words), prog_name="syndicator", standalone_mode=False)
    if code:
        raise SyndicatorError(f"syndicator {line} ended with {code}")


def prompt(line: str) -> None:
    """Show a command as it would be typed; bold on a terminal."""
    print()
    click.secho(f"$ {line}", bold=True)


# What there is to see


def feed_files(app: App) -> dict[str, int]:
    """Return URL → time of the last change, of every feed's files."""
    output = Path(app.settings.feeds.output)
    return {
        url: path.stat().st_mtime_ns
        for feed in app.catalogue()
        for extension, url in feed.urls.items()
        if (path := output / "feeds" / feed.kind / f"{feed.slug}.{extension}").exists()
    }


def show_feeds(app: App, before: dict[str, int]) -> int:
    """Print the feeds whose files changed; return how many files did."""
    after = feed_files(app)
    written = 0
    for feed in app.catalogue():
        changed = [url for url in feed.urls.values() if url in after and after[url] != before.get(url)]
        written += len(changed)
        if changed:
            print(f"  {feed.kind:8} {feed.title}, {feed.entries} posts: {'  '.join(changed)}")
    return written


def mail_files(app: App) -> set[Path]:
    """Return the mails that were written, as files."""
    return set(Path(app.settings.mail.folder).glob("*.eml"))


def show_mails(app: App, before: set[Path]) -> int:
    """Print the mails that are new; return how many there are."""
    new = sorted(mail_files(app) - before)
    for path in new:
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        print(f"  {os.path.relpath(path, ROOT)}  To: {mail['To']}  Subject: {mail['Subject']}")
    return len(new)


# The receiver of the webhook: what your own program would do


class Receiver(ThreadingHTTPServer):
    """Take webhooks on a free port of this machine, and print them."""

    daemon_threads = True

    def __init__(self, secret: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.key = base64.b64decode(secret.removeprefix("whsec_"))
        self.url = f"http://127.0.0.1:{self.server_port}/posts"
        self.received = 0
        Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def server_close(self) -> None:
        """Stop before the socket is taken away."""
        self.shutdown()
        super().server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        """Answer 204 to what is signed by the service and 401 to anything else."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        valid = is_signed(self.server.key, self.headers, body)
        # Before the answer: after it the demo goes on to its next line.
        self.server.received += 1
        print(f"  webhook: {describe(body)} {self.headers['webhook-id']}, signature valid" if valid else _UNSIGNED)
        self.send_response(204 if valid else 401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Leave the terminal to the demo's own lines."""


def describe(body: bytes) -> str:
    """Return an event's type and the titles of its posts."""
    event = json.loads(body)
    posts = event["data"].get("posts") or filter(None, [event["data"].get("post")])
    return " ".join([event["type"], *(f"“{post['title']}”" for post in posts)])


def is_signed(key: bytes, headers: Message, body: bytes) -> bool:
    """Tell whether one of the signatures is ours, and a new one (Standard Webhooks)."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    signed = f"{message_id}.{timestamp}.".encode() + body
    ours = b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    fresh = timestamp.isdecimal() and abs(time.time() - int(timestamp)) <= _TOLERANCE
    theirs = headers.get("webhook-signature", "").encode().split()
    return fresh and any(hmac.compare_digest(ours, signature) for signature in theirs)


# The service


def serve(app: App, *, once: bool) -> None:
    """Run the service until Ctrl-C or SIGTERM, or, `once`, until it has shown its own pages."""
    configure(app.settings.log.level, app.settings.log.format)
    failures = ["the look at the service's own pages did not come to its end"] if once else []

    def listening(url: str) -> None:
        prompt("syndicator run")
        print(f"Listening on {url}")
        if once:
            Thread(target=look_and_stop, args=(app, failures), daemon=True).start()
        else:
            print(HINT.format(url=url))

    service.run(app, listening)
    if failures:
        raise SyndicatorError("; ".join(failures))
    print("Stopped.")


HINT = """
Open {url} in a browser, subscribe to one of the feeds, then drop a post into .demo/site/_posts, such as
  .demo/site/_posts/2025-12-31-hello.md:
      ---
      title: "Hello"
      date: 2025-12-31 09:00:00 +0800
      categories: huanyuyingwenbao
      ---
      The last post of the year.
Within seconds it is in the feeds, the webhook gets it (see here), and lucia's mail lies in .demo/state/mail.
More, in another terminal: cd .demo; ../.venv/bin/syndicator posts
Ctrl-C stops.
"""


def look_and_stop(app: App, failures: list[str]) -> None:
    """Look at the pages from outside while the service runs, then stop it, whatever was found."""
    try:
        for line in look(app):
            print(f"  {line}")
        failures.clear()
    except (OSError, HTTPException, SyndicatorError) as error:
        failures[:] = [f"the service's own pages: {type(error).__name__}: {error}"]
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


def look(app: App) -> Iterator[str]:
    """Fetch the index, a feed twice and an unsubscribe page; yield what came. Raise SyndicatorError if it is wrong."""
    yield fetch(app, "/", expect=200)[0]
    feed = next(feed.urls["atom"] for feed in app.catalogue() if feed.kind == "site")
    line, etag = fetch(app, feed, expect=200)
    yield line
    yield fetch(app, feed, expect=304, known=etag)[0]
    yield fetch(app, unsubscribe_url(app), expect=200)[0]


def fetch(app: App, url: str, *, expect: int, known: str = "") -> tuple[str, str]:
    """Get one page of the service; return a line about it, and its ETag. Raise SyndicatorError for another status."""
    connection = HTTPConnection(app.settings.web.host, app.settings.web.port, timeout=_PATIENCE)
    connection.request("GET", urlsplit(url).path, headers={"If-None-Match": known} if known else {})
    answer = connection.getresponse()
    size = len(answer.read())
    connection.close()
    line = f"GET {urlsplit(url).path}: {answer.status} {answer.reason}, {size} bytes"
    if answer.status != expect:
        raise SyndicatorError(f"{line}, {expect} expected")
    return f"{line}, If-None-Match: {known}" if known else line, answer.headers.get("ETag", "")


def unsubscribe_url(app: App) -> str:
    """Return the link from one of the mails."""
    for path in sorted(mail_files(app)):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        return str(mail["List-Unsubscribe"]).strip("<>")
    raise SyndicatorError(f"there is no mail in {app.settings.mail.folder} to take an unsubscribe link from")


if __name__ == "__main__":
    sys.exit(main())
