"""A service that watches: what changes is in its feeds within a second, though the next scan is an hour away."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.e2e.site import Service, Site, eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers import Receiver

# A change is in the feed after a quarter of a second; the machines of tests are slow.
SOON = 5.0


@pytest.fixture
def watched(site: Site) -> Site:
    """A site that is only scanned when something changes."""
    pytest.importorskip("watchfiles")
    configure(site)
    return site


def configure(site: Site, *, scan: str = "1h", watch: bool = True, **how: str) -> None:
    site.configure(**how)
    text = site.config.read_text("utf-8")
    site.config.write_text(text.replace('scan = "1s"', f'scan = "{scan}"\nwatch = {str(watch).lower()}'), "utf-8")


def soon(look: Callable[[], object], what: str) -> None:
    eventually(look, what, SOON)


def watching(service: Service, folders: int = 2) -> None:
    """Wait until so many folders are watched and the scan after that is over."""
    eventually(lambda: f"watching {folders} folders" in service.log, f"{folders} folders being watched")
    scans = rounds(service)
    soon(lambda: rounds(service) > scans or rounds(service) > 1, "the scan after it began to watch")


def rounds(service: Service) -> int:
    """Return how many scans there were."""
    found = re.search(r"syndicator_scans_total\{.*\} (\d+)", service.get("/metrics").body.decode())
    return int(found[1]) if found else 0


def test_a_post_that_lands_changes_moves_or_goes_is_seen_at_once(watched: Site) -> None:
    configure(watched, source='on_missing = "remove"')
    watched.post("other")
    watched.post("third")
    with Service(watched) as service:
        watching(service)
        path = watched.folder / watched.post()
        soon(watched.entry, "the new post in the feed")
        watched.post(title="Changed")
        soon(lambda: watched.entry().title == "Changed", "the change in the feed")
        path.rename(path.with_name("2026-01-02-moved.md"))
        soon(lambda: watched.entry("moved") and not watched.entry(), "the moved post in the feed")
        path.with_name("2026-01-02-moved.md").unlink()
        soon(lambda: watched.entry("moved") is None, "the post out of the feed")
        assert watched.entry("other")


def test_folders_that_come_and_are_replaced_are_watched(watched: Site) -> None:
    watched.post("other")
    with Service(watched) as service:
        watching(service)
        (watched.folder / "_posts/deep").mkdir()
        watching(service, 3)
        post = watched.folder / watched.post()
        soon(watched.entry, "the post")
        post.rename(watched.folder / "_posts/deep/2026-01-02-within.md")
        soon(lambda: watched.entry("within"), "the post in the new folder")
        (watched.folder / "_posts").rename(watched.folder / "aside")
        shutil.copytree(watched.folder / "aside", watched.folder / "_posts")
        # What comes before the new folder is watched is seen by the scan after that.
        watched.post("last")
        soon(lambda: watched.entry("last"), "the post in the folder that took the place of another")


def test_the_configuration_of_the_site_is_watched(watched: Site) -> None:
    watched.post()
    with Service(watched) as service:
        watching(service)
        soon(watched.entry, "the post")
        (watched.folder / "_config.yml").write_text("permalink: /:title/first.html\n")
        soon(lambda: watched.entry().link.endswith("/first/first.html"), "the new address of the post")


def test_many_files_at_once_are_a_few_scans(watched: Site) -> None:
    watched.post("other")
    with Service(watched) as service:
        watching(service)
        before = rounds(service)
        for number in range(2000):
            watched.post(f"n{number}")
        eventually(lambda: len(watched.rows("posts")) == 2001, "all posts")
        assert rounds(service) - before < 20


def test_an_announcement_waits_for_the_post_to_settle_and_not_for_the_next_scan(
    watched: Site, receiver: Receiver
) -> None:
    configure(watched, settle="2s")
    watched.run("endpoints", "add", "desk", "--kind", "webhook", "--url", f"{receiver.url}/hook")
    with Service(watched) as service:
        watching(service)
        began = time.monotonic()
        watched.post()
        receiver.wait_for(1)
        assert 2 <= time.monotonic() - began < 2 + SOON


def test_a_post_of_the_future_is_published_at_its_time(site: Site) -> None:
    configure(site, watch=False)
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=4)
    site.post(date=f"{at:%Y-%m-%d %H:%M:%S} +0000")
    with Service(site):
        eventually(site.entry, "the post in the feed")
        assert at <= datetime.now(UTC) < at + timedelta(seconds=SOON)


def test_what_the_service_writes_into_the_folder_it_watches_does_not_have_it_scan_for_ever(watched: Site) -> None:
    configure(watched, more='[store]\nurl = "sqlite:///_posts/syndicator.db"\n[mail]\nfolder = "_posts/mail"\n')
    text = watched.config.read_text("utf-8")
    watched.config.write_text(text.replace("[feeds]\n", '[feeds]\noutput = "_posts"\n'), "utf-8")
    watched.run("subscribers", "add", "reader@example.org", "--cadence", "instant")
    with Service(watched) as service:
        eventually(lambda: "watching" in service.log, "folders being watched")
        watched.post()
        eventually(lambda: list((watched.folder / "_posts/mail").glob("*.eml")), "the mail")
        eventually(lambda: (watched.folder / "_posts/feeds/site/all.atom").exists(), "the feed")
        time.sleep(2)
        settled = rounds(service)
        time.sleep(3)
        assert rounds(service) == settled


def test_it_ends_at_once(watched: Site) -> None:
    with Service(watched) as service:
        watching(service)
        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - began < SOON
        assert "Traceback" not in service.log


@pytest.mark.parametrize("limit", ["watches", "instances"])
def test_where_the_kernel_does_not_watch_it_says_so_once_and_scans_at_the_usual_times(
    watched: Site, limit: str
) -> None:
    script = f'echo 0 > /proc/sys/user/max_inotify_{limit} && exec "$@"'
    apart = ("unshare", "--user", "--map-root-user", "sh", "-c", script, "sh")
    if shutil.which("unshare") is None or subprocess.run([*apart, "true"], check=False).returncode:
        pytest.skip("no user namespaces here, whose limits could be set")
    configure(watched, scan="1s")
    watched.prefix = apart
    with Service(watched) as service:
        for number in range(2):
            watched.post(f"n{number}")
            eventually(lambda number=number: watched.entry(f"n{number}"), "the post in the feed")  # type: ignore[misc]
        assert service.log.count(f"raise fs.inotify.max_user_{limit}") == 1


def test_without_the_package_it_does_not_start_and_check_says_why(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(site)
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    for command in ("check", "run", "worker"):
        refused = site.run(command, code=2)
        assert "schedule.watch: needs the package watchfiles: pip install" in refused.stdout + refused.stderr
