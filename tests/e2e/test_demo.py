"""The demo as `make demo` runs it: what it prints, what it leaves behind, and how it ends."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import TYPE_CHECKING
from urllib.parse import unquote

import feedparser
import pytest

from tests.e2e.site import PATIENCE, ROOT, environment, eventually, free_port

if TYPE_CHECKING:
    from pathlib import Path

WEBHOOK = re.compile(r"^  webhook: post\.published “(.+)” (post\.\w+), signature valid$", re.MULTILINE)
MAIL = re.compile(r"^  (\S+\.eml)  To: (\S+)  Subject: (.+)$", re.MULTILINE)
FEED = re.compile(r"http://127\.0\.0\.1:\d+(/feeds/\S+)")
HELLO = '---\ntitle: "Hello, demo"\ndate: 2025-12-31 09:00:00 +0800\ncategories: huanyuyingwenbao\n---\nThe last one.\n'


@dataclass(frozen=True)
class Demo:
    """Be a copy of the demo, with a port of its own."""

    folder: Path
    port: int

    def start(self, *, once: str, **variables: str) -> subprocess.Popen[bytes]:
        with (self.folder / "printed").open("wb") as printed:
            return subprocess.Popen(
                [sys.executable, str(self.folder / "config" / "demo" / "demo.py")],
                cwd=self.folder, env=environment(SYNDICATOR_WEB__PORT=str(self.port), ONCE=once, **variables),
                stdout=printed, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def run(self, **variables: str) -> tuple[int, str]:
        """Run it with ONCE=1; return its exit code and what it printed."""
        with self.start(once="1", **variables) as process:
            code = process.wait(4 * PATIENCE)
        return code, self.printed()

    def printed(self) -> str:
        return (self.folder / "printed").read_text("utf-8")


@dataclass(frozen=True)
class Runs:
    """Hold what two runs, one after the other, printed."""

    folder: Path
    first: str
    second: str


def copied(folder: Path) -> Demo:
    shutil.copytree(ROOT / "config" / "demo", folder / "config" / "demo")
    return Demo(folder, free_port())


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    demo = copied(tmp_path_factory.mktemp("demo"))
    printed = []
    for _ in range(2):
        code, text = demo.run()
        assert code == 0, text
        assert "Traceback" not in text
        printed.append(text)
    return Runs(demo.folder, *printed)


def test_it_finds_the_posts_and_sets_the_broken_one_aside(runs: Runs) -> None:
    assert "13 posts found, 1 quarantined: 13 new, 13 announced, 15 queued" in runs.first
    warnings = [line for line in runs.first.splitlines() if line.startswith("warning: ")]
    assert [line.split("_posts/")[1].split(":")[:2] for line in warnings] == [
        ["-202510091200004471.md", "1"],
        ["2025-09-30-YQ20250930090000171.md", "3"],
    ]


def test_every_feed_it_names_is_there_and_well_formed(runs: Runs) -> None:
    paths = FEED.findall(runs.first.partition("$ syndicator digest")[0])
    assert len(paths) == len(set(paths)) == 22
    files = [runs.folder / ".demo" / "public" / unquote(path).lstrip("/") for path in paths]
    feeds = [feedparser.parse(file.read_bytes()) for file in files]
    assert not any(feed.bozo for feed in feeds)
    # Every post is in the site's feed, in one category and in one tag, in two formats.
    assert sum(len(feed.entries) for feed in feeds) == 13 * 3 * 2


def test_the_webhook_gets_every_post_once_and_signed(runs: Runs) -> None:
    got = WEBHOOK.findall(runs.first)
    assert len({title for title, _ in got}) == len({message_id for _, message_id in got}) == len(got) == 13
    assert '码头队长："慢一点更安全"也更赚钱' in {title for title, _ in got}
    assert "NOT VALID" not in runs.first


def test_every_mail_it_names_parses_and_is_what_it_says(runs: Runs) -> None:
    listed = MAIL.findall(runs.first)
    assert sorted(to for _, to, _ in listed) == [
        "lucia@reader.example", "lucia@reader.example", "quill@reader.example", "wenxi@reader.example",
    ]  # fmt: skip
    for path, to, subject in listed:
        mail = message_from_bytes((runs.folder / path).read_bytes(), policy=policy.default)
        assert (mail["To"], mail["Subject"], mail.defects) == (to, subject, [])
        assert all(mail.get_body((kind,)) is not None for kind in ("plain", "html"))


def test_digests_are_in_the_readers_language(runs: Runs) -> None:
    subjects = {to: subject for _, to, subject in MAIL.findall(runs.first)}
    assert re.fullmatch(r"金融消息 · \d{4}年\d{1,2}月\d{1,2}日", subjects["wenxi@reader.example"])
    assert re.fullmatch(r"金融消息 · \d{1,2} \w+ \d{4}", subjects["quill@reader.example"])


def test_it_looks_at_its_own_pages(runs: Runs) -> None:
    for printed in (runs.first, runs.second):
        lines = re.findall(r"^  GET (\S+): (\d+) .*$", printed, re.MULTILINE)
        assert [(path.split("/")[1], status) for path, status in lines] == [
            ("", "200"), ("feeds", "200"), ("feeds", "304"), ("unsubscribe", "200"),
        ]  # fmt: skip


def test_a_second_run_does_nothing_new_and_says_so(runs: Runs) -> None:
    assert "Nothing new: no feed was written, nothing was sent." in runs.second
    assert "0 files written" in runs.second
    assert "0 digests queued; nothing to send" in runs.second
    assert not WEBHOOK.search(runs.second)
    assert not MAIL.search(runs.second)
    assert len(list((runs.folder / ".demo" / "state" / "mail").glob("*.eml"))) == 4


def test_it_has_no_colour_where_there_is_no_terminal(runs: Runs) -> None:
    assert "\x1b" not in runs.first + runs.second


def test_it_keeps_its_secret_to_itself(runs: Runs) -> None:
    secret = runs.folder / ".demo" / "receiver.secret"
    assert secret.read_text("ascii") not in runs.first + runs.second
    assert secret.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_dropped_post_reaches_the_receiver_and_a_signal_ends_it_well(tmp_path: Path, number: signal.Signals) -> None:
    demo = copied(tmp_path)
    with demo.start(once="") as process:
        try:
            eventually(lambda: "Ctrl-C stops." in demo.printed(), "the service")
            (tmp_path / ".demo" / "site" / "_posts" / "2025-12-31-hello.md").write_text(HELLO, "utf-8")
            eventually(lambda: "post.published “Hello, demo”" in demo.printed(), "the webhook")
            eventually(lambda: len(list(tmp_path.glob(".demo/state/mail/*.eml"))) == 5, "the instant mail")
            process.send_signal(number)
            assert process.wait(PATIENCE) == 0, demo.printed()
            assert demo.printed().endswith("Stopped.\n")
        finally:
            process.kill()


def test_a_port_in_use_is_one_clear_line_and_nothing_is_sent(tmp_path: Path) -> None:
    demo = copied(tmp_path)
    with socket.create_server(("127.0.0.1", demo.port)):
        code, printed = demo.run()
    assert code == 1
    assert printed.splitlines()[-1].startswith(f"error: 127.0.0.1:{demo.port} cannot be listened on (")
    assert not (tmp_path / ".demo" / "state" / "mail").exists()


def test_settings_of_a_real_site_in_the_shell_do_not_reach_it(tmp_path: Path) -> None:
    demo = copied(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    code, printed = demo.run(
        SYNDICATOR_STORE__URL=f"sqlite:///{elsewhere}/syndicator.db", SYNDICATOR_CONFIG=str(elsewhere / "missing.toml")
    )
    assert code == 0, printed
    assert not elsewhere.exists()
