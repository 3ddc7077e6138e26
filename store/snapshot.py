"""The work as it stood at an instant: all of it, or what a report about the time since another instant can meet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, or_, select, tuple_

from domain.hierarchy import Hierarchy
from domain.history import as_of as item_as_of
from domain.history import lively
from domain.vocabulary import ATTRIBUTES, Vocabulary, texts_of, vocabulary_of, with_nodes
from domain.work import EPIC, OPEN, ItemRef, Transition, WorkItem
from store.kept import Snapshot
from store.rows import ENTRY_COLUMNS, ITEM_COLUMNS, ITEM_FIELDS, histories_of, item_of
from store.tables import item_key, transition, work_item
from store.unit import SOME, by_source

Rows = Callable[[Select[Any]], Iterator[Any]]

_END: tuple[ItemRef | None, tuple[Transition, ...]] = (None, ())


def everything(stream: Rows, as_of: datetime) -> Snapshot:
    """Every item that existed at an instant, with its history up to then; rows come by `stream`."""
    query = _items(as_of).order_by(work_item.c.source, work_item.c.id)
    found = Snapshot({}, {})
    _read(stream(query), histories_of(stream(_entries())), as_of, found)
    return found


def reach(connection: Connection, as_of: datetime, since: datetime) -> Snapshot:
    """The items that were open at an instant or changed between another and it, with all that is above and below them.

    Above: every ancestor. Below: whatever hangs under an item of level 1 or more that was itself open or changed.
    Each stands as at `as_of`, with its history up to then. What ended before `since` and hangs below none of them is
    left out, so that old work costs nothing. Nothing that comes to pass after `as_of` changes which items these are.
    """
    pool = Snapshot({}, {})
    fresh = _fetch(connection, _changed(connection, as_of, since), as_of, pool)
    met = {ref for ref in fresh if lively(pool.items[ref], pool.history[ref], since)}
    while grown := [pool.items[ref] for ref in fresh if pool.items[ref].level >= EPIC]:
        fresh = _fetch(connection, _below(connection, grown, as_of), as_of, pool)
    fresh = set(pool.items)
    while fresh:
        fresh = _fetch(connection, _above(connection, [pool.items[ref] for ref in fresh], as_of, pool), as_of, pool)
    tree = Hierarchy(pool.items)
    wanted = set(met)
    for ref in met:
        wanted.update(tree.ancestors(ref))
        if pool.items[ref].level >= EPIC:
            wanted.update(tree.descendants(ref))
    return Snapshot(
        {ref: item for ref, item in pool.items.items() if ref in wanted},
        {ref: history for ref, history in pool.history.items() if ref in wanted},
    )


def words_besides(
    connection: Connection, as_of: datetime, since: datetime, kinds: Collection[str], items: Collection[ItemRef]
) -> Vocabulary:
    """The words of these kinds on what `reach` leaves out; `items` are what it gives.

    That is what ended before `since` and stands as it did, whose rows are not read one by one, and what was changed
    again after `as_of`.
    """
    pool = Snapshot({}, {})
    _fetch(connection, [ref for ref in _changed(connection, as_of, since) if ref not in items], as_of, pool)
    found: dict[tuple[str, str], set[str]] = vocabulary_of(pool.items.values(), kinds)
    for kind in kinds:
        column = work_item.c[ATTRIBUTES[kind]]
        query = (
            select(work_item.c.source, column).distinct().where(~_is_changed(since), work_item.c.created_at <= as_of)
        )
        for source, held in connection.execute(query):
            found.setdefault((source, kind), set()).update(with_nodes(kind, texts_of(held)))
    return found


def _changed(connection: Connection, as_of: datetime, since: datetime) -> list[ItemRef]:
    """What may have been open at `as_of` or changed between `since` and it.

    By what is known today more may be open or changed than was then, and never less.
    """
    return [ItemRef(*row) for row in connection.execute(_refs(as_of).where(_is_changed(since)))]


def _is_changed(since: datetime) -> ColumnElement[bool]:
    item = work_item.c
    return or_(item.settled_at.is_(None), item.settled_at >= since, item.state.in_(OPEN))


def _fetch(connection: Connection, refs: Iterable[ItemRef], as_of: datetime, found: Snapshot) -> set[ItemRef]:
    """Read these items into what was found; those that are new there."""
    new: set[ItemRef] = set()
    for source, ids in by_source(ref for ref in refs if ref not in found.items):
        items = _items(as_of).where(work_item.c.source == source, work_item.c.id.in_(ids))
        entries = _entries().where(transition.c.source == source, transition.c.id.in_(ids))
        before = len(found.items)
        _read(
            connection.execute(items.order_by(work_item.c.source, work_item.c.id)),
            histories_of(connection.execute(entries)),
            as_of,
            found,
        )
        if len(found.items) > before:
            new.update(ref for ref in (ItemRef(source, item) for item in ids) if ref in found.items)
    return new


def _below(connection: Connection, items: Collection[WorkItem], as_of: datetime) -> Iterator[ItemRef]:
    """Whatever names one of these as its parent, by id or by key (domain.hierarchy), in any source."""
    # A key may be written in small letters or in capitals; in a mixture nobody's is.
    names = sorted({name for item in items for name in (item.id, item.key, item.key.lower(), item.key.upper())})
    for start in range(0, len(names), SOME):
        query = _refs(as_of).where(work_item.c.parent.in_(names[start : start + SOME]))
        yield from (ItemRef(*row) for row in connection.execute(query))


def _above(connection: Connection, items: Collection[WorkItem], as_of: datetime, found: Snapshot) -> Iterator[ItemRef]:
    """What these name as their parent and is not found yet: by id, else by key, in any source."""
    named = [item for item in items if item.parent is not None and ItemRef(item.source, item.parent) not in found.items]
    wanted = {ItemRef(item.source, str(item.parent)) for item in named}
    yield from wanted
    keys = sorted({key.casefold() for item in named for key in (item.parent, item.parent_key) if key})
    for start in range(0, len(keys), SOME):
        present = select(item_key.c.source, item_key.c.id).where(
            item_key.c.folded.in_(keys[start : start + SOME]), item_key.c.key == work_item.c.key
        )
        query = _refs(as_of).where(tuple_(work_item.c.source, work_item.c.id).in_(present))
        yield from (ItemRef(*row) for row in connection.execute(query))


def _read(
    rows: Iterable[Any],
    histories: Iterator[tuple[ItemRef, tuple[Transition, ...]]],
    as_of: datetime,
    found: Snapshot,
) -> None:
    """Bring items and histories, both in order of (source, id), together as they stood at an instant."""
    ref, entries = next(histories, _END)
    for row in rows:
        here = ItemRef(row[0], row[1])
        while ref is not None and ref < here:
            ref, entries = next(histories, _END)
        history = entries if ref == here else ()
        settled = row[len(ITEM_FIELDS)]
        item: WorkItem | None = item_of(row)
        assert item is not None
        if settled is None or settled > as_of:
            item = item_as_of(item, history, as_of)
            history = tuple(entry for entry in history if entry.at <= as_of)
        if item is not None:
            found.items[here] = item
            found.history[here] = history


def _refs(as_of: datetime) -> Select[Any]:
    return select(work_item.c.source, work_item.c.id).where(work_item.c.created_at <= as_of)


def _items(as_of: datetime) -> Select[Any]:
    return select(*ITEM_COLUMNS, work_item.c.settled_at).where(work_item.c.created_at <= as_of)


def _entries() -> Select[Any]:
    table = transition.c
    return select(table.source, table.id, *ENTRY_COLUMNS).order_by(table.source, table.id, table.sequence)
