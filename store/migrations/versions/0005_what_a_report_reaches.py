"""Indexes by which a report finds open work, what changed of late, and what hangs below it."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_index("ix_work_item_settled_at", "work_item", ["settled_at"])
    op.create_index("ix_work_item_state", "work_item", ["state"])
    op.create_index("ix_work_item_parent", "work_item", ["parent"])
