from __future__ import annotations

import pytest

from syndicator.content.markdown import to_html
from syndicator.content.sanitise import clean
from syndicator.content.text import plain_text, strip_illegal, visible_text, without_markdown

BODY = "<p>央行降准。</p>\n <p>市场<b>上涨</b>。</p>\n\n<http://source.example/1>\n\n[返回](//a.example/x/)｜[首页](//a.example/)"


def test_strip_illegal_leaves_what_xml_allows() -> None:
    assert strip_illegal("a\x08b\tc\n\ud800d\ufffe\U0001f600") == "ab\tc\nd\U0001f600"


def test_plain_text_has_a_line_per_block_and_real_characters() -> None:
    assert plain_text("<h1>A &amp; B</h1><p>one <b>two</b><br>three</p><!-- no --><style>x{}</style>") == (
        "A & B\none two\nthree"
    )
    assert plain_text("1 < 2 & 3 > 2") == "1 < 2 & 3 > 2"
    assert plain_text("<table><tr><td>a</td><td>b</td></tr></table>") == "a b"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a **b** and *c*, _d_ `e`", "a b and c, d e"),
        ('**[a](https://x.example/y_z_)** ![b](c.png "t") [d][e]', "a b d"),
        ("snake_case_name 2 * 3 * 4 [1] __init__", "snake_case_name 2 * 3 * 4 [1] init"),
    ],
)
def test_without_markdown_leaves_what_is_no_mark(source: str, expected: str) -> None:
    assert without_markdown(source) == expected


@pytest.mark.parametrize(
    "changed",
    [
        BODY.replace("[首页](//a.example/)", "[首页](//a.example/)｜[关于](//a.example/about)"),
        BODY + '\n\n<p><a href="/new">一个新链接</a>｜<a href="/b">又一个</a></p>',
        BODY.replace("http://source.example/1", "https://source.example/2"),
        BODY.replace("<p>", '<p class="x">').replace("\n ", "\r\n\r\n "),
        BODY + "<!-- built 12:00 -->",
        BODY + '<script>x = "<p>"</script><style>p {}</style>',
        BODY + "\n- [a](b(c) \"title\") / <https://x.example>，&nbsp;<b>[c](d)</b>\u3000\n\n[name]: /target 'title'",
        BODY.rpartition("\n\n")[0],
    ],
)
def test_visible_text_is_blind_to_footers_and_markup(changed: str) -> None:
    assert changed != BODY
    assert seen_of(changed) == seen_of(BODY) == "央行降准。市场上涨。"


@pytest.mark.parametrize(
    "changed",
    [
        BODY.replace("降准", "降息"),
        BODY + "\n\n更正：数字有误。",
        BODY.replace("<p>央行", '<p><a href="x">央行</a>').replace("降准", "不降准"),
        BODY + "\n\nsee [this page](/x) for bps",
        BODY + "\n\n[",
        BODY + "\n\n[a](/x) b",
        BODY.replace("](//a.example/x/)", "]"),
    ],
)
def test_visible_text_sees_words(changed: str) -> None:
    assert seen_of(changed) != seen_of(BODY)


def seen_of(source: str) -> str:
    return visible_text(clean(to_html(source), "https://news.example/a.html"))


HOSTILE = [
    "<" * 200_000, "<!--" * 50_000, "[" * 200_000, "-" * 100_000 + "://", "](" * 100_000, '[a](b "' * 30_000,
    "<a>" * 60_000, "[http://" * 30_000, "[x](y\n" * 30_000, "<b> \n" * 60_000, "\n[</a>" * 30_000,
    "[a](b" + " " * 100_000, "*a " * 60_000, "[" + "a" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_takes_linear_time(text: str) -> None:
    assert isinstance(visible_text(text), str)
    assert isinstance(plain_text(text), str)
    assert isinstance(without_markdown(text), str)
