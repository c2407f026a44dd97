"""Turn a composed message into the bytes of a mail."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING

from syndicator.mail import addresses, mime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.models import Message

_URL = re.compile(r"https?://[!#-;=?-~]+")


def make(
    message: Message, *, recipient_address: str, sender: str, reply_to: str, list_name: str, list_domain: str
) -> bytes:
    """Make the mail for one recipient, the same bytes at every try.

    `sender` and `reply_to` are `Name <address>`; an empty `reply_to` is left out. Headers follow RFC 5322, RFC 2919
    (List-Id), RFC 2369 (List-*), RFC 8058 (one-click unsubscribe) and RFC 3834 (Auto-Submitted). Raise `ValueError` for
    an address that is none, and for a value that no header can hold.
    """
    headers = [
        ("From", _mailbox(sender)),
        ("To", addresses.normalise(recipient_address)),
        *([("Reply-To", _mailbox(reply_to))] if reply_to else []),
        ("Subject", message.subject),
        ("Date", format_datetime(message.created.astimezone(UTC))),
        ("Message-ID", f"<{message.id}@{list_domain}>"),
        ("List-Id", f"{list_name} <{list_domain}>"),
        *_list_headers(message),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", message.language),
    ]
    return mime.build(headers, message.text, message.html)


def _mailbox(text: str) -> str:
    name, address = addresses.parse(text)
    return f"{name} <{address}>" if name else address


def _list_headers(message: Message) -> Iterator[tuple[str, str]]:
    if message.unsubscribe_url:
        yield "List-Unsubscribe", f"<{message.unsubscribe_url}>"
    if message.unsubscribe_url.startswith("https:"):  # RFC 8058 allows one click over HTTPS alone
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"
    if _URL.fullmatch(message.site_url):  # nobody misses it, so no odd address may hold up the mail
        yield "List-Archive", f"<{message.site_url}>"
