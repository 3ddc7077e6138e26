"""A work item and its history from an Azure DevOps payload, without the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.azure_devops import process, values
from connectors.azure_devops.parents import Link, Parents, Seen, from_links, from_revisions
from connectors.azure_devops.payload import Payload, decode
from domain.calendar import instant_text
from domain.errors import ItemError
from domain.work import HISTORY_FIELDS, FieldValue, Record, State, Transition, WorkItem

Facts = Mapping[str, FieldValue]


def convert(raw: bytes, context: Mapping[str, Any], source: str) -> Record:
    """A record of the source from a payload (payload.py) and the context (context.py); pure.

    History is the difference between one revision and the next, at the later one's System.ChangedDate, besides
    the parent, which comes from links. An instant before its predecessor's (an import may write such) is taken as
    the predecessor's, so that history stays in order. Raises ItemError when there is nothing to make an item of.
    """
    payload = decode(raw)
    if not payload.revisions:
        raise ItemError(f"Item {payload.id}: no revision of it is known.")
    revisions = _revisions(payload)
    times = _times(revisions, payload.id)
    deleted = _deleted(revisions, times)
    facts = [_facts(fields, context, gone) for fields, gone in zip(revisions, deleted, strict=True)]
    latest, now = revisions[-1], facts[-1]
    created = values.instant_or_none(latest.get("System.CreatedDate")) or times[0]
    parents = _parents(payload, revisions, times, created)
    history = _history(facts, times, parents.changes)
    state = State(str(now["state"]))
    project, area, iteration = str(now["project"]), now["area_path"], now["iteration"]
    from_birth = min(payload.revisions) == 1
    item = WorkItem(
        source=source,
        id=payload.id,
        key=payload.id,
        url=f"{context['url']}/{quote(project, safe='')}/_workitems/edit/{payload.id}",
        type=str(now["type"]),
        level=process.level_of(context, project, str(now["type"])),
        title=str(now["title"]),
        status=str(now["status"]),
        state=state,
        project=project,
        created_at=created,
        updated_at=max([times[-1], *(entry.at for entry in parents.changes)]),
        points=process.points_of(context, project, latest),
        priority=_text(now["priority"]),
        parent=parents.present,
        parent_key=parents.present,
        team=_text(now["team"]),
        labels=values.labels(latest.get("System.Tags")),
        area_path=_text(area),
        iteration=_text(iteration),
        sprint=_text(now["sprint"]),
        assignee=_text(now["assignee"]),
        fields=_extra(latest, context),
        started_at=_started(facts, times, created if from_birth else None, latest),
        done_at=_done(history, state, times[0], latest),
        deleted=_when(now["deleted"]),
    )
    return Record(item, history, raw)


def _revisions(payload: Payload) -> list[Mapping[str, Any]]:
    """The revisions in order; the one that deletes an item may tell nothing else, and then the rest stays."""
    revisions: list[Mapping[str, Any]] = []
    for rev in sorted(payload.revisions):
        fields: Mapping[str, Any] = payload.revisions[rev]
        if revisions and "System.IsDeleted" in fields and "System.State" not in fields:
            fields = {**revisions[-1], **fields}
        revisions.append(fields)
    return revisions


def _times(revisions: Sequence[Mapping[str, Any]], key: str) -> list[datetime]:
    """When each revision was made; never before the one ahead of it."""
    times: list[datetime] = []
    for fields in revisions:
        found = fields.get("System.ChangedDate") or (None if times else fields.get("System.CreatedDate"))
        at = values.instant(found, f"Item {key}: System.ChangedDate")
        times.append(max(at, times[-1]) if times else at)
    return times


def _deleted(revisions: Sequence[Mapping[str, Any]], times: Sequence[datetime]) -> list[str | None]:
    """For each revision since when the item lay in the recycle bin, as an RFC 3339 text; None when it did not."""
    since: list[str | None] = []
    for fields, at in zip(revisions, times, strict=True):
        gone = values.text(fields.get("System.IsDeleted")).casefold() == "true"
        before = since[-1] if since else None
        since.append((before or instant_text(at)) if gone else None)
    return since


def _facts(fields: Mapping[str, Any], context: Mapping[str, Any], deleted: str | None) -> Facts:
    """What a revision says, in the form of the work item's fields; without the parent."""
    project = values.text(fields.get("System.TeamProject"))
    kind = values.text(fields.get("System.WorkItemType"))
    status = values.text(fields.get("System.State"))
    area, iteration = values.path(fields.get("System.AreaPath")), values.path(fields.get("System.IterationPath"))
    return {
        "state": process.state_of(context, project, kind, status).value,
        "status": status,
        "points": process.points_of(context, project, fields),
        "type": kind,
        "labels": values.labels(fields.get("System.Tags")),
        "components": (),
        "team": process.team_of(context, project, area),
        "area_path": area,
        "iteration": iteration,
        "project": project,
        "title": values.text(fields.get("System.Title")),
        "priority": values.text(fields.get("Microsoft.VSTS.Common.Priority")) or None,
        "fix_versions": (),
        "assignee": values.account(fields.get("System.AssignedTo")),
        "sprint": values.sprint(iteration),
        "deleted": deleted,
    }


def _parents(
    payload: Payload, revisions: Sequence[Mapping[str, Any]], times: Sequence[datetime], created: datetime
) -> Parents:
    what = f"Item {payload.id}: the date of a link"
    links = [Link(values.instant(one["at"], what), str(one["parent"]), bool(one["active"])) for one in payload.links]
    seen = None
    if payload.seen is not None:
        parent = payload.seen.get("parent")
        seen = Seen(values.instant(payload.seen.get("at"), what), None if parent is None else str(parent))
    if links or seen is not None:
        return from_links(links, seen, created)
    own = [values.text(fields.get("System.Parent")) or None for fields in revisions]
    return from_revisions(list(zip(times, own, strict=True)))


def _history(
    facts: Sequence[Facts], times: Sequence[datetime], parents: Sequence[Transition]
) -> tuple[Transition, ...]:
    entries = [
        Transition(at, name, before[name], after[name])
        for before, after, at in zip(facts, facts[1:], times[1:], strict=False)
        for name in HISTORY_FIELDS
        if name != "parent" and before[name] != after[name]
    ]
    return tuple(sorted([*entries, *parents], key=lambda entry: entry.at))


def _started(
    facts: Sequence[Facts], times: Sequence[datetime], born: datetime | None, latest: Mapping[str, Any]
) -> datetime | None:
    """The first entry into doing. When it lies before the first known revision, the server's activation date."""
    if facts[0]["state"] == State.DOING and born is not None:
        return born
    activated = values.instant_or_none(latest.get("Microsoft.VSTS.Common.ActivatedDate"))
    known_late = born is None and facts[0]["state"] != State.TODO
    if known_late and activated is not None and activated <= times[0]:
        return activated
    return next((at for one, at in zip(facts, times, strict=True) if one["state"] == State.DOING), None)


def _done(history: Sequence[Transition], state: State, first: datetime, latest: Mapping[str, Any]) -> datetime | None:
    """The last entry into done while the item is done; when none is known, the server's closing date, else the
    first revision that we know, in which it was done."""
    if state is not State.DONE:
        return None
    entries = [entry.at for entry in history if entry.field == "state" and entry.after == State.DONE]
    if entries:
        return entries[-1]
    for name in ("Microsoft.VSTS.Common.ClosedDate", "Microsoft.VSTS.Common.StateChangeDate"):
        found = values.instant_or_none(latest.get(name))
        if found is not None:
            return min(found, first)
    return first


def _extra(fields: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The fields that mapping rules test, by the names under which they ask for them; empty ones are absent."""
    found = {name: values.texts(fields.get(reference)) for name, reference in context.get("extra", {}).items()}
    return {name: texts for name, texts in sorted(found.items()) if texts}


def _text(value: FieldValue) -> str | None:
    assert value is None or isinstance(value, str)
    return value


def _when(value: FieldValue) -> datetime | None:
    return values.instant_or_none(value)
