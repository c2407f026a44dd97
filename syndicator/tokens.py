"""Sign the links by which a reader is known without a password."""

from __future__ import annotations

import hashlib
import os
import secrets
from typing import TYPE_CHECKING

from itsdangerous import BadData, URLSafeSerializer

from syndicator.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

_PURPOSE = "syndicator.unsubscribe"


def new_key() -> str:
    """Make a secret key of 256 random bits, safe to keep in a text file."""
    return secrets.token_urlsafe(32)


def read_keys(path: str) -> list[str]:
    """Read the keys in a file, one a line, the newest last; make the file, for its owner alone, where there is none.

    Raise SettingsError when it cannot be read or is empty.
    """
    try:
        with open(path, encoding="ascii") as file:
            keys = file.read().split()
    except FileNotFoundError:
        return [_make_key_file(path)]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"[web] secret_key_file: {path}: cannot be read: {error}"]) from error
    if not keys:
        raise SettingsError([f"[web] secret_key_file: {path} is empty: delete it to have a new key made"])
    return keys


def _make_key_file(path: str) -> str:
    key = new_key()
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(f"{key}\n")
    except OSError as error:
        raise SettingsError([f"[web] secret_key_file: {path}: cannot be made: {error.strerror}"]) from error
    return key


def fingerprint(name: str) -> str:
    """Return 12 hex digits of a recipient's name, to see that an id still means the same one."""
    return hashlib.blake2b(name.encode(), digest_size=6, person=b"recipient").hexdigest()


class Signer:
    """Sign and read the tokens in unsubscribe links.

    They never expire and can be used again and again (RFC 8058): a mail may be opened years later. `keys` runs from
    the oldest to the newest; the last one signs, all of them are believed.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not all(keys) or not keys:
            raise ValueError("a signer needs at least one key, and no empty one")
        self._serializer = URLSafeSerializer(
            list(keys), salt=_PURPOSE, signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        )

    def sign(self, recipient_id: int, name: str) -> str:
        """Make a token for a recipient out of letters, digits, `-`, `_` and `.`, without the address itself."""
        token = self._serializer.dumps([recipient_id, fingerprint(name)])
        return token if isinstance(token, str) else token.decode()

    def read(self, token: str) -> tuple[int, str] | None:
        """Return the recipient's id and the `fingerprint` of its name, None when nobody here signed the token."""
        try:
            recipient_id, name_hash = self._serializer.loads(token)
        except (BadData, UnicodeEncodeError):
            return None
        return recipient_id, name_hash
