"""Marks: the labels and properties on tickets that are ours, and those that people have the say of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, select, union

from domain.work import ItemRef
from store.bulk import insert_rows
from store.kept import StoredMark
from store.tables import comment, mark, work_item


def keep(connection: Connection, ref: ItemRef, known: Sequence[StoredMark]) -> None:
    """Put these marks of a ticket in the place of all that were known."""
    connection.execute(delete(mark).where(mark.c.source == ref.source, mark.c.id == ref.id))
    rows = [(*ref, one.kind, one.name, one.state, one.value, one.at, one.item_at) for one in known]
    insert_rows(connection, mark, rows)


def marks(connection: Connection, source: str | None) -> dict[ItemRef, list[StoredMark]]:
    """What is known of our marks on each ticket, in order of (source, id, kind, name)."""
    query = select(mark).order_by(*mark.primary_key)
    if source is not None:
        query = query.where(mark.c.source == source)
    found: dict[ItemRef, list[StoredMark]] = defaultdict(list)
    for row in connection.execute(query):
        found[ItemRef(row.source, row.id)].append(StoredMark(*row[2:]))
    return dict(found)


def projects(connection: Connection) -> set[tuple[str, str]]:
    """Source and project of every ticket where a comment or a mark of ours was written, and not withdrawn since."""
    commented: Select[Any] = (
        select(comment.c.source, work_item.c.project)
        .join(work_item, and_(work_item.c.source == comment.c.source, work_item.c.id == comment.c.id))
        .where(comment.c.state != "withdrawn")
    )
    marked: Select[Any] = (
        select(mark.c.source, work_item.c.project)
        .join(work_item, and_(work_item.c.source == mark.c.source, work_item.c.id == mark.c.id))
        .where(mark.c.state != "left")
    )
    return {(source, project) for source, project in connection.execute(union(commented, marked))}
