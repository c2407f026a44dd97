"""What owners read when something is wrong: the exact line, and nothing secret."""
# ruff: noqa: E501 -- messages are compared whole

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel, ConfigDict, Field

from syndicator.errors import SettingsError
from syndicator.settings import load

if TYPE_CHECKING:
    from pathlib import Path

    from syndicator.settings import Settings
    from tests.unit.settings.conftest import Complainer, Loader

HOOK = '[[endpoints]]\nname = "a"\nkind = "webhook"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[web]\nport = '80'", '7: web.port: expected a whole number, got "80" (text)'),
        ("[web]\nport = true", "7: web.port: expected a whole number, got true (a truth value)"),
        ("[web]\nport = -1", "7: web.port: expected at least 0, got -1 (a whole number)"),
        ("[feeds]\nlimit = 0", "7: feeds.limit: expected at least 1, got 0 (a whole number)"),
        ("[feeds]\nlimit = 1001", "7: feeds.limit: expected at most 1000, got 1001 (a whole number)"),
        ("[feeds]\nformats = 'rss'", '7: feeds.formats: expected a list such as ["a", "b"], got "rss" (text)'),
        ("[feeds]\nformats = []", "7: feeds.formats: is empty, expected at least one"),
        ("[feeds]\nformats = ['RSS']", '7: feeds.formats.0: "RSS" is no kind, expected a name such as "rss", or "package.module:Class"'),
        ("[feeds]\nformats = [\n'rss',\n'RSS']", '7: feeds.formats.1: "RSS" is no kind, expected a name such as "rss", or "package.module:Class"'),
        ("[feeds]\ncontent = 'ful'", '7: feeds.content: expected "full" or "summary", got "ful" (text); did you mean "full"?'),
        ("[feeds]\noutput = ''", "7: feeds.output: is empty, expected text"),
        ("[feeds]\nauthority = 'leaves'", '7: feeds.authority: "leaves" is no tagging authority, expected your domain and a year in which it was yours, such as "example.com,2026" (RFC 4151)'),
        ("[feed]\nlimit = 3", '6: feed: unknown section; did you mean "feeds"?'),
        ("[feeds]\n\nLimit = 3", '8: feeds.Limit: unknown key; did you mean "limit"?'),
        ("[log]\nx = 3", '7: log.x: unknown key, expected "level" or "format"'),
        ("[announce]\nwindow = '7 days'", '7: announce.window: "7 days" is no duration, expected a number and a unit, such as "30s", "5m", "2h" or "7d", or "all"'),
        ("[announce]\nsettle = 5", '7: announce.settle: a whole number is no duration, expected a number and a unit, such as "30s", "5m", "2h" or "7d"'),
        ("[announce]\nsettle = '99999d'", '7: announce.settle: "99999d" is too long, expected at most 36500 days'),
        ("[schedule]\nscan = '0s'", '7: schedule.scan: "0s" is too short, expected at least "1s"'),
        ("[store]\nurl = 'mysql://a/b'", '7: store.url: is no database, expected "sqlite:///folder/file.db" or "postgresql://user@host/name"'),
        ("[store]\nurl = 'sqlite:///:memory:'", '7: store.url: would be lost at every stop, expected a file, as in "sqlite:///state/syndicator.db"'),
        ("[mail]\ntransport = 'smpt'", '7: mail.transport: expected "file" or "smtp", got "smpt" (text); did you mean "smtp"?'),
        ("[mail]\n\ntransport = 'smtp'", '6: mail.host: is missing, expected the name of your mail relay, such as "smtp.example.com"'),
        ("[mail]\ntransport = 'smtp'\nhost = ''", '8: mail.host: is missing, expected the name of your mail relay, such as "smtp.example.com"'),
        ("[mail]\nhost = 'a b'", '7: mail.host: "a b" is no host name, expected the name of your mail relay, such as "smtp.example.com"'),
        ("[mail]\nuser = 'me'", "6: mail.password: is missing, expected the user's; SYNDICATOR_MAIL__PASSWORD_FILE can name a file with it"),
        ("[mail]\nuser = 'me'\npassword = ''", "8: mail.password: is missing, expected the user's; SYNDICATOR_MAIL__PASSWORD_FILE can name a file with it"),
        ("[mail]\npassword = 'hunter2'", "7: mail.password: has no user, expected one beside it"),
        ("[mail]\nuser = 'me'\npassword = 5", "8: mail.password: expected text in quotes, got a whole number"),
        ("[mail]\nhost = 'mx.example'\nuser = 'me'\npassword = 'x'\nsecurity = 'none'", '8: mail.user: would be sent with the password for all to read, expected security = "starttls" or "tls"'),
        ("[mail]\nsecurity = 'ssl'", '7: mail.security: expected "starttls", "tls" or "none", got "ssl" (text)'),
        ("[mail]\nconnections = 17", "7: mail.connections: expected at most 16, got 17 (a whole number)"),
        ("[mail]\ntimeout = 30", '7: mail.timeout: a whole number is no duration, expected a number and a unit, such as "30s", "5m", "2h" or "7d"'),
        ("[mail]\nfrom = 'News'", '7: mail.from: "News" is no sender, expected "Name <news@example.com>"'),
        ("[mail]\nfrom = 'a..b@c.example'", '7: mail.from: "a..b@c.example" is no sender, expected "Name <news@example.com>"'),
        ("[mail]\nfrom = 'a\u3000b@c.example'", '7: mail.from: "a\u3000b@c.example" is no sender, expected "Name <news@example.com>"'),
        ("[mail]\nfrom = 'news@10.0.0.1'", '7: mail.from: "news@10.0.0.1" is no sender, expected "Name <news@example.com>"'),
        ("timezone = 'UTC+8'", '6: sources.0.timezone: unknown time zone "UTC+8", expected an IANA name such as "UTC" or "Asia/Shanghai"'),
        ("[mail]\nfrom = \"a@b.example\\nBcc: x@y.example\"", "7: mail.from: has a line break or a control character in it, expected plain text on one line"),
        ("[mail]\nlist_domain = 'a b'", '7: mail.list_domain: "a b" is no domain, expected one such as "example.com"'),
        ("[log]\nlevel = 1", '7: log.level: expected "debug", "info", "warning" or "error", got 1 (a whole number)'),
        ("[web]\nurl = 'example.com'", '7: web.url: is no absolute address, expected one such as "https://example.com/blog"'),
        ("[web]\nurl = 'ftp://example.com'", '7: web.url: is no http or https address, expected one such as "https://example.com/blog"'),
        ("[web]\nurl = 'https://a.example:port'", '7: web.url: is no absolute address, expected one such as "https://example.com/blog"'),
        ("[web]\nurl = 'https://me:pw@a.example'", '7: web.url: is an address with a user name, "?" or "#" in it, expected one such as "https://example.com/blog"'),
        ("[web]\nurl = 'https://a.example/a b'", '7: web.url: is an address with a space or line break in it, expected one such as "https://example.com/blog"'),
        ("[[web]]\nport = 1", "6: web: expected a section [web] in single brackets, got a list"),
        ("[categories]\nname = 'a'", "6: categories: expected [[categories]] in double brackets, as there may be several, got a table"),
        ("[[categories]]\nname = 'a'", "6: categories.0.title: is missing, and has no default"),
        ("[[categories]]\nname = 'a'\ntitle = 'b'\n[[categories]]\nname = 'a'\ntitle = 'c'", '10: categories.1.name: "a" is the name of categories.0 too, expected another'),
        ("[[sources]]\npath = 'b'", '6: sources.1.name: "posts" is the name of sources.0 too, expected another'),
        ("[[sources]]\nname = 'My posts'\npath = 'b'", '7: sources.1.name: "My posts" is no name, expected small letters, digits and "-", such as "posts"'),
        ("timezone = 'Asia/Shangai'", '6: sources.0.timezone: unknown time zone "Asia/Shangai", expected an IANA name such as "UTC" or "Asia/Shanghai"; did you mean "Asia/Shanghai"?'),
        ("timezone = 'asia'", '6: sources.0.timezone: unknown time zone "asia", expected an IANA name such as "UTC" or "Asia/Shanghai"'),
        ("timezone = '../../etc/passwd'", '6: sources.0.timezone: unknown time zone "../../etc/passwd", expected an IANA name such as "UTC" or "Asia/Shanghai"'),
        (f"{HOOK}at = 08:00:00", "9: endpoints.0.at: expected text in quotes, got 08:00:00 (a date or time without quotes)"),
        (f"{HOOK}at = '24:00'", '9: endpoints.0.at: "24:00" is no time of day, expected "HH:MM" from "00:00" to "23:59"'),
        (f"{HOOK}cadence = 'Daily'", '9: endpoints.0.cadence: expected "instant", "daily" or "weekly", got "Daily" (text); did you mean "daily"?'),
        (f"{HOOK}language = 'zh_CN'", '9: endpoints.0.language: "zh_CN" is no language tag, expected one such as "en" or "zh-CN" (BCP 47); did you mean "zh-CN"?'),
        (f"{HOOK}language = 'english'", '9: endpoints.0.language: "english" is no language tag, expected one such as "en" or "zh-CN" (BCP 47)'),
        (f"{HOOK}tags = ['a', 3]", "9: endpoints.0.tags.1: expected text in quotes, got 3 (a whole number)"),
        ("[[endpoints]]\nname = 'a'", "6: endpoints.0.kind: is missing, and has no default"),
        (f"{HOOK}{HOOK}", '10: endpoints.1.name: "a" is the name of endpoints.0 too, expected another'),
    ],
)  # fmt: skip
def test_each_mistake_has_its_line(problems: Complainer, text: str, problem: str) -> None:
    assert problems(text) == [f"s.toml:{problem}"]


def test_all_mistakes_come_at_once_in_the_order_of_the_file(problems: Complainer) -> None:
    base = '[site]\ntitel = "x"\nurl = "x"\n[[sources]]\nname = "a"\n[[sources]]\nname = "a"\npath = 5\n'
    environ = {"SYNDICATOR_WEB__PORT": "x", "SYNDICATOR_LOG__LEVEL": "x"}
    assert [line.rpartition(": ")[0] for line in problems("[nope]\n", environ, base=base)] == [
        "s.toml:1: site.title",
        "s.toml:2: site.titel",
        "s.toml:3: site.url",
        "s.toml:4: sources.0.path",
        "s.toml:7: sources.1.name",
        "s.toml:8: sources.1.path",
        "s.toml:9: nope",
        "environment: SYNDICATOR_LOG__LEVEL",
        "environment: SYNDICATOR_WEB__PORT",
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing yet\n", "\ufeff"])
def test_an_empty_file_says_what_belongs_in_it(problems: Complainer, text: str) -> None:
    assert problems(base=text) == [
        "s.toml:1: site: the section is missing, expected [site] with title and url",
        "s.toml:1: sources: the section is missing, expected [[sources]] with path",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("title = Leaves", '2: not TOML at column 9: no value that TOML knows: text needs straight quotes, as in key = "value"'),
        ("title = “Leaves”", '2: not TOML at column 9: no value that TOML knows: text needs straight quotes, as in key = "value"'),
        ('title = "Leaves\nurl = ""', "2: not TOML at column 16: a string without its closing quote on the same line"),
        ("title = 'Leaves\nurl = ''", "2: not TOML at column 16: a string without its closing quote on the same line"),
        ('title = """Leaves\nurl = 1\n', "3: not TOML at the end of the file: a string without its closing quote"),
        ('title = "a"\ntitle = "b"\n', "3: not TOML at column 12: a key or section that is there already: keep one of the two"),
        ("[site]", "2: not TOML at column 6: a section that is there already: keep one of the two"),
        ("title: Leaves", '2: not TOML at column 6: expected key = "value"'),
        ("templates = 'C:\\Users'\nx = \"C:\\Users\"", r"3: not TOML at column 10: a lone backslash: write \\, or put the text in single quotes"),
        ("标题 = 'Leaves'", '2: not TOML at column 1: expected [section] or key = "value"; a key of other than A-Z a-z 0-9 _ - needs quotes'),
        ("x = [1,\n2\n\n", "3: not TOML at the end of the file: a list without its closing ]"),
    ],
)  # fmt: skip
def test_what_is_not_toml_has_its_line(problems: Complainer, text: str, problem: str) -> None:
    assert problems(text, base="[site]\n") == [f"s.toml:{problem}"]


def test_an_empty_list_of_sources_is_not_enough(problems: Complainer) -> None:
    base = 'sources = []\n[site]\ntitle = "a"\nurl = "https://a.example"\n'
    assert problems(base=base) == ["s.toml:1: sources: is empty, expected at least one"]


def test_line_ends_of_windows_do_not_move_lines(problems: Complainer) -> None:
    assert problems(base="[site]\r\n\r\ntitle = x\r\n") == [
        's.toml:3: not TOML at column 9: no value that TOML knows: text needs straight quotes, as in key = "value"'
    ]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"[site]\ntitle = 'Caf\xe9'\n", ":2: not UTF-8 (byte 0xE9), expected UTF-8: save the file again as UTF-8"),
        (b"\xef\xbb\xbf[site]\n\n\xff\n", ":3: not UTF-8 (byte 0xFF), expected UTF-8: save the file again as UTF-8"),
        ("[site]".encode("utf-16"), ":1: the file is UTF-16, expected UTF-8: save it again as UTF-8"),
    ],
)
def test_other_encodings_are_named(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "s.toml"
    path.write_bytes(data)
    assert _problems(str(path)) == [f"{path}{problem}"]


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    path = f"{tmp_path}/none.toml"
    assert _problems(path) == [f'{path}: no such file: "syndicator init" makes one, --config FILE names another']


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    expected = "this is a folder, expected a settings file: name the file itself, as in folder/syndicator.toml"
    assert _problems(str(tmp_path)) == [f"{tmp_path}: {expected}"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_file_says_why(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.touch(mode=0)
    assert _problems(str(path)) == [f"{path}: cannot be read: Permission denied"]


def test_a_path_that_leads_nowhere_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert _problems(f"{tmp_path}/file/s.toml") == [f"{tmp_path}/file/s.toml: cannot be read: Not a directory"]


class Hook(BaseModel):
    """The settings of a channel that is made up."""

    model_config = ConfigDict(extra="forbid")

    url: str
    secret: str = Field(default="", min_length=8)
    size: int = 1


class Sized(BaseModel):
    """The settings of a source that is made up."""

    model_config = ConfigDict(extra="forbid")

    size: int = 1


def test_channel_options_are_located_and_keep_their_secrets(loaded: Loader) -> None:
    settings = loaded(
        f'{HOOK}secret = "hunter2"\nsize = "hunter2"\ncadance = "daily"\n[[endpoints]]\nname = "b"\nkind = "x"\nurl = 5\n',
        {"SYNDICATOR_ENDPOINTS__0__SECERT": "hunter2"},
    )
    assert _option_problems(settings, 0) == [
        "s.toml:6: endpoints.0.url: is missing, and has no default",
        "s.toml:9: endpoints.0.secret: String should have at least 8 characters",
        "s.toml:10: endpoints.0.size: expected a whole number, got text",
        's.toml:11: endpoints.0.cadance: unknown key; did you mean "cadence"?',
        'environment: SYNDICATOR_ENDPOINTS__0__SECERT: unknown key; did you mean "secret"?',
    ]
    assert _option_problems(settings, 1) == ["s.toml:15: endpoints.1.url: expected text in quotes, got a whole number"]


def test_channel_options_come_validated(loaded: Loader) -> None:
    settings = loaded(f'{HOOK}url = "https://a.example/x"\n', {"SYNDICATOR_ENDPOINTS__0__SIZE": "12"})
    assert settings.options("endpoints", 0, Hook) == Hook(url="https://a.example/x", size=12)


def test_a_source_has_options_too(loaded: Loader, tmp_path: Path) -> None:
    settings = loaded('url = "https://a.example"\nsiez = 1\nsecret = "long enough"\n', {})
    assert settings.sources[0].url == "https://a.example"
    with pytest.raises(SettingsError) as caught:
        settings.options("sources", 0, Sized)
    expected = '"size", "name", "kind", "path", "on_missing", "url" or "timezone"'
    assert caught.value.problems == [
        f'{tmp_path}/s.toml:7: sources.0.siez: unknown key; did you mean "size"?',
        f"{tmp_path}/s.toml:8: sources.0.secret: unknown key, expected {expected}",
    ]


def test_nothing_secret_is_ever_shown(loaded: Loader, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("hunter2")
    settings = loaded(
        '[store]\nurl = "postgresql://me:hunter2@db/x"\n'
        '[mail]\nuser = "me"\npassword = "hunter2"\n'
        f'{HOOK}url = "https://a.example/hunter2"\nsecret = "hunter2"\nAccessToken = "hunter2"\npassword = ["hunter2"]\n'
        'headers = {Cookie = "hunter2"}\ncolour = "red"\n',
        {"SYNDICATOR_ENDPOINTS__0__API_KEY_FILE": "file"},
    )
    for text in (repr(settings), str(settings), repr(settings.endpoints[0]), str(settings.store)):
        assert "hunter2" not in text
    assert "'colour': 'red'" in repr(settings)


def test_no_message_shows_a_password(problems: Complainer) -> None:
    lines = problems(
        '[store]\nurl = "postgres://me:hunter2@db/x"\n[web]\nurl = "https://me:hunter2@a.example"\nsecret_key = "hunter2"\n',
        {"SYNDICATOR_FEEDS__URL": "hunter2", "SYNDICATOR_MAIL__PASSWORD": "hunter2"},
    )
    assert len(lines) == 5
    assert "hunter2" not in "\n".join(lines)


def test_a_traceback_shows_no_password(loaded: Loader) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded('[store]\nurl = "postgres://me:hunter2@db/x"')
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def _problems(path: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(path, {})
    return caught.value.problems


def _option_problems(settings: Settings, index: int) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        settings.options("endpoints", index, Hook)
    return [f"s.toml{line.partition('s.toml')[2]}" if "s.toml" in line else line for line in caught.value.problems]
