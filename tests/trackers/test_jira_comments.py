"""Comments in the loopback Jira."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from demo.trackers.jira import JiraSite
from demo.trackers.jira.text import document
from tests.conftest import NOW, Running
from tests.trackers.conftest import Call, issue, jira_text

Start = Callable[..., Running[JiraSite]]
COMMENTS = "/rest/api/3/issue/AB-1/comment"


def test_a_comment_with_its_mark_is_written_found_changed_and_removed(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(1)])
    mark = {"key": "filrouge", "value": {"item": "AB-1"}}
    status_code, made = call(running, "POST", COMMENTS, {"body": document("Bonjour"), "properties": [mark]})
    assert (status_code, made["body"]) == (201, document("Bonjour"))
    _, listed = call(running, "POST", "/rest/api/3/comment/list", {"ids": [int(made["id"])]}, expand="properties")
    assert listed["values"][0]["properties"] == [mark]
    assert call(running, "GET", f"/rest/api/3/comment/{made['id']}/properties/filrouge")[1] == mark
    status_code, changed = call(
        running, "PUT", f"{COMMENTS}/{made['id']}", {"body": document("Salut")}, notifyUsers="false"
    )
    assert (status_code, changed["id"], changed["body"]) == (200, made["id"], document("Salut"))
    _, page = call(running, "GET", COMMENTS)
    assert (page["total"], page["comments"][0]["body"]) == (1, document("Salut"))
    assert call(running, "DELETE", f"{COMMENTS}/{made['id']}") == (204, None)
    assert call(running, "GET", COMMENTS)[1]["comments"] == []
    assert call(running, "GET", f"{COMMENTS}/{made['id']}")[0] == 404


def test_a_comment_changes_the_issues_updated(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(1)])
    call(running, "POST", COMMENTS, {"body": document("Bonjour")})
    _, shown = call(running, "GET", "/rest/api/3/issue/AB-1")
    assert shown["fields"]["updated"] == jira_text(NOW)
    assert shown["fields"]["comment"]["total"] == 1


def test_properties_can_be_set_and_removed(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(1)])
    _, made = call(running, "POST", COMMENTS, {"body": document("Bonjour")})
    path = f"/rest/api/3/comment/{made['id']}/properties"
    assert call(running, "PUT", f"{path}/mark", {"a": 1})[0] == 201
    assert call(running, "PUT", f"{path}/mark", {"a": 2})[0] == 200
    assert call(running, "GET", f"{path}/mark")[1]["value"] == {"a": 2}
    assert [one["key"] for one in call(running, "GET", path)[1]["keys"]] == ["mark"]
    assert call(running, "DELETE", f"{path}/mark")[0] == 204
    assert call(running, "GET", f"{path}/mark")[0] == 404


@pytest.mark.parametrize("body", ["plain text", {"type": "doc"}, None, document("x" * 32_768)])
def test_version_3_takes_documents_of_bounded_length_alone(jira_cloud: Start, call: Call, body: Any) -> None:
    assert call(jira_cloud(issues=[issue(1)]), "POST", COMMENTS, {"body": body})[0] == 400


def test_data_center_takes_plain_text_alone(jira_data_center: Start, call: Call) -> None:
    running = jira_data_center(issues=[issue(1)])
    path = "/rest/api/2/issue/AB-1/comment"
    assert call(running, "POST", path, {"body": document("Bonjour")})[0] == 400
    status_code, made = call(running, "POST", path, {"body": "*Bonjour*"})
    assert (status_code, made["body"]) == (201, "*Bonjour*")
