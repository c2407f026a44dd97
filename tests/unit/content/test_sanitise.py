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
