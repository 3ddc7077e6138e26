"""Labels, tags and properties of the loopback trackers, as edits set and take them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from demo.trackers.azure_devops import AzureDevOpsSite
from demo.trackers.jira import JiraSite
from tests.conftest import NOW, Running
from tests.trackers.conftest import Call, issue, jira_text, work_item

StartJira = Callable[..., Running[JiraSite]]
StartAzureDevOps = Callable[..., Running[AzureDevOpsSite]]
ISSUE = "/rest/api/3/issue/AB-1"
ITEM = "/_apis/wit/workitems/1"


def labels(call: Call, running: Running[JiraSite]) -> Any:
    return call(running, "GET", ISSUE, fields="labels")[1]["fields"]["labels"]


def test_labels_are_added_and_removed_one_by_one(jira_cloud: StartJira, call: Call) -> None:
    running = jira_cloud(issues=[issue(1, labels=["old", "kept"])])
    edits = {"update": {"labels": [{"add": "new"}, {"add": "kept"}, {"remove": "old"}, {"remove": "absent"}]}}
    assert call(running, "PUT", ISSUE, edits, notifyUsers="false") == (204, None)
    assert labels(call, running) == ["kept", "new"]
    shown = call(running, "GET", ISSUE, expand="changelog")[1]
    assert shown["fields"]["updated"] == jira_text(NOW)
    assert shown["changelog"]["histories"][0]["items"][0]["toString"] == "kept new"
    assert call(running, "PUT", ISSUE, {"update": {"labels": [{"set": ["one"]}]}})[0] == 204
    assert labels(call, running) == ["one"]
    assert call(running, "PUT", ISSUE, {"update": {"labels": [{"add": "one"}]}})[0] == 204
    assert len(call(running, "GET", ISSUE, expand="changelog")[1]["changelog"]["histories"]) == 2


@pytest.mark.parametrize(
    ("body", "query"),
    [
        ({"update": {"labels": [{"add": "two words"}]}}, {}),
        ({"update": {"labels": [{"turn": "round"}]}}, {}),
        ({"update": {"summary": [{"set": "Another"}]}}, {}),
        ({"fields": {"summary": "Another"}}, {}),
        ({"update": {"labels": [{"add": "one"}]}}, {"notifyUsers": "perhaps"}),
    ],
)
def test_what_jira_cannot_set_is_refused(
    jira_cloud: StartJira, call: Call, body: dict[str, Any], query: dict[str, str]
) -> None:
    running = jira_cloud(issues=[issue(1)], checked=False)
    assert call(running, "PUT", ISSUE, body, **query)[0] == 400
    assert labels(call, running) == []


def test_an_issue_has_properties(jira_cloud: StartJira, call: Call) -> None:
    running, path = jira_cloud(issues=[issue(1)]), f"{ISSUE}/properties"
    assert call(running, "PUT", f"{path}/mark", {"a": 1})[0] == 201
    assert call(running, "PUT", f"{path}/mark", {"a": 2})[0] == 200
    assert call(running, "GET", f"{path}/mark") == (200, {"key": "mark", "value": {"a": 2}})
    assert [one["key"] for one in call(running, "GET", path)[1]["keys"]] == ["mark"]
    assert call(running, "PUT", f"{path}/mark", "x" * 32_768)[0] == 400
    assert call(running, "DELETE", f"{path}/mark")[0] == 204
    assert call(running, "GET", f"{path}/mark")[0] == 404
    assert call(running, "DELETE", f"{path}/mark")[0] == 404


def test_a_patch_tests_the_revision_and_added_tags_come_to_those_that_are_there(
    azure_devops: StartAzureDevOps, call: Call
) -> None:
    running = azure_devops(items=[work_item(1)])

    def patched(rev: int, op: str, value: str) -> tuple[int, Any]:
        tags = {"op": op, "path": "/fields/System.Tags", "value": value}
        status, answer = call(running, "PATCH", ITEM, [{"op": "test", "path": "/rev", "value": rev}, tags])
        return status, answer["fields"].get("System.Tags") if status == 200 else answer["typeKey"]

    assert patched(1, "add", "one; two") == (200, "one; two")
    assert patched(1, "add", "three") == (412, "TestPatchOperationFailedException")
    assert patched(2, "add", "TWO; three") == (200, "one; two; three")
    assert patched(3, "replace", "three") == (200, "three")
    assert patched(4, "replace", "three") == (200, "three")
    assert call(running, "GET", ITEM)[1]["rev"] == 4
    assert patched(4, "replace", "") == (200, None)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"op": "add"}, 415),
        ([{"op": "add", "path": "/fields/Custom.Nonsense", "value": 1}], 400),
        ([{"op": "move", "path": "/fields/System.Tags", "from": "/fields/System.Title"}], 400),
        (["add"], 400),
    ],
)
def test_what_azure_devops_cannot_set_is_refused(
    azure_devops: StartAzureDevOps, call: Call, body: Any, status: int
) -> None:
    assert call(azure_devops(items=[work_item(1)], checked=False), "PATCH", ITEM, body)[0] == status
