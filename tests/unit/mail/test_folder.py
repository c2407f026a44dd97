from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.mail.folder import forget

if TYPE_CHECKING:
    from pathlib import Path


def mail(folder: Path, name: str, to: str, body: str = "Hello") -> None:
    (folder / name).write_bytes(
        f"From: a@x.example\r\nTo: {to}\r\nSubject: =?utf-8?b?5Yip?=\r\n\r\n{body}\r\n".encode()
    )


def test_only_the_mails_to_one_address_are_deleted(tmp_path: Path) -> None:
    mail(tmp_path, "1.eml", "wang@example.com")
    mail(tmp_path, "2.eml", "Wang@Example.com")
    mail(tmp_path, "3.eml", "li@example.com", body="To: wang@example.com")
    mail(tmp_path, "4.txt", "wang@example.com")
    (tmp_path / "5.eml").write_bytes(b"\xff\x00 no mail at all")
    (tmp_path / "6.eml").mkdir()
    assert forget(str(tmp_path), "wang@example.com") == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["3.eml", "4.txt", "5.eml", "6.eml"]


def test_without_a_folder_there_are_none(tmp_path: Path) -> None:
    assert forget(str(tmp_path / "nowhere"), "wang@example.com") == 0
