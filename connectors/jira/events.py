"""What each change means for the field of ours that it touches, read in the light of what the issue holds now."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from connectors.jira.changes import Change, Side
from connectors.jira.context import Known
from connectors.jira.values import number, sprints, text
from domain.work import FieldValue, State, WorkItem

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-\d+")


class Event(NamedTuple):
    """One change of one of our fields, as the log tells it."""

    at: datetime
    before: FieldValue
    after: FieldValue


@dataclass(frozen=True, slots=True)
class Present:
    """What the issue holds now: our item, and the payload's fields."""

    item: WorkItem
    fields: Mapping[str, Any]
    known: Known


def _told(log: Iterable[Change], value: Callable[[Side], FieldValue]) -> list[Event]:
    return [Event(change.at, value(change.before), value(change.after)) for change in log]


def _named(log: Sequence[Change], now: Present, name: str) -> list[Event]:
    """Read each side by the name its value has today where the ids agree: names are translated, and change."""
    held = _side(now.fields.get(name))
    return _told(log, lambda side: held.text if side.id is not None and side.id == held.id else side.text)


def _type(log: Sequence[Change], now: Present) -> list[Event]:
    return [Event(at, before or "", after or "") for at, before, after in _named(log, now, "issuetype")]


def _status(log: Sequence[Change], now: Present) -> list[Event]:
    held = _side(now.fields.get("status"))

    def status(side: Side) -> str:
        if side.id is not None and side.id == held.id:
            return held.text or ""
        known = now.known.statuses.get(side.id or "")
        return (known[0] if known else None) or side.text or ""

    return _told(log, status)


def _state(log: Sequence[Change], now: Present) -> list[Event]:
    """State follows status and resolution together; both of one edit count as one step.

    A status that the site no longer knows leaves the state as it was; at the beginning it counts as `todo`.
    """
    item, known = now.item, now.known
    held = {name: _side(now.fields.get(name)) for name in ("status", "resolution")}
    now_status = held["status"]
    for change in reversed(log):
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
    for _, group in groupby(log, key=lambda change: change.group):
        step = list(group)
        for change in step:
            held[change.kind] = change.after
        after = state(value)
        events.append(Event(step[0].at, value, after))
        value = after
    return events


def _points(log: Sequence[Change], now: Present) -> list[Event]:
    """Points may be in several fields: at each instant the first that is filled counts."""
    held = {field_id: number(now.fields.get(field_id)) for field_id in now.known.points}
    for change in reversed(log):
        held[change.field_id] = number(change.before.text)

    def points() -> float | None:
        return next((held[field_id] for field_id in now.known.points if held[field_id] is not None), None)

    events = []
    for change in log:
        before = points()
        held[change.field_id] = number(change.after.text)
        events.append(Event(change.at, before, points()))
    return events


def _parent(log: Sequence[Change], now: Present) -> list[Event]:
    """One event an edit: Cloud writes the same new parent into two or three fields, and empties old ones."""

    def parent(sides: Iterable[Side]) -> str | None:
        for side in sides:
            if side.id is not None and side.id.isdigit():
                return side.id
            match = KEY.search(side.text or side.id or "")
            if match:
                return now.item.parent if match[0] == now.item.parent_key else match[0]
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


def _names(log: Sequence[Change], present: Any) -> list[Event]:
    """Lists of which the log tells additions and removals one by one: walked back from the present list."""
    name_of: dict[str, str] = {}
    for change in log:
        for side in (change.before, change.after):
            if side.text is not None:
                name_of[side.id or side.text] = side.text
    held = set()
    for entry in present or ():
        name = text(entry.get("name"))
        if name is not None:
            here = text(entry.get("id")) or name
            held.add(here if here in name_of or name not in name_of else name)
            name_of[here] = name
    after = frozenset(held)

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


def _team(log: Sequence[Change], now: Present) -> list[Event]:
    held = next((now.fields[name] for name in now.known.team if now.fields.get(name)), None)
    now_id = text(held.get("id")) if isinstance(held, dict) else None

    def team(side: Side) -> str | None:
        if side.id is not None and side.id == now_id:
            return now.item.team
        return side.text or side.id

    return _told(log, team)


def _project(log: Sequence[Change], now: Present) -> list[Event]:
    """Projects are called by their keys; a move tells the old one only as the beginning of the old issue key."""
    project, project_id = now.item.project, text((now.fields.get("project") or {}).get("id"))
    events = []
    for _, group in groupby(log, key=lambda change: change.group):
        step = list(group)
        moved = next((change for change in step if change.kind == "key" and change.after.text), None)
        if moved is not None:
            before, after = ((side.text or "").rpartition("-")[0] or None for side in (moved.before, moved.after))
            events.append(Event(moved.at, before, after))
            continue
        for change in step:
            if change.kind == "project":
                sides = (change.before, change.after)
                before, after = (project if side.id == project_id and side.id else side.text for side in sides)
                events.append(Event(change.at, before, after))
    return events


def _sprint(log: Sequence[Change], now: Present) -> list[Event]:
    """The log gives the whole list of sprints each time; the one just added counts, else the last of the list."""
    name_of: dict[str, str] = {}
    for change in log:
        for side in (change.before, change.after):
            name_of.update(_sprint_names(side))
    for field_id in now.known.sprint:
        name_of.update({sprint_id: name for sprint_id, name, _ in sprints(now.fields.get(field_id)) if sprint_id})
    events: list[Event] = []
    for change in log:
        before, after = (_ids(side) for side in (change.before, change.after))
        added = [one for one in after if one not in before]
        first = _last_sprint(before, change.before, name_of) if not events else events[-1].after
        last = _last_sprint(added or after, change.after, name_of)
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


def _last_sprint(ids: Sequence[str], side: Side, name_of: Mapping[str, str]) -> str | None:
    if not ids:
        return side.text
    return name_of.get(ids[-1]) or side.text


def _side(value: Any) -> Side:
    if not isinstance(value, dict):
        return Side(None, None)
    return Side(text(value.get("id")), text(value.get("name")))


def _words(side: Side) -> tuple[str, ...]:
    return tuple(sorted(set((side.text or "").split())))


# Our field, in the order of domain.work.HISTORY_FIELDS: the kinds of changes that it follows, and how these are read
# (at least one, oldest first) into its events.
READERS: Mapping[str, tuple[frozenset[str], Callable[[Sequence[Change], Present], list[Event]]]] = {
    "state": (frozenset({"status", "resolution"}), _state),
    "status": (frozenset({"status"}), _status),
    "points": (frozenset({"points"}), _points),
    "parent": (frozenset({"parent"}), _parent),
    "type": (frozenset({"type"}), _type),
    "labels": (frozenset({"labels"}), lambda log, _: _told(log, _words)),
    "components": (frozenset({"components"}), lambda log, now: _names(log, now.fields.get("components"))),
    "team": (frozenset({"team"}), _team),
    "project": (frozenset({"project", "key"}), _project),
    "title": (frozenset({"title"}), lambda log, _: _told(log, lambda side: side.text or "")),
    "priority": (frozenset({"priority"}), lambda log, now: _named(log, now, "priority")),
    "fix_versions": (frozenset({"fix_versions"}), lambda log, now: _names(log, now.fields.get("fixVersions"))),
    "assignee": (frozenset({"assignee"}), lambda log, _: _told(log, lambda side: side.id)),
    "sprint": (frozenset({"sprint"}), _sprint),
}
