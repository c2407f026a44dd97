"""Compare a post's text with what readers were shown, not with a hash of its source."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Not in a batch: that makes the table anew and drops the old one, and with it all that refers to posts.
    op.drop_column("posts", "text_hash")
