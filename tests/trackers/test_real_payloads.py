"""The loopback trackers serve payloads that nobody of this project wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from demo.trackers.azure_devops import AzureDevOpsSite
from demo.trackers.jira import JiraSite
from demo.trackers.jira.standard import EPIC_LINK
from tests.conftest import Running
from tests.real_input import WorkItems
from tests.trackers.conftest import Call


def test_recorded_issues_come_through_a_data_center(
    jira_data_center: Callable[..., Running[JiraSite]], real_jira_issues: list[dict[str, Any]], call: Call
) -> None:
    running = jira_data_center(issues=real_jira_issues, page_limit=500)
    got: list[dict[str, Any]] = []
    total = 1
    while len(got) < total:
        body = {"jql": "project in (ALOY, MOD, DAEMON) ORDER BY id ASC", "startAt": len(got), "maxResults": 1000}
        _, answer = call(running, "POST", "/rest/api/2/search", body)
        got += answer["issues"]
        total = answer["total"]
    assert len({one["id"] for one in got}) == total == 2183

    def counted(issues: list[dict[str, Any]]) -> Counter[tuple[str, ...]]:
        return Counter(
            (
                fields["project"]["key"],
                fields["issuetype"]["name"],
                fields["status"]["name"],
                str(fields.get(EPIC_LINK)),
            )
            for fields in (one["fields"] for one in issues)
        )

    assert counted(got) == counted(real_jira_issues)


def test_recorded_work_items_come_through_an_organisation(
    azure_devops: Callable[..., Running[AzureDevOpsSite]], real_work_items: WorkItems, call: Call
) -> None:
    running = azure_devops(**real_work_items.options, page_size=1000)

    def read(path: str) -> list[dict[str, Any]]:
        values: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        while True:
            _, answer = call(running, "GET", f"/_apis/wit/reporting/{path}", **token)
            values += answer["values"]
            if answer["isLastBatch"]:
                return values
            token = {"continuationToken": answer["continuationToken"]}

    revisions = read("workitemrevisions")
    assert Counter(one["fields"]["System.State"] for one in revisions) == Counter(
        row["fields"]["System.State"] for row in real_work_items.rows
    )
    links = [one for one in read("workitemlinks") if one["rel"] == "System.LinkTypes.Hierarchy"]
    assert {one["targetId"]: one["sourceId"] for one in links} == real_work_items.parents
    reverse = sum(
        relation["rel"] == "System.LinkTypes.Hierarchy-Reverse"
        for row in real_work_items.rows
        for relation in row["relations"] or ()
    )
    assert len(links) == reverse == 1787
