"""What every end-to-end test starts from: a site in a folder of its own, and somebody who listens."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.e2e.site import Site
from tests.servers import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site whose settings are what its file says, whatever the environment of the tests sets."""
    for name in [name for name in os.environ if name.startswith("SYNDICATOR_") and "__" in name]:
        monkeypatch.delenv(name)
    return Site(tmp_path)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver
