"""Work items, their updates, the recycle bin, queries and comments of the loopback organisation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from demo.trackers.azure_devops import AzureDevOpsSite
from tests.conftest import NOW, Running
from tests.trackers.conftest import Call, work_item

Start = Callable[..., Running[AzureDevOpsSite]]
BATCH = "/_apis/wit/workitemsbatch"
WIQL = "/_apis/wit/wiql"


def test_a_batch_gives_null_for_what_cannot_be_read(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(1), work_item(2, project="Beta"), work_item(3)])
    running.site.hide("Beta")
    running.site.delete(3, NOW)
    status, answer = call(running, "POST", BATCH, {"ids": [1, 2, 3, 4], "errorPolicy": "Omit"})
    assert (status, answer["count"], [one and one["id"] for one in answer["value"]]) == (200, 4, [1, None, None, None])
    status, answer = call(running, "POST", BATCH, {"ids": [1, 2]})
    assert (status, answer["message"].split(":")[0]) == (404, "TF401232")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"ids": list(range(201))}, "VS403474"),
        ({"ids": [1], "fields": ["System.Id"], "$expand": "relations"}, "expand"),
        ({"ids": [1], "fields": ["Custom.Nonsense"]}, "TF51535"),
    ],
)
def test_a_batchs_limits(azure_devops: Start, call: Call, body: dict[str, Any], word: str) -> None:
    status, answer = call(azure_devops(items=[work_item(1)]), "POST", BATCH, body)
    assert (status, word in answer["message"]) == (400, True)


def test_fields_are_those_asked_for_and_empty_ones_are_absent(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(1), work_item(2, parent=1)])
    running.site.edit(2, NOW, {"System.AssignedTo": None})
    asked = ["System.Id", "System.AssignedTo", "System.Parent"]
    _, answer = call(running, "POST", BATCH, {"ids": [1, 2], "fields": asked})
    first, second = (one["fields"] for one in answer["value"])
    assert set(first) == {"System.Id", "System.AssignedTo"}
    assert first["System.AssignedTo"]["displayName"] == "Ada"
    assert second == {"System.Id": 2, "System.Parent": 1}
    assert [one["id"] for one in call(running, "GET", "/_apis/wit/workitems", ids="2,1")[1]["value"]] == [2, 1]


def test_relations_are_seen_from_both_ends(azure_devops: Start, call: Call) -> None:
    page = {"rel": "Hyperlink", "url": "https://example.com", "attributes": {"comment": "see"}}
    running = azure_devops(items=[work_item(1), work_item(2, parent=1, relations=[page])])
    running.site.link("System.LinkTypes.Related", 1, 2, NOW)

    def relations(item: int) -> dict[str, str]:
        _, answer = call(running, "POST", BATCH, {"ids": [item], "$expand": "relations"})
        return {one["rel"]: one["url"].rpartition("/")[2] for one in answer["value"][0]["relations"]}

    assert relations(1) == {"System.LinkTypes.Hierarchy-Forward": "2", "System.LinkTypes.Related": "2"}
    assert relations(2) == {
        "System.LinkTypes.Hierarchy-Reverse": "1",
        "System.LinkTypes.Related": "1",
        "Hyperlink": "example.com",
    }


def test_updates_tell_differences_and_links_repeat_the_revision(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(9), work_item(1, "New", "Active")])
    running.site.re_parent(1, 9, NOW)
    running.site.edit(1, NOW + timedelta(hours=1), {"System.AssignedTo": None})
    _, answer = call(running, "GET", "/_apis/wit/workItems/1/updates")
    updates = answer["value"]
    assert [(one["id"], one["rev"], "fields" in one) for one in updates] == [
        (1, 1, True),
        (2, 2, True),
        (3, 2, False),
        (4, 3, True),
    ]
    assert updates[0]["fields"]["System.State"] == {"newValue": "New"}
    assert updates[1]["fields"]["System.State"] == {"oldValue": "New", "newValue": "Active"}
    assert updates[2]["relations"]["added"][0]["rel"] == "System.LinkTypes.Hierarchy-Reverse"
    assert set(updates[3]["fields"]["System.AssignedTo"]) == {"oldValue"}
    assert updates[3]["revisedDate"] == "9999-01-01T00:00:00Z"
    _, answer = call(running, "GET", "/_apis/wit/workItems/1/revisions", **{"$top": "2", "$skip": "1"})
    assert [(one["rev"], one["fields"]["System.State"]) for one in answer["value"]] == [(2, "Active"), (3, "Active")]


def test_the_recycle_bin(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(1), work_item(2), work_item(3, project="Beta")])
    for number in (1, 2, 3):
        running.site.delete(number, NOW)
    status, answer = call(running, "GET", "/_apis/wit/workitems/1")
    assert (status, answer["message"].split(":")[0]) == (404, "TF401232")
    assert [one["id"] for one in call(running, "GET", "/Alpha/_apis/wit/recyclebin")[1]["value"]] == [1, 2]
    _, answer = call(running, "GET", "/Alpha/_apis/wit/recyclebin", ids="2")
    assert [(one["id"], one["deletedDate"]) for one in answer["value"]] == [(2, "6/1/2026 12:00:00 PM")]
    assert call(running, "GET", "/_apis/wit/recyclebin/1")[1]["resource"]["fields"]["System.Title"] == "Item 1"
    assert call(running, "PATCH", "/_apis/wit/recyclebin/1", {"isDeleted": False})[0] == 200
    assert call(running, "GET", "/_apis/wit/workitems/1")[1]["rev"] == 3
    assert call(running, "DELETE", "/_apis/wit/recyclebin/2") == (204, None)
    assert call(running, "GET", "/_apis/wit/recyclebin/2")[0] == 404


def test_numbers_go_on_from_the_recorded_revision(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(1, "Active", rev=9)])
    assert call(running, "GET", "/_apis/wit/workitems/1")[1]["rev"] == 9
    running.site.edit(1, NOW, {"System.State": "Closed"})
    assert call(running, "GET", "/_apis/wit/workitems/1")[1]["rev"] == 10


def found(call: Call, running: Running[Any], where: str, path: str = WIQL, **query: str) -> Any:
    text = f"SELECT [System.Id] FROM WorkItems WHERE {where} ORDER BY [System.Id]"  # noqa: S608 # a query of the tracker, not of a database
    status, answer = call(running, "POST", path, {"query": text}, **query)
    return [one["id"] for one in answer["workItems"]] if status == 200 else (status, answer["message"])


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ("[System.TeamProject] = 'alpha'", [1, 2, 3]),
        ("[System.Id] > 1 AND [System.Id] <= 3", [2, 3]),
        ("[System.AreaPath] UNDER 'Alpha\\Web'", [2, 3]),
        ("[System.AreaPath] NOT UNDER 'Alpha\\Web' AND [System.State] <> 'Closed'", [1, 4]),
        ("[System.Id] IN (1, 4) OR NOT [State] = 'New'", [1, 3, 4]),
        ("[System.ChangedDate] >= '2026-05-30'", [1, 2]),
        ("[System.ChangedDate] >= @Today - 1", [1]),
        ("[System.Title] CONTAINS 'item 4'", [4]),
        ("[System.AssignedTo] = 'Ada <ada@example.com>' AND ([System.Id] = 1 OR [System.Id] = 2)", [1, 2]),
    ],
)
def test_what_a_wiql_query_finds(azure_devops: Start, call: Call, where: str, ids: list[int]) -> None:
    running = azure_devops(items=[work_item(1), work_item(2), work_item(3, "Closed"), work_item(4, project="Beta")])
    for number, area in ((2, "Alpha\\Web"), (3, "Alpha\\Web\\Shop")):
        running.site.items[number].revisions[-1]["System.AreaPath"] = area
    assert found(call, running, where) == ids


def test_a_time_in_wiql_needs_time_precision(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(1), work_item(2)])
    where = "[System.ChangedDate] > '2026-05-30T12:00:00Z'"
    assert found(call, running, where)[0] == 400
    assert found(call, running, where, timePrecision="true") == [1]


def test_too_many_ids_are_refused_and_can_be_had_in_parts(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(number) for number in range(1, 8)], wiql_limit=3)
    status, message = found(call, running, "[System.Id] > 0")
    assert (status, message.split(":")[0]) == (400, "VS402337")
    assert found(call, running, "[System.Id] > 0", **{"$top": "3"}) == [1, 2, 3]
    assert found(call, running, "[System.Id] > 4") == [5, 6, 7]


def test_project_in_wiql_is_the_addresss(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(1), work_item(2, project="Beta")])
    assert found(call, running, "[System.TeamProject] = @project", path="/Beta" + WIQL) == [2]
    assert found(call, running, "[System.TeamProject] = @project")[0] == 400


@pytest.mark.parametrize("text", ["", "SELECT", "SELECT [System.Id] FROM WorkItems WHERE [Shoe] = 1", "DROP TABLE x"])
def test_broken_wiql_is_refused(azure_devops: Start, call: Call, text: str) -> None:
    assert call(azure_devops(items=[work_item(1)]), "POST", WIQL, {"query": text})[0] == 400


def test_comments_need_the_preview_are_cleaned_and_make_revisions(azure_devops: Start, call: Call) -> None:
    running = azure_devops(items=[work_item(1)])
    path = "/Alpha/_apis/wit/workItems/1/comments"
    status, answer = call(running, "POST", path, {"text": "x"})
    assert (status, answer["typeKey"]) == (400, "VssInvalidPreviewVersionException")
    preview = f"{path}?api-version=7.1-preview.4"
    _, made = call(running, "POST", f"{preview}&format=markdown", {"text": "Bonjour<!-- filrouge -->"})
    assert (made["text"], made["format"], made["version"]) == ("Bonjour", "markdown", 1)
    assert call(running, "GET", "/_apis/wit/workitems/1")[1]["rev"] == 2
    call(running, "POST", preview, {"text": "Second"})
    _, first = call(running, "GET", f"{preview}&$top=1&order=asc")
    assert ([one["text"] for one in first["comments"]], first["totalCount"]) == (["Bonjour"], 2)
    token = first["continuationToken"]
    _, rest = call(running, "GET", f"{preview}&order=asc&continuationToken={token}")
    assert [one["text"] for one in rest["comments"]] == ["Second"]


def test_states_and_backlogs_are_the_processs(azure_devops: Start, call: Call) -> None:
    running = azure_devops(projects=[{"name": "Alpha", "teams": {"Web": ["Alpha\\Web"]}, "bugs": "asRequirements"}])
    _, states = call(running, "GET", "/Alpha/_apis/wit/workitemtypes/User%20Story/states")
    categories = {one["name"]: one["category"] for one in states["value"]}
    assert (categories["Resolved"], categories["Closed"]) == ("Resolved", "Completed")
    for place in ("/Alpha", "/Alpha/Web"):
        _, backlogs = call(running, "GET", f"{place}/_apis/work/backlogconfiguration")
        assert [one["name"] for one in backlogs["portfolioBacklogs"]] == ["Epics", "Features"]
        kinds = [one["name"] for one in backlogs["requirementBacklog"]["workItemTypes"]]
        assert (kinds, backlogs["bugsBehavior"]) == (["User Story", "Bug"], "asRequirements")
    mapped = {one["workItemTypeName"]: one["states"] for one in backlogs["workItemTypeMappedStates"]}
    assert (mapped["Epic"]["Resolved"], mapped["Bug"]["Resolved"]) == ("InProgress", "Resolved")
    _, areas = call(running, "GET", "/Alpha/Web/_apis/work/teamsettings/teamfieldvalues")
    assert areas["values"] == [{"value": "Alpha\\Web", "includeChildren": True}]
    assert call(running, "GET", "/Alpha/Nobody/_apis/work/backlogconfiguration")[0] == 404


def test_team_iterations_know_what_is_past(azure_devops: Start, call: Call) -> None:
    day = timedelta(days=1)
    spans = {"S1": (NOW - 20 * day, NOW - 10 * day), "S2": (NOW - day, NOW + day), "S3": (NOW + day, NOW + 9 * day)}
    iterations = [{"path": f"Alpha\\{name}", "start": start, "finish": end} for name, (start, end) in spans.items()]
    running = azure_devops(projects=[{"name": "Alpha", "iterations": iterations}])
    _, answer = call(running, "GET", "/Alpha/Alpha%20Team/_apis/work/teamsettings/iterations")
    frames = {one["path"]: one["attributes"]["timeFrame"] for one in answer["value"]}
    assert frames == {"Alpha\\S1": "past", "Alpha\\S2": "current", "Alpha\\S3": "future"}


def test_areas_are_a_tree_down_to_the_asked_depth(azure_devops: Start, call: Call) -> None:
    running = azure_devops(projects=[{"name": "Alpha", "areas": ["Alpha\\Web\\Shop", "Alpha\\App"]}])
    base = "/Alpha/_apis/wit/classificationnodes"
    _, root = call(running, "GET", f"{base}/Areas", **{"$depth": "1"})
    assert [one["path"] for one in root["children"]] == ["\\Alpha\\Area\\Web", "\\Alpha\\Area\\App"]
    assert (root["children"][0]["hasChildren"], "children" in root["children"][0]) == (True, False)
    assert call(running, "GET", f"{base}/areas/Web/Shop")[1]["path"] == "\\Alpha\\Area\\Web\\Shop"
    assert [one["structureType"] for one in call(running, "GET", base)[1]["value"]] == ["area", "iteration"]
    assert call(running, "GET", f"{base}/areas/Nowhere")[0] == 404
