"""What becomes of a mail by what the server says: replies as real servers write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest

from syndicator.mail.replies import Phase, Reply, accepts, judge, lost, parse

if TYPE_CHECKING:
    from syndicator.models import OutcomeState

ABOUT_US: list[Phase] = ["connect", "EHLO", "STARTTLS", "AUTH", "RSET", "MAIL FROM"]
OF_ONE_MAIL: list[Phase] = ["RCPT TO", "DATA", "final dot"]


def reply(text: str) -> Reply:
    return parse([text])


@pytest.mark.parametrize("phase", OF_ONE_MAIL)
@pytest.mark.parametrize(
    "text",
    [
        "550 5.1.1 <x@y.example>: Recipient address rejected: User unknown in relay recipient table",
        "550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        "550 5.4.1 Recipient address rejected: Access denied.",
        "550 5.2.1 The email account that you tried to reach is disabled",
        "550 5.7.17 Mailbox owner has changed",
        "550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000728",
        "550 User not found: nobody@163.com",
        "550 Requested action not taken: mailbox unavailable",
        "551 User not local; please try <z@y.example>",
        "553 sorry, that domain isn't in my list of allowed rcpthosts",
        "554 delivery error: dd This user doesn't have a yahoo.com account",
        "554 No such user",
        "556 5.1.10 null MX",
        "501 5.1.3 Bad recipient address syntax",
        "550",
    ],
)
def test_a_mailbox_that_is_not_there_is_permanent(phase: Phase, text: str) -> None:
    assert judge(phase, reply(text)).state == "permanent"


@pytest.mark.parametrize("phase", OF_ONE_MAIL)
@pytest.mark.parametrize(
    "text",
    [
        # QQ
        "550 Ip frequency limited. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000725",
        "550 Domain frequency limited",
        "550 Sender frequency limited.",
        "550 Connection frequency limited",
        "550 Mailbox unavailable or access denied",  # too much mail for this reader just now
        "550 Suspected spam sender.",
        "550 DMARC check failed",
        # NetEase
        "550 MI:SFQ 163 smtp12,example",
        "554 MI:DMC 163 smtp12",
        "554 DT:SPM 163 smtp2,DtGowECZhF http://mail.163.com/help/help_spam_16.htm",
        "550 RP:TRC 126 mx5",
        "550 DT:RBL",
        # Elsewhere
        "552 too many same size mails",
        "550 5.7.1 Our system has detected an unusual rate of unsolicited mail originating from your IP address",
        "550 5.7.26 This mail is unauthenticated, which poses a security risk",
        "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
        "554 5.7.1 <x@y.example>: Relay access denied",
        "550 relay not permitted",
        "553 sorry, relaying denied from your location",
        "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages",
        "554 Message refused, try again later",
        "550 Too many connections from your host",
        "552 5.2.2 The recipient's inbox is out of storage space",
        "552 Requested mail action aborted: exceeded storage allocation",
        "552 Quota exceeded",
        "550 5.1.8 Sender's domain does not exist",
        "554 5.3.2 System not accepting network messages",
        "553 host denies the sender.",
        "550 black ip.",
        "500 5.5.2 Error: command not recognized",
        "503 5.5.1 Error: need MAIL command",
        "530 5.7.0 Must issue a STARTTLS command first",
        "535 authentication failed",
        "555 5.5.4 Unsupported option",
        "599 what",
    ],
)
def test_what_looks_permanent_and_may_pass_is_tried_again(phase: Phase, text: str) -> None:
    assert judge(phase, reply(text)).state == "retry"


@pytest.mark.parametrize("phase", get_args(Phase))
@pytest.mark.parametrize(
    "text",
    ["421 4.7.0 closing", "450 4.2.1 greylisted", "451 MI:SFQ", "452 4.2.2 mailbox full", "454 TLS not available"],
)
def test_what_the_server_calls_temporary_is_tried_again(phase: Phase, text: str) -> None:
    outcome = judge(phase, reply(text))
    assert outcome.state == "retry"
    assert outcome.reply.startswith(f"{phase}: {text}")
    assert not outcome.disable


@pytest.mark.parametrize("phase", ABOUT_US)
@pytest.mark.parametrize("text", ["500 what", "535 5.7.8 no", "550 5.1.1 no", "553 not yours", "554 no SMTP service"])
def test_what_is_about_us_is_tried_again(phase: Phase, text: str) -> None:
    assert judge(phase, reply(text)).state == "retry"


@pytest.mark.parametrize(
    ("phase", "text", "state"),
    [
        ("MAIL FROM", "552 5.3.4 Message size exceeds fixed limit", "too_long"),
        ("MAIL FROM", "552 Error: message size exceeds fixed maximum message size", "too_long"),
        ("final dot", "552 message is too long", "too_long"),
        ("final dot", "552 Error: Too much mail data", "too_long"),
        ("final dot", "554 5.3.4 too big", "too_long"),
        ("final dot", "550 Mail content size exceeds the limit", "too_long"),
        ("RCPT TO", "552 5.2.3 message length exceeds administrative limit", "too_long"),
        ("RCPT TO", "552 mailbox size limit exceeded", "retry"),
        ("final dot", "452 4.3.4 message too large for now", "retry"),
        ("EHLO", "552 5.2.2 size limit", "retry"),
    ],
)
def test_a_size_that_is_refused(phase: Phase, text: str, state: OutcomeState) -> None:
    assert judge(phase, reply(text)).state == state


def test_only_the_answer_to_the_whole_mail_sends_it() -> None:
    assert judge("final dot", reply("250 2.0.0 Ok: queued as 4F2")).state == "sent"
    assert judge("final dot", reply("250 2.0.0 Ok: queued as 4F2")).reply == "250 2.0.0 Ok: queued as 4F2"
    for phase in set(get_args(Phase)) - {"final dot"}:
        assert judge(phase, reply("354 what")).state == "retry"
    assert judge("final dot", reply("354 still going on")).state == "unknown"


def test_the_conversation_goes_on_after_the_code_of_its_phase() -> None:
    assert [accepts("RCPT TO", reply(f"{code} x")) for code in (250, 251, 252, 354, 450, 550)] == [True] * 3 + [
        False
    ] * 3
    assert [accepts("DATA", reply(f"{code} x")) for code in (250, 354, 450)] == [False, True, False]


@pytest.mark.parametrize("phase", get_args(Phase))
def test_what_broke_off_may_have_arrived_after_the_final_dot_alone(phase: Phase) -> None:
    outcome = lost(phase, "the connection was closed")
    assert outcome.state == ("unknown" if phase == "final dot" else "retry")
    assert "the connection was closed" in outcome.reply


@pytest.mark.parametrize(
    ("phase", "advice"),
    [("connect", "check [mail] host, port and security"), ("AUTH", "check [mail] user and password"),
     ("MAIL FROM", "check [mail] from")],
)  # fmt: skip
def test_what_the_owner_can_mend_is_said(phase: Phase, advice: str) -> None:
    assert judge(phase, reply("550 no")).reply.endswith(advice)
    assert lost(phase, "no answer within 60 s").reply.endswith(advice)


def test_the_words_stay_on_one_line_and_short() -> None:
    said = judge("RCPT TO", parse(["550-no\r\n", "550 such\tuser \x1b[31m\x00红" + "x" * 5000])).reply
    assert said.startswith("RCPT TO: 550 no such user [31m红xxx")
    assert len(said) < 550
    assert said.isprintable()


@pytest.mark.parametrize(
    ("lines", "code", "words", "enhanced"),
    [
        (["250 OK\r\n"], 250, "OK", ""),
        (["250\r\n"], 250, "", ""),
        (["550-5.1.1 no\r\n", "550 5.1.1 such user\n"], 550, "5.1.1 no\n5.1.1 such user", "5.1.1"),
        (["550 5.1.123 x"], 550, "5.1.123 x", "5.1.123"),
        (["250 1.2.3.4 is you"], 250, "1.2.3.4 is you", ""),
    ],
)
def test_replies_are_read(lines: list[str], code: int, words: str, enhanced: str) -> None:
    read = parse(lines)
    assert (read.code, read.words, read.enhanced) == (code, words, enhanced)


@pytest.mark.parametrize("lines", [[], [""], ["25"], ["150 x"], ["650 x"], ["2500 x"], ["250x"], ["hello"], ["٢٥٠ x"]])
def test_what_is_no_reply_is_refused(lines: list[str]) -> None:
    with pytest.raises(ValueError, match="no reply of a mail server"):
        parse(lines)
