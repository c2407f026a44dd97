"""What goes wrong on real machines: each time one clear message, nothing lost, and the others go on."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from syndicator.app import App
from syndicator.http import Client
from syndicator.settings import load
from syndicator.store.engine import SCHEMA_VERSION
from tests.e2e.site import Service, Site, eventually, free_port

if TYPE_CHECKING:
    from collections import Counter

    from tests.servers import Receiver

WITHOUT_PRIVILEGE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Runs a command as root who may not read and write everything."""


@pytest.fixture
def built(site: Site) -> Site:
    """A site with two posts, their feeds, a subscriber and a queued message."""
    site.run("subscribers", "add", "reader@example.org", "--cadence", "instant")
    for slug in ("first", "second"):
        site.post(slug)
    site.run("build")
    return site


@pytest.fixture
def unprivileged(built: Site) -> Site:
    """The same site, for a user to whom permissions apply."""
    if os.geteuid() == 0:
        tried = [*WITHOUT_PRIVILEGE, sys.executable, "-c", ""]
        if not shutil.which(tried[0]) or subprocess.run(tried, capture_output=True, check=False).returncode:
            pytest.skip("root cannot test unreadable files: setpriv is not here or may not drop rights")
        built.prefix = WITHOUT_PRIVILEGE
    return built


def hook(site: Site, url: str, name: str = "desk") -> None:
    site.run("endpoints", "add", name, "--kind", "webhook", "--url", url)


# Sources


def test_a_source_without_posts_folder(built: Site) -> None:
    before = built.snapshot()
    (built.folder / "_posts").rename(built.folder / "posts")
    built.configure(source='kind = "jekyll"')
    done = built.run("build", code=1)
    assert f"error: {built.folder}: no _posts folder in it: set `path` of the source" in done.stderr
    assert built.snapshot() == before


def test_a_source_folder_that_is_not_there(built: Site) -> None:
    before = built.snapshot()
    built.config.write_text(built.config.read_text("utf-8").replace('path = "."', 'path = "nowhere"'), "utf-8")
    missing = f"there is no folder {built.folder}/nowhere, expected the one that holds the posts"
    assert re.search(rf":6: sources\.0\.path: {re.escape(missing)}", built.run("check", code=2).stderr)
    assert f"no posts found in {built.folder}/nowhere" in built.run("build", code=1).stderr
    assert built.snapshot() == before


def test_one_lost_source_does_not_stop_the_other(built: Site) -> None:
    # A site's own scan passes over folders whose name begins with an underscore.
    second = built.folder / "_other" / "_posts"
    second.mkdir(parents=True)
    (second / "2026-01-02-third.md").write_text("---\ntitle: As it was\n---\nText.\n")
    built.configure(source='[[sources]]\nname = "other"\npath = "_other"\n')
    built.run("build")
    (built.folder / "_posts").rename(built.folder / "posts")
    (second / "2026-01-02-third.md").write_text("---\ntitle: Still read\n---\nText.\n")
    done = built.run("build", code=1)
    assert done.stderr.count("error: ") == 1
    assert re.search(r"^source other: 1 post found.* 1 changed$", done.stdout, re.MULTILINE)
    assert built.entry("third").title == "Still read"
    assert built.entry("first").title == "The first post"


def test_a_vanished_source_stops_the_scan_and_the_message_says_how_to_go_on(built: Site) -> None:
    for number in range(8):
        built.post(f"number-{number}")
    built.run("build")
    before = built.snapshot()
    for number in range(3):
        (built.folder / f"_posts/2026-01-02-number-{number}.md").unlink()
    done = built.run("build", code=1)
    assert "error: source posts: 3 of 10 files are missing, so nothing was changed" in done.stderr
    assert built.snapshot() == before
    advice = re.search(r"syndicator (scan --\S+)", done.stderr)
    assert advice
    assert "3 gone" in built.run(*advice[1].split()).stdout
    built.run("build")
    assert built.files() == before["files"]


# Files


def quarantine(site: Site, path: str, why: str) -> None:
    """Expect a warning that names the file, and all other posts untouched."""
    before = site.files()
    done = site.run("build")
    assert "1 quarantined" in done.stdout
    assert done.stderr.splitlines() == [f"warning: {site.folder}/{path}:{why}"]
    assert site.files() == before
    assert {name: row["state"] for name, row in site.posts().items()} == {
        "_posts/2026-01-02-first.md": "live",
        "_posts/2026-01-02-second.md": "live",
        path: "quarantined",
    }


def test_an_unreadable_file(unprivileged: Site) -> None:
    path = unprivileged.post("third")
    (unprivileged.folder / path).chmod(0)
    quarantine(unprivileged, path, "1: cannot be read: Permission denied: set aside, let this user read it")
    (unprivileged.folder / path).chmod(0o644)
    unprivileged.run("build")
    assert unprivileged.entry("third") is not None


def test_a_known_post_that_becomes_unreadable_stays_in_the_feeds(unprivileged: Site) -> None:
    before = unprivileged.files()
    (unprivileged.folder / unprivileged.post("first", body="Changed.")).chmod(0)
    assert "1 quarantined" in unprivileged.run("build").stdout
    assert unprivileged.files() == before


def test_an_unreadable_posts_folder(unprivileged: Site) -> None:
    before = unprivileged.snapshot()
    (unprivileged.folder / "_posts").chmod(0)
    assert "_posts: cannot be listed (Permission denied)" in unprivileged.run("build", code=1).stderr
    (unprivileged.folder / "_posts").chmod(0o755)
    assert unprivileged.snapshot() == before


def test_a_binary_file(built: Site) -> None:
    quarantine(built, built.write("third", bytes(range(256)) * 40), "1: not UTF-8 text: set aside, save it as UTF-8")


def test_an_empty_file(built: Site) -> None:
    quarantine(built, built.write("third", b""), "1: empty, half-written? Set aside until it holds a post")


def test_a_file_of_five_mebibytes(built: Site) -> None:
    text = "---\ntitle: Huge\n---\n" + "A line of text that goes on.\n" * 200_000
    quarantine(built, built.write("third", text), "1: longer than 4 MiB: no post, move it out of _posts")


def test_broken_yaml_is_recovered_with_a_warning(built: Site) -> None:
    path = built.write("third", '---\ntitle: "He said "no" and left"\ncategories: rates\n---\nText.\n')
    done = built.run("build")
    assert re.match(rf"warning: {built.folder}/{path}:2: .+", done.stderr)
    assert built.entry("third").title == 'He said "no" and left'
    assert built.entry("first") is not None


def test_a_known_post_that_breaks_keeps_its_last_good_state(built: Site) -> None:
    before = built.files()
    built.write("first", "---\ntitle: cut o")
    assert "1 quarantined" in built.run("build").stdout
    assert built.files() == before
    built.post("first", body="Whole again.")
    assert "1 changed" in built.run("build").stdout
    entry = built.entry("first")
    assert "Whole again." in entry.content[0].value
    assert entry.summary == "Whole again."


# Settings


@pytest.mark.parametrize(
    ("section", "line", "message"),
    [
        ("site", 'titel = "x"', 'site.titel: unknown key; did you mean "title"?'),
        ("site", "language = 3", "site.language: expected text in quotes, got 3 (a whole number)"),
        ("site", 'timezone = "Asia/Shangai"', 'site.timezone: unknown time zone "Asia/Shangai", expected an IANA name'),
        ("source", 'on_missing = "drop"', 'sources.0.on_missing: expected "keep" or "remove"'),
        ("source", 'colections = ["posts"]', 'sources.0.colections: unknown key; did you mean "collections"?'),
        ("source", 'collections = ["../posts"]', "sources.0.collections.0: has characters that no collection has"),
        ("source", "collections = []", "sources.0.collections: is empty, expected at least one"),
    ],
)
def test_a_wrong_setting(built: Site, section: str, line: str, message: str) -> None:
    before = built.snapshot()
    built.configure(**{section: line})
    place = built.config.read_text("utf-8").splitlines().index(line) + 1
    for command in ("check", "build"):
        assert f"{built.config}:{place}: {message}" in built.run(command, code=2).stderr
    built.configure()
    assert built.snapshot() == before


def test_a_collection_that_the_site_does_not_know(built: Site) -> None:
    before = built.snapshot()
    config = built.folder / "_config.yml"
    config.write_text("title: x\ncollections:\n  nwes: {output: true}\n")
    built.configure(source='collections = ["posts", "news"]')
    reason = f"{config}:2: collections: news is not among them, there are nwes, posts"
    assert f"{built.config}:6: sources.0.path: {reason}" in built.run("check", code=2).stderr
    assert f"error: {reason}" in built.run("build", code=1).stderr
    assert built.snapshot() == before


def test_a_collection_gives_posts(built: Site) -> None:
    (built.folder / "_config.yml").write_text("collections:\n  news: {output: true}\n")
    (built.folder / "_news").mkdir()
    (built.folder / "_news/flash.md").write_text("---\ntitle: Flash\ndate: 2026-01-03\n---\nText.\n")
    built.configure(source='collections = ["posts", "news"]')
    assert "no errors" in built.run("check").stdout
    built.run("build")
    assert built.entry("flash").link == "https://news.example/news/flash.html"
    assert built.entry("first").title == "The first post"


def test_several_wrong_settings_at_once(site: Site) -> None:
    site.configure(site='titel = "x"', source="path = 7", more='host = 1\n[feed]\nlimit = 3\n[log]\nlevel = "loud"')
    site.config.write_text(site.config.read_text("utf-8").replace('path = "."\n', ""), "utf-8")
    lines = site.run("check", code=2).stderr.splitlines()
    for key in ("site.titel", "sources.0.path", "web.host", "feed", "log.level"):
        assert sum(f": {key}: " in line for line in lines) == 1, (key, lines)
    assert len(lines) == 5


def test_settings_that_are_no_toml(site: Site) -> None:
    site.config.write_text('[site]\ntitle = “Curly”\nurl = "https://x.example"\n', "utf-8")
    assert f"{site.config}:2: not TOML at column 9" in site.run("check", code=2).stderr


def test_settings_that_cannot_be_read(unprivileged: Site) -> None:
    unprivileged.config.chmod(0)
    assert unprivileged.run("check", code=2).stderr == f"{unprivileged.config}: cannot be read: Permission denied\n"


# Output and ports


def test_an_output_folder_that_cannot_be_written(unprivileged: Site) -> None:
    before = unprivileged.snapshot()
    folder = unprivileged.folder / "public" / "feeds" / "site"
    folder.chmod(0o555)
    unprivileged.post("third")
    done = unprivileged.run("build", code=1)
    assert f"error: {folder}/all." in done.stderr
    assert "cannot be written: Permission denied: check [feeds] output" in done.stderr
    assert (
        unprivileged.files().items()
        >= {name: data for name, data in before["files"].items() if name.startswith("feeds/site")}.items()
    )
    folder.chmod(0o755)
    unprivileged.run("build")
    assert unprivileged.entry("third") is not None
    assert len(unprivileged.deliveries()) == 3


def test_check_finds_an_output_folder_that_cannot_be_written(unprivileged: Site) -> None:
    (unprivileged.folder / "public").chmod(0o555)
    message = f"feeds.output: {unprivileged.folder}/public cannot be written to"
    assert message in unprivileged.run("check", code=2).stderr


def test_a_port_in_use(built: Site) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", built.port))
        other.listen()
        done = built.run("run", code=1)
    assert done.stderr.endswith(f"error: 127.0.0.1:{built.port} is in use: stop the other program or set [web] port\n")
    assert built.mails() == []


# Endpoints


def deliver(site: Site, *, timeout: float = 5.0) -> Counter[str]:
    """Deliver as the command does, with another patience for endpoints that hang."""

    def now() -> datetime:
        return datetime.now(UTC)

    async def send(app: App) -> Counter[str]:
        async with app.outlets() as outlets, Client(user_agent="Test", timeout=timeout, clock=now) as http:
            return await app.deliver(replace(outlets, http=http))

    app = App(load(str(site.config), {}), now)
    try:
        return asyncio.run(send(app))
    finally:
        app.store.close()


def to_desk(site: Site) -> dict[str, Any]:
    """Return the one delivery to the endpoint."""
    (row,) = [row for row in site.deliveries() if row["to"] == "desk"]
    return row


@pytest.mark.parametrize(
    ("answer", "outcome", "state", "reply"),
    [
        ({"status": 500, "body": "oops"}, "retry", "queued", "HTTP 500: oops"),
        ({"status": 410}, "permanent", "failed", "HTTP 410"),
        ({"status": 302, "headers": {"Location": "/x"}}, "retry", "queued",
         "HTTP 302: redirects are not followed: give the final URL"),
        ({"drop": "after"}, "unknown", "unknown", "the request went out and no whole answer came"),
    ],
)  # fmt: skip
def test_an_endpoint_that_refuses(
    site: Site, receiver: Receiver, answer: dict[str, Any], outcome: str, state: str, reply: str
) -> None:
    hook(site, f"{receiver.url}/hook")
    site.run("subscribers", "add", "reader@example.org", "--cadence", "instant")
    receiver.answer(**answer)
    site.post()
    site.run("build")
    done = site.run("deliver", code=1)
    assert f"1 {outcome}" in done.stdout
    assert "1 sent" in done.stdout
    assert "see: syndicator deliveries list" in done.stderr
    row = to_desk(site)
    assert (row["state"], row["attempts"]) == (state, 1)
    assert reply in row["reply"]
    assert len(receiver.requests) == len(site.mails()) == 1
    (endpoint,) = site.rows("endpoints", "list")
    assert endpoint["state"] == ("disabled" if answer.get("status") == 410 else "active")


def test_an_endpoint_that_was_disabled_gets_what_waited(site: Site, receiver: Receiver) -> None:
    hook(site, f"{receiver.url}/hook")
    receiver.answer(status=410)
    site.post()
    site.run("build")
    site.run("deliver", code=1)
    site.run("endpoints", "resume", "desk")
    assert site.run("deliveries", "retry", str(to_desk(site)["id"])).stdout == "1 delivery queued again\n"
    assert "1 sent" in site.run("deliver").stdout
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_what_waits_for_its_next_try_can_be_sent_at_once(site: Site, receiver: Receiver) -> None:
    hook(site, f"{receiver.url}/hook")
    receiver.answer(status=500)
    site.post()
    site.run("build")
    site.run("deliver", code=1)
    assert site.run("deliveries", "retry", str(to_desk(site)["id"])).stdout == "1 delivery queued again\n"
    assert "1 sent" in site.run("deliver").stdout


def test_an_endpoint_that_hangs(site: Site, receiver: Receiver) -> None:
    hook(site, f"{receiver.url}/hook")
    receiver.answer(delay=600)
    site.post()
    site.run("build")
    assert deliver(site, timeout=0.2) == {"unknown": 1}
    row = to_desk(site)
    assert (row["state"], row["attempts"]) == ("unknown", 1)
    assert row["reply"].endswith("the request went out and no whole answer came: nothing within 0.2 s")
    site.run("deliveries", "retry", str(row["id"]))
    site.run("deliver")
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_an_endpoint_where_nothing_listens(site: Site) -> None:
    port = free_port()
    hook(site, f"http://127.0.0.1:{port}/secret-path")
    site.post()
    site.run("build")
    assert "1 retry" in site.run("deliver", code=1).stdout
    row = to_desk(site)
    assert row["state"] == "queued"
    assert row["reply"].startswith(f"http://127.0.0.1:{port}: not reached: nothing listens there")
    assert "secret-path" not in row["reply"]


def test_a_hanging_endpoint_does_not_hold_up_the_mail(site: Site, receiver: Receiver) -> None:
    hook(site, f"{receiver.url}/hook")
    site.run("subscribers", "add", "reader@example.org", "--cadence", "instant")
    receiver.answer(delay=600, times=None)
    with Service(site):
        site.post()
        receiver.wait_for(1)
        eventually(site.mails, "the mail")
        site.post("second")
        # The endpoint's own time-out is 15 seconds.
        eventually(lambda: len(site.mails()) == 2, "the mail of the second post, while the endpoint hangs", 10)


# The store

NO_STORE = "the file is not a Syndicator store: check [store] url"


def test_a_store_of_a_newer_version(built: Site) -> None:
    path = built.folder / "state" / "syndicator.db"
    store = sqlite3.connect(path)
    with store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in ("build", "posts"):
        done = built.run(command, code=1)
        assert done.stderr.startswith(f"error: {path}: this store was written by a newer Syndicator (schema 9999")
        assert "install that version again" in done.stderr
    with store:
        store.execute("UPDATE alembic_version SET version_num = ?", [SCHEMA_VERSION])
    store.close()
    assert len(built.posts()) == 2


def test_a_store_that_is_no_database(built: Site) -> None:
    before = built.files()
    path = built.folder / "state" / "syndicator.db"
    for file in path.parent.glob("syndicator.db*"):
        file.unlink()
    path.write_text("This is not a database, but somebody's notes.\n" * 100)
    done = built.run("build", code=1)
    assert done.stderr == f"error: {path}: the store cannot be opened: file is not a database: {NO_STORE}\n"
    assert path.read_text().startswith("This is not a database")
    assert built.files() == before


def test_a_lost_store_rebuilds_the_same_feeds(built: Site) -> None:
    before = built.files()
    for file in (built.folder / "state").glob("syndicator.db*"):
        file.unlink()
    built.run("scan", "--no-announce")
    built.run("build")
    assert built.files() == before
    assert built.deliveries() == []


# Templates


@pytest.fixture
def templated(built: Site) -> Site:
    """The same site, with a folder for templates of the owner's own."""
    built.configure(site='templates = "own"')
    (built.folder / "own" / "email" / "post").mkdir(parents=True)
    return built


def test_a_template_with_a_syntax_error(templated: Site) -> None:
    template = templated.folder / "own" / "email" / "post" / "body.txt"
    template.write_text("{{ entry.title }}\n{% if %}\n")
    assert f"{template}:2: " in templated.run("check", code=2).stderr
    assert "2 retry" in templated.run("deliver", code=1).stdout
    assert all(f"{template}:2: " in row["reply"] for row in templated.deliveries())
    assert templated.mails() == []


def test_a_template_that_fails_holds_up_its_own_mails_only(templated: Site, receiver: Receiver) -> None:
    template = templated.folder / "own" / "email" / "post" / "body.txt"
    template.write_text("{{ entry.title }}\n{{ entry.no_such_thing }}\n")
    hook(templated, f"{receiver.url}/hook")
    templated.post("third")
    templated.run("build")
    assert "3 retry, 1 sent" in templated.run("deliver", code=1).stdout
    states = [(row["to"], row["state"]) for row in templated.deliveries()]
    assert sorted(states) == [("desk", "sent"), *[("reader@example.org", "queued")] * 3]
    assert all(f"{template}:2: " in row["reply"] for row in templated.deliveries() if row["to"] != "desk")
    template.unlink()
    with Service(templated):  # the next try comes after some seconds
        eventually(lambda: len(templated.mails()) == 3, "the mails with the template mended")
