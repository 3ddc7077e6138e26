"""Roles, groups, accounts and teams of the loopback trackers, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from demo.trackers.azure_devops import AzureDevOpsSite, comments
from demo.trackers.jira import JiraSite
from demo.trackers.jira.roles import grant
from tests.conftest import Running
from tests.trackers.conftest import Call, issue, work_item

ADA = {"accountId": "a-1", "displayName": "Ada", "active": True}
BOB = {"key": "JIRAUSER1", "name": "bob", "displayName": "Bob", "active": True}


def test_jira_cloud_tells_roles_their_actors_and_the_members_of_groups(
    jira_cloud: Callable[..., Running[JiraSite]], call: Call
) -> None:
    running = jira_cloud(issues=[issue(1), issue(1, "CD") | {"id": "1"}])
    site, rest = running.site, "/rest/api/3"
    grant(site, "Leads", "AB", person=ADA)
    grant(site, "Leads", "AB", group="captains")
    site.groups["captains"] = [{**ADA, "accountId": f"a-{number}", "active": number != 7} for number in range(61)]
    _, roles = call(running, "GET", f"{rest}/project/AB/role")
    assert roles == {"Leads": f"{running.url}{rest}/project/AB/role/10000"}
    _, role = call(running, "GET", f"{rest}/project/AB/role/10000")
    person, group = role["actors"]
    assert person["actorUser"] == {"accountId": "a-1"}
    assert call(running, "GET", f"{rest}/project/CD/role/10000")[1]["actors"] == []
    found: list[Any] = []
    for start in (0, 50):
        query = {"groupId": group["actorGroup"]["groupId"], "startAt": str(start), "maxResults": "100"}
        _, page = call(running, "GET", f"{rest}/group/member", **query)
        found += page["values"]
        assert (page["total"], page["isLast"]) == (60, start == 50)
    assert [one["accountId"] for one in found] == [f"a-{number}" for number in range(61) if number != 7]
    assert call(running, "GET", f"{rest}/user", accountId="a-1")[1]["displayName"] == "Ada"
    for path, query, status in (
        ("project/AB/role/10001", {}, 404),
        ("project/ab/role", {}, 404),
        ("project/XY/role", {}, 404),
        ("group/member", {"groupname": "captain"}, 404),
        ("group/member", {}, 400),
        ("user", {"accountId": "a-99"}, 404),
    ):
        assert call(running, "GET", f"{rest}/{path}", **query)[0] == status, path
    site.permissions |= {"ADMINISTER_PROJECTS": False, "USER_PICKER": False}
    for path, status in (("project/AB/role", 401), ("project/AB/role/10000", 404), ("group/member", 403)):
        assert call(running, "GET", f"{rest}/{path}")[0] == status, path


def test_jira_data_center_tells_names_and_keys(jira_data_center: Callable[..., Running[JiraSite]], call: Call) -> None:
    running = jira_data_center(issues=[issue(1)])
    site, rest = running.site, "/rest/api/2"
    grant(site, "Leads", "AB", person=BOB)
    grant(site, "Leads", "AB", group="captains")
    site.groups["captains"] = [BOB]
    _, role = call(running, "GET", f"{rest}/project/AB/role/10000")
    assert [one["name"] for one in role["actors"]] == ["bob", "captains"]
    assert call(running, "GET", f"{rest}/group/member", groupname="captains")[1]["values"] == [BOB]
    assert call(running, "GET", f"{rest}/user", key="JIRAUSER1")[1] == BOB
    assert call(running, "GET", f"{rest}/user", username="bob")[1] == BOB
    assert call(running, "GET", f"{rest}/user", username="JIRAUSER1")[0] == 404
    assert call(running, "GET", f"{rest}/user", key="JIRAUSER1", username="bob")[0] == 400


def test_azure_devops_tells_the_members_of_a_team(
    azure_devops: Callable[..., Running[AzureDevOpsSite]], call: Call
) -> None:
    running = azure_devops(items=[work_item(1)])
    for number in range(130):
        running.site.join("Alpha", "Leads", {"displayName": "Ada", "uniqueName": f"ada{number}@example.com"})
    _, teams = call(running, "GET", "/_apis/projects/Alpha/teams")
    (team,) = [one["id"] for one in teams["value"] if one["name"] == "Leads"]
    found: list[Any] = []
    for skip in ("0", "100"):
        path = f"/_apis/projects/Alpha/teams/{team}/members"
        found += call(running, "GET", path, **{"$top": "500", "$skip": skip})[1]["value"]
    assert [one["identity"]["uniqueName"] for one in found] == [f"ada{number}@example.com" for number in range(130)]
    assert call(running, "GET", "/_apis/projects/Alpha/teams/Lead/members")[0] == 404
    assert call(running, "GET", "/_apis/projects/Beta/teams/Leads/members")[0] == 404


def test_what_others_say_edit_and_delete_makes_revisions(
    azure_devops: Callable[..., Running[AzureDevOpsSite]], call: Call
) -> None:
    running = azure_devops(items=[work_item(1)])
    site, item, ada = running.site, running.site.items[1], {"displayName": "Ada", "uniqueName": "ada@example.com"}
    entry = comments.say(site, item, ada, "<div>/filrouge why</div>", site.now())
    entry = comments.rewrite(site, item, entry, ada, "<div>/filrouge help</div>", site.now())
    path = "/Alpha/_apis/wit/workitems/1/comments?api-version=7.1-preview.4"
    _, page = call(running, "GET", path)
    (told,) = page["comments"]
    assert (told["text"], told["version"]) == ("<div>/filrouge help</div>", 2)
    assert told["createdBy"]["uniqueName"] == told["modifiedBy"]["uniqueName"] == "ada@example.com"
    comments.erase(site, item, entry, ada, site.now())
    assert call(running, "GET", path)[1]["comments"] == []
    assert item.rev == 4
    assert item.fields["System.ChangedBy"] == ada
