"""What a comment said when we left it, and the tracker's word of its last change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("comment", sa.Column("stamp", WORD, nullable=True))
    op.add_column("comment", sa.Column("body", WORD, nullable=True))
