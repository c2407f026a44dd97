"""The HTTP client against real servers on loopback."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from syndicator.http import BODY_LIMIT, DESTINATIONS, Client, Reply, json_body, retry_after, verdict, web_url
from syndicator.models import Outcome
from tests.servers import Receiver, Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

NOW = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)
PATH = "/hook/0123456789abcdef?key=fedcba9876543210"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client(user_agent="Syndicator/test", timeout=5.0, clock=lambda: NOW) as client:
        yield client


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def post(client: Client, url: str, body: bytes = b"{}") -> Outcome:
    return await client.post(url, body, {"Content-Type": "application/json"})


async def test_the_request_arrives_whole(client: Client, receiver: Receiver) -> None:
    outcome = await post(client, receiver.url + PATH, '{"标题": "新闻"}'.encode())
    assert outcome == Outcome("sent", "HTTP 200")
    (request,) = receiver.requests
    assert (request.method, request.path, request.body.decode()) == ("POST", PATH, '{"标题": "新闻"}')
    assert request.headers["user-agent"] == "Syndicator/test"
    assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "state", "disable"),
    [
        (200, "sent", False),
        (204, "sent", False),
        (301, "retry", False),
        (302, "retry", False),
        (400, "permanent", False),
        (401, "retry", False),
        (403, "retry", False),
        (404, "retry", False),
        (408, "retry", False),
        (410, "permanent", True),
        (413, "too_long", False),
        (422, "permanent", False),
        (425, "retry", False),
        (429, "retry", False),
        (500, "retry", False),
        (503, "retry", False),
    ],
)
async def test_every_status_has_its_outcome(
    client: Client, receiver: Receiver, status: int, state: str, disable: bool
) -> None:
    receiver.answer(status=status)
    outcome = await post(client, receiver.url)
    assert (outcome.state, outcome.disable) == (state, disable)
    assert str(status) in outcome.reply


async def test_a_redirect_is_not_followed(client: Client, receiver: Receiver) -> None:
    receiver.answer(status=302, headers={"Location": receiver.url + "/elsewhere"})
    outcome = await post(client, receiver.url)
    assert "give the final URL" in outcome.reply
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", NOW + timedelta(seconds=120)),
        ("172800", NOW + timedelta(days=2)),
        ("Thu, 01 Oct 2026 10:00:00 GMT", NOW + timedelta(minutes=30)),
        ("Thu, 01 Oct 2026 08:00:00 GMT", NOW),
        ("soon", None),
        ("-5", None),
        ("9" * 400, None),
        ("", None),
    ],
)
async def test_retry_after_is_obeyed_in_full(
    client: Client, receiver: Receiver, value: str, expected: datetime | None
) -> None:
    receiver.answer(status=503, headers={"Retry-After": value})
    assert (await post(client, receiver.url)).retry_at == expected


@pytest.mark.parametrize("value", ["9" * 5000, "Thu, 01 Oct 99999 10:00:00 GMT"])
def test_an_absurd_retry_after_is_none(value: str) -> None:
    assert retry_after(Reply(503, {"retry-after": value}, ""), NOW) is None


async def test_nothing_listens(client: Client) -> None:
    origin = f"http://127.0.0.1:{free_port()}"
    outcome = await post(client, origin + PATH)
    assert outcome.state == "retry"
    assert outcome.reply.startswith(f"{origin}: not reached: nothing listens there")


async def test_nothing_listens_on_any_address_of_a_name(client: Client) -> None:
    outcome = await post(client, f"http://localhost:{free_port()}")
    assert (outcome.state, "nothing listens there" in outcome.reply) == ("retry", True)


@pytest.mark.parametrize("host", ["nobody.invalid", "a" * 70 + ".invalid"])
async def test_a_name_that_does_not_resolve(client: Client, host: str) -> None:
    outcome = await post(client, f"https://{host}{PATH}")
    assert outcome.state == "retry"
    assert outcome.reply.startswith(f"https://{host}: not reached")


async def test_tls_with_a_server_that_has_none(client: Client, receiver: Receiver) -> None:
    outcome = await post(client, receiver.url.replace("http:", "https:") + PATH)
    assert (outcome.state, "TLS failed" in outcome.reply) == ("retry", True)
    assert receiver.requests == []


@pytest.mark.parametrize("drop", ["before", "after", "midway"])
async def test_a_request_that_left_and_got_no_whole_answer_is_unknown(
    client: Client, receiver: Receiver, drop: str
) -> None:
    receiver.answer(drop=drop, body="a body that breaks off")
    outcome = await post(client, receiver.url + PATH)
    assert outcome.state == "unknown"
    assert outcome.reply.startswith(f"{receiver.url}: the request went out")


async def test_a_slow_answer_is_unknown(receiver: Receiver) -> None:
    receiver.answer(delay=30)
    async with Client(user_agent="t", timeout=0.5, clock=lambda: NOW) as client:
        outcome = await post(client, receiver.url)
    assert outcome == Outcome(
        "unknown", f"{receiver.url}: the request went out and no whole answer came: nothing within 0.5 s"
    )


async def test_a_connection_that_never_opens_is_tried_again() -> None:
    """A full accept queue: the handshake of the second connection is never answered."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            async with Client(user_agent="t", timeout=0.5, clock=lambda: NOW) as client:
                outcome = await post(client, f"http://127.0.0.1:{port}")
    assert (outcome.state, "not reached: nothing within 0.5 s" in outcome.reply) == ("retry", True)


async def test_a_call_that_waits_for_its_turn_never_leaves_too_late(receiver: Receiver) -> None:
    """The third gives up waiting when the two before it time out, or has its turn and its full time."""
    receiver.answer(delay=30, times=2)
    async with Client(user_agent="t", timeout=0.5, clock=lambda: NOW) as client:
        first, second, third = await asyncio.gather(*(post(client, receiver.url) for _ in range(3)))
    assert [first.state, second.state] == ["unknown", "unknown"]
    assert third.state in ("retry", "sent")


async def test_a_cancelled_call_leaves_its_place(client: Client, receiver: Receiver) -> None:
    receiver.answer(delay=30, times=2)
    calls = [asyncio.create_task(post(client, receiver.url)) for _ in range(2)]
    await asyncio.to_thread(receiver.wait_for, 2)
    for call in calls:
        call.cancel()
    assert [type(result) for result in await asyncio.gather(*calls, return_exceptions=True)] == (
        [asyncio.CancelledError] * 2
    )
    assert (await post(client, receiver.url)).state == "sent"


async def test_a_huge_answer_is_read_up_to_a_limit(client: Client, receiver: Receiver) -> None:
    receiver.answer(body=b"x" * 50_000_000, times=2)
    bodies: list[str] = []

    def keep(reply: Reply) -> Outcome:
        bodies.append(reply.body)
        return Outcome("sent", str(reply))

    outcome = await client.post(receiver.url, b"", {}, keep)
    assert outcome.reply == "HTTP 200: " + "x" * 500
    assert len(bodies[0]) == BODY_LIMIT
    assert (await post(client, receiver.url)).state == "sent"


async def test_an_endless_answer_meets_the_deadline(receiver: Receiver) -> None:
    receiver.answer(headers={"Content-Length": "100"}, body="x")
    async with Client(user_agent="t", timeout=0.5, clock=lambda: NOW) as client:
        assert (await post(client, receiver.url)).state == "unknown"


async def test_the_answer_is_kept_as_one_harmless_line(client: Client, receiver: Receiver) -> None:
    receiver.answer(status=500, body="坏了\n\x00\x1b[31m  \u202eoops".encode() + b"\xff")
    assert (await post(client, receiver.url)).reply == "HTTP 500: 坏了 [31m oops\ufffd"


async def test_the_url_is_kept_out_of_the_reply(client: Client, receiver: Receiver) -> None:
    receiver.answer(status=404, body=lambda request: f"The URL {request.path} was not found".encode())
    outcome = await post(client, receiver.url + PATH)
    assert outcome.reply == "HTTP 404: The URL /hook/***?key=*** was not found"


async def test_no_log_shows_a_url(client: Client, receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await post(client, receiver.url + PATH)
    assert [record.name for record in caplog.records if record.name.startswith(("httpx", "httpcore"))] == []


async def test_connections_are_kept_and_few(client: Client, receiver: Receiver) -> None:
    for _ in range(3):
        assert (await post(client, receiver.url)).state == "sent"
    assert receiver.connections == 1
    await asyncio.gather(*(post(client, receiver.url) for _ in range(20)))
    assert receiver.connections <= 2


async def test_a_cookie_is_not_sent_back(client: Client, receiver: Receiver) -> None:
    receiver.answer(headers={"Set-Cookie": "session=1"})
    await post(client, receiver.url)
    await post(client, receiver.url)
    assert "cookie" not in receiver.requests[1].headers


async def test_proxies_from_the_environment_are_ignored(
    client: Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert (await post(client, receiver.url)).state == "sent"


async def test_more_destinations_than_are_kept(client: Client, receiver: Receiver) -> None:
    """The one used longest ago loses its connection, but never a call under way.

    Every 127.x address is this machine: as many origins as one likes.
    """
    gate = threading.Event()

    def wait(_: Request) -> bytes:
        gate.wait(10)
        return b""

    receiver.answer(body=wait)
    with Receiver() as idle:
        assert (await post(client, idle.url)).state == "sent"
        slow = asyncio.create_task(post(client, receiver.url))
        await asyncio.to_thread(receiver.wait_for, 1)
        port = free_port()
        for number in range(DESTINATIONS):
            assert (await post(client, f"http://127.0.1.{number + 1}:{port}")).state == "retry"
        assert (await post(client, idle.url)).state == "sent"
        assert idle.connections == 2
    gate.set()
    assert (await slow).state == "sent"
    assert receiver.connections == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.org/",
        "example.org/hook",
        "https://",
        "https://user:hidden@example.org/",
        "https://hidden@example.org/",
        "https://example.org:99999/",
        "https://example.org/a b",
        "https://example.org/\r\nx: y",
        "https://[::1/",
        "https://example.org/\ud800",
    ],
)
async def test_an_address_that_cannot_be_used(client: Client, url: str) -> None:
    with pytest.raises(ValueError, match=r"address|URL|port"):
        web_url(url)
    outcome = await post(client, url)
    assert outcome.state == "permanent"
    assert "hidden" not in outcome.reply


async def test_an_address_that_only_httpx_refuses(client: Client) -> None:
    assert (await post(client, "https://" + "中" * 200 + ".example/")).state == "permanent"


@pytest.mark.parametrize("url", ["https://中文.example/路径", "http://[::1]:8080/", "HTTPS://EXAMPLE.ORG"])
def test_an_address_that_can_be_used(url: str) -> None:
    assert web_url(url) == url


async def test_a_header_that_cannot_be_sent(client: Client, receiver: Receiver) -> None:
    assert (await client.post(receiver.url, b"", {"x-name": "新闻"})).state == "permanent"
    assert (await client.post(receiver.url, b"", {"x-name": "a\r\nb"})).state == "retry"
    assert receiver.requests == []


def test_verdict_for_a_status_out_of_the_ordinary() -> None:
    assert verdict(Reply(101, {}, ""), NOW).state == "retry"
    assert verdict(Reply(599, {}, "?"), NOW).state == "retry"


def test_json_is_compact_utf8() -> None:
    assert json_body({"标题": ["a", "\ud800"]}).decode() == '{"标题":["a","?"]}'
