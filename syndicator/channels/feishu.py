"""Post cards to a group in Feishu or Lark, through its custom bot.

https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from syndicator.http import Reply, json_body, retry_after, verdict, web_url
from syndicator.models import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from syndicator.http import Client
    from syndicator.models import Entry, Message, Recipient

MAX_BYTES: Final = 20_000
MAX_POSTS: Final = 50
PAUSE: Final = timedelta(seconds=60)

_SUMMARY_LENGTHS: Final = (300, 120, 50, 0)
_TITLE_LENGTH: Final = 150
_LABEL_LENGTH: Final = 60
_TEXT_LENGTH: Final = 2000
_URL_LENGTH: Final = 2000
_URL_SAFE: Final = "%:/?#[]@!$&'*+,;=~"  # but not ( ) < > " \ ` or a space, which end a Markdown link
_ESCAPES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;"} | {mark: f"&#{ord(mark)};" for mark in "\\`*~[]"}
)

# Code → what it means and what to do, and whether every other message would meet the same.
_REFUSALS: Final[dict[int, tuple[str, bool]]] = {
    9499: ("Feishu cannot read this card", False),
    200621: ("Feishu cannot read this card", False),
    230099: ("Feishu cannot show this card", False),
    19001: ("no bot has this address any more: copy the webhook address from the group's bot again", True),
    19007: ("the bot is switched off: enable it in the group's settings", True),
    19021: ("the signature is wrong: compare `secret` with the bot's, and this machine's clock with the time", True),
    19022: ("this machine's IP address is not allowed: add it to the bot's IP list", True),
    19024: ("none of the bot's keywords is in the message: make the site's title one, every card shows it", False),
}


def sign(secret: str, timestamp: int) -> str:
    """Return the signature: the time and the secret are the key, and nothing is the message."""
    return base64.b64encode(hmac.digest(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256)).decode()


def payload(message: Message, seal: Mapping[str, str]) -> bytes:
    """Write the request body around the fullest card within 20,000 bytes: first summaries shrink, then posts go.

    `seal` is time and signature. A single post always fits, because every part of it has a greatest length.
    """
    for length in _SUMMARY_LENGTHS:
        posts = [_post(entry, message, length) for entry in message.entries[:MAX_POSTS]]
        body = _body(message, posts, seal)
        if len(body) <= MAX_BYTES:
            return body
    while len(body) > MAX_BYTES:
        posts.pop()
        body = _body(message, posts, seal)
    return body


def judge(reply: Reply, now: datetime) -> Outcome:
    """Judge by the code in the body: HTTP 200 proves nothing.

    `StatusCode`, the old form, counts only where `code` is missing: errors carry it too, as 0. An unknown code is
    tried again: a fault at Feishu passes, and one that does not becomes a dead letter that the owner sees.
    """
    answer = _answer(reply.body)
    code = answer.get("code", answer.get("StatusCode"))
    if _throttled(reply, code, str(answer.get("msg", ""))):
        return Outcome("retry", str(reply), retry_at=retry_after(reply, now) or now + PAUSE)
    if isinstance(code, int) and code in _REFUSALS:
        words, disable = _REFUSALS[code]
        return Outcome("permanent", f"{words} ({reply})", disable=disable)
    if 200 <= reply.status < 300:
        return Outcome("sent" if code == 0 else "retry", str(reply))
    return verdict(reply, now)


class Bot(BaseModel):
    """Hold a bot's settings: its webhook address, and its secret where the bot checks signatures."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[str, AfterValidator(web_url), Field(repr=False)]
    secret: SecretStr | None = None


class Channel:
    """Post cards through one bot."""

    Options: ClassVar[type[BaseModel]] = Bot

    def __init__(self, options: Bot, http: Client, clock: Callable[[], datetime]) -> None:
        self._bot = options
        self._http = http
        self._clock = clock

    async def send(self, message: Message, recipient: Recipient) -> Outcome:  # noqa: ARG002 (the port's signature)
        """Try once, with as much of the message as fits into a card."""
        body = payload(message, self._seal())
        return await self._http.post(
            self._bot.url, body, {"Content-Type": "application/json"}, lambda reply: judge(reply, self._clock())
        )

    def _seal(self) -> dict[str, str]:
        if not self._bot.secret:
            return {}
        timestamp = int(self._clock().timestamp())
        return {"timestamp": str(timestamp), "sign": sign(self._bot.secret.get_secret_value(), timestamp)}


def _body(message: Message, posts: Sequence[str], seal: Mapping[str, str]) -> bytes:
    # A header is plain text; that it really starts no mention is not worth a try in somebody's group.
    title = _short(message.subject or message.site_title, _TITLE_LENGTH).replace("<", "＜")
    left_out = len(message.entries) - len(posts) + message.more
    texts = [*posts, "" if posts else _lines(message.text), _foot(message, left_out)]
    card = {
        "config": {"wide_screen_mode": True},
        "header": {"title": {"tag": "plain_text", "content": title}, "template": "blue"},
        "elements": [{"tag": "div", "text": {"tag": "lark_md", "content": text}} for text in texts if text],
    }
    return json_body({**seal, "msg_type": "interactive", "card": card})


def _post(entry: Entry, message: Message, summary: int) -> str:
    facts = [f"{_local(entry.published, message.zone):%Y-%m-%d %H:%M}", _markdown(", ".join(entry.categories))]
    title = _markdown(entry.title, _TITLE_LENGTH) or _markdown(entry.url, _TITLE_LENGTH)
    lines = [f"**{_link(title, entry.url)}**", _markdown(entry.summary, summary), " · ".join(filter(None, facts))]
    return "\n".join(filter(None, lines))


def _foot(message: Message, more: int) -> str:
    words = f"另有 {more} 篇" if message.language.lower().startswith("zh") else f"{more} more"
    site = _link(_markdown(message.site_title) or _markdown(message.site_url), message.site_url)
    return " · ".join(filter(None, [words if more else "", site]))


def _link(label: str, url: str) -> str:
    """Link the label, unless the address is not one of the web or would take too much of the card."""
    target = quote(url, safe=_URL_SAFE, errors="replace")
    if len(target) > _URL_LENGTH or not target.lower().startswith(("https://", "http://")):
        return label
    return f"[{label}]({target})"


def _markdown(text: str, length: int = _LABEL_LENGTH) -> str:
    """Escape text for `lark_md`, cut first so that no escape is cut; `<at id=all>` becomes words."""
    return _short(text, length).translate(_ESCAPES)


def _lines(text: str) -> str:
    """Escape a text of several lines, cut so that the card stays within its size."""
    return "\n".join(_markdown(line, _TEXT_LENGTH) for line in text[:_TEXT_LENGTH].strip().split("\n"))


def _short(text: str, length: int) -> str:
    """Put text on one line of at most so many characters, without control characters."""
    if not length:
        return ""
    line = " ".join(text.split())
    if len(line) > length:
        line = line[: length - 1] + "…"
    return "".join(character for character in line if character >= " ")


def _local(moment: datetime, zone: str) -> datetime:
    """Show a time in the reader's zone; as it is where the zone is unknown or the year 1 leaves the calendar."""
    try:
        return moment.astimezone(ZoneInfo(zone))
    except (ValueError, KeyError, OverflowError):
        return moment


def _throttled(reply: Reply, code: object, text: str) -> bool:
    """Tell "too often" from other refusals: 9499 means a bad card as well, so its words decide."""
    words = text.lower()
    return reply.status == 429 or code == 11232 or "too many request" in words or "frequency limit" in words


def _answer(body: str) -> Mapping[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
