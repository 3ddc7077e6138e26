"""A work item as it stood at an instant, from its present values and its history."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.calendar import parse_instant
from domain.work import OPEN, FieldValue, History, State, WorkItem


def value_at(history: History, field: str, instant: datetime, present: FieldValue) -> FieldValue:
    """The value of one field as of an instant (DRIFT 1).

    The `after` of the last entry at or before the instant; if none, the `before` of the first later one; else
    the present value. `history` is oldest first; entries of one instant count in their order.
    """
    value: FieldValue = present
    seen = False
    for entry in history:
        if entry.field != field:
            continue
        if entry.at <= instant:
            value, seen = entry.after, True
        else:
            return value if seen else entry.before
    return value


def delivered_at(item: WorkItem, history: History, instant: datetime) -> datetime | None:
    """When the item was delivered, seen from an instant (DRIFT 2); None when it is not done then.

    `item` is the item as of that instant. A move between two done statuses is no entry of `state`. Where nothing is
    known of its states but the instant at which it was done (an export without history), that instant counts, and
    may be later than the one it is seen from.
    """
    if item.state is not State.DONE:
        return None
    last: datetime | None = None
    for entry in history:
        if entry.field == "state" and entry.after == State.DONE and entry.before != State.DONE and entry.at <= instant:
            last = entry.at
    if last is not None:
        return last
    of_a_later_entry = item.done_at is not None and item.done_at > instant and any(e.field == "state" for e in history)
    return item.created_at if item.done_at is None or of_a_later_entry else item.done_at


def as_of(item: WorkItem, history: History, instant: datetime) -> WorkItem | None:
    """The item as it stood at an instant; None when it did not exist then (not yet created, or deleted).

    `history` is the item's whole history, oldest first. Levels follow no history and stay as they are.
    """
    if item.created_at > instant:
        return None
    changed = {entry.field for entry in history}
    values: dict[str, Any] = {
        name: value_at(history, name, instant, _present(item, name)) for name in changed if name != "deleted"
    }
    if "state" in values:
        values["state"] = State(values["state"])
    for name in ("labels", "components", "fix_versions"):
        if name in values:
            values[name] = tuple(values[name] or ())
    if "parent" in values and values["parent"] != item.parent:
        values["parent_key"] = None
    deleted = value_at(history, "deleted", instant, item.deleted.isoformat() if item.deleted else None)
    if isinstance(deleted, str) and parse_instant(deleted) <= instant:
        return None
    now = replace(item, deleted=None, **values)
    states = [entry for entry in history if entry.field == "state" and entry.at <= instant]
    started = next((entry.at for entry in states if entry.after == State.DOING), None)
    if started is None and item.started_at is not None and item.started_at <= instant:
        started = item.started_at
    return replace(now, started_at=started, done_at=delivered_at(now, history, instant))


def lively(item: WorkItem, history: History, since: datetime) -> bool:
    """Whether an item, as it stood with its history up to then, was open or had changed since an instant."""
    if item.state in OPEN or item.created_at >= since or (history and history[-1].at >= since):
        return True
    return item.done_at is not None and item.done_at >= since


def _present(item: WorkItem, name: str) -> FieldValue:
    value: FieldValue = getattr(item, name)
    return value
