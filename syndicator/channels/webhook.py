"""Send signed JSON to a program: Standard Webhooks (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from syndicator.http import json_body, web_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from syndicator.http import Client
    from syndicator.models import Entry, Message, Outcome, Recipient

PREFIX: Final = "whsec_"
KEY_BYTES: Final = range(24, 65)
TYPES: Final = {"post": "post.published", "digest": "digest.published", "alert": "alert", "test": "test"}


def new_secret() -> str:
    """Make a secret of 32 random bytes, `whsec_` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key(secret: str) -> bytes:
    """Return the bytes of a `whsec_` secret; raise ValueError, without quoting it, when it is not one."""
    encoded = secret.removeprefix(PREFIX)
    if encoded == secret:
        raise ValueError(f"expected a secret that begins with {PREFIX}")
    try:
        decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError:
        raise ValueError(f"what follows {PREFIX} is not base64") from None
    if len(decoded) not in KEY_BYTES:
        raise ValueError(f"the secret has {len(decoded)} bytes; 24 to 64 are needed")
    return decoded


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the `v1,…` signature over `id.timestamp.body`."""
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key(secret), content, hashlib.sha256)).decode()


def payload(message: Message) -> bytes:
    """Write the JSON body: type, time and data of the event, the same bytes at every try.

    A message of the kind "post" holds one entry: posts are folded for chats only.
    """
    event = {"type": TYPES[message.kind], "timestamp": _iso(message.created), "data": _data(message)}
    return json_body(event)


def _checked(secret: SecretStr) -> SecretStr:
    key(secret.get_secret_value())
    return secret


Secret = Annotated[SecretStr, AfterValidator(_checked)]


class Endpoint(BaseModel):
    """Hold an endpoint's settings; `previous_secret` stays until the receiver has the new one."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[str, AfterValidator(web_url), Field(repr=False)]
    secret: Secret
    previous_secret: Secret | None = None


class Channel:
    """Post each message to one URL; during a rotation it carries a signature for the old secret too."""

    Options: ClassVar[type[BaseModel]] = Endpoint

    def __init__(self, options: Endpoint, http: Client, clock: Callable[[], datetime]) -> None:
        self._url = options.url
        self._secrets = [s.get_secret_value() for s in (options.secret, options.previous_secret) if s]
        self._http = http
        self._clock = clock

    async def send(self, message: Message, recipient: Recipient) -> Outcome:  # noqa: ARG002 (the port's signature)
        """Try once, and judge by the status (`http.verdict`)."""
        body = payload(message)
        return await self._http.post(self._url, body, self._headers(message.id, body))

    def _headers(self, message_id: str, body: bytes) -> dict[str, str]:
        timestamp = int(self._clock().timestamp())
        return {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(sign(secret, message_id, timestamp, body) for secret in self._secrets),
        }


def _data(message: Message) -> dict[str, Any]:
    site = {"title": message.site_title, "url": message.site_url}
    posts = [_post(entry) for entry in message.entries]
    if message.kind == "post":
        return {"sequence": message.sequence, "site": site, "post": posts[0]}
    if message.kind == "digest":
        return {
            "sequence": message.sequence,
            "site": site,
            "period": message.period,
            "posts": posts,
            "more": message.more,
        }
    if message.kind == "alert":
        return {"site": site, "subject": message.subject, "text": message.text}
    return {"site": site}


def _post(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "published": _iso(entry.published),
        "updated": _iso(entry.updated),
        "summary": entry.summary,
        "content_html": entry.html,
        "categories": entry.categories,
        "tags": entry.tags,
        "authors": entry.authors,
        "language": entry.language,
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
