"""What every channel that posts to an endpoint keeps to, whatever the other side answers."""

from __future__ import annotations

import logging
import socket
from importlib import import_module
from typing import TYPE_CHECKING, Any, get_args

import pytest

from syndicator.channels.webhook import new_secret
from syndicator.http import Client
from syndicator.models import Outcome, OutcomeState
from tests.messages import NOW, RECIPIENT, digest, message, ping
from tests.servers import Receiver, Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.models import Message
    from syndicator.ports import Channel

CHANNELS = {"webhook": {"secret": new_secret()}, "feishu": {"secret": "not-for-anybody-else"}}
TOKEN = "0123456789abcdef-t0ken"
STATUSES = [200, 201, 202, 204, 300, 301, 302, 304, 307, 308]
STATUSES += [400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 415, 418, 422, 425, 429, 431, 451, 499]
STATUSES += [500, 501, 502, 503, 504, 507, 520, 599]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(params=CHANNELS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def channel(name: str, url: str, http: Client) -> Channel:
    kind: Any = import_module(f"syndicator.channels.{name}").Channel
    options = kind.Options.model_validate({"url": f"{url}/hook/{TOKEN}"} | CHANNELS[name])
    made: Channel = kind(options, http, lambda: NOW)
    return made


async def send(name: str, url: str, message: Message, deadline: float = 5.0) -> Outcome:
    async with Client(user_agent="Syndicator/test", timeout=deadline, clock=lambda: NOW) as http:
        return await channel(name, url, http).send(message, RECIPIENT)


def echo(request: Request) -> bytes:
    """Answer like a page that shows all it was asked."""
    headers = "".join(f"{name}: {value}\n" for name, value in request.headers.items())
    return f"{request.method} {request.path}\n{headers}\n".encode() + request.body[:200]


@pytest.mark.parametrize("status", STATUSES)
async def test_every_status_gives_an_outcome_without_secrets(
    name: str, receiver: Receiver, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answer(status=status, body=b"" if status in (204, 304) else echo)
    with caplog.at_level(logging.DEBUG):
        outcome = await send(name, receiver.url, message())
    assert outcome.state in get_args(OutcomeState)
    assert str(status) in outcome.reply
    for secret in (TOKEN, *CHANNELS[name].values()):
        assert secret not in outcome.reply
        assert secret not in caplog.text


@pytest.mark.parametrize("body", [b"", b"null", b'{"code":', b"\xff\xfe", b"{}" * 100_000, b'{"code": 1e999}'])
async def test_a_body_of_any_kind_is_an_outcome(name: str, receiver: Receiver, body: bytes) -> None:
    receiver.answer(body=body, times=None)
    assert (await send(name, receiver.url, message())).state in ("sent", "retry")


@pytest.mark.parametrize("drop", ["before", "after", "midway"])
async def test_an_answer_that_does_not_come_is_unknown(name: str, receiver: Receiver, drop: str) -> None:
    receiver.answer(drop=drop, body=b"half of this")
    assert (await send(name, receiver.url, message())).state == "unknown"


async def test_an_answer_that_comes_too_late_is_unknown(name: str, receiver: Receiver) -> None:
    receiver.answer(delay=30)
    assert (await send(name, receiver.url, message(), deadline=0.5)).state == "unknown"


async def test_what_never_left_is_tried_again(name: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    outcome = await send(name, url, message())
    assert outcome.state == "retry"
    assert url in outcome.reply
    assert TOKEN not in outcome.reply


@pytest.mark.parametrize("what", [message(), digest(40, more=2), ping()], ids=["post", "digest", "test"])
async def test_the_same_message_at_the_same_time_is_the_same_request(
    name: str, receiver: Receiver, what: Message
) -> None:
    receiver.answer(status=500)
    await send(name, receiver.url, what)
    await send(name, receiver.url, what)
    first, second = receiver.requests
    assert first == second


async def test_different_messages_are_different_requests(name: str, receiver: Receiver) -> None:
    for number in (1, 2):
        await send(name, receiver.url, digest(number, id=f"msg_{number}"))
    first, second = receiver.requests
    assert first.body != second.body
