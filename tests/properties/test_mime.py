from __future__ import annotations

import re
from base64 import b64decode
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.mail.mime import build

ENCODED_WORD = re.compile(rb"=\?[^?]+\?[bq]\?[^?]*\?=")

# What a title can hold once its white space is tidied: any character but the ones that end a line or control a device.
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"])
WORDS = st.text(CHARACTERS, min_size=1, max_size=40)
TITLES = st.lists(WORDS, min_size=1, max_size=30).map(" ".join)
ASCII_NAMES = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1).map(lambda s: " ".join(s.split()))
URLS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789-._~%!$&'()*+,;=:@/?#", max_size=900).map(
    lambda path: f"https://example.com/{path}"
)


def parse(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def assert_well_formed(data: bytes) -> None:
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", data) is None
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    assert all(len(word) <= 75 for word in ENCODED_WORD.findall(data))
    for word in ENCODED_WORD.findall(data):
        assert b"=?utf-8?b?" in word
    data.decode("ascii")


@settings(deadline=None)
@given(TITLES)
def test_any_subject_comes_back(subject: str) -> None:
    data = build([("Subject", subject)], "", "")
    assert_well_formed(data)
    assert parse(data)["Subject"] == subject
    assert all(len(line) <= 78 for line in data.split(b"\r\n\r\n")[0].split(b"\r\n"))


@settings(deadline=None)
@given(TITLES | ASCII_NAMES.filter(bool))
def test_any_display_name_comes_back_beside_its_address(name: str) -> None:
    data = build([("From", f"{name} <news@example.com>"), ("List-Id", f"{name} <news.example.com>")], "", "")
    assert_well_formed(data)
    # Not `policy.default`: on Python 3.11 it leaves a space between two encoded words of a name.
    phrase, address = parseaddr(message_from_bytes(data, policy=policy.compat32)["From"])
    assert (str(make_header(decode_header(phrase))), address) == (name, "news@example.com")
    assert b" <news.example.com>\r\n" in data


@settings(deadline=None)
@given((WORDS | ASCII_NAMES).filter(lambda name: 0 < len(name.encode()) <= 42))
def test_a_name_of_usual_length_comes_back_from_the_modern_parser_too(name: str) -> None:
    [mailbox] = parse(build([("From", f"{name} <news@example.com>")], "", ""))["From"].addresses
    assert (mailbox.display_name, mailbox.addr_spec) == (name, "news@example.com")


@settings(deadline=None)
@given(URLS)
def test_any_url_stays_whole_on_one_line(url: str) -> None:
    data = build([("List-Unsubscribe", f"<{url}>"), ("Subject", "x")], "", "")
    assert_well_formed(data)
    assert f" <{url}>\r\n".encode() in data
    assert parse(data)["List-Unsubscribe"] == f"<{url}>"


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_two_texts_come_back(text: str, html: str) -> None:
    data = build([("Subject", "x")], text, html)
    assert_well_formed(data)
    plain, rich = parse(data).iter_parts()
    assert isinstance(plain, EmailMessage)
    assert isinstance(rich, EmailMessage)
    assert (plain.get_content_type(), rich.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content() == with_crlf(text)
    assert rich.get_content() == with_crlf(html)
    assert parse(data).get_boundary() is not None


def with_crlf(text: str) -> str:
    return re.sub(r"\r\n|\r|\n", "\r\n", text)


@settings(deadline=None)
@given(TITLES, st.text())
def test_every_encoded_word_is_whole_characters(subject: str, text: str) -> None:
    for word in ENCODED_WORD.findall(build([("Subject", subject)], text, text)):
        b64decode(word[10:-2], validate=True).decode("utf-8")
