"""Searching the loopback Jira: pages, tokens, limits, lag."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from demo.trackers.jira import JiraSite
from tests.conftest import NOW, Running
from tests.trackers.conftest import Call, issue, read_pages, status

Start = Callable[..., Running[JiraSite]]
SEARCH = "/rest/api/3/search/jql"
ALL = 'project = "AB" ORDER BY id ASC'


def refused(answer: tuple[int, Any], word: str) -> bool:
    return answer[0] == 400 and word.lower() in answer[1]["errorMessages"][0].lower()


def test_pages_of_every_size_bring_every_issue_once(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(number) for number in range(1, 301)], page_limit=[37, 100, 1, 0])
    pages = read_pages(call, running, ALL, fields=["summary"], maxResults=5000)
    assert [len(page) for page in pages[:5]] == [37, 100, 1, 0, 37]
    assert [one for page in pages for one in page] == [str(10_000 + number) for number in range(1, 301)]


def test_ids_alone_come_by_thousands_and_nothing_else_with_them(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(number) for number in range(1, 301)])
    assert [len(page) for page in read_pages(call, running, ALL, maxResults=5000)] == [300]
    _, answer = call(running, "POST", SEARCH, {"jql": ALL, "maxResults": 1})
    assert answer["issues"] == [{"id": "10001"}]
    _, answer = call(running, "POST", SEARCH, {"jql": ALL, "maxResults": 5000, "fields": ["key"]})
    assert len(answer["issues"]) == 100


def test_only_the_fields_that_are_asked_come(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(1, customfield_99999="x")])

    def fields(*asked: str) -> set[str]:
        _, answer = call(running, "POST", SEARCH, {"jql": ALL, "fields": list(asked)})
        return set(answer["issues"][0]["fields"])

    assert fields("summary", "customfield_10016", "nonsense") == {"summary", "customfield_10016"}
    assert fields("*all") > {"summary", "customfield_99999", "comment"}
    assert "comment" not in fields("*navigable")
    assert "summary" not in fields("*all", "-summary")


def test_get_takes_the_same_as_post(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(1), issue(2)])
    _, posted = call(running, "POST", SEARCH, {"jql": ALL, "fields": ["summary", "labels"], "maxResults": 1})
    _, got = call(running, "GET", SEARCH, jql=ALL, fields="summary,labels", maxResults="1")
    assert got == posted


def test_a_token_belongs_to_its_query_and_lives_seven_days(jira_cloud: Start, call: Call) -> None:
    clock = [NOW]
    running = jira_cloud(issues=[issue(1), issue(2)], now=lambda: clock[0])
    _, answer = call(running, "POST", SEARCH, {"jql": ALL, "maxResults": 1})
    token = answer["nextPageToken"]
    other = {"jql": "project = AB", "maxResults": 1, "nextPageToken": token}
    assert refused(call(running, "POST", SEARCH, other), "invalid")
    assert refused(call(running, "POST", SEARCH, {**other, "nextPageToken": "nonsense"}), "invalid")
    clock[0] += timedelta(days=7)
    same = {"jql": ALL, "maxResults": 1, "nextPageToken": token}
    assert call(running, "POST", SEARCH, same)[1]["issues"] == [{"id": "10002"}]
    clock[0] += timedelta(seconds=1)
    assert refused(call(running, "POST", SEARCH, same), "expired")


def test_relative_times_stand_still_from_page_to_page(jira_cloud: Start, call: Call) -> None:
    clock = [NOW]
    running = jira_cloud(issues=[issue(1), issue(2), issue(9)], now=lambda: clock[0])
    jql = "project = AB AND updated >= -9m ORDER BY id ASC"
    _, first = call(running, "POST", SEARCH, {"jql": jql, "maxResults": 1})
    clock[0] += timedelta(hours=1)
    given = {"jql": jql, "nextPageToken": first["nextPageToken"]}
    assert [one["id"] for one in call(running, "POST", SEARCH, given)[1]["issues"]] == ["10002", "10009"]
    assert call(running, "POST", SEARCH, {"jql": jql})[1]["issues"] == []


def test_changes_between_pages_lose_nothing_when_ordered_by_id(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(number) for number in range(1, 11)])
    body = {"jql": ALL, "maxResults": 4}
    _, first = call(running, "POST", SEARCH, body)
    running.site.edit("10002", NOW, {"summary": "New"})
    running.site.delete("10003")
    running.site.add(issue(99))
    _, second = call(running, "POST", SEARCH, {**body, "nextPageToken": first["nextPageToken"]})
    _, third = call(running, "POST", SEARCH, {**body, "nextPageToken": second["nextPageToken"]})
    assert [one["id"] for one in second["issues"] + third["issues"]] == [f"100{n:02d}" for n in (5, 6, 7, 8, 9, 10, 99)]


def test_the_index_lags_and_reconciling_helps(jira_cloud: Start, call: Call) -> None:
    clock = [NOW]
    running = jira_cloud(issues=[issue(1)], now=lambda: clock[0], index_lag=timedelta(minutes=10))
    running.site.edit("10001", NOW, {"status": status("Done")})
    running.site.add(issue(2))
    done = {"jql": "project = AB AND status = Done"}
    assert call(running, "POST", SEARCH, done)[1]["issues"] == []
    assert call(running, "POST", SEARCH, {**done, "reconcileIssues": [10001]})[1]["issues"] == [{"id": "10001"}]
    assert call(running, "GET", "/rest/api/3/issue/AB-1")[1]["fields"]["status"]["name"] == "Done"
    clock[0] += timedelta(minutes=10)
    assert call(running, "POST", SEARCH, done)[1]["issues"] == [{"id": "10001"}]
    assert len(read_pages(call, running, ALL)[0]) == 2


def test_unknown_and_hidden_projects_are_silent_on_cloud(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(1), issue(2, "CD")])
    assert read_pages(call, running, "project = NOPE") == [[]]
    running.site.hide("CD")
    assert read_pages(call, running, "project in (AB, CD)") == [["10001"]]
    assert call(running, "GET", "/rest/api/3/project/CD")[0] == 404
    assert call(running, "GET", "/rest/api/3/issue/CD-2")[0] == 404
    assert [one["key"] for one in call(running, "GET", "/rest/api/3/project/search")[1]["values"]] == ["AB"]
    running.site.show("CD")
    assert read_pages(call, running, "project in (AB, CD) ORDER BY id ASC") == [["10001", "10002"]]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"jql": "ORDER BY key"}, "unbounded"),
        ({"jql": ""}, "unbounded"),
        ({"jql": "project = "}, "expecting a value"),
        ({"jql": "project = TO"}, "reserved"),
        ({"jql": "shoe = 43"}, "does not exist"),
        ({"jql": "project = AB ORDER BY " + ",".join(["key"] * 8)}, "seven"),
        ({"jql": ALL, "startAt": 0}, "unknown property"),
        ({"jql": ALL, "expand": ["changelog"]}, "payload"),
        ({"jql": ALL, "maxResults": 5001}, "maxResults"),
        ({"jql": ALL, "reconcileIssues": list(range(51))}, "50"),
    ],
)
def test_what_jira_refuses_is_refused(jira_cloud: Start, call: Call, body: dict[str, Any], word: str) -> None:
    assert refused(call(jira_cloud(issues=[issue(1)], checked=False), "POST", SEARCH, body), word)


def test_the_old_search_is_gone_on_cloud(jira_cloud: Start, call: Call) -> None:
    status_code, answer = call(jira_cloud(issues=[issue(1)]), "GET", "/rest/api/3/search", jql=ALL)
    assert status_code == 410
    assert "search/jql" in answer["errorMessages"][0]


def test_counting(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(1), issue(2), issue(3, "CD")])
    assert call(running, "POST", "/rest/api/3/search/approximate-count", {"jql": "project = AB"})[1] == {"count": 2}


def test_data_center_pages_by_number_and_caps_in_silence(jira_data_center: Start, call: Call) -> None:
    running = jira_data_center(issues=[issue(number) for number in range(1, 251)])
    body = {"jql": ALL, "startAt": 200, "maxResults": 1000, "fields": ["summary"], "expand": ["changelog"]}
    status_code, answer = call(running, "POST", "/rest/api/2/search", body)
    assert status_code == 200
    assert (answer["startAt"], answer["maxResults"], answer["total"], len(answer["issues"])) == (200, 100, 250, 50)
    assert answer["issues"][0]["changelog"] == {"startAt": 0, "maxResults": 0, "total": 0, "histories": []}
    deep = call(running, "GET", "/rest/api/2/search", jql=ALL, startAt="10001")
    assert refused(deep, "startAt")
    assert refused(call(running, "GET", "/rest/api/2/search", jql="project = NOPE"), "NOPE")


def test_data_center_has_nothing_of_cloud(jira_data_center: Start, call: Call) -> None:
    running = jira_data_center(issues=[issue(1)])
    for method, path in (
        ("POST", "/rest/api/2/search/jql"),
        ("POST", "/rest/api/2/changelog/bulkfetch"),
        ("GET", "/rest/api/2/issue/AB-1/changelog"),
        ("GET", "/rest/api/3/myself"),
    ):
        body = {"jql": ALL, "issueIdsOrKeys": ["1"]} if method == "POST" else None
        other = jira_data_center(issues=[issue(1)], checked=False)
        assert call(other, method, path, body)[0] == 404
    assert "hierarchyLevel" not in call(running, "GET", "/rest/api/2/issuetype")[1][0]


def test_texts_are_documents_in_version_3_and_plain_in_version_2(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(1, description="Bonjour\n\ntous")])
    _, newer = call(running, "GET", "/rest/api/3/issue/AB-1", fields="description")
    _, older = call(running, "GET", "/rest/api/2/issue/AB-1", fields="description")
    paragraphs = newer["fields"]["description"]["content"]
    assert [part["content"][0]["text"] for part in paragraphs] == ["Bonjour", "tous"]
    assert older["fields"]["description"] == "Bonjour\n\ntous"
