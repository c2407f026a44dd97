"""Tell the owner of trouble: how scans ended, what is wrong, and deliveries of the kind "alert"."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "scans",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("good", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_scans")),
    )
    op.create_table(
        "troubles",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.BigInteger(), nullable=True),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_troubles")),
    )
    op.create_table(
        "alerts",
        sa.Column("id", ID, nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    # SQLite cannot change a constraint, so the table is made anew there. Nothing but itself refers to it.
    with op.batch_alter_table("deliveries", copy_from=_before()) as batch:
        batch.drop_constraint(op.f("ck_deliveries_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_deliveries_kind"), "kind IN ('post', 'digest', 'alert')")
        batch.add_column(sa.Column("alert_id", ID, nullable=True))
        batch.create_foreign_key(op.f("fk_deliveries_alert_id"), "alerts", ["alert_id"], ["id"])
        batch.create_index("ix_deliveries_digest_id", ["digest_id"])
        failed = sa.text("state = 'failed'")
        batch.create_index("ix_deliveries_failed", ["settled"], sqlite_where=failed, postgresql_where=failed)


def _before() -> sa.Table:
    """Return the table as it was: SQLite does not tell the constraints of one."""
    table = sa.Table(
        "deliveries",
        sa.MetaData(),
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recipient_id", ID, nullable=False),
        sa.Column("post_id", ID, nullable=True),
        sa.Column("digest_id", ID, nullable=True),
        sa.Column("unique_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("budget_key", sa.Text(), nullable=False),
        sa.Column("folded_into", ID, nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('post', 'digest')", name=op.f("ck_deliveries_kind")),
        sa.CheckConstraint(
            "state IN ('queued', 'leased', 'sent', 'unknown', 'failed', 'cancelled')", name=op.f("ck_deliveries_state")
        ),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_deliveries_digest_id")),
        sa.ForeignKeyConstraint(["folded_into"], ["deliveries.id"], name=op.f("fk_deliveries_folded_into")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_deliveries_post_id")),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipients.id"], name=op.f("fk_deliveries_recipient_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("unique_key", name=op.f("uq_deliveries_unique_key")),
    )
    still_open = sa.text("state IN ('queued', 'leased', 'unknown')")
    sa.Index("ix_deliveries_due", table.c.due, table.c.id, sqlite_where=still_open)
    sa.Index("ix_deliveries_leased", table.c.recipient_id, sqlite_where=sa.text("state = 'leased'"))
    sa.Index("ix_deliveries_post_id", table.c.post_id)
    sa.Index("ix_deliveries_recipient_id", table.c.recipient_id)
    return table
