"""What changes in the loopback Jira while it is served, and what its change logs say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from demo.trackers.jira import JiraSite
from tests.conftest import NOW, Running
from tests.trackers.conftest import Call, issue, jira_text, status

Start = Callable[..., Running[JiraSite]]
BULK = "/rest/api/3/changelog/bulkfetch"


def entry(number: int, at: datetime, field: str = "status") -> dict[str, Any]:
    items = [
        {
            "field": field,
            "fieldtype": "jira",
            "fieldId": field,
            "from": "1",
            "fromString": "A",
            "to": "2",
            "toString": "B",
        }
    ]
    return {"id": str(number), "created": jira_text(at), "items": items}


def test_an_edit_shows_in_fields_log_and_updated(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(1)])
    at = NOW + timedelta(minutes=5)
    web = {"id": "5", "name": "Web"}
    epic = {"id": "10900", "key": "AB-900", "fields": {"summary": "Epic"}}
    new = {
        "status": status("Done"),
        "customfield_10016": 3.0,
        "labels": ["x", "y"],
        "components": [web],
        "parent": epic,
    }
    running.site.edit("10001", at, new)
    _, shown = call(running, "GET", "/rest/api/3/issue/10001", expand="changelog")
    assert shown["fields"]["updated"] == jira_text(at) == shown["fields"]["statuscategorychangedate"]
    items = {item["field"]: item for item in shown["changelog"]["histories"][0]["items"]}
    ends = {name: (item["from"], item["fromString"], item["to"], item["toString"]) for name, item in items.items()}
    assert ends == {
        "status": ("1", "To Do", "5", "Done"),
        "Story point estimate": (None, None, None, "3"),
        "labels": (None, "", None, "x y"),
        "Component": (None, None, "5", "Web"),
        "IssueParentAssociation": (None, None, "10900", "AB-900"),
    }
    assert items["Story point estimate"]["fieldId"] == "customfield_10016"
    assert "fieldId" not in items["IssueParentAssociation"]


def test_a_change_can_be_missing_from_the_log(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(1)])
    running.site.edit("10001", NOW, {"status": status("Done")}, logged=False)
    _, shown = call(running, "GET", "/rest/api/3/issue/AB-1", expand="changelog")
    assert (shown["fields"]["status"]["name"], shown["changelog"]["total"]) == ("Done", 0)


def test_a_move_keeps_the_id_and_the_old_key_leads_to_it(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(1)])
    running.site.move("10001", NOW, {"id": "99", "key": "CD", "name": "Other"}, "CD-7")
    for name in ("10001", "AB-1", "CD-7"):
        _, shown = call(running, "GET", f"/rest/api/3/issue/{name}", expand="changelog")
        assert (shown["id"], shown["key"], shown["fields"]["project"]["key"]) == ("10001", "CD-7", "CD")
    assert {item["field"] for item in shown["changelog"]["histories"][0]["items"]} == {"project", "Key"}
    _, answer = call(running, "POST", "/rest/api/3/search/jql", {"jql": "project = CD"})
    assert answer["issues"] == [{"id": "10001"}]


def test_what_is_deleted_is_gone_without_a_trace(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(1), issue(2)])
    running.site.delete("10001")
    assert call(running, "GET", "/rest/api/3/issue/AB-1")[0] == 404
    _, answer = call(
        running, "POST", "/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": ["10001", "AB-2"], "fields": ["summary"]}
    )
    assert [one["key"] for one in answer["issues"]] == ["AB-2"]
    assert [one["id"] for one in answer["issueErrors"]] == ["10001"]


def test_the_bulk_log_is_by_date_so_an_issue_spreads_over_pages(jira_cloud: Start, call: Call) -> None:
    logs = {
        number: [entry(number * 100 + k, NOW - timedelta(hours=50 - k)) for k in range(25)] for number in range(1, 5)
    }
    running = jira_cloud(issues=[{**issue(n), "changelog": {"histories": log}} for n, log in logs.items()])
    pages: list[dict[str, Any]] = []
    body: dict[str, Any] = {"issueIdsOrKeys": ["10001", "AB-2", "10003", "AB-4", "10099"], "maxResults": 30}
    while not pages or "nextPageToken" in pages[-1]:
        token = {"nextPageToken": pages[-1]["nextPageToken"]} if pages else {}
        status_code, answer = call(running, "POST", BULK, {**body, **token})
        assert status_code == 200
        pages.append(answer)
    assert len(pages) == 4
    entries = [
        (one["created"], log["issueId"])
        for page in pages
        for log in page["issueChangeLogs"]
        for one in log["changeHistories"]
    ]
    assert Counter(key for _, key in entries) == {f"1000{number}": 25 for number in range(1, 5)}
    assert all(len(page["issueChangeLogs"]) == 4 for page in pages)
    firsts = [
        min(one["created"] for log in page["issueChangeLogs"] for one in log["changeHistories"]) for page in pages
    ]
    assert firsts == sorted(firsts)


def test_the_bulk_log_keeps_to_the_fields_that_are_asked(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[{**issue(1), "changelog": {"histories": [entry(1, NOW), entry(2, NOW, "labels")]}}])
    running.site.edit("10001", NOW, {"parent": {"id": "10900", "key": "AB-900"}})

    def fields(*asked: str) -> list[str]:
        _, answer = call(running, "POST", BULK, {"issueIdsOrKeys": ["AB-1"], "fieldIds": list(asked)})
        return [i["field"] for log in answer["issueChangeLogs"] for one in log["changeHistories"] for i in one["items"]]

    assert fields("labels") == ["labels"]
    assert fields("parent", "status") == ["status", "IssueParentAssociation"]


@pytest.mark.parametrize("dates", ["milliseconds", "seconds", "text"])
def test_the_bulk_logs_dates_have_three_forms(jira_cloud: Start, call: Call, dates: str) -> None:
    running = jira_cloud(issues=[{**issue(1), "changelog": {"histories": [entry(1, NOW)]}}], log_dates=dates)
    _, answer = call(running, "POST", BULK, {"issueIdsOrKeys": ["AB-1"]})
    created = answer["issueChangeLogs"][0]["changeHistories"][0]["created"]
    seconds = int(NOW.timestamp())
    assert created == {"milliseconds": seconds * 1000, "seconds": seconds, "text": jira_text(NOW)}[dates]


@pytest.mark.parametrize(
    "body",
    [
        {"issueIdsOrKeys": []},
        {"issueIdsOrKeys": ["1"] * 1001},
        {"issueIdsOrKeys": ["1"], "fieldIds": [str(number) for number in range(11)]},
        {"issueIdsOrKeys": ["1"], "maxResults": 10_001},
        {"issueIdsOrKeys": ["1"], "nextPageToken": "nonsense"},
    ],
)
def test_the_bulk_logs_limits(jira_cloud: Start, call: Call, body: dict[str, Any]) -> None:
    assert call(jira_cloud(issues=[issue(1)], checked=False), "POST", BULK, body)[0] == 400


def test_an_embedded_log_is_cut_on_cloud_and_whole_on_data_center(
    jira_cloud: Start, jira_data_center: Start, call: Call
) -> None:
    log = {"histories": [entry(k, NOW - timedelta(hours=250 - k)) for k in range(250)]}
    cloud = jira_cloud(issues=[{**issue(1), "changelog": log}])
    _, shown = call(cloud, "GET", "/rest/api/3/issue/AB-1", expand="changelog")
    assert (shown["changelog"]["total"], len(shown["changelog"]["histories"])) == (250, 40)
    assert shown["changelog"]["histories"][0]["id"] == "249"
    _, page = call(cloud, "GET", "/rest/api/3/issue/AB-1/changelog", startAt="200", maxResults="100")
    assert (page["total"], page["isLast"], [one["id"] for one in page["values"]][:2]) == (250, True, ["200", "201"])
    server = jira_data_center(issues=[{**issue(1), "changelog": log}])
    _, shown = call(server, "GET", "/rest/api/2/issue/AB-1", expand="changelog")
    assert [one["id"] for one in shown["changelog"]["histories"]] == [str(number) for number in range(250)]


@pytest.mark.parametrize(
    ("zone", "text"), [("Europe/Paris", "T14:00:00.000+0200"), ("America/Los_Angeles", "T05:00:00.000-0700")]
)
def test_instants_are_written_in_the_accounts_zone(jira_cloud: Start, call: Call, zone: str, text: str) -> None:
    running = jira_cloud(issues=[issue(1, updated=NOW)], account_time_zone=zone)
    assert call(running, "GET", "/rest/api/3/issue/AB-1")[1]["fields"]["updated"] == "2026-06-01" + text
    assert call(running, "GET", "/rest/api/3/myself")[1]["timeZone"] == zone
    assert call(running, "GET", "/rest/api/3/serverInfo")[1]["serverTime"] == "2026-06-01" + text


def test_several_fields_may_share_a_name(jira_cloud: Start, call: Call) -> None:
    twin = {"id": "customfield_20000", "name": "Story Points", "custom": True, "schema": {"type": "number"}}
    running = jira_cloud(issues=[issue(1)], fields=[twin], without_fields=["customfield_10016"])
    _, listed = call(running, "GET", "/rest/api/3/field")
    assert [one["id"] for one in listed if one["name"] == "Story Points"] == ["customfield_10026", "customfield_20000"]
    assert "customfield_10016" not in {one["id"] for one in listed}


def test_the_bulk_log_ends_without_an_empty_page(jira_cloud: Start, call: Call) -> None:
    log = {"histories": [entry(k, NOW - timedelta(hours=k)) for k in range(60)]}
    running = jira_cloud(issues=[{**issue(1), "changelog": log}], bulk_limit=30)
    body: dict[str, Any] = {"issueIdsOrKeys": ["AB-1"], "maxResults": 10_000}
    _, first = call(running, "POST", BULK, body)
    _, second = call(running, "POST", BULK, {**body, "nextPageToken": first["nextPageToken"]})
    assert len(second["issueChangeLogs"][0]["changeHistories"]) == 30
    assert "nextPageToken" not in second
