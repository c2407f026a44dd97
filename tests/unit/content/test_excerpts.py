from __future__ import annotations

import pytest

from syndicator.content.excerpts import lead, shorten

FAMILY = "👩‍👩‍👧"


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 10, "short"),
        ("One sentence. And another one", 20, "One sentence."),
        ("第一句话很长很长。第二句", 10, "第一句话很长很长。"),
        ("「第一句話很長。」第二句話", 9, "「第一句話很長。」"),
        ("他说：“第一句话很长。”第二句话", 12, "他说：“第一句话很长。”"),
        ('He said "so it was." Then he left', 22, 'He said "so it was."'),
        ("It was 5 a.m. when. ", 16, "It was 5 a.m.…"),
        ("first second third fourth", 15, "first second…"),
        ("一二三四五六七八九十", 6, "一二三四五…"),
        (f"ab {FAMILY} cd", 3, "ab…"),
        (f"ab {FAMILY} cd", 5, f"ab {FAMILY}…"),
        (FAMILY * 4, 4, FAMILY * 4),
        (FAMILY * 5, 4, FAMILY * 3 + "…"),
        ("🇨🇳🇨🇳🇨🇳", 2, "🇨🇳…"),
        ("cafe\u0301s everywhere", 4, "caf…"),
        ("हिन्दी भाषा में", 2, "हि…"),
        ("fish &amp; chips", 8, "fish…"),
        ("It was e.g. the U.S. army that did it", 24, "It was e.g. the U.S.…"),
        ("It was long ago that Mr. Smith did it", 26, "It was long ago that Mr.…"),
        ("It grew by 3.5 percent. And then", 25, "It grew by 3.5 percent."),
        ("a" * 50, 10, "aaaaaaaaa…"),
        ("x" + "\u0301" * 100_000, 1, "x" + "\u0301" * 31),
    ],
)
def test_shorten_cuts_where_a_reader_would(text: str, limit: int, expected: str) -> None:
    assert shorten(text, limit) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            '<h2>Head</h2><p><a href="x">back</a>｜<a href="y">home</a></p><p>Text &amp; more.</p><pre>c</pre>',
            "Text & more.",
        ),
        ("<h2>Only a head</h2>", "Only a head"),
        ("<h2>Head</h2><ul><li>One</li><li>Two</li></ul><table><tr><td>3</td></tr></table>", "One Two"),
        ("<p>3 May 2011, London</p><p>Yesterday it rained.</p>", "Yesterday it rained."),
        ("<p>No sentence</p><p>Nor this</p>", "No sentence Nor this"),
        ("<p>The title</p><p>The text.</p>", "The text."),
        ("<p>The title!<br>The text.</p>", "The text."),
        ("<p>the  TITLE</p>", ""),
        ('<p><a href="x">http://x.example</a></p>', ""),
        ('<p><img src="a.png"><br><em>A picture, by Ann.</em></p><p>The text.</p>', "The text."),
        ("<figure><img src=a.png><figcaption>By Ann.</figcaption></figure>The text.", "The text."),
        ("<p>The reasons are:</p><ul><li>One</li></ul>", "The reasons are…"),
        ("<p>新华社电</p><p>上午开市，\n大涨。</p>\n<p>午后回落。</p>", "上午开市，大涨。午后回落。"),
        ("<p>&lt;&gt;</p><p>The text.</p>", "The text."),
    ],
)
def test_lead_takes_the_first_sentences_of_the_text(html: str, expected: str) -> None:
    assert lead(html, 60, title="The title") == expected


def test_lead_takes_as_many_paragraphs_as_fit() -> None:
    html = "<p>One one.</p><p>Two two.</p><p>Three.</p>"
    assert (lead(html, 8), lead(html, 12), lead(html, 60)) == ("One one.", "One one.", "One one. Two two. Three.")
    assert lead(html, 60, one=True) == "One one."
