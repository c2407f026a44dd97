from __future__ import annotations

import pytest

from syndicator.content.sanitise import clean

PAGE = "https://site.example/blog/2024/post.html"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('<a href="../x.html">a</a>', '<a href="https://site.example/blog/x.html">a</a>'),
        ('<a href="/x">a</a>', '<a href="https://site.example/x">a</a>'),
        ('<a href="//o.example/x">a</a>', '<a href="https://o.example/x">a</a>'),
        ('<a href="#fn">a</a>', f'<a href="{PAGE}#fn">a</a>'),
        ('<a href="mailto:a@b.example">a</a>', '<a href="mailto:a@b.example">a</a>'),
        ('<img src="a.png" onerror="x()">', '<img src="https://site.example/blog/2024/a.png">'),
        ('<img src="ph.gif" data-src="//c.example/r.jpg">', '<img src="https://c.example/r.jpg">'),
        ("<img data-original='/r.jpg' class=lazy>", '<img src="https://site.example/r.jpg">'),
        (
            '<img srcset="a.png 1x, javascript:x 2x, //b.example/c,d.png 3x">',
            '<img srcset="https://site.example/blog/2024/a.png 1x, https://b.example/c,d.png 3x">',
        ),
        ('<img data-srcset="a.png">', '<img srcset="https://site.example/blog/2024/a.png">'),
        ('<video poster="p.png"></video>', '<video poster="https://site.example/blog/2024/p.png"></video>'),
    ],
)
def test_addresses_become_absolute(source: str, expected: str) -> None:
    assert clean(source, PAGE) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<script>x()</script>ok", "ok"),
        ('<p onclick="x()" style="color:red">ok</p>', "<p>ok</p>"),
        ('<a href="java\nscript:x()" rel="nofollow" target="_blank">ok</a>', "<a>ok</a>"),
        ('<a href="data:text/html,x">ok</a>', "<a>ok</a>"),
        ("<iframe src=//x></iframe><form>ok<input><button>no</button></form>", "ok"),
        ("<svg><script>x()</script></svg><math><mi>x</mi></math>ok", "ok"),
        ("<noscript><img src=x></noscript>ok", "ok"),
        ("<pre>a\n  b &lt;c&gt;\n</pre>", "<pre>a\n  b &lt;c&gt;\n</pre>"),
    ],
)
def test_only_safe_html_is_left(source: str, expected: str) -> None:
    assert clean(source, PAGE) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('<p style="display:none;height:1px">hid<br></p><p>seen</p>', "<p>seen</p>"),
        ('<P STYLE="x:y; DISPLAY : NONE">hid</P>seen', "seen"),
        ('<div style="display:none"><div>a</div>b</div>seen', "seen"),
        ('<p style="display:none">hid<p>seen</p>', "<p>seen</p>"),
        ('<img style="display:none" src="https://t.example/1">seen', "seen"),
        ('<div style="display:none">unclosed, <b>so seen</b>' * 2, "unclosed, <b>so seen</b>" * 2),
        ('<p style="display:block">seen</p>', "<p>seen</p>"),
    ],
)
def test_hidden_blocks_go_with_their_text(source: str, expected: str) -> None:
    assert clean(source, PAGE) == expected


TEXT = "<p>text “quoted”</p>\n<h2>head <strong>x</strong></h2>"
AFTER_TEXT = [
    "", "more", " a > b & c", "&amp;&nbsp;\xa0", "<p>open", "</p>", "<p></b></p>", "<p><b>x</p>y", "<strong>x",
    "<p><strong>x</p></strong>", "<p><p>y</p>", '<p class="x">y</p>', "<p\n>y</p>", "<P>y</P>", "<h2>y</h3>", "<p>y</p",
    "<!-- c --><p>y</p>", "<table>foster<tr><td>c</table><p>y</p>", "\r\ny", "\ufeffy", "\0y", "<p>\x08\uffff</p>",
    "<pre>\n\ny</pre>", "<p><code>a</code><i></i></p>", '<p style="display:none">no</p><p>y</p>', "<li>y<p>z</p>",
    '<a href="//o.example/a?b">y</a>',
]  # fmt: skip


@pytest.mark.parametrize("source", AFTER_TEXT)
def test_text_that_is_not_parsed_comes_out_as_if_it_were(source: str) -> None:
    parsed = "<div></div>"  # nothing after it is taken for text that need not be parsed
    assert clean(parsed + TEXT + source, PAGE) == parsed + clean(TEXT + source, PAGE)


def test_a_byte_order_mark_goes_only_from_the_beginning() -> None:
    assert clean("\ufeff<p>a</p>", PAGE) == "<p>a</p>"
    assert clean("<p>a</p>\ufeffb", PAGE) == "<p>a</p>\ufeffb"


def test_characters_that_xml_forbids_are_dropped() -> None:
    assert clean("<p>a\x08b\x0c</p><p class=x>&#7;c\ufffe</p>", PAGE) == "<p>ab</p><p>c</p>"
