"""The words that items of a source ever had; of items that are held already, `sync --replay` brings them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "word",
        sa.Column("source", WORD, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("word", WORD, nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source", "kind", "word", name="pk_word"),
    )
