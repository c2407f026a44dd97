from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from syndicator.compose import Composer
from syndicator.errors import SettingsError
from syndicator.models import Delivery, Entry, Message, Recipient
from syndicator.templates import Templates
from syndicator.tokens import Signer, fingerprint
from tests.messages import NOW, entry

if TYPE_CHECKING:
    from pathlib import Path

SIGNER = Signer(["a key for tests"])
READER = Recipient(id=7, channel="email", name="wang@example.com", zone="Asia/Shanghai", language="zh-CN")
CHAT = Recipient(id=8, channel="feishu", name="desk", zone="UTC", language="en-GB")


def composer(**changes: Any) -> Composer:
    fields: dict[str, Any] = {
        "templates": Templates(),
        "signer": SIGNER,
        "site_title": "金融消息",
        "site_url": "https://news.example",
        "web_url": "https://feeds.news.example",
        "list_domain": "news.example",
        "digest_limit": 50,
    }
    return Composer(**fields | changes)


def delivery(recipient: Recipient = READER, **changes: Any) -> Delivery:
    fields: dict[str, Any] = {"id": 1, "unique_key": "digest:7:2026-10-01", "token": "t", "attempts": 1, "created": NOW}
    return Delivery(kind="digest", recipient=recipient, **fields | changes)


def titles_in(message: Message) -> list[str]:
    """Return the headings of a mail's HTML, in their order: categories and titles."""
    found: list[str] = []

    class Headings(HTMLParser):
        inside = False

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag in ("h2", "h3"):
                self.inside = True
                found.append("")

        def handle_endtag(self, tag: str) -> None:
            self.inside = self.inside and tag not in ("h2", "h3")

        def handle_data(self, data: str) -> None:
            if self.inside:
                found[-1] += data

    Headings().feed(message.html)
    return found


def encoded(message: Message) -> int:
    return len(base64.encodebytes(message.html.replace("\n", "\r\n").encode()).replace(b"\n", b"\r\n"))


def plain(number: int, category: str = "", **changes: Any) -> Entry:
    categories = (category,) if category else ()
    return entry(number, title=f"Post {number}", categories=categories, **changes)


# Identity


def test_a_delivery_gives_the_same_message_at_every_try() -> None:
    first = composer().digest(delivery(), [entry(1), entry(2)], "2026-10-01")
    again = composer().digest(delivery(attempts=5, token="other", id=2), [entry(1), entry(2)], "2026-10-01")
    assert first == again


def test_the_id_depends_on_the_delivery_the_recipient_and_the_list() -> None:
    one = composer()
    messages = [
        one.post(delivery(), entry()),
        one.post(delivery(unique_key="digest:7:2026-10-02"), entry()),
        one.post(delivery(replace(READER, name="li@example.com")), entry()),
        composer(list_domain="other.example").post(delivery(), entry()),
        one.digest(delivery(), [entry()], "2026-10-01"),
    ]
    assert len({message.id for message in messages}) == len(messages)
    assert all(message.id.startswith(f"{message.kind}.") and "@" not in message.id for message in messages)


def test_the_unsubscribe_link_holds_the_readers_own_token_everywhere() -> None:
    one = composer()
    for reader in (READER, replace(READER, id=9, name="li@example.com")):
        message = one.post(delivery(reader), entry())
        token = message.unsubscribe_url.removeprefix("https://feeds.news.example/unsubscribe/")
        assert SIGNER.read(token) == (reader.id, fingerprint(reader.name))
        assert message.unsubscribe_url in message.text
        assert f'href="{message.unsubscribe_url}"' in message.html
        assert reader.name not in message.html + message.text


# Post


def test_a_post_carries_its_entry_and_when_it_was_queued() -> None:
    message = composer().post(delivery(), entry(3))
    assert message.entries == (entry(3),)
    assert (message.created, message.sequence, message.zone, message.language) == (NOW, 3, "Asia/Shanghai", "zh-CN")


def test_a_post_mail_shows_the_whole_body_and_escapes_the_rest() -> None:
    message = composer().post(delivery(), entry(title="<b>Tom & Jerry</b>", html="<p>The <b>whole</b> body.</p>"))
    assert "The <b>whole</b> body." in message.html
    assert "&lt;b&gt;Tom &amp; Jerry&lt;/b&gt;" in message.html
    assert message.subject == "<b>Tom & Jerry</b>"
    assert "<b>Tom & Jerry</b>\n2026-10-01 09:29" in message.text


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("two\r\nlines", "two lines"),
        (" spaces\t \x00 in\u2028side ", "spaces in side"),
        ("an emoji 👩\u200d💻 whole", "an emoji 👩\u200d💻 whole"),
    ],
)
def test_a_subject_is_one_line(title: str, subject: str) -> None:
    assert composer().post(delivery(), entry(title=title)).subject == subject


def test_a_body_over_budget_gives_way_to_the_summary_and_the_link() -> None:
    fits, over = (composer().post(delivery(), entry(html="<p>" + "长" * length)) for length in (18_000, 20_000))
    assert "长长长" in fits.html
    assert encoded(fits) <= 80_000
    assert "长长长" not in over.html
    assert entry().summary in over.html
    assert f'href="{entry().url}"' in over.html
    assert over.entries[0].html == "<p>" + "长" * 20_000


def test_even_a_summary_over_budget_gives_way() -> None:
    message = composer().post(delivery(), entry(html="<p>" + "长" * 20_000, summary="短" * 20_000))
    assert encoded(message) <= 80_000
    assert entry().url in message.html


# Digest


def test_a_digest_is_grouped_by_first_category_large_groups_first_none_last() -> None:
    entries = [plain(1), plain(2, "B"), plain(3, "A"), plain(4), plain(5, "C"), plain(6, "C"), plain(7)]
    message = composer().digest(delivery(), entries, "2026-10-01")
    headings = ["C", "Post 5", "Post 6", "A", "Post 3", "B", "Post 2", "其他", "Post 1", "Post 4", "Post 7"]
    assert titles_in(message) == headings
    assert [message.text.index(heading) for heading in headings] == sorted(map(message.text.index, headings))


def test_a_digest_shows_the_titles_of_categories() -> None:
    titles = {"linyiribao": "临沂日报", "unused": "x"}
    message = composer().digest(delivery(), [plain(1, "linyiribao"), plain(2, "other")], "2026-10-01", titles)
    assert titles_in(message) == ["临沂日报", "Post 1", "other", "Post 2"]
    assert "== 临沂日报 ==" in message.text


def test_a_digest_of_posts_without_categories_has_no_headings() -> None:
    assert titles_in(composer().digest(delivery(), [plain(2), plain(1)], "2026-10-01")) == ["Post 1", "Post 2"]


def test_a_digest_shows_the_newest_posts_and_counts_the_others() -> None:
    entries = [plain(number) for number in (4, 2, 5, 1, 3)]
    message = composer(digest_limit=3).digest(delivery(), entries, "2026-10-01")
    assert [post.title for post in message.entries] == ["Post 1", "Post 2", "Post 3"]
    assert (message.more, message.sequence, message.period) == (2, 5, "2026-10-01")
    assert "还有 2 篇文章" in message.html
    assert "还有 2 篇文章: https://news.example" in message.text
    assert "5 篇文章" in message.html


def test_a_digest_says_nothing_of_more_where_there_is_none() -> None:
    message = composer().digest(delivery(), [plain(1)], "2026-10-01")
    assert message.more == 0
    assert "还有" not in message.html + message.text


@pytest.mark.parametrize(
    ("language", "period", "subject"),
    [
        ("zh-CN", "2026-11-22", "金融消息 · 2026年11月22日"),
        ("zh-TW", "2026-W47", "金融消息 · 2026年第47周"),
        ("en-GB", "2026-11-22", "金融消息 · 22 November 2026"),
        ("fr", "2026-W47", "金融消息 · Week 47 of 2026"),
    ],
)
def test_the_period_is_said_in_the_readers_words(language: str, period: str, subject: str) -> None:
    message = composer().digest(delivery(replace(READER, language=language)), [entry()], period)
    assert message.subject == subject
    assert period not in message.html


def test_dates_are_in_the_readers_zone() -> None:
    published = NOW.replace(hour=23, minute=30)
    zones = {"Asia/Shanghai": "2026-10-02 07:30", "America/New_York": "2026-10-01 19:30"}
    for zone, shown in zones.items():
        message = composer().digest(delivery(replace(READER, zone=zone)), [entry(published=published)], "2026-10-01")
        assert shown in message.html
        assert shown in message.text


def test_over_budget_the_last_summaries_go_first_then_the_last_posts() -> None:
    long = [plain(number, summary=f"S{number}" + "要" * 600) for number in range(1, 51)]
    message = composer().digest(delivery(), long, "2026-10-01")
    with_summary = [number for number in range(1, 51) if f"S{number}要" in message.html]
    assert with_summary == list(range(1, len(with_summary) + 1))
    assert 0 < len(with_summary) < 50
    assert (len(message.entries), message.more) == (50, 0)
    assert encoded(message) <= 80_000 < encoded(message) + 600 * 4 + 300

    many = [plain(number, summary="要") for number in range(1, 401)]
    message = composer(digest_limit=400).digest(delivery(), many, "2026-10-01")
    shown = [post.title for post in message.entries]
    assert shown == [f"Post {number}" for number in range(1, len(shown) + 1)]
    assert titles_in(message) == shown
    assert message.more == 400 - len(shown) > 0
    assert f"还有 {message.more} 篇文章" in message.html
    assert encoded(message) <= 80_000


def test_a_digest_keeps_one_post_whatever_its_size() -> None:
    message = composer().digest(delivery(), [plain(1, url="https://x.example/" + "x" * 90_000), plain(2)], "2026-10-01")
    assert ([post.title for post in message.entries], message.more) == (["Post 1"], 1)


def test_readers_of_different_mails_are_not_mixed_up() -> None:
    one = composer()
    entries = [entry(1), entry(2)]
    readers = [READER, replace(READER, language="en"), replace(READER, zone="UTC")]
    texts = [one.digest(delivery(reader), entries, "2026-10-01").text for reader in readers]
    texts += [one.digest(delivery(), entries[:1], "2026-10-01").text, one.digest(delivery(), entries, "2026-W40").text]
    texts.append(one.digest(delivery(), [entry(1), entry(2, title="Changed")], "2026-10-01").text)
    assert len(set(texts)) == len(texts)


# Others


def test_a_chat_gets_no_mail() -> None:
    one = composer()
    for message in (one.post(delivery(CHAT), entry()), one.digest(delivery(CHAT), [entry()], "d"), one.test(CHAT, NOW)):
        assert (message.subject, message.text, message.html, message.unsubscribe_url) == ("", "", "", "")
        assert (message.language, message.site_title) == ("en", "金融消息")


def test_a_test_says_what_it_is_and_each_one_is_new() -> None:
    first, second = (composer().test(READER, NOW + timedelta(seconds=seconds)) for seconds in (0, 1))
    assert first.id != second.id
    assert (first.kind, first.subject, first.entries) == ("test", "来自金融消息的测试邮件", ())
    assert "金融消息的邮件可以送达" in first.html
    assert "您订阅了" not in first.html + first.text


def test_nothing_but_the_posts_own_images_is_fetched_and_styles_are_inline() -> None:
    message = composer().post(delivery(), entry(html='<p>x</p><img src="https://news.example/a.png">'))
    assert message.html.count("src=") == 1
    assert "url(" not in message.html
    assert "@import" not in message.html
    assert "<link" not in message.html
    assert '<p style="' in message.html
    assert "prefers-color-scheme: dark" in message.html


def test_a_broken_template_of_the_owner_is_named(tmp_path: Path) -> None:
    (tmp_path / "email/post").mkdir(parents=True)
    (tmp_path / "email/post/subject.txt").write_text("{{ post.title }}")
    with pytest.raises(SettingsError, match=r"email/post/subject\.txt:1: "):
        composer(templates=Templates(str(tmp_path))).post(delivery(), entry())
