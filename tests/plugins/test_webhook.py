from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from syndicator.channels.webhook import Channel, Endpoint, key, new_secret, payload, sign
from syndicator.http import Client
from syndicator.models import Entry, Message
from tests.messages import NOW, RECIPIENT, digest, entry, message, ping
from tests.servers import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from syndicator import ports
    from syndicator.models import Outcome

SECRET = new_secret()
OLD_SECRET = new_secret()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def real_now() -> datetime:
    """The oracle refuses signatures that are not of the last five minutes."""
    return datetime.now(UTC)


async def send(
    receiver: Receiver, message: Message, clock: Callable[[], datetime] = real_now, **options: Any
) -> Outcome:
    settings = Endpoint.model_validate({"url": receiver.url + "/hook", "secret": SECRET} | options)
    async with Client(user_agent="Syndicator/test", clock=clock) as http:
        channel: ports.Channel = Channel(settings, http, clock)
        return await channel.send(message, RECIPIENT)


def test_the_vector_of_the_standard() -> None:
    signature = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_receiver_verifies_a_post(receiver: Receiver) -> None:
    assert (await send(receiver, message())).state == "sent"
    (request,) = receiver.requests
    assert request.headers["webhook-id"] == "msg_0001"
    assert request.headers["content-type"] == "application/json"
    event = Webhook(SECRET).verify(request.body, request.headers)
    assert event == {
        "type": "post.published",
        "timestamp": "2026-10-01T01:30:05Z",
        "data": {
            "sequence": 1,
            "site": {"title": "金融消息", "url": "https://news.example/"},
            "post": {
                "id": "tag:news.example,2026:posts/1",
                "url": "https://news.example/2026/10/01/rate-1.html",
                "title": "央行公布第1号利率决定",
                "published": "2026-10-01T01:29:05Z",
                "updated": "2026-10-01T01:30:05Z",
                "summary": "第1次会议决定维持利率不变。",
                "content_html": "<p>利率<b>不变</b> & 1</p>",
                "categories": ["宏观", "Policy"],
                "tags": ["利率"],
                "authors": ["李雷"],
                "language": "zh-CN",
            },
        },
    }
    assert "央行".encode() in request.body


async def test_a_receiver_refuses_what_was_changed_on_the_way(receiver: Receiver) -> None:
    await send(receiver, message())
    (request,) = receiver.requests
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body.replace(b"news.example", b"evil.example"), request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD_SECRET).verify(request.body, request.headers)


async def test_during_a_rotation_both_secrets_verify(receiver: Receiver) -> None:
    await send(receiver, message(), previous_secret=OLD_SECRET)
    (request,) = receiver.requests
    for secret in (SECRET, OLD_SECRET):
        assert Webhook(secret).verify(request.body, request.headers)["type"] == "post.published"
    assert len(request.headers["webhook-signature"].split(" ")) == 2


def test_a_digest() -> None:
    event = json.loads(payload(digest(3, more=4)))
    assert event["type"] == "digest.published"
    data = event["data"]
    assert (data["period"], data["more"], data["sequence"]) == ("2026-10-01", 4, 3)
    assert [post["id"][-1] for post in data["posts"]] == ["1", "2", "3"]


async def test_a_test_message(receiver: Receiver) -> None:
    await send(receiver, ping())
    event = Webhook(SECRET).verify(receiver.requests[0].body, receiver.requests[0].headers)
    assert (event["type"], event["data"]["site"]["title"]) == ("test", "金融消息")


async def test_a_retry_differs_in_nothing_but_its_time(receiver: Receiver) -> None:
    for minutes in (0, 10):
        moment = NOW + timedelta(minutes=minutes)
        await send(receiver, message(), clock=lambda moment=moment: moment)  # type: ignore[misc]
    first, second = receiver.requests
    assert first.body == second.body
    differing = {name for name in first.headers if first.headers[name] != second.headers[name]}
    assert differing - {"host"} == {"webhook-timestamp", "webhook-signature"}
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 600


def test_the_bytes_do_not_depend_on_the_zone_of_the_times() -> None:
    shanghai = timezone(timedelta(hours=8))
    moved = message(created=NOW.astimezone(shanghai), entries=(entry(updated=NOW.astimezone(shanghai)),))
    assert payload(moved) == payload(message())


def test_a_lone_surrogate_breaks_nothing() -> None:
    event = json.loads(payload(message(entries=(entry(title="a\ud800b"),))))
    assert event["data"]["post"]["title"] == "a?b"


async def test_the_owner_sees_what_the_receiver_said(receiver: Receiver) -> None:
    receiver.answer(status=400, body='{"error": "unknown signature"}')
    outcome = await send(receiver, message())
    assert (outcome.state, outcome.reply) == ("permanent", 'HTTP 400: {"error": "unknown signature"}')


async def test_a_receiver_that_is_gone_is_disabled(receiver: Receiver) -> None:
    receiver.answer(status=410)
    outcome = await send(receiver, message())
    assert (outcome.state, outcome.disable) == ("permanent", True)


def encoded(size: int) -> str:
    return "whsec_" + base64.b64encode(b"k" * size).decode()


@pytest.mark.parametrize("size", [24, 32, 64])
def test_secrets_of_every_allowed_length(size: int) -> None:
    assert key(encoded(size)) == b"k" * size
    assert key(encoded(size).rstrip("=")) == b"k" * size


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "begins with whsec_"),
        ("whsec_not base64 at all!", "not base64"),
        ("whsec_密钥", "not base64"),
        (encoded(23), "has 23 bytes; 24 to 64"),
        (encoded(65), "has 65 bytes; 24 to 64"),
        ("whsec_", "has 0 bytes"),
    ],
)
@pytest.mark.parametrize("name", ["secret", "previous_secret"])
def test_a_wrong_secret_is_explained_and_not_shown(name: str, secret: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words) as caught:
        Endpoint.model_validate({"url": "https://example.org", "secret": SECRET} | {name: secret})
    assert len(secret) < 8 or secret not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"secret": SECRET},
        {"url": "https://example.org"},
        {"url": "https://example.org", "secret": SECRET, "colour": "red"},
        {"url": "ftp://example.org", "secret": SECRET},
        {"url": "https://user:pass@example.org", "secret": SECRET},
    ],
)
def test_wrong_options(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        Endpoint.model_validate(options)
    assert SECRET not in str(caught.value)


def test_options_do_not_show_what_is_secret() -> None:
    options = Endpoint.model_validate({"url": "https://example.org/t0ken", "secret": SECRET})
    assert "t0ken" not in repr(options)
    assert SECRET not in repr(options)


def test_a_new_secret_is_good_and_new() -> None:
    assert len(key(new_secret())) == 32
    assert new_secret() != new_secret()


def test_every_field_of_an_entry_is_sent() -> None:
    """A new field of `Entry` must not be forgotten here."""
    post = json.loads(payload(message()))["data"]["post"]
    assert set(post) == (set(Entry.__slots__) - {"html", "sequence"}) | {"content_html"}
