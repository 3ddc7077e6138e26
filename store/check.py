"""Whether a store is whole: everything that the tables promise each other, looked at again."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Select, Text, and_, false, func, or_, select, text, type_coerce
from sqlalchemy.exc import DatabaseError

from store.migrate import schema_version
from store.tables import SCHEMA, cursor, item_key, metadata, raw_payload, report, transition, work_item

LISTED = 10  # faults of one kind that are listed one by one


def faults(connection: Connection) -> Iterator[str]:
    """One sentence for each fault, those of one kind together, and no more than LISTED of a kind.

    A damaged SQLite file, or a store of another schema, is looked at no further.
    """
    if connection.dialect.name == "sqlite":
        found = list(_damage(connection, "integrity_check"))
        if found:
            # What is damaged cannot be asked for more.
            yield from found
            return
        broken = connection.execute(text("PRAGMA foreign_key_check"))
        yield from _listed(f"{row[0]}: row {row[1]} refers to a row of {row[2]} that is not there." for row in broken)
    version = schema_version(connection)
    if version != SCHEMA:
        newer = version is not None and version > SCHEMA
        remedy = "upgrade Filrouge" if newer else "run `filrouge store upgrade`"
        yield f"The schema is {version}, and this Filrouge knows {SCHEMA}; {remedy}."
        return
    for table in metadata.sorted_tables:
        if {"source", "id"} <= set(table.c.keys()) and table.name not in ("work_item", "set_aside"):
            there = select(work_item.c.id).where(work_item.c.source == table.c.source, work_item.c.id == table.c.id)
            query = select(table.c.source, table.c.id).where(~there.exists()).distinct()
            yield from _each(connection, query, f"{table.name}: item {{}} is not in the store")
    yield from _each(connection, _out_of_order(), "transition: the history of item {} has a gap or goes back in time")
    yield from _each(connection, _untold(), "work_item: item {} and its history disagree on whether it is deleted")
    yield from _each(connection, _without_payload(), "work_item: item {} has no payload")
    yield from _each(connection, _without_key(), "work_item: item {} is not found by its key")
    places = select(cursor.c.source).where(cursor.c.source == work_item.c.source)
    query = select(work_item.c.source).where(~places.exists()).distinct()
    yield from _each(connection, query, "cursor: source {} has items, but no place from which to go on")
    yield from _listed(_unreadable(connection))


def damage(connection: Connection) -> Iterator[str]:
    """What a quick look finds wrong with the file of SQLite; of a server nothing is asked."""
    if connection.dialect.name == "sqlite":
        yield from _damage(connection, "quick_check")


def _damage(connection: Connection, pragma: str) -> Iterator[str]:
    """What SQLite says of its file; damage may also end the check itself."""
    found = []
    try:
        for line in connection.execute(text(f"PRAGMA {pragma}")).scalars():
            if line != "ok":
                found.append(f"SQLite: {line.strip()}.")  # noqa: PERF401 # those before an error count too
    except DatabaseError as error:
        found.append(f"SQLite: {error.orig}.")
        connection.rollback()  # nothing can be committed any more, not even a read
    yield from _listed(found)


def _out_of_order() -> Select[Any]:
    """Entries are numbered from 0 in the order of their instants."""
    table = transition.c
    window: dict[str, Any] = {"partition_by": (table.source, table.id), "order_by": table.sequence}
    placed = select(
        table.source,
        table.id,
        table.sequence,
        table.at,
        (func.row_number().over(**window) - 1).label("place"),
        func.lag(table.at).over(**window).label("before"),
    ).subquery()
    wrong = or_(placed.c.sequence != placed.c.place, placed.c.at < placed.c.before)
    return select(placed.c.source, placed.c.id).where(wrong).distinct()


def _untold() -> Select[Any]:
    """The last word of the history on a deletion is that of the row."""
    item = work_item.c
    last = (
        select(type_coerce(transition.c.after, Text) != "null")
        .where(transition.c.source == item.source, transition.c.id == item.id, transition.c.field == "deleted")
        .order_by(transition.c.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(item.source, item.id).where(item.deleted.is_not(None) != func.coalesce(last, false()))


def _without_payload() -> Select[Any]:
    item = work_item.c
    there = select(raw_payload.c.id).where(raw_payload.c.source == item.source, raw_payload.c.id == item.id)
    return select(item.source, item.id).where(~there.exists())


def _without_key() -> Select[Any]:
    item, key = work_item.c, item_key.c
    there = select(key.id).where(and_(key.source == item.source, key.id == item.id, key.key == item.key))
    return select(item.source, item.id).where(~there.exists())


def _unreadable(connection: Connection) -> Iterator[str]:
    payloads = select(raw_payload.c.source, raw_payload.c.id, raw_payload.c.payload)
    for source, item, packed in connection.execute(payloads, execution_options={"yield_per": 500}):
        try:
            zlib.decompress(packed)
        except zlib.error:
            yield f"raw_payload: the payload of item {source} {item} cannot be unpacked."
    documents = select(report.c.id, report.c.label, report.c.document).order_by(report.c.number)
    for name, label, packed in connection.execute(documents, execution_options={"yield_per": 10}):
        try:
            json.loads(zlib.decompress(packed))
        except (zlib.error, ValueError):
            yield f"report: the document of {name} {label} cannot be read."


def _each(connection: Connection, query: Select[Any], sentence: str) -> Iterator[str]:
    found = connection.execute(query.order_by(*query.selected_columns), execution_options={"yield_per": 500})
    yield from _listed(sentence.format(" ".join(row)) + "." for row in found)


def _listed(sentences: Iterable[str]) -> Iterator[str]:
    """The first ones, and how many more there are."""
    rest = iter(sentences)
    last = ""
    for last in islice(rest, LISTED):
        yield last
    more = sum(1 for _ in rest)
    if more:
        yield f"{last.partition(':')[0]}: and {more:,} more like the last."
