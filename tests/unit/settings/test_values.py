"""What settings become: durations, paths, addresses, and the values that follow from others."""

from __future__ import annotations

import os
from datetime import timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.settings.conftest import Loader


def test_durations(loaded: Loader) -> None:
    settings = loaded('[announce]\nwindow = "36h"\nsettle = "0s"\n[schedule]\nscan = " 90 s "\ncleanup = "2d"')
    assert (settings.announce.window, settings.announce.settle) == (timedelta(hours=36), timedelta(0))
    assert (settings.schedule.scan, settings.schedule.cleanup) == (timedelta(seconds=90), timedelta(days=2))


def test_a_window_of_all_is_none(loaded: Loader) -> None:
    assert loaded('[announce]\nwindow = "all"').announce.window is None


def test_paths_are_relative_to_the_settings_file(loaded: Loader, tmp_path: Path) -> None:
    settings = loaded('[feeds]\noutput = "../out"\n[web]\nsecret_key_file = "/etc/key"')
    assert settings.sources[0].path == str(tmp_path / "site")
    assert settings.feeds.output == str(tmp_path.parent / "out")
    assert settings.mail.folder == str(tmp_path / "state/mail")
    assert settings.web.secret_key_file == "/etc/key"
    assert settings.site.templates == ""
    assert settings.store.url == f"sqlite:///{tmp_path}/state/syndicator.db"


def test_a_tilde_is_the_home_folder(loaded: Loader) -> None:
    assert loaded('[feeds]\noutput = "~/feeds"').feeds.output == os.path.expanduser("~/feeds")


def test_a_database_server_keeps_its_url(loaded: Loader) -> None:
    url = "postgresql+psycopg://me:hunter2@db.example/news"
    assert loaded(f'[store]\nurl = "{url}"').store.url == url


@pytest.mark.parametrize(
    ("written", "url", "authority"),
    [
        ("https://leaves.example/", "https://leaves.example", "leaves.example,2026"),
        (
            "http://Leaves.Example:8000/my%20blog/",
            "http://leaves.example:8000/my%20blog",
            "leaves.example,2026",
        ),
        ("https://例子.中国/日记", "https://xn--fsqu00a.xn--fiqs8s/%E6%97%A5%E8%AE%B0", "xn--fsqu00a.xn--fiqs8s,2026"),
        ("https://straße.example", "https://xn--strae-oqa.example", "xn--strae-oqa.example,2026"),
        ("http://[::1]:81", "http://[::1]:81", "::1,2026"),
    ],
)
def test_the_site_url_is_a_uri(loaded: Loader, written: str, url: str, authority: str) -> None:
    settings = loaded('path = "site"\n', base=f'[site]\ntitle = "Leaves"\nurl = "{written}"\n[[sources]]\n')
    assert settings.site.url == url
    assert settings.feeds.authority == authority


def test_what_is_left_out_follows_from_the_rest(loaded: Loader) -> None:
    settings = loaded('[[endpoints]]\nname = "a"\nkind = "webhook"')
    assert settings.site.author == "Leaves"
    assert settings.web.url == settings.feeds.url == "http://127.0.0.1:8080"
    assert settings.mail.sender == "Leaves <syndicator@leaves.example>"
    assert settings.mail.list_domain == "leaves.example"
    assert (settings.endpoints[0].zone, settings.endpoints[0].language) == ("UTC", "en")
    assert (settings.sources[0].url, settings.sources[0].timezone) == ("", "")


def test_what_is_written_stays(loaded: Loader) -> None:
    settings = loaded(
        '[feeds]\nurl = "https://feeds.example/"\nauthority = "old.example,2019-05"\n'
        '[web]\nurl = "https://web.example"\nhost = "0.0.0.0"\nport = 0\n'
        '[mail]\nfrom = "News <news@mail.example>"\n'
        '[[endpoints]]\nname = "a"\nkind = "webhook"\nzone = "Asia/Tokyo"\nlanguage = "ja"'
    )
    assert (settings.feeds.url, settings.feeds.authority) == ("https://feeds.example", "old.example,2019-05")
    assert settings.web.url == "https://web.example"
    assert (settings.mail.sender, settings.mail.list_domain) == ("News <news@mail.example>", "mail.example")
    assert (settings.endpoints[0].zone, settings.endpoints[0].language) == ("Asia/Tokyo", "ja")


@pytest.mark.parametrize(
    ("host", "url"), [("0.0.0.0", "http://127.0.0.1:81"), ("::", "http://[::1]:81"), ("box.lan", "http://box.lan:81")]
)
def test_the_address_of_the_pages_can_be_opened(loaded: Loader, host: str, url: str) -> None:
    assert loaded(f'[web]\nhost = "{host}"\nport = 81').web.url == url


@pytest.mark.parametrize(
    ("written", "parsed"),
    [
        ("news@例子.中国", ("", "news@xn--fsqu00a.xn--fiqs8s")),
        ("金融消息 <news@finews.example>", ("金融消息", "news@finews.example")),
        ("Leaves, Inc. <news@leaves.example>", ("Leaves, Inc.", "news@leaves.example")),
        ('"Leaves, Inc." <news@leaves.example>', ("Leaves, Inc.", "news@leaves.example")),
        ('The "Leaf" @ home <news@leaves.example>', ('The "Leaf" @ home', "news@leaves.example")),
        ("<news@leaves.example>", ("", "news@leaves.example")),
    ],
)
def test_every_sender_parses_as_one_mailbox(loaded: Loader, written: str, parsed: tuple[str, str]) -> None:
    assert parseaddr(loaded(f"[mail]\nfrom = '{written}'").mail.sender) == parsed


def test_a_title_with_punctuation_makes_a_valid_sender(loaded: Loader) -> None:
    settings = loaded('path = "site"', base='[site]\ntitle = "News: <all>"\nurl = "https://a.example"\n[[sources]]\n')
    assert parseaddr(settings.mail.sender) == ("News: <all>", "syndicator@a.example")


@pytest.mark.parametrize("host", ["127.0.0.1", "box", "[::1]", "under_score.example"])
def test_a_site_without_a_domain_sends_from_localhost(loaded: Loader, host: str) -> None:
    settings = loaded('path = "site"', base=f'[site]\ntitle = "A"\nurl = "http://{host}:4000"\n[[sources]]\n')
    assert (settings.mail.sender, settings.mail.list_domain) == ("A <syndicator@localhost>", "localhost")


def test_an_endpoint_keeps_the_keys_of_its_channel_apart(loaded: Loader) -> None:
    endpoint = loaded('[[endpoints]]\nname = "a"\nkind = "feishu"\ntags = ["x"]\ncolour = "red"').endpoints[0]
    assert endpoint.options == {"colour": "red"}
    assert endpoint.tags == ("x",)


def test_settings_cannot_be_changed(loaded: Loader) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(loaded().web, "port", 1)  # noqa: B010 -- mypy refuses the plain form, as it should


def test_line_ends_and_a_byte_order_mark_do_not_matter(loaded: Loader) -> None:
    base = '\ufeff[site]\r\ntitle = "Leaves"\r\nurl = "https://a.example"\r\n[[sources]]\r\npath = "site"\r\n'
    settings = loaded("[log]\r\nlevel = 'debug'\r\n", base=base)
    assert settings.log.level == "debug"
    assert settings.locate("log", "level").endswith("s.toml:7")


def test_each_setting_can_be_located(loaded: Loader) -> None:
    settings = loaded(
        '[[endpoints]]\nname = "a"\nkind = "b"\n[[endpoints]]\nname = "c"\nkind = "b"\nurl = "x"\n',
        {"SYNDICATOR_WEB__PORT": "1"},
    )
    assert settings.locate("endpoints", 1, "url").endswith("/s.toml:12")
    assert settings.locate("endpoints", 1, "secret").endswith("/s.toml:9")
    assert settings.locate("web", "port") == "environment: SYNDICATOR_WEB__PORT"
    assert settings.locate("mail", "from").endswith("/s.toml:1")


@pytest.mark.parametrize(
    ("security", "port", "expected"), [("starttls", 0, 587), ("tls", 0, 465), ("none", 0, 25), ("tls", 2465, 2465)]
)
def test_the_port_of_the_relay_follows_from_its_security(
    loaded: Loader, security: str, port: int, expected: int
) -> None:
    assert loaded(f"[mail]\nsecurity = '{security}'\nport = {port}").mail.port == expected


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_a_relay_on_this_machine_gets_a_password_without_security(loaded: Loader, host: str) -> None:
    mail = loaded(f"[mail]\nhost = '{host}'\nsecurity = 'none'\nuser = 'me'\npassword = 'x'").mail
    assert mail.password.get_secret_value() == "x"


def test_the_password_of_the_relay_comes_from_a_file(loaded: Loader, tmp_path: Path) -> None:
    (tmp_path / "smtp").write_text("p@ss wörd\n")
    mail = loaded("[mail]\nuser = 'me'", {"SYNDICATOR_MAIL__PASSWORD_FILE": "smtp"}).mail
    assert mail.password.get_secret_value() == "p@ss wörd"
    assert "wörd" not in repr(mail)


def test_the_relay_s_name_is_kept_in_ascii(loaded: Loader) -> None:
    assert loaded("[mail]\nhost = 'Mail.例子.中国'").mail.host == "mail.xn--fsqu00a.xn--fiqs8s"
