"""Every report on its way to a channel, so that each arrives once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "delivery",
        sa.Column("report", WORD, nullable=False),
        sa.Column("label", WORD, nullable=False),
        sa.Column("channel", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("digest", WORD, nullable=False),
        sa.Column("parcel", sa.LargeBinary()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("tried_at", INSTANT),
        sa.Column("sent_at", INSTANT),
        sa.Column("problem", WORD),
        sa.PrimaryKeyConstraint("report", "label", "channel", name="pk_delivery"),
    )
