"""Be the one scheduler of a store, or stand by: every service tries for a lease; its holder scans, plans, cleans up.

Two at once would do no harm (locks, unique keys, `store.scans`): the lease keeps them from doing the same work twice.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from syndicator.errors import StoreError, SyndicatorError
from syndicator.store import dialect, leases
from syndicator.store.locks import owner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from syndicator.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")

LEASE = timedelta(seconds=10)
_RENEW_SECONDS = 3.0
# How often those who stand by look whether it is free.
_TRY_SECONDS = 1.0


class RelievedError(SyndicatorError):
    """Leave off in the middle of scheduling: this process is to stop, or another one has the lease."""


class Duty:
    """Hold the scheduler's lease while it can be had; a service that is `alone` on its store needs none."""

    def __init__(self, store: Store, clock: Callable[[], datetime], *, alone: bool = False) -> None:
        self._store = store
        self._clock = clock
        self._alone = alone
        self._token = uuid4().hex
        # When the lease that we hold was asked for: it ends, for us, no later than it does in the store.
        self._asked: datetime | None = None
        self._stopped = False
        self._awake = asyncio.Event()

    async def keep(self, stop: asyncio.Event) -> None:
        """Try for the lease and renew it until `stop` is set; then give it back at once."""
        if self._alone:
            self._awake.set()
            await stop.wait()
            self._stopped = True
            return
        while not stop.is_set():
            await asyncio.to_thread(self._try)
            if self.holds():
                self._awake.set()
            else:
                self._awake.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _RENEW_SECONDS if self.holds() else _TRY_SECONDS)
        self._stopped = True
        self._awake.set()
        await asyncio.to_thread(self._give_back)

    def holds(self) -> bool:
        """Tell whether this process is the scheduler now; one that was stalled for too long is not."""
        if self._alone or self._stopped:
            return not self._stopped
        if self._asked is None:
            return False
        # A clock that was set back says nothing any more.
        return timedelta(0) <= self._clock() - self._asked < LEASE

    async def do(self, work: Callable[[], T]) -> T | None:
        """Wait until this process is the scheduler, and then work in a thread; not at all when it is to stop."""
        await self._awake.wait()
        if self.holds():
            try:
                return await asyncio.to_thread(work)
            except RelievedError as error:
                log.info("%s", error)
        return None

    def while_held(self, items: Sequence[T]) -> Iterator[T]:
        """Yield the items as long as this process is the scheduler; then raise RelievedError."""
        for item in items:
            if not self.holds():
                raise RelievedError("left off: this process is not the scheduler any more; nothing was lost")
            yield item

    def _try(self) -> None:
        held, asked = self._asked is not None, self._clock()
        try:
            with self._store.write(alone=False) as connection:
                now = dialect.now(connection, asked)
                taken = leases.take(connection, leases.SCHEDULER, owner(), self._token, now, LEASE)
                holder = "" if taken else leases.owner(connection, leases.SCHEDULER)
        except StoreError as error:
            log.warning("the scheduler's lease cannot be renewed: %s", error)
            return
        self._asked = asked if taken else None
        if taken and not held:
            log.info("this process is the scheduler")
        elif held and not taken:
            log.warning("another process is the scheduler now", extra={"owner": holder})

    def _give_back(self) -> None:
        try:
            with self._store.write(alone=False) as connection:
                leases.give_back(connection, self._token)
        except StoreError as error:
            log.warning("the scheduler's lease was not given back, and runs out: %s", error)
