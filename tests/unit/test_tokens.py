from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from syndicator.errors import SettingsError
from syndicator.tokens import Signer, fingerprint, new_key, read_keys

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "wang.fang@example.com"


def test_a_token_gives_back_the_id_and_the_fingerprint_of_the_name() -> None:
    signer = Signer(["one"])
    assert signer.read(signer.sign(7, ADDRESS)) == (7, fingerprint(ADDRESS))


def test_a_token_is_the_same_every_time_so_that_a_retry_sends_the_same_mail() -> None:
    assert Signer(["one"]).sign(7, ADDRESS) == Signer(["one"]).sign(7, ADDRESS)


def test_a_token_is_short_and_needs_no_escaping_in_a_url_or_a_header() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_.-]{20,100}", Signer([new_key()]).sign(2**63, ADDRESS))


def test_different_names_under_one_id_are_told_apart() -> None:
    assert fingerprint("a@example.com") != fingerprint("b@example.com")


def test_an_old_token_outlives_a_new_key_and_new_tokens_use_it() -> None:
    old, both, new = Signer(["old"]), Signer(["old", "new"]), Signer(["new"])
    assert both.read(old.sign(7, ADDRESS)) == (7, fingerprint(ADDRESS))
    assert new.read(both.sign(7, ADDRESS)) == (7, fingerprint(ADDRESS))
    assert new.read(old.sign(7, ADDRESS)) is None


@pytest.mark.parametrize("token", ["", ".", "x", "WzEsImEiXQ.AAAA", "中文", "\ud800", "a" * 10_000, "..\x00"])
def test_nonsense_is_no_token(token: str) -> None:
    assert Signer(["one"]).read(token) is None


def test_changing_any_character_of_a_token_breaks_it() -> None:
    signer = Signer(["one"])
    token = signer.sign(7, ADDRESS)
    changed = [token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1 :] for i in range(len(token) - 1)]
    assert [signer.read(other) for other in changed] == [None] * len(changed)


@pytest.mark.parametrize("keys", [[], [""], ["one", ""]])
def test_a_signer_without_a_key_is_refused(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="at least one key"):
        Signer(keys)


def test_new_keys_differ() -> None:
    assert new_key() != new_key()


def test_the_key_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "secret.key"
    [key] = read_keys(str(path))
    assert len(key) == 43
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_keys(str(path)) == [key]


def test_a_key_added_at_the_end_of_the_file_signs_and_the_older_one_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_text("old\n\nnew\n")
    signer = Signer(read_keys(str(path)))
    assert signer.sign(7, ADDRESS) == Signer(["new"]).sign(7, ADDRESS)
    assert signer.read(Signer(["old"]).sign(7, ADDRESS)) == (7, fingerprint(ADDRESS))


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_a_key_file_without_a_key_is_never_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="secret_key_file"):
        read_keys(str(path))
    assert path.read_bytes() == content


def test_a_key_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"file/secret\.key: cannot be "):
        read_keys(str(tmp_path / "file" / "secret.key"))
