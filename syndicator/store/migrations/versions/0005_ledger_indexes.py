"""Find what is due in its order, and what is leased at once."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def only(condition):
    """Make an index one of some rows only."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    still_open = only("state IN ('queued', 'leased', 'unknown')")
    op.drop_index("ix_deliveries_due", "deliveries")
    op.create_index("ix_deliveries_due", "deliveries", ["due", "id"], **still_open)
    op.create_index("ix_deliveries_leased", "deliveries", ["recipient_id"], **only("state = 'leased'"))
