"""The tables, as this version of the program reads and writes them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
)

from store.columns import FieldJson, FieldsJson, Instant, Json, StateWord, Texts, Word

# The newest migration; a test holds it against store/migrations/versions.
SCHEMA = "0008"
VERSION_TABLE = "filrouge_schema"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _item() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["source", "id"], ["work_item.source", "work_item.id"])


# The columns that a work item's fields are called after come first, in the order of its fields.
work_item = Table(
    "work_item",
    metadata,
    Column("source", Word, primary_key=True),
    Column("id", Word, primary_key=True),
    Column("key", Word, nullable=False),
    Column("url", Word, nullable=False),
    Column("type", Word, nullable=False),
    Column("level", Integer, nullable=False),
    Column("title", Word, nullable=False),
    Column("status", Word, nullable=False),
    Column("state", StateWord, nullable=False),
    Column("project", Word, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("points", Double),
    Column("priority", Word),
    Column("parent", Word),
    Column("parent_key", Word),
    Column("team", Word),
    Column("labels", Texts, nullable=False),
    Column("components", Texts, nullable=False),
    Column("area_path", Word),
    Column("iteration", Word),
    Column("sprint", Word),
    Column("fix_versions", Texts, nullable=False),
    Column("assignee", Word),
    Column("fields", FieldsJson, nullable=False),
    Column("started_at", Instant),
    Column("done_at", Instant),
    Column("deleted", Instant),
    # From this instant on the item stood as this row says; null: its history has to be asked for every instant.
    Column("settled_at", Instant),
    # Of the raw payload and its context: the same digest is the same content.
    Column("digest", LargeBinary, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("run", Integer),
    # What a report reaches: open work, what changed of late, and what hangs below it.
    Index(None, "settled_at"),
    Index(None, "state"),
    Index(None, "parent"),
)

# The tracker's own JSON, compressed by zlib.
raw_payload = Table(
    "raw_payload",
    metadata,
    Column("source", Word, primary_key=True),
    Column("id", Word, primary_key=True),
    Column("payload", LargeBinary, nullable=False),
    _item(),
)

# Every key that an item ever had; `folded` is the key without regard to case.
item_key = Table(
    "item_key",
    metadata,
    Column("source", Word, primary_key=True),
    Column("id", Word, primary_key=True),
    Column("key", Word, primary_key=True),
    Column("folded", Word, nullable=False),
    _item(),
    Index(None, "folded"),
)

# No foreign key: items are never removed, a page writes both in one transaction, and the check would cost
# more than the insert. `ours` marks what the store added to the tracker's own history (deletions it was told of).
transition = Table(
    "transition",
    metadata,
    Column("source", Word, primary_key=True),
    Column("id", Word, primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("field", Word, nullable=False),
    Column("before", FieldJson, nullable=False),
    Column("after", FieldJson, nullable=False),
    Column("ours", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

# Every word that rules may name and that some item ever had, since the first instant at which one is known to have had
# it; whether one has it still is said by the items.
word = Table(
    "word",
    metadata,
    Column("source", Word, primary_key=True),
    Column("kind", Word, primary_key=True),
    Column("word", Word, primary_key=True),
    Column("first_at", Instant, nullable=False),
)

assignment = Table(
    "assignment",
    metadata,
    Column("source", Word, primary_key=True),
    Column("id", Word, primary_key=True),
    Column("shares", Json, nullable=False),
    Column("value_stream", Word),
    Column("product", Word),
    Column("work_class", Word),
    Column("via", Json, nullable=False),
    Column("conflict", Boolean, nullable=False),
    Column("unknown", Texts, nullable=False),
    Column("mapping", Word, nullable=False),
    Column("strategy", Word, nullable=False),
    _item(),
)

# Revisions of strategy, mapping and configuration, in the order in which they were first seen.
revision = Table(
    "revision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Word, nullable=False),
    Column("digest", Word, nullable=False),
    Column("text", Word, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "kind", "at"),
)

# Readings of key results that did not come with the strategy's own text.
reading = Table(
    "reading",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key_result", Word, nullable=False),
    Column("on", Date, nullable=False),
    Column("value", Double, nullable=False),
    Column("origin", Word, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index(None, "key_result", "on"),
)

# What people wrote to Filrouge in a ticket, line by line as it stands there; pins are part of the mapping's revision.
# `at` is when it was written, `known_at` when we read it, `ended_at` when it no longer stood there.
command = Table(
    "command",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("source", Word, nullable=False),
    Column("id", Word, nullable=False),
    Column("comment", Word, nullable=False),
    Column("said", Word, nullable=False),
    Column("author", Word),
    Column("allowed", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("known_at", Instant, nullable=False),
    Column("ended_at", Instant),
    _item(),
    Index(None, "source", "id"),
)

decision = Table(
    "decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("title", Word, nullable=False),
    Column("text", Word, nullable=False),
    Column("author", Word),
    Column("subject", Word),
    Column("expected", Json, nullable=False),
    Column("review_on", Date),
    Column("closed_at", Instant),
    Column("result", Word),
)

# The report's JSON document, compressed by zlib. A report that was made again and says something else is a row of its
# own: later reports rest on what the earlier one said.
report = Table(
    "report",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Word, nullable=False),
    Column("label", Word, nullable=False),
    Column("window_from", Instant, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Index(None, "id", "window_from", "as_of"),
)

finding = Table(
    "finding",
    metadata,
    Column("report", Integer, ForeignKey("report.number", ondelete="CASCADE"), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("fingerprint", Word, nullable=False),
    Column("code", Word, nullable=False),
    Column("name", Word, nullable=False),
    Column("severity", Word, nullable=False),
    Column("subject", Word, nullable=False),
    Column("message", Word, nullable=False),
    Column("since", Word, nullable=False),
    Index(None, "fingerprint"),
)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Word, nullable=False),
    Column("subject", Word, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("outcome", Word),
    Column("summary", Json, nullable=False),
    Index(None, "kind", "subject", "started_at"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("source", Word, primary_key=True),
    Column("cursor", Json, nullable=False),
    Column("context", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Column("run", Integer),
)

# No foreign key: an item may be set aside before it was ever read.
set_aside = Table(
    "set_aside",
    metadata,
    Column("source", Word, primary_key=True),
    Column("id", Word, primary_key=True),
    Column("reason", Word, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("times", Integer, nullable=False),
)

# Random text that must stay the same as long as the store lives (the salt of pseudonyms).
keepsake = Table(
    "keepsake",
    metadata,
    Column("name", Word, primary_key=True),
    Column("text", Word, nullable=False),
)

# Who may pull a source (or run a job) now; `fence` grows with every new holder.
lease = Table(
    "lease",
    metadata,
    Column("name", Word, primary_key=True),
    Column("holder", Word, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

# A comment is a row here before it is sent.
outbox = Table(
    "outbox",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("source", Word, nullable=False),
    Column("id", Word, nullable=False),
    Column("action", Word, nullable=False),
    Column("marker", Word, nullable=False),
    Column("body", Word, nullable=False),
    Column("digest", Word, nullable=False),
    Column("why", Word, nullable=False),
    Column("state", Word, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("problem", Word),
    Column("at", Instant, nullable=False),
    Column("tried_at", Instant),
    Column("sent_at", Instant),
    # What a write is for (asks for a goal, tells one, answers somebody), and what came of it when.
    Column("purpose", Word, nullable=False, server_default="tells"),
    Column("outcome", Word),
    Column("outcome_at", Instant),
    _item(),
    UniqueConstraint("marker"),
    Index(None, "state", "at"),
)

# The one standing comment of an item, as the tracker knows it.
comment = Table(
    "comment",
    metadata,
    Column("source", Word, primary_key=True),
    Column("id", Word, primary_key=True),
    Column("comment", Word, nullable=False),
    Column("marker", Word, nullable=False),
    Column("digest", Word, nullable=False),
    Column("state", Word, nullable=False),
    Column("posted_at", Instant, nullable=False),
    Column("edited_at", Instant),
    # What the tracker says of its last change, and its visible text; null: not known.
    Column("stamp", Word),
    Column("body", Word),
    # The comments in the ticket were read as they stood at this change of it; null: never.
    Column("heard_to", Instant),
    _item(),
)

# A label or property of ours on an item, as far as it is ours: a row before it is set, and until it is surely gone.
mark = Table(
    "mark",
    metadata,
    Column("source", Word, primary_key=True),
    Column("id", Word, primary_key=True),
    Column("kind", Word, primary_key=True),
    Column("name", Word, primary_key=True),
    Column("state", Word, nullable=False),
    # What a property holds, as JSON; null for a label.
    Column("value", Word),
    Column("at", Instant, nullable=False),
    # When the item was last changed as we held it then: a later change may be somebody's word on the mark.
    Column("item_at", Instant, nullable=False),
    _item(),
)

# A report of a week on its way to a channel: a row before anything is sent. The parcel is kept while it is to be sent.
delivery = Table(
    "delivery",
    metadata,
    Column("report", Word, primary_key=True),
    Column("label", Word, primary_key=True),
    Column("channel", Word, primary_key=True),
    Column("state", Word, nullable=False),
    Column("digest", Word, nullable=False),
    Column("parcel", LargeBinary),
    Column("attempts", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("tried_at", Instant),
    Column("sent_at", Instant),
    Column("problem", Word),
)
