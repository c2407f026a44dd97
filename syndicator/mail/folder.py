"""Find and forget the mails in a folder that went to one address."""

from __future__ import annotations

import os
from contextlib import suppress
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# What the headers of a mail take at most; the body is not read.
_HEAD = 16 * 1024


def forget(folder: str, address: str) -> int:
    """Delete every `.eml` file in a folder whose `To` is the address; return how many. Without a folder there are none.

    Raise OSError for one that may not be deleted.
    """
    found = [path for path in _mails(folder) if _recipient(path).casefold() == address.casefold()]
    for path in found:
        with suppress(FileNotFoundError):
            os.unlink(path)
    return len(found)


def _mails(folder: str) -> Iterator[str]:
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        yield from (entry.path for entry in entries if entry.name.endswith(".eml") and entry.is_file())


def _recipient(path: str) -> str:
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except FileNotFoundError:
        return ""
    return str(BytesHeaderParser().parsebytes(head)["To"] or "").strip()
