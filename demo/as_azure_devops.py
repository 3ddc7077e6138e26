"""The made-up company's logistics and platform as Azure DevOps says it: revisions and links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.company import ZONE, Company, Piece
from domain.calendar import midnight

# Process, types by kind and state by (kind, stage): the names of the Scrum and Agile processes.
PROCESSES = {"Logistique": "Scrum", "Plateforme": "Agile"}
TYPES = {
    "Scrum": {"root": "Epic", "epic": "Feature", "story": "Product Backlog Item", "bug": "Bug", "subtask": "Task"},
    "Agile": {"root": "Epic", "epic": "Feature", "story": "User Story", "bug": "Bug", "subtask": "Task"},
}
STATES = {
    "Scrum": {
        "feature": {"todo": "New", "doing": "In Progress", "done": "Done", "dropped": "Removed"},
        "story": {"todo": "New", "doing": "Committed", "review": "Committed", "done": "Done", "dropped": "Removed"},
        "task": {"todo": "To Do", "doing": "In Progress", "done": "Done", "dropped": "Removed"},
    },
    "Agile": {
        "feature": {"todo": "New", "doing": "Active", "done": "Closed", "dropped": "Removed"},
        "story": {"todo": "New", "doing": "Active", "review": "Resolved", "done": "Closed", "dropped": "Removed"},
        "task": {"todo": "New", "doing": "Active", "done": "Closed", "dropped": "Removed"},
    },
}
FAMILY = {"root": "feature", "epic": "feature", "story": "story", "bug": "story", "subtask": "task"}
EFFORT = {"Scrum": "Microsoft.VSTS.Scheduling.Effort", "Agile": "Microsoft.VSTS.Scheduling.StoryPoints"}
ROOTS = {
    r"Logistique\Promesse": "Tenir la promesse de livraison",
    r"Plateforme\Services communs": "Services shared by all sites",
    r"Plateforme\Socle": "Un socle qui tient la charge",
}


@dataclass(frozen=True)
class Link:
    """A parent link as it was made."""

    parent: int
    child: int
    at: datetime


@dataclass(frozen=True)
class WorkItems:
    """Revisions by work item id, each a full snapshot of the fields, and the parent links."""

    revisions: dict[int, list[dict[str, Any]]]
    links: Sequence[Link]


def work_items(company: Company) -> WorkItems:
    """Every piece that lives in Azure DevOps, with one epic above each area's features."""
    pieces = [piece for piece in company.pieces if piece.theme.tracker == "azure_devops"]
    roots = {area: number for number, area in enumerate(ROOTS, start=1)}
    numbers = {id(piece): len(ROOTS) + number for number, piece in enumerate(pieces, start=1)}
    begun = midnight(company.start - timedelta(weeks=14), ZONE)
    revisions = {number: [_root(area, number, begun)] for area, number in roots.items()}
    links = []
    for piece in pieces:
        number = numbers[id(piece)]
        revisions[number] = _revisions(piece, number)
        area = piece.theme.area
        if piece.parent is not None:
            links.append(Link(numbers[id(piece.parent)], number, piece.created))
        elif piece.kind == "epic" and area is not None:
            links.append(Link(roots[area], number, piece.created))
    return WorkItems(revisions, links)


def _root(area: str, number: int, at: datetime) -> dict[str, Any]:
    project = area.split("\\", 1)[0]
    states = STATES[PROCESSES[project]]["feature"]
    return {
        "System.Id": number,
        "System.Rev": 1,
        "System.TeamProject": project,
        "System.AreaPath": area,
        "System.IterationPath": project,
        "System.WorkItemType": "Epic",
        "System.State": states["doing"],
        "System.Title": ROOTS[area],
        "System.CreatedDate": _time(at),
        "System.ChangedDate": _time(at),
    }


def _revisions(piece: Piece, number: int) -> list[dict[str, Any]]:
    process = PROCESSES[piece.theme.project]
    states = STATES[process][FAMILY[piece.kind]]
    fields: dict[str, Any] = {
        "System.Id": number,
        "System.Rev": 1,
        "System.TeamProject": piece.theme.project,
        "System.AreaPath": piece.theme.area,
        "System.IterationPath": piece.theme.project,
        "System.WorkItemType": TYPES[process][piece.kind],
        "System.State": states["todo"],
        "System.Title": piece.title,
        "System.CreatedDate": _time(piece.created),
        "System.ChangedDate": _time(piece.created),
    }
    if piece.points is not None:
        fields[EFFORT[process]] = piece.points
    if piece.person is not None:
        name = f"{piece.theme.team.lower()}-{piece.person}"
        fields["System.AssignedTo"] = f"{name} <{name}@maison-lumiere.example>"
    revisions = [fields]
    for move in piece.moves:
        state = states.get(move.stage, states["doing"])
        changes: dict[str, Any] = {"System.State": state}
        if piece.kind in {"story", "bug"}:
            year, week, _ = move.at.isocalendar()
            changes["System.IterationPath"] = f"{piece.theme.project}\\{year}-S{week // 2 * 2:02d}"
        last = revisions[-1]
        if all(last.get(name) == value for name, value in changes.items()):
            continue
        revisions.append(last | changes | {"System.Rev": last["System.Rev"] + 1, "System.ChangedDate": _time(move.at)})
    return revisions


def _time(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").replace("000Z", "Z")
