"""Carry finished mails away."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Protocol

from syndicator.files import replace
from syndicator.models import Outcome


@dataclass(frozen=True, slots=True)
class Mail:
    """Hold a mail and its envelope.

    `id` is the same at every try and fit for a file name. The addresses have domains in A-labels, the lines of `data`
    end with CRLF.
    """

    id: str
    sender: str
    recipient: str
    data: bytes


class Transport(Protocol):
    """Take mails to where they are delivered from."""

    async def deliver(self, mail: Mail) -> Outcome:
        """Try once, and say what became of it. An exception is a bug."""


class FileTransport:
    """Write each mail to `<folder>/<id>.eml`, readable by its owner alone; a second try replaces the same file."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    async def deliver(self, mail: Mail) -> Outcome:
        """Write the file without holding up the event loop: waiting for the disk takes milliseconds."""
        path = os.path.join(self._folder, f"{mail.id}.eml")
        try:
            await asyncio.to_thread(_write, path, mail.data)
        except OSError as error:
            return Outcome("retry", f"{path}: {error.strerror or error}: make the folder {self._folder} writable")
        return Outcome("sent", path)


def _write(path: str, data: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    replace(path, data, private=True, durable=True)
