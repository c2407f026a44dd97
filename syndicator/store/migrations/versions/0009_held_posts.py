"""Find posts that are held for their date, also those that were announced and withdrawn before."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    waiting = sa.text("announce = 'pending' OR state = 'held'")
    op.drop_index("ix_posts_pending", "posts")
    op.create_index("ix_posts_waiting", "posts", ["source"], sqlite_where=waiting, postgresql_where=waiting)
