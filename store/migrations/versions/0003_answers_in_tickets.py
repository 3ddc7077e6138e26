"""What people said in their tickets, how far each ticket was heard, and what came of every write."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    op.drop_table("pin")  # never written: pins are part of the mapping's revision
    op.create_table(
        "command",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", WORD, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("comment", WORD, nullable=False),
        sa.Column("said", WORD, nullable=False),
        sa.Column("author", WORD, nullable=True),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("known_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_command"),
        sa.ForeignKeyConstraint(["source", "id"], ["work_item.source", "work_item.id"], name="fk_command_work_item"),
    )
    op.create_index("ix_command_source_id", "command", ["source", "id"])
    op.add_column("comment", sa.Column("heard_to", INSTANT, nullable=True))
    op.add_column("outbox", sa.Column("purpose", WORD, nullable=False, server_default="tells"))
    op.add_column("outbox", sa.Column("outcome", WORD, nullable=True))
    op.add_column("outbox", sa.Column("outcome_at", INSTANT, nullable=True))
