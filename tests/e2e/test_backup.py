"""A backup, made while the service runs: restoring it sends nothing again, and loses nothing that comes later."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from typing import TYPE_CHECKING

from tests.e2e.site import Service, Site, eventually

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers import Receiver

READER, DAILY = "reader@example.org", "daily@example.org"


def restore(site: Site, copy: Path) -> None:
    """Put a backup in the place of the store, as its owner would."""
    state = site.folder / "state"
    for file in state.glob("syndicator.db*"):
        file.unlink()
    shutil.copy(copy, state / "syndicator.db")


def titles(receiver: Receiver) -> list[str]:
    return [json.loads(hook.body)["data"]["post"]["title"] for hook in receiver.requests]


def subjects(site: Site, to: str = READER) -> list[str]:
    return [mail["Subject"] for mail in site.mails() if mail["To"] == to]


def test_restoring_a_backup_sends_nothing_again(site: Site, receiver: Receiver) -> None:
    copy = site.folder / "backup.db"
    site.run("subscribers", "add", READER, "--cadence", "instant")
    site.run("subscribers", "add", DAILY, "--cadence", "daily")
    site.run("endpoints", "add", "desk", "--kind", "webhook", "--url", f"{receiver.url}/hook")
    site.post("before")
    with Service(site):
        receiver.wait_for(1)
        eventually(lambda: subjects(site), "the mail")
        site.run("deliveries", "pause")
        site.post("between")  # queued in the backup, sent after it
        eventually(lambda: len(site.deliveries()) == 4, "what is queued")
        site.run("backup", str(copy))
        site.run("deliveries", "resume")
        site.post("after")  # not in the backup at all
        receiver.wait_for(3)
        eventually(lambda: len(subjects(site)) == 3, "the mails")
        site.run("digest", "--now")
        eventually(lambda: len(subjects(site, DAILY)) == 1, "the digest")
        ids = {slug: site.entry(slug).id for slug in ("before", "between", "after")}
    restore(site, copy)
    with Service(site) as service:
        eventually(lambda: "the store is the backup of " in service.log, "the warning")
        site.run("deliveries", "resume")  # it was paused when the copy was made
        eventually(lambda: len(site.posts()) == 3, "the scan that finds what the backup lacks")
        site.run("digest", "--now")
        site.post("later")
        receiver.wait_for(4)
        eventually(lambda: len(subjects(site)) == 4, "the mail of the later post")
        assert {slug: site.entry(slug).id for slug in ids} == ids
    told = [f"The {slug} post" for slug in ("before", "between", "after", "later")]
    assert titles(receiver) == told
    assert subjects(site) == told
    assert len({hook.headers["webhook-id"] for hook in receiver.requests}) == 4
    assert len(subjects(site, DAILY)) == 1
    withdrawn = [row for row in site.deliveries() if row["state"] == "cancelled"]
    assert sorted(row["to"] for row in withdrawn) == ["desk", READER]
    assert all(re.match(r"in the backup of 20\S+: it may have been sent since; ", row["reply"]) for row in withdrawn)
    assert site.posts()["_posts/2026-01-02-after.md"]["announce"] == "skipped"


def test_the_command_that_meets_a_restored_store_says_so_once(site: Site) -> None:
    site.run("subscribers", "add", READER, "--cadence", "instant")
    site.post()
    site.run("build")
    site.run("backup", "copy.db")
    restore(site, site.folder / "copy.db")
    said = site.run("build", apart=True).stderr
    assert "1 queued messages were withdrawn, digests begin anew" in said
    assert site.run("build").stderr == ""
    withdrawn = site.deliveries()[0]
    site.run("deliveries", "retry", str(withdrawn["id"]))
    site.run("deliver")
    assert subjects(site) == ["The first post"]


def test_a_source_that_cannot_be_read_stays_silent_until_it_can(site: Site) -> None:
    site.run("subscribers", "add", READER, "--cadence", "instant")
    site.run("build", code=0)
    site.run("backup", "copy.db")
    site.post("lost")
    restore(site, site.folder / "copy.db")
    (site.folder / "_posts").rename(site.folder / "away")
    site.run("build", code=1)
    (site.folder / "away").rename(site.folder / "_posts")
    assert "1 too old to announce" in site.run("build").stdout
    site.post("later")
    assert "1 announced" in site.run("build").stdout


def test_a_source_whose_folder_is_empty_stays_silent_until_it_is_filled(site: Site) -> None:
    site.run("subscribers", "add", READER, "--cadence", "instant")
    site.run("build", code=0)
    site.run("backup", "copy.db")
    site.post("lost")
    restore(site, site.folder / "copy.db")
    (site.folder / "_posts").rename(site.folder / "away")
    (site.folder / "_posts").mkdir()
    site.run("build")
    (site.folder / "_posts").rmdir()
    (site.folder / "away").rename(site.folder / "_posts")
    assert "1 too old to announce" in site.run("build").stdout


def test_a_backup_is_private_whole_and_never_overwritten_by_mistake(site: Site) -> None:
    site.post()
    site.run("build")
    copy = site.folder / "copy.db"
    done = site.run("backup", str(copy))
    assert f"{copy} written" in done.stdout
    assert f"not in it: {site.folder}/state/secret.key" in done.stdout
    assert copy.stat().st_mode & 0o777 == 0o600
    assert not list(site.folder.glob("copy.db?*"))
    with sqlite3.connect(copy) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert opened.execute("SELECT count(*) FROM posts").fetchone() == (1,)
    opened.close()
    before = copy.read_bytes()
    assert f"{copy} is there already" in site.run("backup", str(copy), code=2).stderr
    assert copy.read_bytes() == before
    site.run("backup", str(copy), "--force")
    store = site.folder / "state" / "syndicator.db"
    assert "is there already" in site.run("backup", str(store), "--force", code=2).stderr


def test_a_backup_that_cannot_be_written_leaves_nothing(site: Site) -> None:
    site.run("build", code=0)
    target = site.folder / "nowhere" / "copy.db"
    done = site.run("backup", str(target), code=1)
    assert done.stderr == f"error: {target}: the backup cannot be written: No such file or directory\n"
    assert not list(site.folder.glob("copy*"))


def test_postgresql_has_a_program_of_its_own(site: Site) -> None:
    site.configure(more='[store]\nurl = "postgresql://nobody@127.0.0.1:1/none"')
    assert "pg_dump" in site.run("backup", "copy.db", code=2).stderr
