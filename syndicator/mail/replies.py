"""Judge what a mail server says: from the phase of the conversation and the reply to an outcome.

RFC 5321 (codes), RFC 3463 and RFC 5248 (enhanced codes). The first digit alone deceives: QQ answers 550 to who is too
fast, NetEase has codes of its own for that, and many answer 550 to a machine or a sender that they distrust. What may
be about us is tried again: a try too many costs little, a mail that is given up is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from syndicator.models import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

Phase = Literal["connect", "EHLO", "STARTTLS", "AUTH", "RSET", "MAIL FROM", "RCPT TO", "DATA", "message", "final dot"]

TEXT_LIMIT: Final = 500

_LINE: Final = re.compile(r"([2-5][0-9][0-9])(?:[ -](.*))?")
_ENHANCED: Final = re.compile(r"\s*([245]\.[0-9]{1,3}\.[0-9]{1,3})\b")

# In these phases, and with these codes, a refusal tells of one mail or one mailbox; with all others of us.
_OF_ONE_MAIL: Final = ("RCPT TO", "DATA", "final dot")
_REFUSALS: Final = (501, 521, 550, 551, 552, 553, 554, 556)

# No such mailbox, domain or owner: 5.4.1 is how Microsoft says so, 5.1.10 is a null MX (RFC 7505).
_DEAD: Final = re.compile(r"5\.1\.([1236]|10)|5\.4\.1|5\.7\.1[78]")
# A full mailbox or system, a sender or an address (ours) that is not liked, any other security or policy.
_PASSING: Final = re.compile(r"5\.2\.2|5\.3\.[12]|5\.1\.[78]|5\.5\.3|5\.7\.[0-9]+")
_PASSING_WORDS: Final = re.compile(
    r"too (many|fast|quickly|often|frequent)|try (again|later)|frequency|rate.?limit|limit exceeded|at a rate|throttl|"
    r"temporar|quota|(mailbox|account|user).{0,20} full|storage|mailbox space|"
    r"black.?list|block.?list|blocked|\brbl\b|spamhaus|reputation|\bip\b|client host|authenticat|\bauth\b|"
    r"relaying|relay (access|not|denied)|(to|denies) relay|sender|\bspf\b|\bdkim\b|\bdmarc\b|spam|denied|policy|"
    r"\b(MI|DT|HL|RP|WM):[A-Z]{3}\b",  # NetEase
    re.IGNORECASE,
)
_TOO_LONG: Final = re.compile(r"5\.2\.3|5\.3\.4")
_TOO_LONG_WORDS: Final = re.compile(
    r"(message|mail|content|data).{0,30}\btoo (large|big|long)|too much mail data|(message|mail|content) (size|length)|"
    r"size (limit|exceed)|exceed.{0,30} size",
    re.IGNORECASE,
)

_ADVICE: Final[dict[Phase, str]] = {
    "connect": "check [mail] host, port and security",
    "STARTTLS": "check [mail] security and ca_file",
    "AUTH": "check [mail] user and password",
    "MAIL FROM": "check [mail] from",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """Hold a server's reply. As text: the code and the server's words, on one line of at most 500 characters."""

    code: int
    words: str

    @property
    def enhanced(self) -> str:
        """Return the enhanced status code, such as "5.1.1", or nothing (RFC 2034)."""
        found = _ENHANCED.match(self.words)
        return found[1] if found else ""

    def __str__(self) -> str:
        return f"{self.code} {one_line(self.words)}".rstrip()


def parse(lines: Sequence[str]) -> Reply:
    """Read a whole reply, one line or several; raise ValueError for what is none."""
    found = [_LINE.fullmatch(line.rstrip("\r\n")) for line in lines]
    if None in found or not found:
        raise ValueError(f"what came is no reply of a mail server: {one_line(' '.join(lines))}")
    return Reply(int(lines[-1][:3]), "\n".join(line[2] or "" for line in found if line))


def accepts(phase: Phase, reply: Reply) -> bool:
    """Tell whether the conversation may go on (RFC 5321, section 4.3.2)."""
    return reply.code == 354 if phase == "DATA" else 200 <= reply.code < 300


def judge(phase: Phase, reply: Reply) -> Outcome:
    """Return what becomes of a mail by the reply that ended its conversation."""
    said = f"{phase}: {reply}"
    if phase == "final dot" and accepts(phase, reply):
        return Outcome("sent", str(reply))
    if phase == "final dot" and reply.code < 400:
        return Outcome("unknown", f"{said}: neither taken nor refused")
    if reply.code >= 500 and _is_too_long(phase, reply):
        return Outcome("too_long", said)
    if reply.code in _REFUSALS and phase in _OF_ONE_MAIL and not _may_pass(reply):
        return Outcome("permanent", said)
    return Outcome("retry", _advised(phase, said))


def lost(phase: Phase, why: str) -> Outcome:
    """Return what becomes of a mail whose conversation broke off: only after the final dot may it have arrived."""
    if phase == "final dot":
        return Outcome("unknown", f"the mail went out and no answer came: {why}")
    return Outcome("retry", _advised(phase, f"{phase}: {why}"))


def one_line(text: str) -> str:
    """Make text safe for a log, a terminal and a database: no line breaks or control characters, not too long."""
    line = "".join(character for character in " ".join(text.split()) if character.isprintable())
    return line[:TEXT_LIMIT]


def _is_too_long(phase: Phase, reply: Reply) -> bool:
    if reply.enhanced and not reply.enhanced.endswith(".0"):
        return _TOO_LONG.fullmatch(reply.enhanced) is not None
    # In an answer to an address, a size is that of the mailbox.
    return phase in ("MAIL FROM", "DATA", "final dot") and _TOO_LONG_WORDS.search(reply.words) is not None


def _may_pass(reply: Reply) -> bool:
    if _DEAD.fullmatch(reply.enhanced):
        return False
    return bool(_PASSING.fullmatch(reply.enhanced) or _PASSING_WORDS.search(reply.words))


def _advised(phase: Phase, text: str) -> str:
    return f"{text}: {_ADVICE[phase]}" if phase in _ADVICE else text
