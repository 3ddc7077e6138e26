"""The check against the vendors' files finds what is wrong, and lets through what is right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from demo.trackers.http import Exchange
from tests.specs.azure_devops_file import AzureDevOpsFile
from tests.specs.jira_file import FILE, JiraFile
from tests.specs.openapi import shortened, typed


def exchange(method: str, path: str, body: Any = None, answer: Any = None, status: int = 200, **query: str) -> Exchange:
    return Exchange(
        method=method,
        path=path,
        query={name: [value] for name, value in query.items()},
        request_headers={"accept": "application/json;api-version=7.1"},
        request_body=b"" if body is None else json.dumps(body).encode(),
        status=status,
        response_headers={"Content-Type": "application/json"},
        response_body=b"" if answer is None else json.dumps(answer).encode(),
    )


@pytest.fixture(scope="module")
def jira(shared: Path) -> JiraFile:
    return JiraFile(shared / "specs" / FILE)


@pytest.fixture(scope="module")
def azure(shared: Path) -> AzureDevOpsFile:
    return AzureDevOpsFile(shared / "specs")


SEARCH = "/rest/api/3/search/jql"


@pytest.mark.parametrize(
    ("one", "word"),
    [
        (exchange("GET", "/rest/api/3/nonsense"), "not described"),
        (exchange("DELETE", "/rest/api/3/myself"), "not described"),
        (exchange("GET", SEARCH, jql="a", limit="1", answer={}), "limit is not described"),
        (exchange("GET", SEARCH, jql="a", maxResults="ten", answer={}), "maxResults"),
        (exchange("POST", SEARCH, {"jql": "a", "startAt": 0}, {}), "startAt"),
        (exchange("POST", SEARCH, {"jql": "a", "fields": "summary"}, {}), "summary"),
        (exchange("POST", SEARCH, None, {}), "no body"),
        (exchange("POST", SEARCH, {"jql": "a"}, {"total": 3}), "total"),
        (exchange("POST", SEARCH, {"jql": "a"}, {"issues": [{"id": 1}]}), "issues/0/id"),
        (exchange("POST", SEARCH, {"jql": "a"}, {}, 418), "status 418"),
        (exchange("GET", "/rest/api/2/myself", {"a": 1}, {}), "a body where none"),
    ],
)
def test_jira_exchanges_that_are_wrong(jira: JiraFile, one: Exchange, word: str) -> None:
    assert word in "\n".join(jira.check(one, cloud=True))


def test_jira_exchanges_that_are_right(jira: JiraFile) -> None:
    body = {"jql": "a", "fields": ["summary"], "maxResults": 100, "expand": "changelog"}
    answer = {"issues": [{"id": "1", "key": "A-1", "fields": {"any": 1}}], "isLast": False, "nextPageToken": "x"}
    assert jira.check(exchange("POST", SEARCH, body, answer), cloud=True) == []
    assert (
        jira.check(
            exchange("POST", "/rest/api/2/search", {"jql": "a", "expand": ["changelog"]}, {"odd": 1}), cloud=False
        )
        == []
    )


@pytest.mark.parametrize(
    ("one", "word"),
    [
        (exchange("GET", "/_apis/wit/nonsense"), "not described"),
        (exchange("GET", "/_apis/projects", answer=[]), "{count, value}"),
        (exchange("GET", "/_apis/projects", answer={"count": 2, "value": []}), "{count, value}"),
        (exchange("GET", "/_apis/projects", answer={"count": 1, "value": [{"name": 3}]}), "0/name"),
        (exchange("POST", "/_apis/wit/workitemsbatch", {"ids": ["1"]}, {"count": 0, "value": []}), "ids/0"),
        (
            exchange("POST", "/_apis/wit/workitemsbatch", {"ids": [1], "errorPolicy": "x"}, {"count": 0, "value": []}),
            "x",
        ),
        (exchange("GET", "/_apis/wit/reporting/workitemrevisions", answer={"values": []}, since="x"), "since"),
        (exchange("GET", "/_apis/wit/workitems/7", answer={"oops": 1}, status=404), "message"),
        (exchange("GET", "/Alpha/_apis/wit/workitemtypes", answer={"count": 0, "value": []}, status=500), "status 500"),
    ],
)
def test_azure_devops_exchanges_that_are_wrong(azure: AzureDevOpsFile, one: Exchange, word: str) -> None:
    assert word in "\n".join(azure.check(one))


def test_azure_devops_exchanges_that_are_right(azure: AzureDevOpsFile) -> None:
    for place in ("", "/Alpha"):
        item = {"id": 1, "rev": 1, "fields": {"System.Id": 1}}
        batch = exchange(
            "POST",
            f"{place}/_apis/wit/workitemsbatch",
            {"ids": [1], "errorPolicy": "Omit"},
            {"count": 2, "value": [item, None]},
        )
        assert azure.check(batch) == []
    team = exchange(
        "POST", "/Alpha/Team%20A/_apis/wit/wiql", {"query": "x"}, {"queryType": "flat"}, timePrecision="true"
    )
    assert azure.check(team) == []


def test_a_missing_version_is_noticed(azure: AzureDevOpsFile) -> None:
    one = exchange("GET", "/_apis/projects", answer={"count": 0, "value": []})
    without = Exchange(**{**{name: getattr(one, name) for name in Exchange.__slots__}, "request_headers": {}})
    assert "api-version" in azure.check(without)[0]


def test_long_lists_are_looked_at_from_both_ends() -> None:
    assert shortened({"a": list(range(100))}) == {"a": [0, 1, 2, 97, 98, 99]}
    assert shortened([[1], {"b": [2]}]) == [[1], {"b": [2]}]


def test_query_words_are_typed() -> None:
    assert typed("7", {"type": "integer"}) == 7
    assert typed("seven", {"type": "integer"}) == "seven"
    assert typed("True", {"type": "boolean"}) is True
    assert typed("Strict", {"type": "string", "enum": ["strict"]}) == "strict"
