"""Small issues and work items, and plain HTTP to a loopback tracker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from tests.conftest import NOW, Running

Call = Callable[..., Any]
STATUSES = {
    "To Do": ("1", "new", 2),
    "In Progress": ("3", "indeterminate", 4),
    "Done": ("5", "done", 3),
}


def status(name: str) -> dict[str, Any]:
    """A status as an issue bears it."""
    number, key, category = STATUSES[name]
    shown = {"id": category, "key": key, "name": name, "colorName": "blue-gray"}
    return {"id": number, "name": name, "statusCategory": shown}


def jira_text(when: datetime) -> str:
    """An instant as Jira writes it in UTC."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def issue(number: int, key: str = "AB", *, updated: datetime | None = None, **fields: Any) -> dict[str, Any]:
    """An issue of project AB (or another) with id 10000 + number, by default changed `number` minutes before NOW."""
    changed = updated or NOW - timedelta(minutes=number)
    return {
        "id": str(10_000 + number),
        "key": f"{key}-{number}",
        "fields": {
            "summary": f"Issue {number}",
            "project": {"id": str(sum(map(ord, key))), "key": key, "name": f"Project {key}"},
            "created": jira_text(NOW - timedelta(days=100)),
            "updated": jira_text(changed),
            "status": status("To Do"),
            "issuetype": {"id": "10", "name": "Story", "subtask": False, "hierarchyLevel": 0},
            "labels": [],
            **fields,
        },
    }


def work_item(
    number: int, *states: str, project: str = "Alpha", kind: str = "User Story", **more: Any
) -> dict[str, Any]:
    """A work item with one revision a state, an hour apart, the first one `number` days before NOW."""
    start = NOW - timedelta(days=number)
    return {
        "id": number,
        "revisions": [
            {
                "System.TeamProject": project,
                "System.WorkItemType": kind,
                "System.State": state,
                "System.Title": f"Item {number}",
                "System.Description": "<p>Long text</p>",
                "System.AssignedTo": {"displayName": "Ada", "uniqueName": "ada@example.com"},
                "System.ChangedDate": start + timedelta(hours=place),
            }
            for place, state in enumerate(states or ("New",))
        ],
        **more,
    }


@pytest.fixture
def call() -> Iterator[Call]:
    """`call(running, method, path, body)` sends one request with the right token and gives (status, JSON or None)."""
    with requests.Session() as session:

        def send(running: Running[Any], method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
            organisation = not path.startswith("/rest/")
            answer = session.request(
                method,
                running.url + path,
                json=body,
                headers={"Content-Type": "application/json-patch+json"} if isinstance(body, list) else None,
                params={**query, **({"api-version": "7.1"} if organisation and "api-version" not in path else {})},
                auth=("me", running.token),
                timeout=10,
            )
            return answer.status_code, answer.json() if answer.content else None

        yield send


def read_pages(call: Call, running: Running[Any], jql: str, **body: Any) -> list[list[str]]:
    """The ids of each page of search/jql until there is no token."""
    pages: list[list[str]] = []
    tokens: list[str] = []
    token = None
    while token is not None or not pages:
        given = {"jql": jql, **body} | ({"nextPageToken": token} if token else {})
        status_code, answer = call(running, "POST", "/rest/api/3/search/jql", given)
        assert status_code == 200, answer
        pages.append([one["id"] for one in answer["issues"]])
        token = answer.get("nextPageToken")
        assert answer["isLast"] == (token is None)
        assert token not in tokens
        tokens += [token] if token else []
    return pages
