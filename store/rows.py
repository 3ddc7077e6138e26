"""Work items, transitions and assignments as rows, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from domain.history import as_of
from domain.tags import Assignment
from domain.work import History, ItemRef, Transition, WorkItem
from store.tables import assignment, transition, work_item

Row = dict[str, Any]

ITEM_FIELDS = tuple(field.name for field in fields(WorkItem))
ITEM_COLUMNS = tuple(work_item.c[name] for name in ITEM_FIELDS)
ENTRY_COLUMNS = (transition.c.at, transition.c.field, transition.c.before, transition.c.after)
ASSIGNMENT_COLUMNS = tuple(assignment.c[field.name] for field in fields(Assignment))

_values = attrgetter(*ITEM_FIELDS)


def item_row(item: WorkItem) -> Row:
    """The columns of `work_item` that a work item itself fills."""
    return dict(zip(ITEM_FIELDS, _values(item), strict=True))


def item_of(row: Sequence[Any]) -> WorkItem:
    """The work item of a row whose first columns are ITEM_COLUMNS."""
    return WorkItem(*row[: len(ITEM_FIELDS)])


def entry_rows(ref: ItemRef, history: History, ours: Iterable[Transition]) -> list[Row]:
    """The rows of `transition` for one item's whole history; `ours` are the entries that the store added."""
    source, item = ref
    added = {id(entry) for entry in ours}
    return [
        {
            "source": source,
            "id": item,
            "sequence": sequence,
            "at": entry.at,
            "field": entry.field,
            "before": entry.before,
            "after": entry.after,
            "ours": id(entry) in added,
        }
        for sequence, entry in enumerate(history)
    ]


def assignment_row(ref: ItemRef, tags: Assignment, *, mapping: str, strategy: str) -> Row:
    """The row of `assignment` for one item."""
    return {
        "source": ref.source,
        "id": ref.id,
        "shares": dict(tags.shares),
        "value_stream": tags.value_stream,
        "product": tags.product,
        "work_class": tags.work_class,
        "via": dict(tags.via),
        "conflict": tags.conflict,
        "unknown": tags.unknown,
        "mapping": mapping,
        "strategy": strategy,
    }


def assignment_of(row: Sequence[Any]) -> Assignment:
    """The assignment of a row of ASSIGNMENT_COLUMNS."""
    return Assignment(*row)


def settled_at(item: WorkItem, history: History) -> datetime | None:
    """The instant from which on the item stood exactly as it is; None when its history has to be asked.

    After the last dated thing `domain.history.as_of` gives the same answer for ever, so one question there decides:
    an item whose fields disagree with its history, or that is deleted, has no such instant.
    """
    if item.deleted is not None:
        return None
    last = max(
        item.created_at,
        history[-1].at if history else item.created_at,
        item.started_at or item.created_at,
        item.done_at or item.created_at,
    )
    return last if as_of(item, history, last) == item else None


def histories_of(rows: Iterable[Any]) -> Iterator[tuple[ItemRef, tuple[Transition, ...]]]:
    """Rows of (source, id, *ENTRY_COLUMNS) in order of (source, id, sequence), gathered by item."""
    here: ItemRef | None = None
    entries: list[Transition] = []
    for source, item, at, field, before, after in rows:
        if here is None or item != here.id or source != here.source:
            if here is not None:
                yield here, tuple(entries)
            here, entries = ItemRef(source, item), []
        entries.append(Transition(at, field, before, after))
    if here is not None:
        yield here, tuple(entries)
