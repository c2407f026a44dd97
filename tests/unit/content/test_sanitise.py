from __future__ import annotations

import re

import pytest

from syndicator.content.sanitise import clean

PAGE = "https://site.example/blog/2024/post.html"
FOLDER = "https://site.example/blog/2024/"
MATH = "<math><mi>x</mi>"
PICTURE = "data:image/png;base64," + "iVBORw0KGgo" * 20


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
        ('<video poster="p.png"></video>', '<video poster="https://site.example/blog/2024/p.png" controls=""></video>'),
        ('<source srcset="a.png, b.png 2x,,">', f'<source srcset="{FOLDER}a.png, {FOLDER}b.png 2x">'),
        ('<track src="a.vtt" kind="captions">', f'<track src="{FOLDER}a.vtt" kind="captions">'),
        ('<q cite="../x">a</q><q cite="javascript:x">b</q>', '<q cite="https://site.example/blog/x">a</q><q>b</q>'),
        ('<a href="?p=2">a</a>', f'<a href="{PAGE}?p=2">a</a>'),
        ('<a href="http://[x">a</a>', "<a>a</a>"),
        ('<a href="./a.html?b=/c#d">a</a>', f'<a href="{FOLDER}a.html?b=/c#d">a</a>'),
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
        ("<form>ok<input><button>no</button><select><option>no</select><textarea>no</textarea></form>", "ok"),
        ("<svg><script>x()</script><title>no</title></svg>ok", "ok"),
        (
            "<math><mi onclick=x>x</mi><mtext><script>x()</script></mtext></math>",
            "<math><mi>x</mi><mtext></mtext></math>",
        ),
        ("<object data=x.swf><p>instead</p></object>", "<p>instead</p>"),
        ("<!-- a --><!--[if IE]>no<![endif]--><!doctype x><?php x ?>ok ]]> ok", "ok ]]&gt; ok"),
        ('<p title="a > b">ok</p>', '<p title="a &gt; b">ok</p>'),
        ('<img alt="no source"><img src="javascript:x">ok', "ok"),
        (f'<img src="{PICTURE}"><a href="{PICTURE}">ok</a>', f'<img src="{PICTURE}"><a>ok</a>'),
        ('<img src="data:image/svg+xml;base64,PHN2Zz4="><img src="data:image/gif;base64,R0lGODlhAQ">ok', "ok"),
        ("<details open><summary>a</summary>b</details>", '<details open=""><summary>a</summary>b</details>'),
        (
            "<ruby>漢<rt>かん</rt></ruby><kbd>K</kbd><mark>m</mark>",
            "<ruby>漢<rt>かん</rt></ruby><kbd>K</kbd><mark>m</mark>",
        ),
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
        ('<i style="display:none">unclosed, <b>so seen</b><br>', "<i>unclosed, <b>so seen</b><br></i>"),
        ("<div hidden><p>hid</p></div><div hidden=until-found>seen</div>", "<div>seen</div>"),
        ('<p title="display:none">seen</p> in display: none hidden <p>seen</p>', None),
        ('<p style="display:block">seen</p>', "<p>seen</p>"),
    ],
)
def test_hidden_blocks_go_with_their_text(source: str, expected: str | None) -> None:
    assert clean(source, PAGE) == (expected or source)


SCHEMES = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java&Tab;script:x",
    "java&NewLine;script:x", "&#106;avascript:x", "&#x6a&#x61;vascript:x", "javascript&colon;x", "\x01javascript:x",
    "&#1;javascript:x", " javascript:x", "vbscript:x", "\u2028javascript:x", "&nbsp;javascript:x",
    "&#x3000;javascript:x", "livescript:x", "data:text/html,x", "DATA:text/html;base64,eA==", "da\nta:text/html,x",
    "d&#97;ta:image/svg+xml,x", "blob:https://site.example/x", "view-source:javascript:x", "feed:javascript:x",
    "jar:javascript:x!/", "file:///etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    "form", ['<a href="{}">ok</a>', '<img src="{}">ok', '<video poster="{}">ok</video>', '<q cite="{}">ok</q>']
)
def test_no_address_runs_or_reads_anything(form: str, scheme: str) -> None:
    shown = clean(form.replace("{}", scheme), PAGE)
    assert "ok" in shown
    assert all(value == "" or value.startswith(FOLDER) for value in re.findall(r'="([^"]*)"', shown))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_candidate_of_an_image_runs_or_reads_anything(scheme: str) -> None:
    shown = clean(f'<img srcset="{scheme} 2x, /a.png 3x">', PAGE)
    assert re.fullmatch(r'<img srcset="(https://site\.example/\S* 2x, )?https://site\.example/a\.png 3x">', shown)


TEXT = "<p>text “quoted”</p>\n<h2>head <strong>x</strong></h2>"
AFTER_TEXT = [
    "", "more", " a > b & c", "&amp;&nbsp;\xa0", "<p>open", "</p>", "<p></b></p>", "<p><b>x</p>y", "<strong>x",
    "<p><strong>x</p></strong>", "<p><p>y</p>", '<p class="x">y</p>', "<p\n>y</p>", "<P>y</P>", "<h2>y</h3>",
    "<p>y</p", "<!-- c --><p>y</p>", "<table>foster<tr><td>c</table><p>y</p>", "\r\ny", "\ufeffy", "\0y",
    "<p>\x08\uffff</p>", "<pre>\n\ny</pre>", "<p><code>a</code><i></i></p>", '<p style="display:none">no</p><p>y</p>',
    "<li>y<p>z</p>", '<a href="//o.example/a?b">y</a>', '<p><a href="http://o.example/a,b.html">y</a></p><b>z',
    '<p><a href="http://1.2.3.999/">y</a>', '<p><a href="https://xn--a.example/">y</a></p>',
    '<p><a href="https://a.example/"><b>y</a></p>', '<p><a href="https://a.example/%zz">y</a></p>',
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


@pytest.mark.parametrize(
    "html",
    [
        "<ruby>漢<rp>(</rp><rt>かん</rt></ruby>",
        "<p>x<sup>2</sup> <sub>i</sub> <kbd>Ctrl</kbd> <mark>m</mark></p>",
        '<figure><img src="https://a.example/a.png" alt="a"><figcaption>c</figcaption></figure>',
        '<dl><dt>a</dt><dd>b</dd></dl><ol start="3"><li value="4">c</li></ol>',
        '<table><caption>c</caption><tbody><tr><th scope="col"></th></tr></tbody><tfoot></tfoot></table>',
    ],
)
def test_what_readers_know_how_to_show_stays(html: str) -> None:
    assert clean(html, PAGE) == html


def test_a_lone_surrogate_is_dropped_like_other_forbidden_characters() -> None:
    assert clean("<p>a\ud800b<i>\udfffc</i></p>", PAGE) == "<p>ab<i>c</i></p>"


def test_more_tags_than_any_post_has_are_shown_as_text() -> None:
    assert clean("<b>a &lt; b</b><br>" * 40_000, PAGE).startswith("<p>a &lt; b</p>\n<p>a &lt; b</p>")
