"""The package `jira` works against both deployments of the loopback Jira."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from jira import JIRA, JIRAError

from demo.trackers.jira import JiraSite
from tests.conftest import Running
from tests.trackers.conftest import issue

Start = Callable[..., Running[JiraSite]]


@contextmanager
def client(running: Running[JiraSite], token: str | None = None) -> Iterator[JIRA]:
    given = token or running.token
    basic, bearer = (("me@example.com", given), None) if running.site.cloud else (None, given)
    one = JIRA(running.url, basic_auth=basic, token_auth=bearer, max_retries=0, timeout=5)
    try:
        yield one
    finally:
        one.close()  # type: ignore[no-untyped-call] # the package types most of itself, but not this


def test_cloud_reads_everything(jira_cloud: Start) -> None:
    running = jira_cloud(issues=[issue(number) for number in range(1, 251)])
    with client(running) as jira:
        found = jira.enhanced_search_issues(
            'project = "AB" ORDER BY id ASC', maxResults=0, fields=["summary", "status"]
        )
        assert [one.id for one in found] == [str(10_000 + number) for number in range(1, 251)]
        assert found[0].fields.summary == "Issue 1"
        assert jira.approximate_issue_count("project = AB") == 250
        assert jira.myself()["timeZone"] == "UTC"
        assert jira.project("AB").name == "Project AB"
        assert jira.issue("AB-7", expand="changelog").changelog.total == 0
        assert {one["id"] for one in jira.fields()} > {"summary", "customfield_10016"}
        assert [one.name for one in jira.issue_types()] == ["Story"]
        assert [one.name for one in jira.statuses()] == ["To Do"]
        assert jira.my_permissions(projectKey="AB", permissions="BROWSE_PROJECTS")["permissions"]["BROWSE_PROJECTS"]


def test_data_center_reads_everything(jira_data_center: Start) -> None:
    running = jira_data_center(issues=[issue(number) for number in range(1, 251)], context_path="/jira")
    assert running.url.endswith("/jira")
    with client(running) as jira:
        found = jira.search_issues(
            'project = "AB" ORDER BY id ASC', maxResults=0, fields=["summary"], expand="changelog"
        )
        assert [one.key for one in found] == [f"AB-{number}" for number in range(1, 251)]
        assert jira.server_info()["deploymentType"] == "Server"
        assert jira.myself()["name"]
        assert jira.issue("AB-3").fields.summary == "Issue 3"


def test_comments_come_and_go(jira_data_center: Start) -> None:
    running = jira_data_center(issues=[issue(1)])
    with client(running) as jira:
        comment = jira.add_comment("AB-1", "h2. Bonjour")
        assert [one.body for one in jira.comments("AB-1")] == ["h2. Bonjour"]
        comment.delete()
        assert jira.comments("AB-1") == []


@pytest.mark.parametrize("deployment", ["jira_cloud", "jira_data_center"])
def test_a_wrong_token_is_a_401(deployment: str, request: pytest.FixtureRequest) -> None:
    running: Running[Any] = request.getfixturevalue(deployment)(issues=[issue(1)])
    with client(running, "wrong") as jira, pytest.raises(JIRAError) as caught:
        jira.myself()
    assert caught.value.status_code == 401
