"""Whatever is in a file: no exception, no second, nothing that runs, and well-formed feeds."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

import lxml.html
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from syndicator.content import excerpts, graphemes
from syndicator.content.sanitise import clean
from syndicator.content.text import plain_text, visible_text, without_markdown
from syndicator.formats import atom, rss
from syndicator.models import Content, Post
from syndicator.sources.jekyll import Source
from tests.messages import entry

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = "https://site.example/blog/2024/post.html"
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SAFE = re.compile(r"(https?|mailto|tel|sms|xmpp|ircs?|ftp|magnet|geo):|data:image/(png|jpe?g|gif|webp|avif);base64,\w")
ADDRESSES = {"href", "src", "poster", "cite"}
ATTRIBUTES = ADDRESSES | {
    "align", "alt", "class", "colspan", "controls", "datetime", "default", "dir", "display", "height", "hreflang",
    "kind", "label", "lang", "media", "open", "reversed", "rowspan", "scope", "sizes", "span", "srclang", "srcset",
    "start", "title", "type", "value", "width",
}  # fmt: skip
NEVER = {
    "script", "style", "iframe", "frame", "object", "embed", "applet", "form", "input", "button", "select", "textarea",
    "base", "link", "meta", "svg", "template", "noscript", "title", "xmp", "plaintext", "noembed", "annotation-xml",
    "mglyph",
}  # fmt: skip

MARKS = [
    "<div>", "<b>", "</b>", "<a href=", "<img ", "src=", "srcset=", "data-src=", "javascript:x", "\u2028javascript:x",
    "\u3000", "data:image/png;base64,", '"', "'", ">", "<", "</", "<!--", "-->", "--!>", "<![CDATA[", "]]>",
    "<noscript>", "</noscript>", "<svg>", "</svg>", "<math>", "<mtext>", "<mglyph>", "<malignmark>",
    "<annotation-xml encoding=text/html>", "<table>", "<td>", "<style>", "</style>", "<title>", "</title>",
    "<iframe src=", "</iframe>", "<xmp>", "<plaintext>", "<input type=checkbox>", 'style="display:none"', " hidden ",
    "<p>", "</p>", "<template>", "<select>", "<textarea>", "<form>", "&lt;", "&#106;", "&Tab;", "&#0;", "&#xd800;",
    "&#xfffe;", " onerror=x() ", "<li>", "<video poster=", "<source srcset=", "cite=", "//", "../", "#", " ", "\n",
]  # fmt: skip
MARKDOWN = [
    "# ", "* ", "- ", "> ", "```", "~~~", "`", "**", "_", "[", "](", ")", "![", "\n\n", "    ", "|", "|-|-|\n",
    "{{ page.title }}", "{{", "}}", "{%", "%}", "{% raw %}", "{% endraw %}", "{: .x}", "[^1]", "[^1]: ", "*[A]: b",
    "<!--more-->", "\\", "\r\n", "$$",
]  # fmt: skip
ANYTHING = st.text(st.characters(), max_size=8)
HTML = st.lists(st.sampled_from(MARKS) | ANYTHING, max_size=40).map("".join)
SOURCE = st.lists(st.sampled_from(MARKS + MARKDOWN) | ANYTHING, max_size=40).map("".join)
HEADS = st.lists(
    st.sampled_from(
        [
            "title: <b>&",
            'title: "\\a\\uD800"',
            "excerpt: '*a* <i'",
            "description: '[x](y)'",
            'excerpt_separator: "\\n\\n"',
            "excerpt_separator: ''",
            "excerpt_separator: '>'",
            "lang: zh",
        ]
    ),
    max_size=3,
).map("\n".join)


def assert_safe(html: str) -> None:
    """Parse HTML as a feed reader would, and look at everything in it."""
    assert not FORBIDDEN.search(html)
    if not html.strip():
        return
    for element in lxml.html.fragment_fromstring(html, create_parent="body").iter():
        assert isinstance(element.tag, str), "a comment or an instruction is left"
        assert element.tag not in NEVER
        assert set(element.attrib) <= ATTRIBUTES
        for address in addresses(element):
            assert re.match(r"(https?|mailto|tel|sms|xmpp|ircs?|ftp|magnet|geo|data:image/\w+;base64,):?", address), (
                address
            )
            assert element.tag == "img" or not address.startswith("data:")


def addresses(element: lxml.html.HtmlElement) -> Iterator[str]:
    """Yield the addresses of an element as a browser reads them."""
    for name, value in element.attrib.items():
        if name in ADDRESSES:
            yield re.sub(r"[\0-\x20]", "", value).lower()
        elif name == "srcset":
            yield from (candidate.split()[0].lower() for candidate in value.split(", "))


@settings(max_examples=400, deadline=None)
@given(HTML)
@example("<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=x()&gt;'>")
@example("<svg></p><style><a id='</style><img src=1 onerror=x()>'>")
@example("<form><math><mtext></form><form><mglyph><style></math><img src onerror=x()>")
@example("<noscript><p title='</noscript><img src=x onerror=x()>'></noscript>")
@example("<a title='<img data-src=\"x\" onerror=x()>'>x</a>")
@example("<iframe src='//a' title='</a><script>x()</script>'></iframe>")
@example("<img data-src='\"onerror=x() a=\"'>")
@example("<scr<script></script>ipt>x()</script>")
def test_clean_html_is_safe_and_stays_so(source: str) -> None:
    shown = clean(source, PAGE)
    assert_safe(shown)
    assert_safe(clean(shown, PAGE))


@settings(max_examples=300, deadline=None)
@given(HTML | st.text(st.characters()), st.integers(1, 60), st.text(st.characters(), max_size=5))
def test_text_of_anything_is_text(source: str, limit: int, title: str) -> None:
    shown = clean(source, PAGE)
    for text in (plain_text(source), visible_text(shown), excerpts.lead(shown, limit, title=title)):
        assert not FORBIDDEN.search(text)
    assert isinstance(without_markdown(source), str)
    short = excerpts.shorten(source, limit)
    assert graphemes.cut(short, limit) == len(short)


@settings(deadline=None)
@given(st.text(st.characters()) | st.text("a👩👧\u200d🏽🇨🇳क्षि\u1112\u1161\u11ab\u0301\ufe0f。 "), st.integers(0, 40))
def test_cuts_are_between_clusters_and_add_up(text: str, most: int) -> None:
    end = graphemes.cut(text, most)
    assert min(most, len(text)) <= end <= len(text)
    assert end in (0, len(text)) or graphemes.parts(text, end)
    inner = sum(graphemes.parts(text, at) for at in range(1, end))
    assert inner + (end > 0) == min(most, inner + (end > 0))


@settings(max_examples=200, deadline=None)
@given(HEADS, SOURCE, st.sampled_from(["md", "html"]))
def test_any_file_gives_a_safe_body_and_well_formed_feeds(head: str, source: str, extension: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        post, body = rendered(folder, f"---\n{head}\n---\n{source}", extension)
        assert isinstance(post, Post) == isinstance(body, Content)
        if not isinstance(post, Post) or body is None:
            return
        assert_safe(body.html)
        assert body.summary == " ".join(body.summary.split())
        assert all(problem.line >= 1 for problem in body.problems)
        item = entry(1, title=post.title, html=body.html, summary=body.summary)
        for form in (atom.Format(), rss.Format()):
            etree.fromstring(b"<a" + NAMESPACES + b">" + form.entry(item) + b"</a>")


NAMESPACES = b"".join(
    b' xmlns:%s="urn:%s"' % (prefix, prefix) for prefix in (b"atom", b"content", b"dc", b"media", b"thr", b"at")
)


def rendered(folder: str, text: str, extension: str) -> tuple[object, Content | None]:
    name = f"_posts/2024-01-02-x.{extension}"
    path = Path(folder, name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode("utf-8", "ignore"))
    source = Source("posts", folder, url="https://site.example", timezone="Asia/Shanghai")
    return source.read(name), source.render(name)


ENDLESS = [
    "<", "&", "[", "(", "*", "`", "`a", "_a_", "***a", "![a](b \"", "\"'", "> ", "- ", "|", "~~", "<!--", "<div>",
    "<b>", "<a href=x>", "</p>", "<?", "&lt;", "[^a]", "字。", "e\u0301", "👩‍👩‍👧", "\x08", "<noscript><img src=x>",
    "<img data-src=x>", "<p style=display:none>", "a\n===\n", "<!--more-->",
]  # fmt: skip


@pytest.mark.parametrize("pattern", ENDLESS, ids=ascii)
@pytest.mark.parametrize("extension", ["md", "html"])
def test_time_grows_with_the_file_only(tmp_path: Path, pattern: str, extension: str) -> None:
    """Four times the file takes about four times as long, and not sixteen times; small times are noise."""
    times = [time_of(tmp_path, pattern * (size // len(pattern.encode())), extension) for size in (1 << 17, 1 << 19)]
    assert times[1] < 0.3 or times[1] < 12 * times[0], times


def time_of(folder: Path, body: str, extension: str) -> float:
    start = process_time()
    assert rendered(str(folder), f"---\ntitle: t\n---\n{body}", extension)[1] is not None
    return process_time() - start
