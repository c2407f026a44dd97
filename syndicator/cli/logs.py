"""Write the service's log: `event key=value` for people, JSON lines for machines.

Whatever somebody logs, no line shows an address, a signing secret, or more of a URL than scheme and host: the URL of a
chat is its password, and an error may quote anything.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

_STANDARD = vars(logging.makeLogRecord({})).keys() | {"message", "asctime", "taskName", "color_message"}
# They report every tick, every step of a migration, every file that is opened and every request, with its whole URL.
_LOUD = ("alembic", "apscheduler", "asyncio", "httpx", "httpcore", "multipart", "python_multipart", "watchfiles")

_SECRETS = (
    (re.compile(r"(?i)\b(https?://)(?:[^\s/@\"'<>]*@)?([^\s/?#\"'<>]+)[/?#][^\s\"'<>]*"), r"\1\2/…"),
    (re.compile(r"[^\s@<>()\[\]\"',;:=/]+@[\w-]+(?:\.[\w-]+)+"), "…@…"),
    (re.compile(r"whsec_[A-Za-z0-9+/=_-]+"), "whsec_…"),
)


def configure(level: str, style: str) -> None:
    """Log to stderr from `level` on, as "text" or "json"."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Json() if style == "json" else _Text())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it would warn of every tick that waits for the last


def redact(text: str) -> str:
    """Return a text without addresses, secrets, and what follows the host in URLs."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="seconds")
        fields = "".join(f" {name}={_quoted(value)}" for name, value in _fields(record).items())
        line = f"{moment} {record.levelname.lower()} {record.getMessage()}{fields}"
        return redact(f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line)


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = {name: _plain(value) for name, value in _fields(record).items()}
        entry = {"time": moment, "level": record.levelname.lower(), "event": redact(record.getMessage()), **fields}
        if record.exc_info:
            entry["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """Return a number as it is, and anything else as text that may be shown."""
    return value if value is None or isinstance(value, bool | int | float) else redact(str(value))


def _quoted(value: Any) -> str:
    """Return a value as text: on one line, in quotes where it would not end at the next space."""
    text = str(value)
    return text if text and text.isprintable() and not set(' "=') & set(text) else json.dumps(text, ensure_ascii=False)
