"""A report that is made again no longer takes the place of the one before."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("report") as report:
        report.drop_constraint("uq_report_id_window_from_as_of", type_="unique")
        report.create_index("ix_report_id_window_from_as_of", ["id", "window_from", "as_of"])
