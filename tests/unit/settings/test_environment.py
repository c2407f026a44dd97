"""The environment over the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.settings.conftest import Complainer, Loader

ENDPOINT = '[[endpoints]]\nname = "a"\nkind = "webhook"\nsecret = "from the file"\n'


def test_variables_override_the_file(loaded: Loader, tmp_path: Path) -> None:
    settings = loaded(
        "[web]\nport = 1",
        {
            "SYNDICATOR_WEB__PORT": "9000",
            "SYNDICATOR_SITE__TITLE": "Twigs",
            "SYNDICATOR_SOURCES__0__PATH": "elsewhere",
            "SYNDICATOR_SOURCES__0__ON_MISSING": "remove",
            "SYNDICATOR_MAIL__FROM": "a@b.example",
            "SYNDICATOR_SCHEDULE__SCAN": "5s",
        },
    )
    assert (settings.web.port, settings.site.title, settings.site.author) == (9000, "Twigs", "Twigs")
    assert (settings.sources[0].path, settings.sources[0].on_missing) == (str(tmp_path / "elsewhere"), "remove")
    assert (settings.mail.sender, settings.schedule.scan.seconds) == ("a@b.example", 5)


@pytest.mark.parametrize("text", ['["rss", "jsonfeed"]', "rss, jsonfeed", "rss,jsonfeed,"])
def test_lists_are_json_or_words_between_commas(loaded: Loader, text: str) -> None:
    assert loaded("", {"SYNDICATOR_FEEDS__FORMATS": text}).feeds.formats == ("rss", "jsonfeed")


def test_a_file_can_be_made_of_variables_alone(loaded: Loader) -> None:
    environ = {
        "SYNDICATOR_SITE__TITLE": "Twigs",
        "SYNDICATOR_SITE__URL": "https://twigs.example",
        "SYNDICATOR_SOURCES__0__PATH": "a",
        "SYNDICATOR_SOURCES__1__PATH": "b",
        "SYNDICATOR_SOURCES__1__NAME": "second",
    }
    assert [source.name for source in loaded(base="", environ=environ).sources] == ["posts", "second"]


def test_the_tenth_table_comes_after_the_ninth(loaded: Loader) -> None:
    environ = {f"SYNDICATOR_CATEGORIES__{n}__{key}": f"c{n}" for n in range(12) for key in ("NAME", "TITLE")}
    assert [category.name for category in loaded("", environ).categories] == [f"c{n}" for n in range(12)]


def test_channel_options_come_as_text_or_json(loaded: Loader) -> None:
    environ = {
        "SYNDICATOR_ENDPOINTS__0__SECRET": "[no JSON",
        "SYNDICATOR_ENDPOINTS__0__HEADERS": '{"X-From": "me"}',
        "SYNDICATOR_ENDPOINTS__0__SIZE": "5",
        "SYNDICATOR_ENDPOINTS__0__TAGS": "a,b",
    }
    endpoint = loaded(ENDPOINT, environ).endpoints[0]
    assert endpoint.options == {"secret": "[no JSON", "headers": {"X-From": "me"}, "size": "5"}
    assert endpoint.tags == ("a", "b")


def test_a_value_can_be_read_from_a_file(loaded: Loader, tmp_path: Path) -> None:
    (tmp_path / "hook").write_text("whsec_abc\n")
    settings = loaded(ENDPOINT, {"SYNDICATOR_ENDPOINTS__0__SECRET_FILE": "hook"})
    assert settings.endpoints[0].options == {"secret": "whsec_abc"}
    assert settings.locate("endpoints", 0, "secret") == "environment: SYNDICATOR_ENDPOINTS__0__SECRET_FILE"


def test_a_key_that_ends_in_file_is_itself(loaded: Loader, tmp_path: Path) -> None:
    settings = loaded("", {"SYNDICATOR_WEB__SECRET_KEY_FILE": "key"})
    assert settings.web.secret_key_file == str(tmp_path / "key")


def test_other_variables_are_not_ours(loaded: Loader) -> None:
    environ = {"SYNDICATOR_CONFIG": "x", "SYNDICATOR_PORT": "tcp://10.0.0.1", "HOME": "/", "MY_SYNDICATOR_A__B": "1"}
    assert loaded("", environ) == loaded()


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("WEB__PORT", "http", 'expected a whole number, got "http" (text)'),
        ("WEB__PORT", "70000", "expected at most 65535, got 70000 (a whole number)"),
        ("WEB__PROT", "1", 'unknown key; did you mean "port"?'),
        ("WEBB__PORT", "1", 'unknown section; did you mean "web"?'),
        ("WEB__", "1", 'unknown key, expected "host", "port", "url", "secret_key_file" or "metrics"'),
        ("WEB__PORT__X", "1", "is no setting, expected SYNDICATOR_WEB__KEY"),
        ("SOURCES__PATH", "x", "is no setting, expected SYNDICATOR_SOURCES__0__KEY"),
        ("SOURCES__ONE__PATH", "x", "is no setting, expected SYNDICATOR_SOURCES__0__KEY"),
        ("SOURCES__3__PATH", "x", "there are only 1 [[sources]], expected a number up to 1"),
        ("FEEDS__FORMATS", "[rss]", 'expected a list such as ["a", "b"], got "[rss]" (text)'),
        ("FEEDS__FORMATS", "", "is empty, expected at least one"),
        ("SITE__TIMEZONE", "Mars", 'unknown time zone "Mars", expected an IANA name such as "UTC" or "Asia/Shanghai"'),
    ],
)
def test_mistakes_name_the_variable(problems: Complainer, name: str, text: str, problem: str) -> None:
    assert problems("", {f"SYNDICATOR_{name}": text}) == [f"environment: SYNDICATOR_{name}: {problem}"]


def test_a_table_that_only_variables_make_names_one_of_them(problems: Complainer) -> None:
    assert problems("", {"SYNDICATOR_SOURCES__1__NAME": "b"}) == [
        "environment: SYNDICATOR_SOURCES__1__NAME: sources.1.path: is missing, and has no default"
    ]


def test_a_file_that_cannot_be_read_is_named(problems: Complainer, tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xe9\xe8")
    environ = {
        "SYNDICATOR_LOG__LEVEL_FILE": "none",
        "SYNDICATOR_LOG__FORMAT_FILE": str(tmp_path),
        "SYNDICATOR_SITE__TITLE_FILE": "latin",
    }
    assert problems("", environ) == [
        f"environment: SYNDICATOR_LOG__FORMAT_FILE: cannot read {tmp_path}: Is a directory",
        "environment: SYNDICATOR_LOG__LEVEL_FILE: cannot read none: No such file or directory",
        "environment: SYNDICATOR_SITE__TITLE_FILE: latin is not UTF-8, expected text",
    ]


def test_a_value_and_a_file_for_it_contradict(problems: Complainer) -> None:
    assert problems("", {"SYNDICATOR_LOG__LEVEL": "info", "SYNDICATOR_LOG__LEVEL_FILE": "level"}) == [
        "environment: SYNDICATOR_LOG__LEVEL_FILE: sets what SYNDICATOR_LOG__LEVEL sets too, expected one of the two"
    ]


def test_a_section_of_the_wrong_kind_is_the_files_mistake(problems: Complainer) -> None:
    environ = {"SYNDICATOR_SITE__TITLE": "x", "SYNDICATOR_SOURCES__0__PATH": "x"}
    assert problems(base='site = "x"\nsources = "y"\n', environ=environ) == [
        's.toml:1: site: expected a section [site] in single brackets, got "x" (text)',
        's.toml:2: sources: expected [[sources]] in double brackets, as there may be several, got "y" (text)',
    ]
