"""From Jira's changes to transitions whose chain ends at what the issue holds now.

Of each field, the first entry's `before` is the first value that the log knows, every later `before` is the value
that the entry before it left, and the last `after` is the present value: where log and field disagree the field is
right (API_FACTS). For status and state the site often says when the category last changed; when that is later than the
last entry, the difference becomes an entry of that instant, else the last entry is corrected. No other entry is added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from connectors.jira.changes import Change, Side
from connectors.jira.context import Known
from connectors.jira.values import number, sprints, text
from domain.work import HISTORY_FIELDS, FieldValue, State, Transition, WorkItem

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-\d+")


class Event(NamedTuple):
    at: datetime
    before: FieldValue
    after: FieldValue


def transitions(
    item: WorkItem, fields: Mapping[str, Any], log: Sequence[Change], known: Known, settled: datetime | None
) -> tuple[Transition, ...]:
    """The whole history of an issue, oldest first.

    `item` holds the present values, `fields` the payload's, `settled` the instant at which the present status
    category was reached, where the site says so.
    """
    of: dict[str, list[Change]] = {}
    for change in log:
        of.setdefault(change.kind, []).append(change)
    status = _present_name(fields, "status")
    chains: dict[str, list[Transition]] = {}

    def put(field: str, events: Iterable[Event], told: datetime | None = None) -> None:
        chains[field] = chain(field, list(events), getattr(item, field), told)

    put("status", _events(of.get("status", ()), lambda side: status(side) or _known_status(side, known) or ""), settled)
    put("state", _state_events(item, fields, log, known), settled)
    put("points", _point_events(of.get("points", ()), fields, known))
    put("parent", _parent_events(of.get("parent", ()), item))
    kind = _present_name(fields, "issuetype", fallback=True)
    put("type", _events(of.get("type", ()), lambda side: kind(side) or ""))
    put("priority", _events(of.get("priority", ()), _present_name(fields, "priority", fallback=True)))
    put("title", _events(of.get("title", ()), lambda side: side.text or ""))
    put("labels", _events(of.get("labels", ()), lambda side: tuple(sorted(set((side.text or "").split())))))
    put("assignee", _events(of.get("assignee", ()), lambda side: side.id))
    put("components", _set_events(of.get("components", ()), fields.get("components")))
    put("fix_versions", _set_events(of.get("fix_versions", ()), fields.get("fixVersions")))
    put("team", _team_events(of.get("team", ()), item, fields, known))
    put("project", _project_events([*of.get("project", ()), *of.get("key", ())], item, fields))
    put("sprint", _sprint_events(of.get("sprint", ()), fields, known))
    found = [entry for field in HISTORY_FIELDS for entry in chains.get(field, ())]
    found.sort(key=lambda entry: entry.at)
    return tuple(found)


def chain(
    field: str, events: Sequence[Event], present: FieldValue, settled: datetime | None = None
) -> list[Transition]:
    """The entries of one field, by the rule at the top of this file; changes that change nothing are left out."""
    entries: list[Transition] = []
    if not events:
        return entries
    value = events[0].before
    for event in events:
        if event.after != value:
            entries.append(Transition(event.at, field, value, event.after))
            value = event.after
    if value == present or not entries:
        return entries
    if settled is not None and settled > entries[-1].at:
        entries.append(Transition(settled, field, value, present))
        return entries
    last = entries.pop()
    if last.before != present:
        entries.append(replace(last, after=present))
    return entries


def _events(log: Iterable[Change], value: Callable[[Side], FieldValue]) -> list[Event]:
    return [Event(change.at, value(change.before), value(change.after)) for change in log]


def _present_name(fields: Mapping[str, Any], name: str, *, fallback: bool = False) -> Callable[[Side], str | None]:
    """Reads a side by the name its field has today when the ids agree (names are translated, and change)."""
    now = fields.get(name) or {}
    now_id, now_name = text(now.get("id")), text(now.get("name"))

    def read(side: Side) -> str | None:
        if side.id is not None and side.id == now_id:
            return now_name
        return side.text if fallback else None

    return read


def _known_status(side: Side, known: Known) -> str | None:
    if side.id is not None and side.id in known.statuses:
        return known.statuses[side.id][0] or side.text
    return side.text


def _state_events(item: WorkItem, fields: Mapping[str, Any], log: Sequence[Change], known: Known) -> list[Event]:
    """State follows status and resolution together; both of one edit count as one step.

    A status that the site no longer knows leaves the state as it was; at the beginning it counts as `todo`.
    """
    relevant = [change for change in log if change.kind in {"status", "resolution"}]
    if not relevant:
        return []
    held = {"status": _side(fields.get("status")), "resolution": _side(fields.get("resolution"))}
    now_status = held["status"]
    for change in reversed(relevant):
        held[change.kind] = change.before
    value = State.TODO

    def state(previous: State) -> State:
        here = held["status"]
        found = known.category(here.id, here.text)
        if found is None and here.id is not None and here.id == now_status.id:
            found = State.DONE if item.state is State.DROPPED else item.state
        if found is None:
            found = previous
        if found is State.DONE and known.drops(held["resolution"].id, held["resolution"].text):
            return State.DROPPED
        return State.DONE if found is State.DROPPED else found

    value = state(value)
    events = []
    for _, group in groupby(relevant, key=lambda change: change.group):
        step = list(group)
        for change in step:
            held[change.kind] = change.after
        after = state(value)
        events.append(Event(step[0].at, value, after))
        value = after
    return events


def _point_events(log: Sequence[Change], fields: Mapping[str, Any], known: Known) -> list[Event]:
    """Points may be in several fields: at each instant the first that is filled counts."""
    if not log:
        return []
    held = {field_id: number(fields.get(field_id)) for field_id in known.points}
    for change in reversed(log):
        held[change.field_id] = number(change.before.text)

    def points() -> float | None:
        return next((held[field_id] for field_id in known.points if held[field_id] is not None), None)

    events = []
    for change in log:
        before = points()
        held[change.field_id] = number(change.after.text)
        events.append(Event(change.at, before, points()))
    return events


def _parent_events(log: Sequence[Change], item: WorkItem) -> list[Event]:
    """One event an edit: Cloud writes the same new parent into two or three fields, and empties old ones."""

    def parent(sides: Iterable[Side]) -> str | None:
        for side in sides:
            if side.id is not None and side.id.isdigit():
                return side.id
            match = KEY.search(side.text or side.id or "")
            if match:
                return item.parent if match[0] == item.parent_key else match[0]
        return None

    events = []
    for _, group in groupby(log, key=lambda change: change.group):
        step = list(group)
        events.append(
            Event(step[0].at, parent(change.before for change in step), parent(change.after for change in step))
        )
    return events


def parent_id(log: Sequence[Change], key: str) -> str | None:
    """The id of a parent of which the issue gives only the key, where the log knows both; the latest word counts."""
    for change in reversed(log):
        if change.kind == "parent":
            for side in (change.after, change.before):
                match = KEY.search(side.text or "")
                if match and match[0] == key and side.id is not None and side.id.isdigit():
                    return side.id
    return None


def _set_events(log: Sequence[Change], present: Any) -> list[Event]:
    """Lists of which the log tells additions and removals one by one: walked back from the present list."""
    if not log:
        return []
    name_of: dict[str, str] = {}
    for change in log:
        for side in (change.before, change.after):
            if side.text is not None:
                name_of[side.id or side.text] = side.text
    now = set()
    for entry in present or ():
        name = text(entry.get("name"))
        if name is not None:
            here = text(entry.get("id")) or name
            now.add(here if here in name_of or name not in name_of else name)
            name_of[here] = name
    after = frozenset(now)

    def names(ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted({name_of.get(one, one) for one in ids}))

    events = []
    for _, group in groupby(reversed(log), key=lambda change: change.group):
        step = list(group)
        added = {change.after.id or change.after.text or "" for change in step if not change.after.empty}
        removed = {change.before.id or change.before.text or "" for change in step if not change.before.empty}
        before = (after - added) | (removed - added)
        events.append(Event(step[0].at, names(before), names(after)))
        after = frozenset(before)
    return events[::-1]


def _team_events(log: Sequence[Change], item: WorkItem, fields: Mapping[str, Any], known: Known) -> list[Event]:
    now = next((fields[name] for name in known.team if fields.get(name)), None)
    now_id = text(now.get("id")) if isinstance(now, Mapping) else None

    def team(side: Side) -> str | None:
        if side.id is not None and side.id == now_id:
            return item.team
        return side.text or side.id

    return _events(log, team)


def _project_events(log: Sequence[Change], item: WorkItem, fields: Mapping[str, Any]) -> list[Event]:
    """Projects are called by their keys; a move tells the old one only as the beginning of the old issue key."""
    now = text((fields.get("project") or {}).get("id"))
    events = []
    for _, group in groupby(sorted(log, key=lambda change: change.group), key=lambda change: change.group):
        step = list(group)
        moved = next((change for change in step if change.kind == "key" and change.after.text), None)
        if moved is not None:
            before, after = ((side.text or "").rpartition("-")[0] or None for side in (moved.before, moved.after))
            events.append(Event(moved.at, before, after))
            continue
        for change in step:
            if change.kind == "project":
                sides = (change.before, change.after)
                before, after = (item.project if side.id == now and now else side.text for side in sides)
                events.append(Event(change.at, before, after))
    return events


def _sprint_events(log: Sequence[Change], fields: Mapping[str, Any], known: Known) -> list[Event]:
    """The log gives the whole list of sprints each time; the one just added counts, else the last of the list."""
    name_of: dict[str, str] = {}
    for change in log:
        for side in (change.before, change.after):
            name_of.update(_sprint_names(side))
    for field_id in known.sprint:
        name_of.update({sprint_id: name for sprint_id, name, _ in sprints(fields.get(field_id)) if sprint_id})
    events: list[Event] = []
    for change in log:
        before, after = (_ids(side) for side in (change.before, change.after))
        added = [one for one in after if one not in before]
        first = _sprint(before, change.before, name_of) if not events else events[-1].after
        last = _sprint(added or after, change.after, name_of)
        events.append(Event(change.at, first, last))
    return events


def _ids(side: Side) -> list[str]:
    return [part.strip() for part in (side.id or "").strip("[]").split(",") if part.strip()]


def _sprint_names(side: Side) -> dict[str, str]:
    """Names of the ids of one side, where they can be told apart: names may hold commas themselves."""
    ids = _ids(side)
    if len(ids) == 1 and side.text is not None:
        return {ids[0]: side.text}
    parts = (side.text or "").split(", ")
    return dict(zip(ids, parts, strict=True)) if len(parts) == len(ids) else {}


def _sprint(ids: Sequence[str], side: Side, name_of: Mapping[str, str]) -> str | None:
    if not ids:
        return side.text
    return name_of.get(ids[-1]) or side.text


def _side(value: Any) -> Side:
    if not isinstance(value, Mapping):
        return Side(None, None)
    return Side(text(value.get("id")), text(value.get("name")))
