"""Keep posts, feeds, recipients and the ledger in SQLite or PostgreSQL, through one query layer.

The functions take a connection, so that the caller decides what one transaction is; `engine.Store` hands them out.
"""

from syndicator.store.engine import Store

__all__ = ["Store"]
