from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from syndicator.channels.feishu import MAX_BYTES, MAX_POSTS, Bot, Channel, judge, payload, sign
from syndicator.http import Client, Reply
from tests.messages import NOW, RECIPIENT, digest, entry, message, ping
from tests.servers import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator import ports
    from syndicator.models import Message, Outcome

OK = '{"code":0,"msg":"success","data":{},"StatusCode":0,"StatusMessage":"success"}'


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        receiver.answer(body=OK, times=None)
        yield receiver


async def send(receiver: Receiver, message: Message, **options: Any) -> Outcome:
    settings = Bot.model_validate({"url": receiver.url + "/open-apis/bot/v2/hook/t0ken"} | options)
    async with Client(user_agent="Syndicator/test", clock=lambda: NOW) as http:
        channel: ports.Channel = Channel(settings, http, lambda: NOW)
        return await channel.send(message, RECIPIENT)


def card(message: Message) -> dict[str, Any]:
    body = payload(message, {})
    assert len(body) <= MAX_BYTES
    card: dict[str, Any] = json.loads(body)["card"]
    return card


def texts(message: Message) -> list[str]:
    return [element["text"]["content"] for element in card(message)["elements"]]


def test_the_vector_of_the_platform() -> None:
    assert sign("test-secret", 1599360473) == "wSds2BzzFIIGf/WrhUO+NI1q/9j+FRJd3JNHKAq0NZY="


async def test_a_post(receiver: Receiver) -> None:
    assert (await send(receiver, message())).state == "sent"
    assert json.loads(receiver.requests[0].body) == {
        "msg_type": "interactive",
        "card": {
            "config": {"wide_screen_mode": True},
            "header": {"title": {"tag": "plain_text", "content": "央行公布第1号利率决定"}, "template": "blue"},
            "elements": [
                {
                    "tag": "div",
                    "text": {
                        "tag": "lark_md",
                        "content": "**[央行公布第1号利率决定](https://news.example/2026/10/01/rate-1.html)**\n"
                        "第1次会议决定维持利率不变。\n"
                        "2026-10-01 09:29 · 宏观, Policy",
                    },
                },
                {"tag": "div", "text": {"tag": "lark_md", "content": "[金融消息](https://news.example/)"}},
            ],
        },
    }


async def test_a_bot_that_checks_signatures(receiver: Receiver) -> None:
    await send(receiver, message(), secret="test-secret")
    body = json.loads(receiver.requests[0].body)
    assert body["timestamp"] == str(int(NOW.timestamp()))
    assert body["sign"] == sign("test-secret", int(NOW.timestamp()))


async def test_a_bot_that_checks_none(receiver: Receiver) -> None:
    await send(receiver, message())
    assert {"timestamp", "sign"}.isdisjoint(json.loads(receiver.requests[0].body))


def test_a_digest_is_one_card() -> None:
    *posts, foot = texts(digest(12, more=3))
    assert [f"第{n}号" in post for n, post in enumerate(posts, 1)] == [True] * 12
    assert foot == "另有 3 篇 · [金融消息](https://news.example/)"


def test_english_words_for_english_readers() -> None:
    assert texts(digest(2, more=3, language="en"))[-1].startswith("3 more · ")
    assert texts(digest(2, more=3, language="ZH-tw"))[-1].startswith("另有 3 篇")


def test_a_test_message_shows_its_text() -> None:
    assert texts(ping(text="一切正常\n<b>")) == ["一切正常\n&lt;b&gt;", "[金融消息](https://news.example/)"]


def test_a_message_without_a_subject_is_headed_by_the_site() -> None:
    assert card(message(subject=""))["header"]["title"]["content"] == "金融消息"


def test_summaries_shrink_before_posts_are_left_out() -> None:
    long = digest(30, entries=tuple(entry(n, summary="长" * 1000) for n in range(30)))
    *posts, foot = texts(long)
    assert len(posts) == 30
    assert "另有" not in foot
    lengths = {post.count("长") for post in posts}
    assert len(lengths) == 1
    assert 0 < lengths.pop() < 300


def test_posts_that_do_not_fit_are_counted() -> None:
    long = digest(45, more=7, entries=tuple(entry(n, title="题" * 400, summary="长" * 1000) for n in range(45)))
    *posts, foot = texts(long)
    assert 30 < len(posts) < 45
    assert foot.startswith(f"另有 {45 - len(posts) + 7} 篇")


def test_a_card_has_room_for_so_many_elements() -> None:
    *posts, foot = texts(digest(400))
    assert len(posts) == MAX_POSTS
    assert foot.startswith(f"另有 {400 - MAX_POSTS} 篇")


def test_one_post_that_is_too_long_in_everything() -> None:
    huge = entry(
        title="😀" * 9000, summary="😀" * 9000, categories=("😀" * 9000,), url="https://news.example/" + "x" * 9000
    )
    post, _ = texts(message(subject="😀" * 9000, site_title="😀" * 9000, entries=(huge,)))
    assert post.startswith("**" + "😀" * 149 + "…**\n" + "😀" * 299 + "…\n")


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("<at id=all></at>大家", "&lt;at id=all&gt;&lt;/at&gt;大家"),
        ("AT&amp;T", "AT&amp;amp;T"),
        ("[视频] *热点* ~~旧~~", "&#91;视频&#93; &#42;热点&#42; &#126;&#126;旧&#126;&#126;"),
        ("a\\b `c`", "a&#92;b &#96;c&#96;"),
        ("两\n行\t\x00题", "两 行 题"),
        ("", "https://news.example/2026/10/01/rate-1.html"),
    ],
)
def test_titles_cannot_format_or_mention(title: str, shown: str) -> None:
    post, _ = texts(message(entries=(entry(title=title),)))
    assert post.startswith(f"**[{shown}](https://")


def test_a_header_cannot_mention() -> None:
    assert card(message(subject="<at id=all>"))["header"]["title"]["content"] == "＜at id=all>"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://news.example/a(b)c?x=1&y=2#z", "https://news.example/a%28b%29c?x=1&y=2#z"),
        ('https://news.example/%E6%96%B0 "<at id=all>\\', "https://news.example/%E6%96%B0%20%22%3Cat%20id=all%3E%5C"),
        ("https://news.example/新闻\n", "https://news.example/%E6%96%B0%E9%97%BB%0A"),
        ("https://news.example/\ud800", "https://news.example/?"),
    ],
)
def test_addresses_cannot_end_the_link(url: str, target: str) -> None:
    post, _ = texts(message(entries=(entry(url=url, title="t"),)))
    assert post.startswith(f"**[t]({target})**\n")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "/relative", "https://news.example/" + "x" * 3000])
def test_an_address_that_is_no_link_is_left_out(url: str) -> None:
    post, _ = texts(message(entries=(entry(url=url, title="t"),)))
    assert post.startswith("**t**\n")


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../etc/passwd"])
def test_an_unknown_zone_shows_the_time_as_stored(zone: str) -> None:
    assert "2026-10-01 01:29" in texts(message(zone=zone))[0]


def test_the_first_year_is_a_date_too() -> None:
    ancient = entry(published=datetime(1, 1, 1, tzinfo=UTC))
    assert "-01-01 00:00" in texts(message(entries=(ancient,), zone="America/New_York"))[0]


@pytest.mark.parametrize(
    ("status", "body", "state", "disable", "words"),
    [
        (200, OK, "sent", False, ""),
        (200, '{"StatusCode":0,"StatusMessage":"success"}', "sent", False, ""),
        (200, '{"code":9499,"msg":"Bad Request","data":{}}', "permanent", False, "cannot read this card"),
        (200, '{"StatusCode":0,"code":9499,"msg":"Bad Request"}', "permanent", False, "cannot read this card"),
        (400, '{"code":9499,"msg":"too many request"}', "retry", False, ""),
        (200, '{"code":9499,"msg":"frequency limited psm"}', "retry", False, ""),
        (200, '{"code":11232,"msg":"frequency limited"}', "retry", False, ""),
        (200, '{"code":19001,"msg":"param invalid"}', "permanent", True, "copy the webhook address"),
        (200, '{"code":19007,"msg":"Bot Not Enabled"}', "permanent", True, "enable it"),
        (200, '{"code":19021,"msg":"sign match fail"}', "permanent", True, "`secret`"),
        (200, '{"code":19022,"msg":"Ip Not Allowed"}', "permanent", True, "IP list"),
        (200, '{"code":19024,"msg":"Key Words Not Found"}', "permanent", False, "keywords"),
        (400, '{"code":230099,"msg":"Failed to create card content"}', "permanent", False, "card"),
        (200, '{"code":12345,"msg":"internal error"}', "retry", False, "12345"),
        (200, "<html>captive portal</html>", "retry", False, "captive portal"),
        (200, "", "retry", False, "HTTP 200"),
        (200, "[" * 60_000, "retry", False, ""),
        (200, '{"code":[0]}', "retry", False, ""),
        (200, "[0]", "retry", False, ""),
        (500, OK, "retry", False, "HTTP 500"),
        (502, "<html>bad gateway</html>", "retry", False, "HTTP 502"),
        (429, "", "retry", False, "HTTP 429"),
        (404, "404 page not found", "retry", False, "HTTP 404"),
        (302, "", "retry", False, "final URL"),
    ],
)
async def test_the_body_decides(
    receiver: Receiver, status: int, body: str, state: str, disable: bool, words: str
) -> None:
    receiver.answer(status=status, body=body)
    outcome = await send(receiver, message())
    assert (outcome.state, outcome.disable) == (state, disable)
    assert words in outcome.reply


def test_too_often_means_a_pause() -> None:
    assert judge(Reply(200, {}, '{"code":11232}'), NOW).retry_at == NOW + timedelta(minutes=1)
    assert judge(Reply(429, {"retry-after": "7"}, ""), NOW).retry_at == NOW + timedelta(seconds=7)


def test_wrong_options() -> None:
    for options in ({}, {"url": "open.feishu.cn/hook"}, {"url": "https://open.feishu.cn/", "token": "x"}):
        with pytest.raises(ValidationError):
            Bot.model_validate(options)


@pytest.mark.parametrize("host", ["open.feishu.cn", "open.larksuite.com"])
def test_options_do_not_show_what_is_secret(host: str) -> None:
    options = Bot.model_validate({"url": f"https://{host}/open-apis/bot/v2/hook/t0ken", "secret": "s3cret"})
    assert "t0ken" not in repr(options)
    assert "s3cret" not in repr(options)
