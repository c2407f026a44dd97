from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syndicator import resources
from syndicator.errors import SettingsError
from syndicator.templates import Templates

NOON = datetime(2021, 12, 8, 10, 46, tzinfo=UTC)
STRINGS = Path(resources.folder("templates"), "strings")


def folder(root: Path, **files: str) -> Templates:
    """Make templates whose override folder holds `files`, named without suffix where it is .txt."""
    for name, content in files.items():
        path = root / name.replace("__", "/").replace("_html", ".html").replace("_toml", ".toml")
        path = path if path.suffix else path.with_suffix(".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return Templates(str(root))


def test_the_shipped_templates_are_sound() -> None:
    assert Templates().check() == []


def test_both_languages_have_the_same_texts_with_the_same_names_in_them() -> None:
    english, chinese = (tomllib.loads((STRINGS / f"{name}.toml").read_text("utf-8")) for name in ("en", "zh-CN"))
    assert set(english) == set(chinese)
    assert all(text.strip() for text in [*english.values(), *chinese.values()])
    assert all(("{n}" in english[key]) == ("{n}" in chinese[key]) for key in english)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("zh-CN", "zh-CN"),
        ("zh_cn", "zh-CN"),
        ("zh", "zh-CN"),
        ("zh-Hant-TW", "zh-CN"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_a_language_falls_back_to_a_near_one_then_to_english(wanted: str, found: str) -> None:
    assert Templates().language(wanted) == found


def test_an_exact_language_wins_over_its_base(tmp_path: Path) -> None:
    templates = folder(tmp_path, **{"strings__en-GB_toml": 'unsubscribe = "Leave"', "a": "{{ t('unsubscribe') }}"})
    assert [templates.render("a.txt", name) for name in ("en-GB", "en", "en-US")] == ["Leave"] + ["Unsubscribe"] * 2


def test_an_owners_language_shows_english_where_it_says_nothing(tmp_path: Path) -> None:
    templates = folder(
        tmp_path, strings__fr_toml='unsubscribe = "Se désabonner"', a="{{ t('unsubscribe') }} {{ t('no_category') }}"
    )
    assert templates.render("a.txt", "fr-CA") == "Se désabonner Other"


@pytest.mark.parametrize(("n", "text"), [(0, "0 more posts"), (1, "1 more post"), (2, "2 more posts")])
def test_one_has_a_text_of_its_own(tmp_path: Path, n: int, text: str) -> None:
    assert folder(tmp_path, a="{{ t('more_posts', n=n) }}").render("a.txt", "en", n=n) == text


@pytest.mark.parametrize(
    ("language", "expression", "text"),
    [
        ("en", "noon | date", "8 Dec 2021, 10:46"),
        ("en", "noon | date('Asia/Shanghai')", "8 Dec 2021, 18:46"),
        ("zh-CN", "noon | date('Asia/Shanghai')", "2021-12-08 18:46"),
        ("en", "'2026-11-22' | period", "22 November 2026"),
        ("zh-CN", "'2026-11-22' | period", "2026年11月22日"),
        ("en", "'2026-W47' | period", "Week 47 of 2026"),
        ("zh-CN", "'2026-W07' | period", "2026年第7周"),
        ("en", "'https://user@www.example.com:8080/a?b' | domain", "www.example.com"),
        ("en", "'no address' | domain", "no address"),
    ],
)
def test_filters(tmp_path: Path, language: str, expression: str, text: str) -> None:
    assert folder(tmp_path, a=f"{{{{ {expression} }}}}").render("a.txt", language, noon=NOON) == text


def test_html_is_escaped_and_text_is_not(tmp_path: Path) -> None:
    templates = folder(tmp_path, a="{{ title }}", a_html="{{ title }}")
    rendered = [templates.render(name, "en", title="<b>&</b>") for name in ("a.txt", "a.html")]
    assert rendered == ["<b>&</b>", "&lt;b&gt;&amp;&lt;/b&gt;"]


def test_an_imported_macro_knows_the_language(tmp_path: Path) -> None:
    templates = folder(
        tmp_path, m="{% macro m() %}{{ t('unsubscribe') }}{% endmacro %}", a="{% from 'm.txt' import m %}{{ m() }}"
    )
    assert [templates.render("a.txt", name) for name in ("en", "zh-CN")] == ["Unsubscribe", "退订"]


def test_an_override_can_build_upon_the_shipped_template(tmp_path: Path) -> None:
    templates = folder(
        tmp_path,
        email__test__body_html="{% extends 'default:email/test/body.html' %}"
        "{% block content %}{{ super() }}<p>Ours</p>{% endblock %}",
    )
    html = templates.render(
        "email/test/body.html", "en", kind="test", site_title="S", site_url="https://s.example", unsubscribe_url="u"
    )
    assert "mails from S reach you" in html
    assert "<p>Ours</p>" in html


@pytest.mark.parametrize(
    ("source", "line", "what"),
    [
        ("\n{{ nobody }}", 2, "'nobody' is undefined"),
        ("\n\n{% if %}", 3, "Expected an expression"),
        ("{% include 'gone.txt' %}", 1, "gone.txt"),
        ("\n{{ t('nothing') }}", 2, "no text 'nothing' in strings/en.toml"),
        ("\n{{ t('more_posts') }}", 2, "KeyError: 'n'"),
        ("{{ 1 + 'a' }}", 1, "unsupported operand"),
        ("{{ noon | date('Mars/Base') }}", 1, "Mars/Base"),
        ("{{ 'last week' | period }}", 1, "last week"),
    ],
)
def test_a_failing_template_is_named_with_its_line(tmp_path: Path, source: str, line: int, what: str) -> None:
    templates = folder(tmp_path, a=source)
    with pytest.raises(SettingsError) as caught:
        templates.render("a.txt", "en", noon=NOON)
    [problem] = caught.value.problems
    assert problem.startswith(f"{tmp_path / 'a.txt'}:{line}: ")
    assert what in problem


def test_a_template_that_is_not_there_is_named() -> None:
    with pytest.raises(SettingsError, match=r"email/none\.txt"):
        Templates().render("email/none.txt", "en")


def test_check_lists_every_problem_at_once(tmp_path: Path) -> None:
    templates = folder(
        tmp_path,
        a="\n{% if %}",
        b_html="\n{% extends 'default:gone.html' %}",
        c="{{ t('nothing') }}",
        d="{% include 'default:email/foot.txt' %}{{ t(key) }}",
    )
    assert [problem.removeprefix(str(tmp_path)) for problem in templates.check()] == [
        "/a.txt:2: Expected an expression, got 'end of statement block'",
        "/b.html:2: no template 'default:gone.html'",
        "/c.txt:1: no text 'nothing' in strings/en.toml",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('a = "b"\nunsubscribe = ', "strings/en.toml:2: Invalid value"),
        ("unsubscribe = 3", "strings/en.toml: unsubscribe: expected a text in quotes"),
    ],
)
def test_broken_strings_are_named(tmp_path: Path, content: str, problem: str) -> None:
    templates = folder(tmp_path, strings__en_toml=content, a="x")
    [found] = templates.check()
    assert problem in found
    with pytest.raises(SettingsError, match=r"strings/en\.toml"):
        templates.render("a.txt", "en")


def test_check_misses_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert Templates(str(tmp_path / "none")).check() == [f"{tmp_path / 'none'}: no such folder"]
