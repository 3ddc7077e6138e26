"""Labels and properties of ours on tickets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "mark",
        sa.Column("source", WORD, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("name", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("value", WORD, nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("item_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source", "id", "kind", "name", name="pk_mark"),
        sa.ForeignKeyConstraint(["source", "id"], ["work_item.source", "work_item.id"], name="fk_mark_work_item"),
    )
