"""The first schema: everything that Filrouge keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Text in the order of its code points, and instants, as store.columns keeps them.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "cursor",
        sa.Column("source", WORD, nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("run", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("source", name="pk_cursor"),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("title", WORD, nullable=False),
        sa.Column("text", WORD, nullable=False),
        sa.Column("author", WORD, nullable=True),
        sa.Column("subject", WORD, nullable=True),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("result", WORD, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
    )
    op.create_table(
        "keepsake",
        sa.Column("name", WORD, nullable=False),
        sa.Column("text", WORD, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_keepsake"),
    )
    op.create_table(
        "lease",
        sa.Column("name", WORD, nullable=False),
        sa.Column("holder", WORD, nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )
    op.create_table(
        "reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_result", WORD, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("origin", WORD, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reading"),
    )
    op.create_index("ix_reading_key_result_on", "reading", ["key_result", "on"])
    op.create_table(
        "report",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("label", WORD, nullable=False),
        sa.Column("window_from", INSTANT, nullable=False),
        sa.Column("as_of", INSTANT, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_report"),
        sa.UniqueConstraint("id", "window_from", "as_of", name="uq_report_id_window_from_as_of"),
    )
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("digest", WORD, nullable=False),
        sa.Column("text", WORD, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
    )
    op.create_index("ix_revision_kind_at", "revision", ["kind", "at"])
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("outcome", WORD, nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_index("ix_run_kind_subject_started_at", "run", ["kind", "subject", "started_at"])
    op.create_table(
        "set_aside",
        sa.Column("source", WORD, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("reason", WORD, nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "id", name="pk_set_aside"),
    )
    op.create_table(
        "transition",
        sa.Column("source", WORD, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("field", WORD, nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source", "id", "sequence", name="pk_transition"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "work_item",
        sa.Column("source", WORD, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("key", WORD, nullable=False),
        sa.Column("url", WORD, nullable=False),
        sa.Column("type", WORD, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("title", WORD, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("project", WORD, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("priority", WORD, nullable=True),
        sa.Column("parent", WORD, nullable=True),
        sa.Column("parent_key", WORD, nullable=True),
        sa.Column("team", WORD, nullable=True),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("components", sa.Text(), nullable=False),
        sa.Column("area_path", WORD, nullable=True),
        sa.Column("iteration", WORD, nullable=True),
        sa.Column("sprint", WORD, nullable=True),
        sa.Column("fix_versions", sa.Text(), nullable=False),
        sa.Column("assignee", WORD, nullable=True),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("deleted", INSTANT, nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("run", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("source", "id", name="pk_work_item"),
    )
    op.create_table(
        "assignment",
        sa.Column("source", WORD, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("shares", sa.Text(), nullable=False),
        sa.Column("value_stream", WORD, nullable=True),
        sa.Column("product", WORD, nullable=True),
        sa.Column("work_class", WORD, nullable=True),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("conflict", sa.Boolean(), nullable=False),
        sa.Column("unknown", sa.Text(), nullable=False),
        sa.Column("mapping", WORD, nullable=False),
        sa.Column("strategy", WORD, nullable=False),
        sa.PrimaryKeyConstraint("source", "id", name="pk_assignment"),
        sa.ForeignKeyConstraint(["source", "id"], ["work_item.source", "work_item.id"], name="fk_assignment_work_item"),
    )
    op.create_table(
        "comment",
        sa.Column("source", WORD, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("comment", WORD, nullable=False),
        sa.Column("marker", WORD, nullable=False),
        sa.Column("digest", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("posted_at", INSTANT, nullable=False),
        sa.Column("edited_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("source", "id", name="pk_comment"),
        sa.ForeignKeyConstraint(["source", "id"], ["work_item.source", "work_item.id"], name="fk_comment_work_item"),
    )
    op.create_table(
        "finding",
        sa.Column("report", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("fingerprint", WORD, nullable=False),
        sa.Column("code", WORD, nullable=False),
        sa.Column("name", WORD, nullable=False),
        sa.Column("severity", WORD, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("message", WORD, nullable=False),
        sa.Column("since", WORD, nullable=False),
        sa.PrimaryKeyConstraint("report", "sequence", name="pk_finding"),
        sa.ForeignKeyConstraint(["report"], ["report.number"], name="fk_finding_report", ondelete="CASCADE"),
    )
    op.create_index("ix_finding_fingerprint", "finding", ["fingerprint"])
    op.create_table(
        "item_key",
        sa.Column("source", WORD, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("key", WORD, nullable=False),
        sa.Column("folded", WORD, nullable=False),
        sa.PrimaryKeyConstraint("source", "id", "key", name="pk_item_key"),
        sa.ForeignKeyConstraint(["source", "id"], ["work_item.source", "work_item.id"], name="fk_item_key_work_item"),
    )
    op.create_index("ix_item_key_folded", "item_key", ["folded"])
    op.create_table(
        "outbox",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", WORD, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("action", WORD, nullable=False),
        sa.Column("marker", WORD, nullable=False),
        sa.Column("body", WORD, nullable=False),
        sa.Column("digest", WORD, nullable=False),
        sa.Column("why", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", WORD, nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("tried_at", INSTANT, nullable=True),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_outbox"),
        sa.ForeignKeyConstraint(["source", "id"], ["work_item.source", "work_item.id"], name="fk_outbox_work_item"),
        sa.UniqueConstraint("marker", name="uq_outbox_marker"),
    )
    op.create_index("ix_outbox_state_at", "outbox", ["state", "at"])
    op.create_table(
        "pin",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", WORD, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("author", WORD, nullable=False),
        sa.Column("why", WORD, nullable=True),
        sa.Column("cascade", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_pin"),
        sa.ForeignKeyConstraint(["source", "id"], ["work_item.source", "work_item.id"], name="fk_pin_work_item"),
    )
    op.create_index("ix_pin_source_id", "pin", ["source", "id"])
    op.create_table(
        "raw_payload",
        sa.Column("source", WORD, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source", "id", name="pk_raw_payload"),
        sa.ForeignKeyConstraint(
            ["source", "id"], ["work_item.source", "work_item.id"], name="fk_raw_payload_work_item"
        ),
    )
