"""Turn what a database cannot do now into an error that says what to do; leave our own mistakes as they are."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from syndicator.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    # Returns what to do about a failure, None for one that is a bug of ours.
    Advise = Callable[[DBAPIError], str | None]


@contextmanager
def named(store: str, advise: Advise) -> Iterator[None]:
    """Raise StoreError for every failure that `advise` knows, naming the store."""
    try:
        yield
    except DBAPIError as error:
        advice = advise(error)
        if advice is None:
            raise
        raise StoreError(f"{store}: {reason(error)}: {advice}") from error


def reason(error: DBAPIError) -> str:
    """Return the database's own words on one line."""
    return " ".join(str(error.orig).split()).rstrip(".?:")
