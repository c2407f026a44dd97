from __future__ import annotations

from email import message_from_bytes, policy

import pytest

from syndicator.mail.mime import build


def header(name: str, value: str) -> str:
    """Return the lines of one header as they are written."""
    return build([(name, value)], "", "").decode().split("MIME-Version")[0]


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("Subject", "Hello", "Subject: Hello\r\n"),
        ("Subject", "", "Subject:\r\n"),
        ("Subject", "金融", "Subject: =?utf-8?b?6YeR6J6N?=\r\n"),
        ("Subject", "=?x", "Subject: =?utf-8?b?PT94?=\r\n"),
        ("Subject", "a  b", "Subject: =?utf-8?b?YSAgYg==?=\r\n"),
        ("From", "a@example.com", "From: a@example.com\r\n"),
        ("From", "<a@example.com>", "From: <a@example.com>\r\n"),
        ("From", "Our News <a@example.com>", "From: Our News <a@example.com>\r\n"),
        ("From", 'Smith, "J" <a@example.com>', 'From: "Smith, \\"J\\"" <a@example.com>\r\n'),
        ("From", "金融 <a@example.com>", "From: =?utf-8?b?6YeR6J6N?= <a@example.com>\r\n"),
        ("To", "读者@example.com", "To: 读者@example.com\r\n"),
        ("From", "金融 <编辑@example.com>", "From: =?utf-8?b?6YeR6J6N?= <编辑@example.com>\r\n"),
        ("List-Id", "金融 <news.example>", "List-Id: =?utf-8?b?6YeR6J6N?= <news.example>\r\n"),
    ],
)
def test_headers_are_written_plainly_where_they_can_be(name: str, value: str, written: str) -> None:
    assert header(name, value) == written


def test_long_subjects_are_folded_between_words_and_characters() -> None:
    lines = header("Subject", "word " * 40 + "end").splitlines()
    assert all(len(line) <= 78 for line in lines)
    assert "".join(lines) == "Subject: " + "word " * 40 + "end"
    assert [len(line) for line in header("Subject", "中" * 30).splitlines()] == [77, 69, 21]


@pytest.mark.parametrize("name", ["Subject", "From", "To", "List-Unsubscribe", "Message-ID"])
@pytest.mark.parametrize("value", ["a\r\nBcc: b@example.com", "a\nb", "a\rb", "a\n"])
def test_a_line_break_in_a_value_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        build([(name, value)], "", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("List-Unsubscribe", "<https://example.com/退订>"),
        ("Message-ID", "<读者@example.com>"),
        ("List-Id", "News <读者.example.com>"),
        ("To", "读\u2028者@example.com"),
        ("Message-ID", "<a\x00b@example.com>"),
        ("List-Unsubscribe", f"<https://example.com/{'x' * 980}>"),
        ("Subject", "\ud800"),
    ],
)
def test_what_cannot_be_written_is_refused_and_never_mangled(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be written|surrogates"):
        build([(name, value)], "", "")


@pytest.mark.parametrize("name", ["", "A B", "A:", "Ä", "A\r\nB"])
def test_a_bad_header_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no header name"):
        build([(name, "x")], "", "")


def test_the_same_content_gives_the_same_bytes_and_another_content_another_boundary() -> None:
    one, same, other = (build([("Subject", "x")], "text", html) for html in ("a", "a", "b"))
    assert one == same
    boundaries = {message_from_bytes(data, policy=policy.default).get_boundary() for data in (one, other)}
    assert len(boundaries) == 2


def test_a_body_of_han_characters_stays_in_lines_of_76() -> None:
    data = build([("Subject", "x")], "中" * 600, "<p>" + "文" * 600)
    assert max(len(line) for line in data.split(b"\r\n\r\n", 2)[2].split(b"\r\n")) == 76
