"""Entries and feeds of every shape that a site brings, for the golden files and the validator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from syndicator.models import Entry, Feed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syndicator.ports import Format

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 6, 21, 5, 9, tzinfo=SHANGHAI)

FEED = Feed(
    id="tag:news.example,2026:feed:category:haibinwanbao",
    kind="category",
    name="haibinwanbao",
    slug="haibinwanbao",
    title="海滨晚报 R&D <新闻>",
    description="海滨晚报 & friends: 1 < 2",
    url="https://feeds.news.example/feeds/category/haibinwanbao",
    page_url="https://news.example/categories/haibinwanbao/",
    author="海滨晚报",
    language="zh-CN",
    updated=START + timedelta(hours=1),
)
BARE_FEED = Feed(
    id="tag:news.example,2026:feed:tag:%E6%BD%AE%E6%B1%90",
    kind="tag",
    name="潮汐",
    slug="潮汐",
    title="",
    description="",
    url="https://feeds.news.example/feeds/tag/%E6%BD%AE%E6%B1%90",
    page_url="https://news.example/tags/%E6%BD%AE%E6%B1%90/",
    author="",
    language="",
    updated=START.astimezone(UTC),
)


def sample(number: int, **given: Any) -> Entry:
    """Make an entry of its own id, URL and times, with what the case is about."""
    values = {
        "id": f"tag:news.example,2026:posts:{number}",
        "title": f"Post {number}",
        "url": f"https://news.example/2026/03/06/{number}.html",
        "published": START - timedelta(minutes=number),
        "updated": START - timedelta(minutes=number),
        "html": f"<p>Body of post {number}.</p>",
        "summary": f"Summary of post {number}.",
    }
    return Entry(**{**values, **given})


ENTRIES = (
    sample(
        1,
        title="港口　今晨恢复通航，首批 12 艘货轮离港",
        html='<p>港口今晨恢复通航。<a href="https://news.example/%E6%B8%AF%E5%8F%A3/?a=1&amp;b=2">详情</a></p>\n'
        '<p><img src="https://news.example/img/a.jpg" alt="货轮"></p>\n<hr>\n<ul><li>一</li><li>二</li></ul>',
        summary="港口今晨恢复通航。",
        categories=("haibinwanbao",),
        tags=("海滨晚报新闻", "haibinwanbao"),
        authors=("陈潮生",),
        language="zh-CN",
    ),
    sample(
        2,
        title="Fish & chips: 3 < 5 > 2, \"quoted\" & 'single' ]]>",
        html="<p>Fish &amp; chips, 3 &lt; 5.</p>"
        "<pre><code>if (a[b[0]]&gt;1)\n\t]]&gt; &amp;&amp; raw ]]> end\n</code></pre>",
        summary="Fish & chips, 3 < 5 ]]>",
        categories=("food & drink", "a<b", "]]>"),
        authors=("O'Neil & Sons", "陈潮生"),
    ),
    sample(
        3, title="🦀 crab 👩‍👩‍👧 family", html="<p>🎉 𠮷野家 e\u0301</p>", summary="🎉🎉", tags=("🦀",), authors=("🐙",)
    ),
    sample(4, title="", summary="没有标题的一条消息，" * 9 + "完。"),
    sample(5, title=" \t", summary="", html="<p>Neither a title nor a summary.</p>"),
    sample(6, title="An empty body", html=""),
    sample(7, title="An empty summary", summary="", html="<p>Only a <b>body</b> &amp; no summary.</p>"),
    sample(8, title="Nothing inside", summary="", html=""),
    sample(
        9,
        title="Bad \x00\x0b\ufffe\ud800characters",
        html="<p>A form feed\x0c and an escape \x1b[0m.</p>",
        summary="\x01",
        tags=("be\x07ll", "\x08"),
        authors=("Nu\x00l", " "),
    ),
    sample(
        10, id="https://news.example/2026/03/06/10.html", title="An id that is the URL", summary="Two\nlines,\r\nthree."
    ),
    sample(11, title="两行\n标题\tand a tab", summary="  ", html=" \n"),
    sample(
        12,
        title="A later change, by another clock",
        published=datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=ZoneInfo("America/New_York")),
        updated=datetime(2026, 3, 1, 0, 0, 0, 1, tzinfo=ZoneInfo("Asia/Kolkata")),
    ),
    sample(
        13,
        title="Tables and quotes",
        html='<blockquote cite="https://a.example/">“q”</blockquote>\n'
        '<table><tr><td title="a &quot;b&quot;">1</td></tr></table>',
        language="en",
    ),
)

# Plain text about HTML: valid, but the W3C validator suspects HTML that was meant as such.
ABOUT_HTML = sample(
    14,
    title="How to write <b>bold</b> &amp; &#38; in HTML",
    summary="Not &lt;b&gt; but <b>, <script>alert(1)</script>.",
)


def written(form: Format, feed: Feed, entries: Sequence[Entry]) -> bytes:
    """Write a feed as the program does: its entries first, one by one."""
    return form.feed(feed, [form.entry(entry) for entry in entries])
