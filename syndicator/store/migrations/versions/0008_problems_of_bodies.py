"""Keep what is wrong with a rendered body beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("contents", sa.Column("problems", sa.Text(), nullable=False, server_default="[]"))
    some = sa.text("problems != '[]'")
    op.create_index("ix_contents_problems", "contents", ["post_id"], sqlite_where=some, postgresql_where=some)
