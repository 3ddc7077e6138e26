"""From one issue's JSON to a work item with its history: pure, without the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors import jsontext
from connectors.jira.changes import Change, changes
from connectors.jira.context import CATEGORIES, Known
from connectors.jira.events import parent_id
from connectors.jira.history import transitions
from connectors.jira.values import instant, names, number, person, present_sprint, text, texts
from domain.errors import ItemError
from domain.work import EPIC, INITIATIVE, STORY, SUBTASK, Record, State, Transition, WorkItem

# Levels by the names that Data Center gives its own types; Cloud says the level itself.
TYPE_LEVELS: Mapping[str, int] = {"epic": EPIC, "initiative": INITIATIVE}


def convert(raw: bytes, context: Mapping[str, Any]) -> Record:
    """A record from a payload as `tracker.pull` stores it: the issue's own JSON with its whole `changelog`.

    `context` is what `context.write` wrote. Raises ItemError when the payload lacks what every issue has (id, key,
    status, type, project, created, updated) or cannot be read; every other field may be null or missing.
    """
    try:
        issue = jsontext.read(raw)
    except ValueError:
        raise ItemError("A stored issue is not JSON.") from None
    return record(issue, Known.of(context), raw)


def record(issue: Mapping[str, Any], known: Known, raw: bytes) -> Record:
    """The same from JSON that is read already."""
    name = text(issue.get("key")) or text(issue.get("id")) or "without a key"
    try:
        return _record(issue, known, raw)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ItemError(
            f"Source {known.source}, issue {name}: it cannot be read ({type(error).__name__}: {_brief(error)})."
        ) from None


def _record(issue: Mapping[str, Any], known: Known, raw: bytes) -> Record:
    fields: Mapping[str, Any] = issue["fields"]
    log = changes((issue.get("changelog") or {}).get("histories") or (), known)
    key, status, kind, project = str(issue["key"]), fields["status"], fields["issuetype"], fields["project"]
    state = _state(status, fields.get("resolution"), log, known)
    settled = _settled(fields, state)
    parent, parent_key = _parent(fields, log, known)
    item = WorkItem(
        source=known.source,
        id=str(issue["id"]),
        key=key,
        url=f"{known.base}/browse/{quote(key)}",
        type=text(kind.get("name")) or "",
        level=_level(kind, fields, known),
        title=text(fields.get("summary")) or "",
        status=text(status.get("name")) or "",
        state=state,
        project=str(project["key"]),
        created_at=instant(fields["created"]),
        updated_at=instant(fields["updated"]),
        points=next((figure for name in known.points if (figure := number(fields.get(name))) is not None), None),
        priority=text((fields.get("priority") or {}).get("name")),
        parent=parent,
        parent_key=parent_key,
        team=next((words[0] for name in known.team if (words := texts(fields.get(name)))), None),
        labels=names(fields.get("labels")),
        components=names(fields.get("components")),
        sprint=_sprint(fields, known),
        fix_versions=names(fields.get("fixVersions")),
        assignee=person(fields.get("assignee")),
        fields={
            written: found
            for written, ids in known.extra.items()
            if (found := next((words for name in ids if (words := texts(fields.get(name)))), ()))
        },
    )
    history = transitions(item, fields, log, known, settled)
    started, done = _instants(item, history, settled)
    return Record(replace(item, started_at=started, done_at=done), history, raw)


def _state(status: Mapping[str, Any], resolution: Any, log: list[Change], known: Known) -> State:
    """Category `new`, `indeterminate`, `done`; done with a resolution that delivers nothing is dropped.

    A resolution's name is translated for the account, the log keeps the untranslated one: both are tried.
    """
    category = CATEGORIES.get(text((status.get("statusCategory") or {}).get("key")) or "")
    state = category or known.category(text(status.get("id")), text(status.get("name"))) or State.TODO
    if state is not State.DONE or not isinstance(resolution, dict):
        return state
    resolution_id = text(resolution.get("id"))
    logged = {
        change.after.text
        for change in log
        if change.kind == "resolution" and change.after.id is not None and change.after.id == resolution_id
    }
    words = (resolution_id, text(resolution.get("name")), text(resolution.get("untranslatedName")), *logged)
    return State.DROPPED if known.drops(*words) else state


def _settled(fields: Mapping[str, Any], state: State) -> datetime | None:
    """When the present status category was reached, where the site says so."""
    if fields.get("statuscategorychangedate"):
        return instant(fields["statuscategorychangedate"])
    if state in {State.DONE, State.DROPPED} and fields.get("resolutiondate"):
        return instant(fields["resolutiondate"])
    return None


def _instants(
    item: WorkItem, history: tuple[Transition, ...], settled: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """`started_at`, the first entry into doing, and `done_at`, the last into done (domain.work)."""
    states = [entry for entry in history if entry.field == "state"]
    started = next((entry.at for entry in states if entry.after == State.DOING), None)
    if states and states[0].before == State.DOING:
        started = item.created_at
    if not states and item.state is State.DOING:
        started = settled or item.created_at
    done = None
    if item.state is State.DONE:
        entered = [entry.at for entry in states if entry.after == State.DONE]
        done = entered[-1] if entered else settled
    return started, done


def _level(kind: Mapping[str, Any], fields: Mapping[str, Any], known: Known) -> int:
    """The admin's word, else Cloud's `hierarchyLevel`, else sub-task or not, an epic's own field, the type's name."""
    name = (text(kind.get("name")) or "").casefold()
    if name in known.levels:
        return known.levels[name]
    told = kind.get("hierarchyLevel")
    if isinstance(told, int) and not isinstance(told, bool):
        return told
    if kind.get("subtask") is True:
        return SUBTASK
    if any(fields.get(field) for field in known.epic_name):
        return EPIC
    return TYPE_LEVELS.get(name, STORY)


def _parent(fields: Mapping[str, Any], log: list[Change], known: Known) -> tuple[str | None, str | None]:
    """(id, key): `parent`, else Epic Link or Parent Link (a key alone), else the epic of an agile payload."""
    candidates = [fields.get("parent"), *(fields.get(name) for name in (*known.epic_link, *known.parent_link))]
    for told in (*candidates, fields.get("epic")):
        if isinstance(told, dict):
            # Parent Link on some versions wraps the parent: {"data": {"id", "key"}, …}.
            inner = told["data"] if isinstance(told.get("data"), Mapping) else told
            parent, key = text(inner.get("id")), text(inner.get("key"))
            if parent is not None or key is not None:
                return parent or key, key
        else:
            key = text(told)
            if key is not None:
                return parent_id(log, key) or key, key
    return None, None


def _sprint(fields: Mapping[str, Any], known: Known) -> str | None:
    for name in known.sprint:
        found = present_sprint(fields.get(name))
        if found is not None:
            return found
    # An agile payload tells sprints in fields of its own.
    return present_sprint(fields.get("sprint")) or present_sprint(fields.get("closedSprints"))


def _brief(error: Exception) -> str:
    """What is wrong, without the payload's own words beyond a field's name."""
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) and error.args else "an unexpected value"
