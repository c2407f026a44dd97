from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from syndicator.cli.logs import configure, redact

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger("syndicator.test")


@pytest.fixture
def logged(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Give what is logged, in the style that a test is parametrised with."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure("debug", request.param)
    out = io.StringIO()
    root.handlers[0].setStream(out)  # type: ignore[attr-defined]
    yield out
    root.handlers[:] = before
    root.setLevel(level)


@pytest.mark.parametrize("logged", ["text"], indirect=True)
def test_text_is_an_event_and_its_fields_on_one_line(logged: io.StringIO) -> None:
    log.warning("delivery %s", "retry", extra={"delivery": 7, "reason": 'two\nlines, "quoted"', "empty": ""})
    moment, level, rest = logged.getvalue().split(" ", 2)
    assert moment[10] == "T"
    assert level == "warning"
    assert rest == 'delivery retry delivery=7 reason="two\\nlines, \\"quoted\\"" empty=""\n'


@pytest.mark.parametrize("logged", ["json"], indirect=True)
def test_json_has_one_object_a_line(logged: io.StringIO) -> None:
    log.info("scanned", extra={"source": "posts", "new": 3, "path": ValueError("利率")})
    try:
        raise ZeroDivisionError("a bug")
    except ZeroDivisionError:
        log.exception("scan failed")
    first, second = (json.loads(line) for line in logged.getvalue().splitlines())
    assert {name: first[name] for name in ("level", "event", "source", "new", "path")} == {
        "level": "info", "event": "scanned", "source": "posts", "new": 3, "path": "利率",
    }  # fmt: skip
    assert second["exception"].endswith("ZeroDivisionError: a bug")


@pytest.mark.parametrize("logged", ["text", "json"], indirect=True)
def test_neither_event_nor_field_nor_traceback_tells_what_is_secret(logged: io.StringIO) -> None:
    secrets: dict[str, Any] = {
        "url": "https://chat.example/bot/t0ken?key=abc",
        "to": "Wang <wang.li+news@mail.example.org>",
        "key": "whsec_AbC/+d==",
    }
    log.info("sent to %s", secrets["to"], extra=secrets)
    try:
        raise ValueError(str(secrets))
    except ValueError:
        log.exception("failed")
    for secret in ("t0ken", "abc", "wang", "mail.example.org", "AbC"):
        assert secret not in logged.getvalue()
    assert "https://chat.example/…" in logged.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://user:pass@host.example:81/x", "http://host.example:81/…"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("process 12@laptop", "process 12@laptop"),
        ("<bob@example.org>: 550 no such user", "<…@…>: 550 no such user"),
        ("/srv/site/_posts/2026-01-02-a.md:3: no title", "/srv/site/_posts/2026-01-02-a.md:3: no title"),
    ],
)
def test_only_what_is_secret_is_taken_out(text: str, shown: str) -> None:
    assert redact(text) == shown
