from __future__ import annotations

import pytest

from syndicator.content.sanitise import clean

PAGE = "https://site.example/blog/2024/post.html"
FOLDER = "https://site.example/blog/2024/"
VIDEO = "www.youtube.com/watch?v=a-B_3456789"
REAL = '<img src="https://site.example/r.jpg">'
LAZY = '<img class="lazy" src="data:image/gif;base64,R0lGOD" data-src="/r.jpg">'
TWIN = '<noscript><img src="/r.jpg"></noscript>'


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (LAZY, REAL),
        (LAZY + TWIN, REAL),
        (TWIN + LAZY, REAL),
        (LAZY + "\n" + TWIN.replace("/r.jpg", "/r.jpg?w=99"), REAL + "\n"),
        (LAZY + TWIN.replace("/r.jpg", "/other-size.jpg"), REAL),
        (TWIN, REAL),
        ('<img src="/img/blank.gif">' + TWIN, REAL),
        ('<a href="/x"><img src="/img/blank.gif"></a>' + TWIN, f'<a href="https://site.example/x"></a>{REAL}'),
        (f'<img src="/r.jpg"><p>text</p>{TWIN}', REAL + "<p>text</p>"),
        (REAL + "text" + TWIN.replace("r.jpg", "s.jpg"), REAL + "text" + REAL.replace("r.jpg", "s.jpg")),
        ('<IMG DATA-ORIGINAL=/r.jpg WIDTH="9">', '<img width="9" src="https://site.example/r.jpg">'),
        (
            '<img srcset="data:image/gif;base64,R0lGOD 1w" data-srcset="/a.png 1x, /b.png 2x" data-src="/r.jpg">',
            REAL[:-1] + ' srcset="https://site.example/a.png 1x, https://site.example/b.png 2x">',
        ),
        ("<img data-src='/r.jpg\" onerror=\"x()'>", '<img src="https://site.example/r.jpg&quot; onerror=&quot;x()">'),
        ("<p title='<img data-src=\"x\">'>a</p>", '<p title="&lt;img data-src=&quot;x&quot;&gt;">a</p>'),
        ('<!-- <img data-src="x"> -->a', "a"),
        ("<noscript>Please enable JavaScript</noscript>a", "a"),
        ("<noscript>a", ""),
        ('<img src="//count.example/?p" width=1 height="1"><img src="/0" width="0px" height=0>a', "a"),
        ('<noscript><img height="1" width="1" src="https://count.example/"></noscript>a', "a"),
        ('<img src="/r.jpg" width="1">', '<img src="https://site.example/r.jpg" width="1">'),
    ],
)
def test_lazy_images_are_shown_once(source: str, expected: str) -> None:
    assert clean(source, PAGE) == expected


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("https://www.youtube.com/embed/a-B_3456789?rel=0", "https://www.youtube.com/watch?v=a-B_3456789"),
        ("//www.youtube-nocookie.com/embed/a-B_3456789", "https://www.youtube.com/watch?v=a-B_3456789"),
        ("https://player.vimeo.com/video/123456?h=1", "https://vimeo.com/123456"),
        ("//player.bilibili.com/player.html?aid=9&amp;bvid=BV1x&amp;page=1", "https://www.bilibili.com/video/BV1x"),
        ("//player.bilibili.com/player.html?aid=9&page=1", "https://www.bilibili.com/video/av9"),
        ("https://v.qq.com/txp/iframe/player.html?vid=abc", "https://v.qq.com/x/page/abc.html"),
        ("https://player.youku.com/embed/Xab==", "https://v.youku.com/v_show/id_Xab==.html"),
        ("https://www.dailymotion.com/embed/video/x1", "https://www.dailymotion.com/video/x1"),
    ],
)
def test_a_video_becomes_a_link_to_its_page(source: str, address: str) -> None:
    text = address.partition("://")[2]
    assert clean(f'a<iframe width="9" src="{source}"></iframe>b', PAGE) == f'a<a href="{address}">{text}</a>b'


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            '<iframe src="/map?a=1&amp;b" title="A <map>"></iframe>',
            '<a href="https://site.example/map?a=1&amp;b">A &lt;map&gt;</a>',
        ),
        ('<iframe data-src="//w.example/x"></iframe>', '<a href="https://w.example/x">w.example/x</a>'),
        ('<embed src="http://www.youtube.com/v/a-B_3456789">', f'<a href="https://{VIDEO}">{VIDEO}</a>'),
        ('<iframe src="https://t.example" width="0" height="0"></iframe><embed src="x.swf"><iframe></iframe>a', "a"),
        ('<iframe src="javascript:x()"></iframe><iframe src="about:blank"></iframe>a', "a"),
        ('<iframe src="a&quot; onclick=x" title=\'"\'></iframe>', f'<a href="{FOLDER}a&quot; onclick=x">"</a>'),
        ('<li><input type="checkbox" disabled checked> a</li>', "<li>☑ a</li>"),
        ("<li><INPUT TYPE=CHECKBOX> a</li>", "<li>☐ a</li>"),
        ('<input type="text" value="x">a', "a"),
        ("<xmp><b>x</b>&amp;</xmp>a", "<pre>&lt;b&gt;x&lt;/b&gt;&amp;amp;</pre>a"),
        ("a<plaintext></plaintext><i>", "a<pre>&lt;/plaintext&gt;&lt;i&gt;</pre>"),
        ("<video data-src=/v.mp4></video>", '<video src="https://site.example/v.mp4" controls=""></video>'),
    ],
)  # fmt: skip
def test_what_scripts_and_forms_show_is_shown_without_them(source: str, expected: str) -> None:
    assert clean(source, PAGE) == expected


PRE = '<pre><code class="language-py">\tif a &lt; b &amp;&amp;  c:\n\n\n  x = "<span>y</span>" \n\n</code></pre>'


def test_code_stays_as_it_is_whatever_stands_beside_it() -> None:
    assert clean(PRE, PAGE) == PRE
    assert clean(PRE + LAZY, PAGE) == PRE + REAL
