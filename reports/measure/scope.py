"""What an epic under way held when it was started, beside what it holds now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.history import value_at
from domain.work import ItemRef, State, WorkItem
from reports.measure.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Scope:
    """`before` and `now` are sums of points where every child has an estimate at both instants, else numbers of
    children; `children` is how many it began with, at least one.
    """

    epic: WorkItem
    started: datetime
    children: int
    before: float
    now: float
    in_points: bool


def scopes(ledger: Ledger) -> Iterator[Scope]:
    """The scope of each item of level 1 or more that is under way and began with children, in order of (source, id).

    Dropped children weigh nothing. A child that has moved elsewhere since still belongs to what the epic began with.
    """
    items, children = ledger.facts.items, ledger.hierarchy.children
    started = {
        epic.ref: epic.started_at for epic in ledger.epics if epic.state is State.DOING and epic.started_at is not None
    }
    moved = _moved_away(ledger, started)
    for epic, start in started.items():
        own = {*children.get(epic, ()), *moved.get(epic, ())}
        before = [ref for ref in sorted(own) if _was_child(ledger, ref, epic, start)]
        now = [ref for ref in children.get(epic, ()) if items[ref].state is not State.DROPPED]
        if before:
            yield _scope(ledger, items[epic], start, before, now)


def _scope(ledger: Ledger, epic: WorkItem, start: datetime, before: Sequence[ItemRef], now: Sequence[ItemRef]) -> Scope:
    items = ledger.facts.items
    was = [_estimate(_value_at(ledger, ref, "points", start)) for ref in before]
    here = [_estimate(items[ref].points) for ref in now]
    points = [sum(value for value in values if value is not None) for values in (was, here)]
    if None in was or None in here or points[0] == 0:
        return Scope(epic, start, len(before), len(before), len(now), in_points=False)
    return Scope(epic, start, len(before), points[0], points[1], in_points=True)


def _moved_away(ledger: Ledger, started: Mapping[ItemRef, datetime]) -> Mapping[ItemRef, set[ItemRef]]:
    """The items that left each of these epics since the first of them was started."""
    if not started:
        return {}
    since = min(started.values())
    names = {(epic.source, name): epic for epic in started for name in (epic.id, ledger.facts.items[epic].key)}
    found: dict[ItemRef, set[ItemRef]] = {epic: set() for epic in started}
    for ref, history in ledger.facts.history.items():
        if not history or history[-1].at <= since:
            continue
        for entry in history:
            if entry.field == "parent" and entry.at > since and (ref.source, entry.before) in names:
                found[names[(ref.source, str(entry.before))]].add(ref)
    return found


def _was_child(ledger: Ledger, ref: ItemRef, epic: ItemRef, instant: datetime) -> bool:
    item = ledger.facts.items[ref]
    if item.created_at > instant or _value_at(ledger, ref, "state", instant) == State.DROPPED:
        return False
    parent = _value_at(ledger, ref, "parent", instant)
    if parent == item.parent:
        return ledger.hierarchy.parent(ref) == epic
    return parent in (epic.id, ledger.facts.items[epic].key)


def _value_at(ledger: Ledger, ref: ItemRef, field: str, instant: datetime) -> object:
    return value_at(ledger.facts.history.get(ref, ()), field, instant, getattr(ledger.facts.items[ref], field))


def _estimate(value: object) -> float | None:
    """A negative estimate is none."""
    return float(value) if isinstance(value, int | float) and value >= 0 else None
