"""The reporting resources of the loopback organisation: everything once, and then what is new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from demo.trackers.azure_devops import AzureDevOpsSite
from tests.conftest import NOW, Running
from tests.trackers.conftest import Call, work_item

Start = Callable[..., Running[AzureDevOpsSite]]
REVISIONS = "/_apis/wit/reporting/workitemrevisions"
LINKS = "/_apis/wit/reporting/workitemlinks"


def read(
    call: Call, running: Running[Any], token: str = "", path: str = REVISIONS, **query: str
) -> tuple[list[dict[str, Any]], str]:
    """All values from a token on, by nextLink, and the last token."""
    values: list[dict[str, Any]] = []
    for _ in range(1000):
        given = {"continuationToken": token} if token else {}
        status, answer = call(running, "GET", path, **query, **given)
        assert status == 200, answer
        values += answer["values"]
        before, token = token, parse_qs(urlsplit(answer["nextLink"]).query)["continuationToken"][0]
        assert answer["isLastBatch"] or token != before
        assert answer.get("continuationToken", token) == token
        if answer["isLastBatch"]:
            return values, token
    raise AssertionError("the stream does not end")


def ids(values: list[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(one["id"], one["rev"]) for one in values]


@pytest.mark.parametrize("page_size", [1, 3, 200, [2, 0, 5]])
def test_every_revision_comes_once_in_the_order_of_time(azure_devops: Start, call: Call, page_size: Any) -> None:
    running = azure_devops(items=[work_item(n, "New", "Active", "Closed") for n in range(1, 5)], page_size=page_size)
    values, token = read(call, running)
    assert ids(values) == [(item, rev) for item in (4, 3, 2, 1) for rev in (1, 2, 3)]
    assert read(call, running, token) == ([], token)
    running.site.edit(2, NOW, {"System.State": "Active"})
    running.site.add(work_item(9))
    assert ids(read(call, running, token)[0]) == [(2, 4), (9, 1)]


def test_a_token_outlives_a_destroyed_item(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(n) for n in range(1, 6)])
    _, token = read(call, running)
    running.site.destroy(3)
    running.site.edit(2, NOW, {"System.State": "Active"})
    assert ids(read(call, running, token)[0]) == [(2, 2)]
    assert 3 not in {one["id"] for one in read(call, running)[0]}
    assert call(running, "GET", "/_apis/wit/workitems/3")[0] == 404


def test_deleted_items_show_only_when_asked_for(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(1), work_item(2)])
    _, token = read(call, running)
    running.site.delete(1, NOW)
    assert read(call, running, token)[0] == []
    asked = {"includeDeleted": "true", "fields": "System.IsDeleted"}
    values, token = read(call, running, token, **asked)
    assert [(one["id"], one["fields"]) for one in values] == [(1, {"System.IsDeleted": True})]
    running.site.restore(1, NOW + timedelta(hours=1))
    values, _ = read(call, running, token, **asked)
    assert [(one["id"], one["fields"]) for one in values] == [(1, {"System.IsDeleted": False})]


def test_fields_people_and_long_texts(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(1)])

    def fields(**query: str) -> dict[str, Any]:
        found: dict[str, Any] = read(call, running, **query)[0][0]["fields"]
        return found

    assert fields(fields="System.State,System.Id") == {"System.State": "New", "System.Id": 1}
    assert "System.Description" not in fields()
    assert fields(**{"$expand": "fields"})["System.Description"] == "<p>Long text</p>"
    assert fields()["System.AssignedTo"] == "Ada <ada@example.com>"
    assert fields(includeIdentityRef="true")["System.AssignedTo"]["uniqueName"] == "ada@example.com"
    assert fields()["System.RevisedDate"] == "9999-01-01T00:00:00Z"


def test_post_takes_the_same_in_its_body(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(1, "New", "Active"), work_item(2)], page_size=2)
    body = {"fields": ["System.RevisedDate"], "includeLatestOnly": True, "types": ["User Story"]}
    _, answer = call(running, "POST", REVISIONS, body)
    assert ids(answer["values"]) == [(2, 1), (1, 2)]
    assert set(answer["values"][0]["fields"]) == {"System.RevisedDate"}


def test_the_end_of_a_revision_is_the_next_ones_change(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(1, "New", "Active")])
    first, second = (one["fields"] for one in read(call, running)[0])
    assert first["System.RevisedDate"] == second["System.ChangedDate"]


def test_from_an_instant_on_but_never_together_with_a_token(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(1), work_item(5)])
    since = (NOW - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    values, token = read(call, running, startDateTime=since)
    assert ids(values) == [(1, 1)]
    status, answer = call(running, "GET", REVISIONS, startDateTime=since, continuationToken=token)
    assert (status, "startDateTime" in answer["message"]) == (400, True)
    assert call(running, "GET", REVISIONS, continuationToken="nonsense")[0] == 400


def test_a_project_loses_what_moved_away(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(1)], projects=[{"name": "Alpha"}, {"name": "Beta", "process": "Scrum"}])
    running.site.move(1, NOW, "Beta")
    assert ids(read(call, running)[0]) == [(1, 1), (1, 2)]
    assert ids(read(call, running, path="/Alpha" + REVISIONS)[0]) == [(1, 1)]
    assert ids(read(call, running, path="/Beta" + REVISIONS)[0]) == [(1, 2)]
    assert call(running, "GET", "/Gamma" + REVISIONS)[0] == 404


def test_a_new_parent_shows_in_the_links_and_nowhere_else(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(1), work_item(2), work_item(3, parent=1)])
    values, token = read(call, running, path=LINKS)
    assert [(one["sourceId"], one["targetId"], one["isActive"]) for one in values] == [(1, 3, True)]
    _, revisions = read(call, running)
    running.site.re_parent(3, 2, NOW)
    values, _ = read(call, running, token, path=LINKS)
    assert [(one["sourceId"], one["targetId"], one["isActive"]) for one in values] == [(1, 3, False), (2, 3, True)]
    assert read(call, running, revisions)[0] == []
    assert call(running, "GET", "/_apis/wit/workitems/3")[1]["fields"]["System.Parent"] == 2
    running.site.re_parent(3, None, NOW)
    assert "System.Parent" not in call(running, "GET", "/_apis/wit/workitems/3")[1]["fields"]


def test_links_have_a_newer_shape_too(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(1), work_item(2, parent=1)], links_nested=True)
    values, _ = read(call, running, path=LINKS, linkTypes="System.LinkTypes.Hierarchy")
    assert (values[0]["attributes"]["targetId"], values[0]["attributes"]["isActive"]) == (2, True)
    assert read(call, running, path=LINKS, linkTypes="System.LinkTypes.Related")[0] == []


def test_the_token_may_stand_in_the_next_link_alone(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(n) for n in range(1, 4)], page_size=2, plain_token=False)
    assert "continuationToken" not in call(running, "GET", REVISIONS)[1]
    assert len(read(call, running)[0]) == 3


@pytest.mark.parametrize(("parent_field", "status"), [("absent", 200), ("given", 200), ("refused", 400)])
def test_the_parent_field_is_as_uncertain_as_it_is(
    azure_devops: Start, call: Call, parent_field: str, status: int
) -> None:
    running = azure_devops(items=[work_item(1), work_item(2, parent=1)], parent_field=parent_field)
    got, answer = call(running, "GET", REVISIONS, fields="System.Id,System.Parent")
    assert got == status
    if got == 200:
        assert answer["values"][0]["fields"].get("System.Parent") == (1 if parent_field == "given" else None)


def test_an_unknown_field_is_refused_by_name(azure_devops: Start, call: Call) -> None:
    status, answer = call(azure_devops(items=[work_item(1)]), "GET", REVISIONS, fields="Custom.Nonsense")
    assert (status, answer["message"]) == (400, "TF51535: Cannot find field Custom.Nonsense.")


def test_a_hidden_project_takes_its_items_along(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(1), work_item(2, project="Beta", parent=1)])
    running.site.hide("Beta")
    assert ids(read(call, running)[0]) == [(1, 1)]
    assert read(call, running, path=LINKS)[0] == []
    assert [one["name"] for one in call(running, "GET", "/_apis/projects")[1]["value"]] == ["Alpha"]
