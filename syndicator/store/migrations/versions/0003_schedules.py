"""Plan digests by schedule, freeze whom a post is for when it is announced, keep what ended subscriptions covered."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("posts", sa.Column("audience", sa.Text(), nullable=False, server_default="[]"))
    _freeze_audiences()
    op.create_table(
        "schedules",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("cadence", "zone", "at", "day")),
        sa.Column("period", sa.Text(), nullable=False),
        sa.CheckConstraint("cadence IN ('daily', 'weekly')", name=op.f("ck_schedules_cadence")),
        sa.PrimaryKeyConstraint("cadence", "zone", "at", "day", name=op.f("pk_schedules")),
        sqlite_with_rowid=False,
    )
    op.execute("""
        INSERT INTO schedules (cadence, zone, at, day, period)
        SELECT cadence, zone, at, CASE WHEN cadence = 'weekly' THEN day ELSE '' END, MIN(period)
        FROM subscriptions JOIN recipients ON recipients.id = recipient_id
        WHERE cadence <> 'instant' AND NOT ended
        GROUP BY 1, 2, 3, 4
    """)
    op.create_index("ix_recipients_zone", "recipients", ["zone", "at"])
    with op.batch_alter_table("subscriptions") as batch:  # nothing refers to it
        batch.drop_constraint("uq_subscriptions_recipient_id_kind_feed_cadence", type_="unique")
        batch.drop_column("period")
    op.create_index("ix_subscriptions_recipient_id", "subscriptions", ["recipient_id"])
    active = sa.text("NOT ended")
    op.create_index(
        "uq_subscriptions_active", "subscriptions", ["recipient_id", "kind", "feed", "cadence"], unique=True,
        sqlite_where=active, postgresql_where=active,
    )  # fmt: skip


def _freeze_audiences() -> None:
    posts = sa.table("posts", *(sa.column(name) for name in ("id", "categories", "tags", "audience", "announce_seq")))
    connection = op.get_bind()
    announced = sa.select(posts.c.id, posts.c.categories, posts.c.tags).where(posts.c.announce_seq.is_not(None))
    for post_id, categories, tags in connection.execute(announced).all():
        named = [("category", name) for name in json.loads(categories)] + [("tag", name) for name in json.loads(tags)]
        audience = json.dumps([("site", ""), *named], ensure_ascii=False, separators=(",", ":"))
        connection.execute(sa.update(posts).where(posts.c.id == post_id).values(audience=audience))
