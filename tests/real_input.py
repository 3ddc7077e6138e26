"""Recorded payloads that nobody of this project wrote, in the form in which the loopback trackers take them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.trackers.jira.standard import EPIC_LINK, SPRINT

HIERARCHY = "System.LinkTypes.Hierarchy"
UNDATED = "2019-01-01T00:00:00Z"  # for the few recorded work items that bear no dates


def lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a packed file of JSON Lines."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def jira_issues(shared: Path) -> list[dict[str, Any]]:
    """The recorded issues of three projects, as a Data Center gives them.

    They were recorded through the agile resources, whose `epic`, `sprint` and `closedSprints` a Data Center's other
    resources give as custom fields: those are added (Epic Link: the epic's key; Sprint: a list of texts).
    """
    issues = lines(shared / "samples" / "jira_server_issues.ndjson.gz")
    for issue in issues:
        fields = issue["fields"]
        epic, sprint = fields.get("epic"), fields.get("sprint")
        sprints = [*(fields.get("closedSprints") or ()), *([sprint] if sprint else ())]
        fields[EPIC_LINK] = epic["key"] if epic else None
        fields[SPRINT] = [_sprint(one) for one in sprints] or None
    return issues


def _sprint(one: Mapping[str, Any]) -> str:
    """A sprint as an older server writes it into the custom field."""
    parts = {
        "id": one.get("id"),
        "rapidViewId": one.get("originBoardId"),
        "state": str(one.get("state", "")).upper(),
        "name": one.get("name"),
        "startDate": one.get("startDate"),
        "endDate": one.get("endDate"),
        "completeDate": one.get("completeDate"),
        "sequence": one.get("id"),
    }
    inner = ",".join(f"{name}={'<null>' if value is None else value}" for name, value in parts.items())
    return f"com.atlassian.greenhopper.service.sprint.Sprint@41b017c6[{inner}]"


@dataclass(frozen=True)
class WorkItems:
    """Recorded work items: `options` are AzureDevOpsSite's `projects`, `items` and `links`; `rows` are the recorded
    rows with the new numbers as `id`, and `parents` leads from a child's new number to its parent's.
    """

    options: Mapping[str, Any]
    rows: list[dict[str, Any]]
    parents: Mapping[int, int]


def work_items(shared: Path) -> WorkItems:
    """The recorded work items of many project templates as one organisation, each template a project of its own.

    Numbers repeat from template to template, so each item gets a new one, in the file's order from 1. An item's
    recorded state is its only revision (with its recorded number). Relations to items are links, dated at the
    creation of the child or target; those to items that were not recorded are left out.
    """
    rows = lines(shared / "samples" / "ado_work_items.ndjson.gz")
    numbers = {(row["_template"], row["id"]): number for number, row in enumerate(rows, start=1)}
    processes = {str(row["_template"]): row["_process"] or "Scrum" for row in rows}
    items: list[dict[str, Any]] = []
    links: dict[tuple[str, int, int], dict[str, Any]] = {}
    parents: dict[int, int] = {}
    for row in rows:
        number = numbers[row["_template"], row["id"]]
        fields = _fields(row)
        others: list[dict[str, Any]] = []
        for relation in row["relations"] or ():
            rel, _, end = relation["rel"].rpartition("-")
            other = relation["url"].rpartition("/")[2]
            if not (other.isdecimal() and (end in ("Forward", "Reverse") or relation["rel"].endswith("Related"))):
                others.append({**relation, "attributes": relation.get("attributes") or {}})
                continue
            far = numbers.get((row["_template"], int(other)))
            if far is None:
                continue
            if end == "Reverse" and rel == HIERARCHY:
                parents[number] = far
            ends = (far, number) if end == "Reverse" else (number, far)
            if end not in ("Forward", "Reverse"):
                rel, ends = relation["rel"], (min(ends), max(ends))
            changed = fields["System.CreatedDate"]
            links[rel, *ends] = {"rel": rel, "sourceId": ends[0], "targetId": ends[1], "changedDate": changed}
        items.append({"id": number, "rev": row["rev"] or 1, "revisions": [fields], "relations": others})
    projects = [{"name": name, "process": process} for name, process in processes.items()]
    rows = [{**row, "id": numbers[row["_template"], row["id"]]} for row in rows]
    return WorkItems({"projects": projects, "items": items, "links": list(links.values())}, rows, parents)


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    project = row["_template"]
    fields = {name: value for name, value in row["fields"].items() if value is not None}
    for name in ("System.Id", "System.Rev", "System.RevisedDate", "System.Watermark"):
        fields.pop(name, None)
    fields["System.TeamProject"] = project
    for name in ("System.AreaPath", "System.IterationPath"):
        fields[name] = "\\".join([project, *str(fields[name]).split("\\")[1:]])
    created = fields.get("System.CreatedDate") or fields.get("System.ChangedDate") or UNDATED
    return {"System.ChangedDate": created, **fields, "System.CreatedDate": created}
