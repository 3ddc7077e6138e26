"""Issues that none of us wrote convert without loss; what is expected is counted straight from the files."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from connectors.jira.convert import convert
from domain.work import State

CONTEXT: dict[str, Any] = {
    "source": "recorded",
    "base": "https://jira.example",
    "dropped": ["Won't Do", "Won't Fix", "Duplicate", "Cannot Reproduce", "Invalid"],
}
STATES = {"new": "todo", "indeterminate": "doing", "done": "done"}


def expected_state(fields: dict[str, Any]) -> str:
    state = STATES[fields["status"]["statusCategory"]["key"]]
    resolution = (fields["resolution"] or {}).get("name")
    return "dropped" if state == "done" and resolution in CONTEXT["dropped"] else state


def test_every_issue_of_a_public_jira_server(recorded: list[dict[str, Any]]) -> None:
    records = [convert(json.dumps(issue).encode(), CONTEXT) for issue in recorded]
    assert len(records) == len(recorded) == 2183
    fields = [issue["fields"] for issue in recorded]
    items = [record.item for record in records]
    assert Counter(item.type for item in items) == Counter(one["issuetype"]["name"] for one in fields)
    assert Counter(item.state for item in items) == Counter(expected_state(one) for one in fields)
    levels = Counter(-1 if one["issuetype"]["subtask"] else int(one["issuetype"]["name"] == "Epic") for one in fields)
    assert Counter(item.level for item in items) == levels
    parents = [(one.get("parent") or one.get("epic") or {}).get("key") for one in fields]
    assert [item.parent_key for item in items] == parents
    assert Counter(name for item in items for name in item.components) == Counter(
        part["name"] for one in fields for part in one["components"]
    )
    assert Counter(name for item in items for name in item.labels) == Counter(
        label for one in fields for label in one["labels"]
    )
    assert Counter(name for item in items for name in item.fix_versions) == Counter(
        part["name"].strip() for one in fields for part in one["fixVersions"]
    )
    assert sum(item.sprint is not None for item in items) == sum(
        bool(one.get("closedSprints") or one.get("sprint")) for one in fields
    )
    assert [item.title for item in items] == [one["summary"].strip() for one in fields]
    assert [item.assignee for item in items] == [(one["assignee"] or {}).get("key") for one in fields]
    assert [record.item.id for record in records] == [issue["id"] for issue in recorded]
    delivered = [item for item in items if item.state is State.DONE]
    resolved = sum(bool(one["resolutiondate"]) for one in fields if expected_state(one) == "done")
    assert sum(item.done_at is not None for item in delivered) == resolved


def test_the_cloud_issues(shared: Path) -> None:
    for path in sorted((shared / "samples" / "jira_cloud_v3").glob("*.json")):
        issue = json.loads(path.read_text())
        item = convert(path.read_bytes(), {**CONTEXT, "fields": {"sprint": ["customfield_10020"]}}).item
        fields = issue["fields"]
        assert (item.id, item.key, item.title) == (issue["id"], issue["key"], fields["summary"])
        assert (item.type, item.level, item.state) == ("Task", 0, State.TODO)
        assert item.updated_at.isoformat()[:10] <= fields["updated"][:10]
        assert item.assignee == (fields["assignee"] or {}).get("accountId")
        assert item.labels == tuple(sorted(fields["labels"]))
        assert item.priority == fields["priority"]["name"]
