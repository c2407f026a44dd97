"""Whole mails against golden files: what a reader sees, and one mail as it is sent.

`SYNDICATOR_UPDATE_GOLDEN=1 pytest tests/golden/test_mails.py` writes the golden files anew: read the difference.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syndicator.compose import Composer
from syndicator.mail.message import make
from syndicator.models import Delivery, Entry, Message, MessageKind, Recipient
from syndicator.policy.alerts import News, Trouble
from syndicator.templates import Templates
from syndicator.tokens import Signer

GOLDEN = Path(__file__).parent / "mails"
CREATED = datetime(2026, 11, 22, 0, 0, 7, tzinfo=UTC)
PERIODS = {"en": "2026-W47", "zh-CN": "2026-11-22"}
CHINESE = [
    ("央行宣布下调存款准备金率", "自下月五日起，金融机构存款准备金率下调零点五个百分点。", ("证券日报",)),
    ("两市成交额连续三日突破万亿元", "", ("证券日报",)),
    ("夜盘：油价与金价走势分化 <更新>", "受库存数据影响，原油小幅走低；避险买盘则推高金价。", ("环球财经", "商品")),
    ("本站公告", "周日凌晨维护，约十分钟。", ()),
]
ENGLISH = [
    ("Rates stay where they are", "The board voted six to three. It meets again in December.", ("Policy",)),
    ("Tom & Jerry's quarterly results", "", ("Companies", "Results")),
    ("What the harbour strike means", "Ships wait outside three ports; freight costs rise.", ("Policy",)),
    ("About this newsletter", "We moved to a new server.", ()),
]
NEWS = [
    News(Trouble("source:posts", "source", "posts", "/srv/site: no <_posts> folder in it", 1, CREATED, CREATED)),
    News(Trouble("endpoint:desk", "endpoint", "desk", "HTTP 500: oops", 3, CREATED, CREATED)),
    News(Trouble("relay", "relay", "", "421 try later", 1, CREATED, CREATED), over=True),
]
BODY = """<h2>Background</h2><p>Rates <a href="https://news.example/b">stay</a> at 2 %.</p>
<blockquote><p>“No hurry.”</p></blockquote><pre>a\n\n  b</pre>
<table><tr><th>Year</th><td>2 %</td></tr></table><p><img src="https://news.example/a.png" alt="A chart"></p>"""


def entries(language: str) -> list[Entry]:
    posts = CHINESE if language == "zh-CN" else ENGLISH
    return [
        Entry(
            id=f"tag:news.example,2026:posts/{number}",
            title=title,
            url=f"https://news.example/2026/{number}.html?a=1&b=2",
            published=CREATED - timedelta(hours=number),
            updated=CREATED,
            html=BODY,
            summary=summary,
            categories=categories,
            authors=("Li Lei", "Han Meimei"),
            language=language,
            sequence=number,
        )
        for number, (title, summary, categories) in enumerate(posts, 1)
    ]


def composed(kind: MessageKind, language: str) -> Message:
    reader = Recipient(id=7, channel="email", name="wang@example.com", zone="Asia/Shanghai", language=language)
    delivery = Delivery(1, kind, f"{kind}:7:1", reader, token="", attempts=1, created=CREATED)
    composer = Composer(
        templates=Templates(),
        signer=Signer(["a key for tests"]),
        site_title="金融消息" if language == "zh-CN" else "Money & News",
        site_url="https://news.example",
        web_url="https://feeds.news.example",
        list_domain="news.example",
        digest_limit=3,
    )
    if kind == "alert":
        return composer.alert(delivery, NEWS, reader.zone, language)
    if kind == "digest":
        return composer.digest(delivery, entries(language), PERIODS[language])
    return composer.post(delivery, entries(language)[0]) if kind == "post" else composer.test(reader, CREATED)


def assert_golden(name: str, data: bytes) -> None:
    if os.environ.get("SYNDICATOR_UPDATE_GOLDEN"):
        (GOLDEN / name).write_bytes(data)
    assert data.decode() == (GOLDEN / name).read_bytes().decode()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("kind", ["post", "digest", "test", "alert"])
def test_a_mail_reads_as_its_golden_files(kind: MessageKind, language: str) -> None:
    message = composed(kind, language)
    assert_golden(f"{kind}.{language}.txt", f"Subject: {message.subject}\n\n{message.text}\n".encode())
    assert_golden(f"{kind}.{language}.html", message.html.encode())


def test_a_mail_is_sent_as_its_golden_file() -> None:
    data = make(
        composed("digest", "zh-CN"),
        recipient_address="wang@example.com",
        sender="金融消息 <news@news.example>",
        reply_to="",
        list_name="金融消息",
        list_domain="news.example",
    )
    assert_golden("digest.zh-CN.eml", data)
