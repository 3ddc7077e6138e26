"""Who has a role where names change hands, accounts cannot be looked up, or answers make no sense."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.jira.tracker import JiraTracker
from connectors.port import Commenter
from demo.trackers.faults import Instead
from demo.trackers.http import Answer, Exchange
from demo.trackers.jira.roles import grant
from demo.trackers.jira.site import JiraSite
from domain.errors import ProtocolError
from domain.work import State, WorkItem

NIGHT = datetime(2026, 5, 1, tzinfo=UTC)
ITEM = WorkItem("shop", "20001", "SHOP-1", "", "Epic", 1, "One", "New", State.TODO, "SHOP", NIGHT, NIGHT)

Site = Callable[..., tuple[JiraSite, str, list[Exchange]]]
Connect = Callable[..., JiraTracker]


def person(name: str, key: str) -> dict[str, Any]:
    return {"key": key, "name": name, "displayName": name.title(), "active": True}


@pytest.fixture
def data_center(site: Site, tracker: Connect) -> tuple[JiraSite, Commenter, list[Exchange]]:
    served, url, seen = site(deployment="data_center", projects=[{"id": "1", "key": "SHOP", "name": "Shop"}])
    return served, tracker(url).commenter(), seen


def test_a_name_that_was_given_up_and_taken_by_another_gives_no_role_away(data_center: Any) -> None:
    """Bob became Robert and kept his key; then another Bob came, and it is he who has the role."""
    served, commenter, _ = data_center
    served.groups["everybody"] = [person("robert", "bob"), person("bob", "JIRAUSER7"), person("eve", "JIRAUSER8")]
    grant(served, "Leads", "SHOP", person=person("bob", "JIRAUSER7"))
    grant(served, "Leads", "SHOP", person=person("eve", "JIRAUSER8"))
    assert not commenter.holds(ITEM, "bob", ["Leads"])
    assert commenter.holds(ITEM, "JIRAUSER8", ["Leads"])


def test_in_a_group_the_key_alone_counts(data_center: Any) -> None:
    served, commenter, _ = data_center
    served.groups["leads"] = [person("bob", "JIRAUSER7"), {**person("ann", "ann"), "active": False}]
    grant(served, "Leads", "SHOP", group="leads")
    assert commenter.holds(ITEM, "JIRAUSER7", ["Leads"])
    assert not commenter.holds(ITEM, "bob", ["Leads"])
    assert not commenter.holds(ITEM, "ann", ["Leads"]), "she is not active any more"


def test_an_account_that_cannot_be_looked_up_has_no_role_by_itself(data_center: Any) -> None:
    served, commenter, seen = data_center
    grant(served, "Leads", "SHOP", person=person("bob", "JIRAUSER7"))
    served.permissions["USER_PICKER"] = False
    assert not commenter.holds(ITEM, "bob", ["Leads"])
    assert not commenter.holds(ITEM, "bob", ["Leads"])
    assert len([one for one in seen if one.path.endswith("/user")]) == 1


@pytest.mark.parametrize("answer", [[1], {"Leads": 7, "values": 3, "actors": 3}])
@pytest.mark.parametrize("tail", ["/role", "/role/10000", "/group/member"])
def test_an_answer_that_makes_no_sense_is_an_error_and_no_role(data_center: Any, tail: str, answer: Any) -> None:
    served, commenter, _ = data_center
    served.groups["leads"] = [person("bob", "bob")]
    grant(served, "Leads", "SHOP", group="leads")
    served.faults = lambda request, _: Instead(Answer(200, answer)) if request.path.endswith(tail) else None
    with pytest.raises(ProtocolError, match="roles in SHOP"):
        commenter.holds(ITEM, "bob", ["Leads"])


def test_the_address_of_a_role_is_never_followed(data_center: Any) -> None:
    served, commenter, seen = data_center
    grant(served, "Leads", "SHOP", person=person("bob", "bob"))
    elsewhere = Answer(200, {"Leads": "https://elsewhere.example/jira/rest/api/2/project/SHOP/role/10000"})
    served.faults = lambda request, _: Instead(elsewhere) if request.path.endswith("/role") else None
    served.groups["everybody"] = [person("bob", "bob")]
    assert commenter.holds(ITEM, "bob", ["Leads"])
    assert [one.path for one in seen][-3:] == [
        "/rest/api/2/project/SHOP/role",
        "/rest/api/2/project/SHOP/role/10000",
        "/rest/api/2/user",
    ]
