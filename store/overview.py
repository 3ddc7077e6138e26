"""What there is of each kind, in numbers: what a scrape and a doctor ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Table, func, select, text

from store.kept import UNCLEAR, SourceCounts
from store.tables import comment, lease, outbox, set_aside, transition, work_item


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts by source or by state; without a row nothing is named.

    `unclear_since` is when the oldest write began of which nobody knows whether it arrived (None: there is none),
    `leases` maps each name to the instant until which it is held, and `size` is in bytes.
    """

    items: Mapping[str, int]
    deleted: Mapping[str, int]
    set_aside: Mapping[str, int]
    writes: Mapping[str, int]
    comments: Mapping[str, int]
    unclear_since: datetime | None
    leases: Mapping[str, datetime]
    size: int


def counts(connection: Connection) -> dict[str, SourceCounts]:
    """How much is stored of each source that has items, in order of its id."""
    entries = _by(connection, transition, transition.c.source)
    return {source: SourceCounts(there, gone, entries.get(source, 0)) for source, there, gone in _items(connection)}


def overview(connection: Connection) -> Overview:
    """The numbers as they are now."""
    items = list(_items(connection))
    return Overview(
        items={source: there for source, there, _ in items},
        deleted={source: gone for source, _, gone in items},
        set_aside=_by(connection, set_aside, set_aside.c.source),
        writes=_by(connection, outbox, outbox.c.state),
        comments=_by(connection, comment, comment.c.state),
        unclear_since=connection.scalar(select(func.min(outbox.c.at)).where(outbox.c.state.in_(UNCLEAR))),
        leases={row.name: row.expires_at for row in connection.execute(select(lease.c.name, lease.c.expires_at))},
        size=size(connection),
    )


def size(connection: Connection) -> int:
    """How many bytes the database has."""
    if connection.dialect.name == "postgresql":
        query = text("SELECT pg_database_size(current_database())")
    else:
        query = text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
    return int(connection.execute(query).scalar_one())


def _items(connection: Connection) -> Iterator[tuple[str, int, int]]:
    """Of each source that has items: those that are there, and those marked as deleted."""
    item = work_item.c
    query = select(item.source, func.count(), func.count(item.deleted)).group_by(item.source).order_by(item.source)
    for source, total, gone in connection.execute(query):
        yield source, total - gone, gone


def _by(connection: Connection, table: Table, column: Column[str]) -> dict[str, int]:
    query = select(column, func.count()).select_from(table).group_by(column).order_by(column)
    return {str(value): int(count) for value, count in connection.execute(query)}
