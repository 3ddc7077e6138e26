"""Work items, transitions and assignments as rows, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from domain.tags import Assignment
from domain.work import History, ItemRef, State, Transition, WorkItem
from store.tables import assignment, transition, work_item

Row = tuple[Any, ...]  # a value for every column of a table, in the table's order

ITEM_FIELDS = tuple(field.name for field in fields(WorkItem))
ITEM_COLUMNS = tuple(work_item.c[name] for name in ITEM_FIELDS)
ENTRY_COLUMNS = (transition.c.at, transition.c.field, transition.c.before, transition.c.after)
ASSIGNMENT_COLUMNS = tuple(assignment.c[field.name] for field in fields(Assignment))

LISTS = frozenset({"labels", "components", "fix_versions"})

_values = attrgetter(*ITEM_FIELDS)


def item_row(item: WorkItem, history: History, digest: bytes, seen_at: datetime, run: int | None) -> Row:
    """The row of `work_item`."""
    return (*_values(item), settled_at(item, history), digest, seen_at, run)


def item_of(row: Sequence[Any]) -> WorkItem:
    """The work item of a row whose first columns are ITEM_COLUMNS."""
    return WorkItem(*row[: len(ITEM_FIELDS)])


def entry_rows(ref: ItemRef, history: History, ours: Iterable[Transition]) -> list[Row]:
    """The rows of `transition` for one item's whole history; `ours` are the entries that the store added."""
    source, item = ref
    added = {id(entry) for entry in ours}
    return [
        (source, item, sequence, entry.at, entry.field, entry.before, entry.after, id(entry) in added)
        for sequence, entry in enumerate(history)
    ]


def assignment_row(ref: ItemRef, tags: Assignment, *, mapping: str, strategy: str) -> Row:
    """The row of `assignment` for one item."""
    shares, via = dict(tags.shares), dict(tags.via)
    said = (shares, tags.value_stream, tags.product, tags.work_class, via, tags.conflict, tags.unknown)
    return (*ref, *said, mapping, strategy)


def assignment_of(row: Sequence[Any]) -> Assignment:
    """The assignment of a row of ASSIGNMENT_COLUMNS."""
    return Assignment(*row)


def settled_at(item: WorkItem, history: History) -> datetime | None:
    """The instant from which on the item stood exactly as it is; None when its history has to be asked.

    After the last dated thing `domain.history.as_of` gives the same answer for ever; it gives the item itself where
    each field is what the last entry of that field says, and `started_at` and `done_at` are what its states say.
    """
    said: dict[str, Any] = {}
    started, done = item.started_at, item.done_at
    for entry in reversed(history):
        said.setdefault(entry.field, entry.after)
        if entry.field == "state" and entry.after == State.DOING:
            started = entry.at
    if item.state is State.DONE:
        for entry in history:
            if entry.field == "state" and entry.after == State.DONE and entry.before != State.DONE:
                done = entry.at
    else:
        done = None
    agreed = all(
        getattr(item, name) == (() if after is None and name in LISTS else after) for name, after in said.items()
    )
    if item.deleted is not None or not agreed or started != item.started_at or done != item.done_at:
        return None
    if item.state is State.DONE and done is None:
        return None
    dated = (history[-1].at if history else None, started, done)
    return max([item.created_at, *(instant for instant in dated if instant is not None)])


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
