"""Let one process at a time be the scheduler, and find leased deliveries fast."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def only(condition):
    """Make an index one of some rows only."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.drop_index("ix_deliveries_due", "deliveries")
    op.create_index(
        "ix_deliveries_due", "deliveries", ["due", "id"], **only("state IN ('queued', 'leased', 'unknown')")
    )
    op.create_index("ix_deliveries_leased", "deliveries", ["recipient_id"], **only("state = 'leased'"))
