"""The fields that a Jira site has from the start, and the custom ones that nearly every site has."""

from __future__ import annotations

from typing import Any

_SYSTEM = {
    "summary": ("Summary", "string"),
    "status": ("Status", "status"),
    "issuetype": ("Issue Type", "issuetype"),
    "project": ("Project", "project"),
    "parent": ("Parent", "issuelink"),
    "created": ("Created", "datetime"),
    "updated": ("Updated", "datetime"),
    "resolution": ("Resolution", "resolution"),
    "resolutiondate": ("Resolved", "datetime"),
    "statuscategorychangedate": ("Status Category Changed", "datetime"),
    "priority": ("Priority", "priority"),
    "labels": ("Labels", "array"),
    "components": ("Components", "array"),
    "fixVersions": ("Fix versions", "array"),
    "versions": ("Affects versions", "array"),
    "assignee": ("Assignee", "user"),
    "reporter": ("Reporter", "user"),
    "creator": ("Creator", "user"),
    "description": ("Description", "string"),
    "duedate": ("Due date", "date"),
    "issuelinks": ("Linked Issues", "array"),
    "subtasks": ("Sub-tasks", "array"),
    "comment": ("Comment", "comments-page"),
}
_ITEMS = {"labels": "string", "components": "component", "fixVersions": "version", "versions": "version"}
_GREENHOPPER = "com.pyxis.greenhopper.jira:"

POINTS = "customfield_10016"
SPRINT = "customfield_10020"
EPIC_LINK = "customfield_10014"
EPIC_NAME = "customfield_10011"
PARENT_LINK = "customfield_10018"
TEAM = "customfield_10001"
STORY_POINTS = "customfield_10026"


def system_field(field_id: str) -> dict[str, Any]:
    """A system field as GET /field gives it."""
    name, kind = _SYSTEM[field_id]
    schema = {"type": kind, "system": field_id}
    if kind == "array":
        schema["items"] = _ITEMS.get(field_id, "issuelinks")
    return {
        "id": field_id,
        "key": field_id,
        "name": name,
        "custom": False,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": [field_id],
        "schema": schema,
    }


def custom_field(field_id: str, name: str, kind: str, schema: str, items: str | None = None) -> dict[str, Any]:
    """A custom field as GET /field gives it: `kind` is its type, `schema` its `schema.custom`."""
    number = int(field_id.removeprefix("customfield_"))
    shape: dict[str, Any] = {"type": kind, "custom": schema, "customId": number}
    if items:
        shape["items"] = items
    return {
        "id": field_id,
        "key": field_id,
        "name": name,
        "custom": True,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": [f"cf[{number}]", name],
        "schema": shape,
    }


FIELDS: tuple[dict[str, Any], ...] = (
    *(system_field(field_id) for field_id in _SYSTEM),
    custom_field(TEAM, "Team", "team", "com.atlassian.teams:rm-teams-custom-field-team"),
    custom_field(EPIC_NAME, "Epic Name", "string", _GREENHOPPER + "gh-epic-label"),
    custom_field(EPIC_LINK, "Epic Link", "any", _GREENHOPPER + "gh-epic-link"),
    custom_field(POINTS, "Story point estimate", "number", _GREENHOPPER + "jsw-story-points"),
    custom_field(PARENT_LINK, "Parent Link", "any", "com.atlassian.jpo:jpo-custom-field-parent"),
    custom_field(SPRINT, "Sprint", "array", _GREENHOPPER + "gh-sprint", items="json"),
    custom_field(STORY_POINTS, "Story Points", "number", "com.atlassian.jira.plugin.system.customfieldtypes:float"),
)
