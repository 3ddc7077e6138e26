"""The made-up company's web shop as Jira Cloud says it: issues with fields and change log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from demo.company import ZONE, Company, Piece
from demo.trackers.jira.standard import POINTS, SPRINT, TEAM

PROJECTS = {"SHOP": ("10000", "Boutique en ligne"), "PRO": ("10001", "Portail des professionnels")}
TYPES = {
    "epic": ("10001", "Epic", 1),
    "story": ("10002", "Story", 0),
    "bug": ("10003", "Bug", 0),
    "subtask": ("10004", "Sous-tâche", -1),
}
# Names are free text in any language; the category is what counts.
STATUSES = {
    "todo": ("10100", "À faire", "new"),
    "doing": ("10101", "En cours", "indeterminate"),
    "review": ("10102", "En revue", "indeterminate"),
    "done": ("10103", "Terminé", "done"),
    "dropped": ("10103", "Terminé", "done"),
}
RESOLUTIONS = {"done": ("10200", "Done"), "dropped": ("10201", "Won't Do")}
CATEGORIES = {
    "new": (2, "blue-gray", "À faire"),
    "indeterminate": (4, "yellow", "En cours"),
    "done": (3, "green", "Terminé"),
}


@dataclass(frozen=True)
class _Sprint:
    id: int
    name: str
    start: datetime
    end: datetime


def issues(company: Company) -> list[dict[str, Any]]:
    """Every piece that lives in Jira, as `GET issue?expand=changelog` would give it, oldest first."""
    pieces = [piece for piece in company.pieces if piece.theme.tracker == "jira"]
    ids = {id(piece): str(20001 + index) for index, piece in enumerate(pieces)}
    return [_issue(piece, ids, company) for piece in pieces]


def key(piece: Piece) -> str:
    """The piece's key."""
    return f"{piece.theme.project}-{piece.number}"


def _issue(piece: Piece, ids: dict[int, str], company: Company) -> dict[str, Any]:
    type_id, type_name, level = TYPES[piece.kind]
    project_id, project_name = PROJECTS[piece.theme.project]
    sprint = _sprint(piece, company)
    fields: dict[str, Any] = {
        "summary": piece.title,
        "description": None,
        "issuetype": {
            "id": type_id,
            "name": type_name,
            "subtask": level < 0,
            "hierarchyLevel": level,
        },
        "project": {"id": project_id, "key": piece.theme.project, "name": project_name},
        "status": _status(piece.stage),
        "resolution": _resolution(piece.stage),
        "resolutiondate": _time(piece.moves[-1].at) if piece.stage in RESOLUTIONS else None,
        "priority": {"id": "3", "name": "Medium"},
        "created": _time(piece.created),
        "updated": _time(piece.touched),
        "labels": list(_labels(piece)),
        "components": [{"id": "10300", "name": piece.theme.component}] if _component(piece) else [],
        "fixVersions": [],
        "assignee": _person(piece),
        POINTS: piece.points,
        SPRINT: [_sprint_value(sprint, company)] if sprint else None,
        TEAM: {"id": f"team-{piece.theme.team.lower()}", "name": piece.theme.team},
    }
    if piece.parent is not None:
        fields["parent"] = {
            "id": ids[id(piece.parent)],
            "key": key(piece.parent),
            "fields": {"summary": piece.parent.title},
        }
    return {
        "id": ids[id(piece)],
        "key": key(piece),
        "fields": fields,
        "changelog": {"histories": _histories(piece, ids[id(piece)], sprint)},
    }


def _component(piece: Piece) -> bool:
    """Components stand on epics and on what has no epic; stories inherit from their epic, as teams really do it."""
    return piece.theme.component is not None and piece.parent is None


def _labels(piece: Piece) -> Sequence[str]:
    return piece.theme.labels if piece.parent is None else ()


def _status(stage: str) -> dict[str, Any]:
    status_id, name, category = STATUSES[stage]
    number, colour, category_name = CATEGORIES[category]
    return {
        "id": status_id,
        "name": name,
        "statusCategory": {"id": number, "key": category, "colorName": colour, "name": category_name},
    }


def projects() -> list[dict[str, Any]]:
    """The site's projects, as `GET project/search` lists them."""
    return [{"id": project_id, "key": project, "name": name} for project, (project_id, name) in PROJECTS.items()]


def statuses() -> list[dict[str, Any]]:
    """The site's statuses, as `GET status` lists them."""
    return [_status(stage) for stage in ("todo", "doing", "review", "done")]


def _resolution(stage: str) -> dict[str, str] | None:
    if stage not in RESOLUTIONS:
        return None
    resolution_id, name = RESOLUTIONS[stage]
    return {"id": resolution_id, "name": name}


def _person(piece: Piece) -> dict[str, Any] | None:
    if piece.person is None:
        return None
    account = f"account-{piece.theme.team.lower()}-{piece.person}"
    return {"accountId": account, "accountType": "atlassian", "displayName": account, "active": True}


def _sprint(piece: Piece, company: Company) -> _Sprint | None:
    """Two-week sprints of the piece's team; a story is taken in when work on it begins."""
    if piece.kind in {"epic", "subtask"} or not piece.moves:
        return None
    begun = piece.moves[0].at
    first = datetime.combine(company.start, datetime.min.time(), tzinfo=ZONE) - timedelta(weeks=20)
    number = (begun - first) // timedelta(weeks=2)
    start = first + number * timedelta(weeks=2)
    team = sorted(PROJECTS).index(piece.theme.project)
    return _Sprint(1000 * (team + 1) + number, f"{piece.theme.team} {number}", start, start + timedelta(weeks=2))


def _sprint_value(sprint: _Sprint, company: Company) -> dict[str, Any]:
    over = sprint.end.date() <= company.monday
    value = {
        "id": sprint.id,
        "name": sprint.name,
        "state": "closed" if over else "active",
        "boardId": sprint.id // 1000,
        "goal": "",
        "startDate": _time(sprint.start),
        "endDate": _time(sprint.end),
    }
    return value | ({"completeDate": _time(sprint.end)} if over else {})


def _histories(piece: Piece, issue_id: str, sprint: _Sprint | None) -> list[dict[str, Any]]:
    entries: list[tuple[datetime, list[dict[str, Any]]]] = []
    if piece.labelled_at is not None and _labels(piece):
        entries.append((piece.labelled_at, [_change("labels", "", "", " ".join(_labels(piece)), "")]))
    before = "todo"
    for number, move in enumerate(piece.moves):
        items = []
        if sprint is not None and number == 0:
            items.append(_change("Sprint", None, "", sprint.name, str(sprint.id), field_id=SPRINT, custom=True))
        old, new = STATUSES[before], STATUSES[move.stage]
        items.append(_change("status", old[0], old[1], new[1], new[0]))
        was, becomes = RESOLUTIONS.get(before), RESOLUTIONS.get(move.stage)
        if was != becomes:
            items.append(
                _change(
                    "resolution",
                    was[0] if was else None,
                    was[1] if was else None,
                    becomes[1] if becomes else None,
                    becomes[0] if becomes else None,
                )
            )
        entries.append((move.at, items))
        before = move.stage
    entries.sort(key=lambda entry: entry[0])
    return [
        {"id": f"{issue_id}{number:03d}", "author": _person(piece), "created": _time(at), "items": items}
        for number, (at, items) in enumerate(entries)
    ]


def _change(
    name: str,
    old: str | None,
    old_text: str | None,
    new_text: str | None,
    new: str | None,
    *,
    field_id: str | None = None,
    custom: bool = False,
) -> dict[str, Any]:
    return {
        "field": name,
        "fieldtype": "custom" if custom else "jira",
        "fieldId": field_id or name,
        "from": old,
        "fromString": old_text,
        "to": new,
        "toString": new_text,
    }


def _time(instant: datetime) -> str:
    """Jira's own form, in the account's zone: 2026-11-20T15:50:00.000+0100."""
    return instant.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M:%S.000%z")
