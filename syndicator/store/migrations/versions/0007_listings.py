"""Keep what a scan saw of files in pages, beside the posts: a scan with nothing new need not ask for every post."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "listings",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "first", name=op.f("pk_listings")),
    )
    # Not in a batch: that makes the table anew and drops the old one, and with it all that refers to posts.
    op.drop_column("posts", "fingerprint")
    op.drop_index("ix_posts_gone", "posts")
    for name, columns, state in (
        ("ix_posts_gone", ["source", "content_hash"], "gone"),
        ("ix_posts_quarantined", ["source"], "quarantined"),
    ):
        its = sa.text(f"state = '{state}'")
        op.create_index(name, "posts", columns, sqlite_where=its, postgresql_where=its)
