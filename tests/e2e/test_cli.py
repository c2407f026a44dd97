"""Every command as a person or a script runs it: exit codes, JSON lines, help, progress."""

from __future__ import annotations

import csv
import json
import os
import pty
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from standardwebhooks import Webhook

from tests.e2e.site import Site, environment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers import Receiver

ADDRESS = "reader@example.org"
COMMANDS = {
    "": ["init", "check", "scan", "build", "deliver", "digest", "run", "worker", "serve", "posts", "feeds",
         "subscribers", "endpoints", "deliveries", "backup", "send-test"],
    "subscribers": ["add", "list", "import", "export", "pause", "resume", "remove"],
    "endpoints": ["add", "list", "test", "pause", "resume", "rotate", "remove"],
    "deliveries": ["list", "show", "retry", "cancel", "pause", "resume"],
}  # fmt: skip
LISTS = ["posts", "feeds", "subscribers list", "endpoints list", "deliveries list"]
LOADED = """
import sys
sys.argv = ["syndicator", *sys.argv[1:]]
from syndicator.cli import main
try:
    main()
finally:
    print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def enrol(site: Site, receiver: Receiver, *more: str) -> str:
    """Add a webhook and return its secret."""
    added = site.run("endpoints", "add", "desk", "--kind", "webhook", "--url", f"{receiver.url}/hook", *more)
    return secret_in(added.stdout)


def secret_in(text: str) -> str:
    found = re.search(r"whsec_\S+", text)
    assert found, text
    return found[0]


def loaded_by(site: Site, *arguments: str) -> set[str]:
    """Return the packages that a command imports."""
    command = [sys.executable, "-c", LOADED, "--config", str(site.config), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("group", COMMANDS)
def test_every_command_explains_itself(site: Site, group: str) -> None:
    overview = site.run(*group.split(), "--help").stdout
    listed = re.findall(r"^  (\S+)  +\S", overview.partition("Commands:\n")[2], re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS[group])
    for name in COMMANDS[group]:
        usage = site.run(*group.split(), name, "--help").stdout
        assert usage.startswith(f"Usage: syndicator {group} {name} ".replace("  ", " "))
        assert usage.count("\n") > 3


def test_help_imports_nothing_heavy(site: Site) -> None:
    heavy = {"pydantic", "sqlalchemy", "rich", "httpx", "jinja2", "feedgen", "yaml"}
    loaded = loaded_by(site, "--help")
    assert "click" in loaded
    assert not loaded & heavy


def test_build_imports_only_what_builds(site: Site) -> None:
    site.post()
    site.run("build")
    site.post("later")
    loaded = loaded_by(site, "build")
    assert {"sqlalchemy", "feedgen"} <= loaded
    assert not loaded & {"alembic", "jinja2", "httpx", "fastapi", "rich", "apscheduler"}


def test_exit_codes(site: Site) -> None:
    site.post()
    site.write("broken", "---\ntitle: never closed\n")
    assert "1 quarantined" in site.run("build").stdout
    site.run("no-such-command", code=2)
    site.run("scan", "--no-such-option", code=2)
    site.run("subscribers", "pause", "nobody@example.org", code=2)
    (site.folder / "_posts").rename(site.folder / "elsewhere")
    site.run("build", code=1)
    site.config.unlink()
    assert '"syndicator init" makes one' in site.run("check", code=2).stderr


def test_init_makes_a_site_that_runs_and_never_overwrites(site: Site) -> None:
    site.post()
    site.config.unlink()
    made = site.run("init", str(site.folder))
    assert f"syndicator --config {site.config} build" in made.stdout
    text = site.config.read_text("utf-8")
    assert (site.folder / "state" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert site.run("check").stdout == f"{site.config}: no errors\n"
    assert "1 post found" in site.run("build").stdout
    assert "is there already" in site.run("init", str(site.folder), code=2).stderr
    assert site.config.read_text("utf-8") == text


def test_lists_are_json_lines(site: Site, receiver: Receiver) -> None:
    enrol(site, receiver)
    site.run("subscribers", "add", ADDRESS, "--cadence", "instant")
    site.post(title="Zinsen: „plus 0,25“ 利率")
    site.run("build")
    keys = {name: [set(row) for row in site.rows(*name.split())] for name in LISTS}
    assert all(len(rows) > 0 for rows in keys.values())
    assert {"path", "id", "title", "published", "updated", "url", "categories", "tags", "state"} <= keys["posts"][0]
    assert {"kind", "slug", "title", "entries", "url", "updated"} <= keys["feeds"][0]
    assert {"name", "state", "gets", "at", "day", "zone", "language"} <= keys["subscribers list"][0]
    assert {"name", "kind", "state", "reason", "gets"} <= keys["endpoints list"][0]
    assert {"id", "kind", "to", "state", "attempts", "due", "reply"} <= keys["deliveries list"][0]
    assert "„plus 0,25“ 利率" in site.run("posts").stdout
    assert "利率" in site.run("posts", "--json").stdout


def test_subscribers_come_pause_and_go(site: Site) -> None:
    added = site.run("subscribers", "add", ADDRESS, "--category", "rates", "--tag", "利率", "--at", "07:30",
                     "--zone", "Asia/Shanghai", "--language", "zh-CN").stdout  # fmt: skip
    assert added == f"{ADDRESS}: daily at 07:30 Asia/Shanghai: category rates, tag 利率\n"
    site.run("subscribers", "add", ADDRESS, "--cadence", "instant", "--category", "urgent")
    (row,) = site.rows("subscribers", "list")
    assert sorted(row["gets"]) == ["daily category rates", "daily tag 利率", "instant category urgent"]
    assert (row["at"], row["zone"], row["language"]) == ("07:30", "Asia/Shanghai", "zh-CN")
    for command, state in (("pause", "paused"), ("resume", "active")):
        assert site.run("subscribers", command, ADDRESS.upper()).stdout == f"{ADDRESS}: {state}\n"
        assert site.rows("subscribers", "list")[0]["state"] == state
    site.run("subscribers", "remove", ADDRESS)
    assert site.rows("subscribers", "list") == []
    for wrong in (["not-an-address"], [ADDRESS, "--zone", "Shanghai"], [ADDRESS, "--at", "25:00"]):
        assert wrong[-1] in site.run("subscribers", "add", *wrong, code=2).stderr


def test_subscribers_survive_export_and_import(site: Site, tmp_path: Path) -> None:
    site.run("subscribers", "add", ADDRESS, "--category", "rates", "--category", "房价", "--at", "07:30")
    site.run("subscribers", "add", ADDRESS, "--cadence", "weekly", "--tag", "long reads", "--day", "friday")
    site.run("subscribers", "add", "other@example.org", "--cadence", "instant")
    exported = site.run("subscribers", "export").stdout
    before = site.rows("subscribers", "list")
    for address in (ADDRESS, "other@example.org"):
        site.run("subscribers", "remove", address)
    file = tmp_path / "readers.csv"
    file.write_text(exported, "utf-8-sig")
    assert "3 subscribers added" in site.run("subscribers", "import", str(file)).stdout
    assert site.rows("subscribers", "list") == before
    assert list(csv.DictReader(exported.splitlines())) == list(
        csv.DictReader(site.run("subscribers", "export").stdout.splitlines())
    )


def test_an_import_takes_the_good_lines_and_names_the_bad_ones(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "readers.csv"
    file.write_text(f"address,cadence,zone\nno-address,daily,\n{ADDRESS},weekly,\nx@example.org,daily,Nowhere\n")
    done = site.run("subscribers", "import", str(file), code=1)
    assert re.findall(r"^line \d+", done.stderr, re.MULTILINE) == ["line 2", "line 4"]
    assert "1 subscriber added or brought up to date, 2 refused" in done.stdout
    assert [row["name"] for row in site.rows("subscribers", "list")] == [ADDRESS]
    file.write_text("mail\nx@example.org\n")
    assert (
        "the first line must name the columns: address" in site.run("subscribers", "import", str(file), code=2).stderr
    )


def test_endpoints_are_tested_rotated_paused_and_removed(site: Site, receiver: Receiver) -> None:
    old = enrol(site, receiver, "--category", "rates")
    assert site.run("endpoints", "test", "desk").stdout == "desk: sent: HTTP 200\n"
    new = secret_in(site.run("endpoints", "rotate", "desk").stdout)
    assert new != old
    site.run("send-test", "desk")
    hook = receiver.wait_for(2)[1]
    for secret in (old, new):
        assert Webhook(secret).verify(hook.body.decode(), hook.headers)["type"] == "test"
    site.run("endpoints", "pause", "desk")
    site.post()
    site.post("other", categories="sport")
    site.run("build")
    assert "nothing to send" in site.run("deliver").stdout
    site.run("endpoints", "resume", "desk")
    assert "1 sent" in site.run("deliver").stdout
    assert "The first post" in receiver.wait_for(3)[2].body.decode()
    site.run("endpoints", "remove", "desk")
    assert site.rows("endpoints", "list") == site.deliveries() == []


def test_a_test_that_does_not_arrive_is_a_failure(site: Site, receiver: Receiver) -> None:
    enrol(site, receiver)
    receiver.answer(status=403, body="who are you?")
    assert site.run("endpoints", "test", "desk", code=1).stdout == "desk: retry: HTTP 403: who are you?\n"
    assert site.deliveries() == []


def test_a_declared_endpoint_is_changed_in_the_settings_only(site: Site, receiver: Receiver) -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    endpoint = f'[[endpoints]]\nname = "desk"\nkind = "webhook"\nurl = "{receiver.url}/hook"\nsecret = "{secret}"\n'
    site.configure(more=endpoint)
    assert site.run("send-test", "desk").stdout == "desk: sent: HTTP 200\n"
    for command in ("rotate", "remove"):
        assert "declared in the settings" in site.run("endpoints", command, "desk", code=2).stderr
    assert not [file for file in (site.folder / "state").iterdir() if secret.encode() in file.read_bytes()]
    site.configure()
    (row,) = site.rows("endpoints", "list")
    assert (row["state"], row["reason"]) == ("disabled", "no longer in the settings")


def test_send_test_writes_to_an_address_that_is_not_subscribed(site: Site) -> None:
    assert site.run("send-test", "Someone@Example.ORG").stdout.startswith("Someone@example.org: sent: ")
    (mail,) = site.mails()
    assert mail["To"] == "Someone@example.org"
    assert site.rows("subscribers", "list") == []
    assert "'nobody' is no e-mail address and no endpoint" in site.run("send-test", "nobody", code=2).stderr


def test_deliveries_are_shown_and_retried(site: Site, receiver: Receiver) -> None:
    enrol(site, receiver)
    receiver.answer(status=422, body="no thanks")
    site.post()
    site.run("build")
    assert "1 permanent" in site.run("deliver", code=1).stdout
    (row,) = site.rows("deliveries", "list", "--state", "failed")
    assert row["reply"] == "HTTP 422: no thanks"
    assert json.loads(site.run("deliveries", "show", str(row["id"])).stdout) == row
    assert "there is no delivery 99" in site.run("deliveries", "show", "99", code=2).stderr
    assert site.run("deliveries", "retry", str(row["id"])).stdout == "1 delivery queued again\n"
    assert site.run("deliveries", "retry", "--failed").stdout == "0 deliveries queued again\n"
    site.run("deliveries", "retry", code=2)
    assert "1 sent" in site.run("deliver").stdout
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_deliveries_are_held_back_and_withdrawn(site: Site, receiver: Receiver) -> None:
    enrol(site, receiver)
    site.run("subscribers", "add", ADDRESS)
    path = site.post()
    site.post("other")
    site.run("build")
    site.run("deliveries", "pause")
    assert "nothing to send" in site.run("deliver").stdout
    assert site.run("deliveries", "cancel", path).stdout == "1 message withdrawn; no later digest will hold the post\n"
    assert "there is no post" in site.run("deliveries", "cancel", "_posts/none.md", code=2).stderr
    site.run("deliveries", "resume")
    site.run("digest", "--now")
    assert "2 sent" in site.run("deliver").stdout
    (hook,) = receiver.requests
    (mail,) = site.mails()
    for told in (hook.body.decode(), mail.as_string()):
        assert "first.html" not in told
    assert "The other post" in hook.body.decode()


def test_deliver_sends_no_more_than_the_limit(site: Site, receiver: Receiver) -> None:
    enrol(site, receiver)
    for number in range(3):
        site.post(f"number-{number}")
    site.run("build")
    assert "2 sent" in site.run("deliver", "--limit", "2").stdout
    assert len(receiver.requests) == 2
    assert "1 sent" in site.run("deliver").stdout


def test_a_silent_scan_announces_nothing_ever(site: Site, receiver: Receiver) -> None:
    enrol(site, receiver)
    site.post()
    assert "1 new" in site.run("scan", "--no-announce").stdout
    site.run("build")
    assert site.deliveries() == []
    assert site.entry() is not None


def on_a_terminal(site: Site, *arguments: str) -> str:
    """Run a command with a terminal for its output, and return what appeared there."""
    master, slave = pty.openpty()
    with site.start_process(*arguments, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        shown = b""
        try:
            while block := os.read(master, 65_536):
                shown += block
        except OSError:  # how Linux says that nobody writes any more
            pass
        os.close(master)
    assert process.returncode == 0, shown
    return shown.decode()


def test_progress_shows_on_a_terminal_and_not_in_a_pipe(site: Site) -> None:
    for number in range(120):  # feeds are written a hundred at a time: less is over before a bar is seen
        site.post(f"number-{number}", categories=f"category-{number}")
    shown = on_a_terminal(site, "build")
    assert "Reading posts" in shown
    assert "Writing feeds" in shown
    assert "100%" in shown
    for number in range(60):
        site.post(f"number-{number}", categories="one", body="Changed.")
    piped = site.run("build")
    assert "Reading" not in piped.stdout + piped.stderr
    assert "\x1b" not in piped.stdout + piped.stderr


def test_lists_are_tables_on_a_terminal_and_tab_separated_in_a_pipe(site: Site) -> None:
    site.post()
    site.run("build")
    assert "published" in on_a_terminal(site, "posts")
    state, _, path, title = site.run("posts").stdout.rstrip("\n").split("\t")
    assert (state, path, title) == ("live", "_posts/2026-01-02-first.md", "The first post")
