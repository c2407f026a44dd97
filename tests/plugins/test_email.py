from __future__ import annotations

import asyncio
import os
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from syndicator.channels.email import Channel, MailOptions
from syndicator.mail.transport import FileTransport
from syndicator.models import Recipient
from tests.messages import digest, message

if TYPE_CHECKING:
    from pathlib import Path

    from syndicator import ports

READER = Recipient(id=7, channel="email", name="Wang@Example.com", zone="UTC", language="en")
URL = "https://feeds.news.example/unsubscribe/" + "x" * 200
MAIL = message(id="post.1a2b", text="正文\n第二行", html="<p>正文</p>", unsubscribe_url=URL)


def options(**changes: Any) -> dict[str, Any]:
    fields = {
        "sender": "金融消息 <news@news.example>",
        "list_name": "金融消息",
        "list_domain": "news.example",
    }
    return fields | changes


def channel(folder: Path | str, **changes: Any) -> ports.Channel:
    return Channel(MailOptions.model_validate(options(**changes)), FileTransport(str(folder)))


def read(path: Path) -> EmailMessage:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


async def sent(folder: Path, said: Any = MAIL, recipient: Recipient = READER, **changes: Any) -> EmailMessage:
    outcome = await channel(folder, **changes).send(said, recipient)
    assert (outcome.state, outcome.reply) == ("sent", str(folder / f"{said.id}.eml"))
    return read(folder / f"{said.id}.eml")


async def test_the_mail_is_a_file_with_every_header_once(tmp_path: Path) -> None:
    mail = await sent(tmp_path / "new" / "folder")
    assert dict(mail.items()) == {
        "From": "金融消息 <news@news.example>",
        "To": "Wang@example.com",
        "Subject": "央行公布第1号利率决定",
        "Date": "Thu, 01 Oct 2026 01:30:05 +0000",
        "Message-ID": "<post.1a2b@news.example>",
        "List-Id": "金融消息 <news.example>",
        "List-Unsubscribe": f"<{URL}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Archive": "<https://news.example/>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "zh-CN",
        "MIME-Version": "1.0",
        "Content-Type": mail["Content-Type"],
    }
    assert len(mail.keys()) == len(set(mail.keys()))


async def test_the_parts_are_text_then_html(tmp_path: Path) -> None:
    mail = await sent(tmp_path)
    assert mail.get_content_type() == "multipart/alternative"
    parts = [part for part in mail.iter_parts() if isinstance(part, EmailMessage)]
    assert [(part.get_content_type(), part.get_content()) for part in parts] == [
        ("text/plain", "正文\r\n第二行"),
        ("text/html", "<p>正文</p>"),
    ]


async def test_the_file_follows_the_wire_format(tmp_path: Path) -> None:
    await sent(tmp_path)
    data = (tmp_path / "post.1a2b.eml").read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert f"List-Unsubscribe: <{URL}>\r\n".encode() in data


async def test_the_date_is_in_utc(tmp_path: Path) -> None:
    there = datetime(2026, 10, 1, 8, 0, tzinfo=timezone(timedelta(hours=8)))
    mail = await sent(tmp_path, message(id="a", created=there))
    assert mail["Date"] == "Thu, 01 Oct 2026 00:00:00 +0000"


async def test_one_click_is_promised_over_https_alone(tmp_path: Path) -> None:
    mail = await sent(tmp_path, message(id="a", unsubscribe_url="http://127.0.0.1:8080/unsubscribe/x"))
    assert mail["List-Unsubscribe"] == "<http://127.0.0.1:8080/unsubscribe/x>"
    assert mail["List-Unsubscribe-Post"] is None


async def test_reply_to_and_idn_domains(tmp_path: Path) -> None:
    mail = await sent(
        tmp_path,
        recipient=Recipient(id=1, channel="email", name="news@例子.中国", zone="UTC", language="en"),
        sender="News <news@例子.中国>",
        reply_to="编辑部 <desk@news.example>",
        list_domain="列表.例子.中国",
    )
    assert mail["To"] == "news@xn--fsqu00a.xn--fiqs8s"
    assert mail["From"] == "News <news@xn--fsqu00a.xn--fiqs8s>"
    assert mail["Reply-To"] == "编辑部 <desk@news.example>"
    assert mail["Message-ID"] == "<post.1a2b@xn--1br173k.xn--fsqu00a.xn--fiqs8s>"


async def test_an_address_in_chinese_stays_as_it_is(tmp_path: Path) -> None:
    await sent(tmp_path, recipient=Recipient(id=1, channel="email", name="读者@例子.中国", zone="UTC", language="zh"))
    assert "\r\nTo: 读者@xn--fsqu00a.xn--fiqs8s\r\n".encode() in (tmp_path / "post.1a2b.eml").read_bytes()


async def test_a_title_may_hold_the_spaces_of_any_script(tmp_path: Path) -> None:
    mail = await sent(tmp_path, list_name="金融\u3000消息", sender="金融\u3000消息\xa0网 <news@news.example>")
    assert mail["List-Id"] == "金融\u3000消息 <news.example>"
    assert mail["From"] == "金融\u3000消息\xa0网 <news@news.example>"


async def test_an_odd_site_address_costs_a_header_and_not_the_mail(tmp_path: Path) -> None:
    assert (await sent(tmp_path, message(id="a", site_url="https://例子.中国/")))["List-Archive"] is None


async def test_a_second_try_replaces_the_same_file_with_the_same_bytes(tmp_path: Path) -> None:
    await sent(tmp_path)
    before = (tmp_path / "post.1a2b.eml").read_bytes()
    await sent(tmp_path)
    assert os.listdir(tmp_path) == ["post.1a2b.eml"]
    assert (tmp_path / "post.1a2b.eml").read_bytes() == before


async def test_many_mails_at_once(tmp_path: Path) -> None:
    one = channel(tmp_path)
    outcomes = await asyncio.gather(*(one.send(digest(3, id=f"digest.{n}"), READER) for n in range(50)))
    assert {outcome.state for outcome in outcomes} == {"sent"}
    assert len(os.listdir(tmp_path)) == 50


async def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("not a folder")
    outcome = await channel(blocker).send(MAIL, READER)
    assert (outcome.state, outcome.disable) == ("retry", False)
    assert outcome.reply.startswith(f"{blocker}/post.1a2b.eml: ")
    assert outcome.reply.endswith(f"make the folder {blocker} writable")


async def test_a_failed_try_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "post.1a2b.eml" / "in the way").mkdir(parents=True)
    assert (await channel(tmp_path).send(MAIL, READER)).state == "retry"
    assert os.listdir(tmp_path) == ["post.1a2b.eml"]


@pytest.mark.parametrize("name", ["", "nobody", "a b@example.com", "a@example.com\r\nBcc: b@example.com"])
async def test_what_is_no_address_fails_for_good(tmp_path: Path, name: str) -> None:
    recipient = Recipient(id=1, channel="email", name=name, zone="UTC", language="en")
    outcome = await channel(tmp_path).send(MAIL, recipient)
    assert outcome.state == "permanent"
    assert "is no " in outcome.reply
    assert os.listdir(tmp_path) == []


async def test_a_mail_that_cannot_be_written_waits_for_the_owner(tmp_path: Path) -> None:
    outcome = await channel(tmp_path).send(message(id="a", unsubscribe_url="https://例子.中国/x"), READER)
    assert (outcome.state, os.listdir(tmp_path)) == ("retry", [])
    assert "List-Unsubscribe" in outcome.reply


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"sender": "news"}, "it has no @"),
        ({"sender": "A\r\nB <news@news.example>"}, "line break"),
        ({"reply_to": "desk@"}, "is no domain"),
        ({"list_name": "a\nb"}, "line break"),
        ({"list_domain": "not a domain"}, "is no domain"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_wrong_options_are_refused_with_words(changes: dict[str, str], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        MailOptions.model_validate(options(**changes))
