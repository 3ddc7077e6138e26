"""Pulling from Jira Data Center over HTTP, through the package `jira`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.trackers.faults import Altered, Instead
from demo.trackers.http import Answer, Request
from domain.errors import ConfigurationError, CredentialsError, ProtocolError
from domain.work import State

Make = Callable[..., Any]
NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def asked(seen: list[Any]) -> list[dict[str, Any]]:
    return [json.loads(exchange.request_body) for exchange in seen if exchange.path.endswith("/search")]


@pytest.fixture
def center(site: Make) -> Make:
    return lambda **arguments: site(deployment="data_center", **arguments)


def test_the_recorded_issues_of_a_public_server(
    center: Make, tracker: Make, keeper: Make, real_jira_issues: list[dict[str, Any]]
) -> None:
    projects = sorted({issue["fields"]["project"]["key"] for issue in real_jira_issues})
    _, address, seen = center(issues=real_jira_issues, context_path="/jira", checked=False)
    assert address.endswith("/jira")
    kept = keeper()
    kept.pull(tracker(address, projects=projects, method="bearer"))
    fields = [issue["fields"] for issue in real_jira_issues]
    items = [record.item for record in kept.records.values()]
    assert sorted(kept.records) == sorted(issue["id"] for issue in real_jira_issues)
    assert Counter(item.type for item in items) == Counter(one["issuetype"]["name"] for one in fields)
    levels = Counter(-1 if one["issuetype"]["subtask"] else int(one["issuetype"]["name"] == "Epic") for one in fields)
    assert Counter(item.level for item in items) == levels
    parents = Counter((one.get("parent") or one.get("epic") or {}).get("key") for one in fields)
    assert Counter(item.parent_key for item in items) == parents
    sprints = sum(bool(one.get("closedSprints") or one.get("sprint")) for one in fields)
    assert sum(item.sprint is not None for item in items) == sprints
    dropped = sum((one["resolution"] or {}).get("name") == "Won't Do" for one in fields)
    assert sum(item.state is State.DROPPED for item in items) == dropped
    assert {json.dumps(body["expand"]) for body in asked(seen)} == {'["changelog"]'}
    assert {body["startAt"] for body in asked(seen)} == {0}
    assert kept.total == len(real_jira_issues)
    assert next(iter(items)).url.startswith(f"{address}/browse/")


@pytest.mark.parametrize("limit", [37, 1, 1000])
def test_slices_of_any_size_are_all_read_with_their_logs(
    center: Make, tracker: Make, keeper: Make, issue: Make, entry: Make, limit: int
) -> None:
    log = [entry(1, NOW - timedelta(days=3), ("status", "3", "To Do", "4", "In Progress"))]
    made = [issue(number, status="In Progress", histories=log) for number in range(1, 101)]
    _, address, _ = center(issues=made, page_limit=limit)
    kept = keeper()
    kept.pull(tracker(address))
    assert len(kept.records) == 100
    assert {record.item.started_at for record in kept.records.values()} == {NOW - timedelta(days=3)}


def test_the_next_pull_goes_back_to_the_server_s_time_at_the_start(
    center: Make, tracker: Make, keeper: Make, issue: Make, clock: Any, statuses: Any
) -> None:
    served, address, seen = center(issues=[issue(number) for number in range(1, 300)])
    kept, one = keeper(), tracker(address)

    def meanwhile(request: Request, _: int) -> None:
        if request.path.endswith("/search") and request.json()["jql"].find("created >= ") > 0:
            served.edit("10003", clock.now(), {"status": statuses["Done"]})  # behind the scan

    served.faults = meanwhile
    kept.pull(one)
    served.faults = None
    states = [kept.records["10003"].item.state]
    clock.sleep(900)
    seen.clear()
    kept.pull(one)
    assert [*states, kept.records["10003"].item.state] == [State.TODO, State.DONE]
    floor = int((NOW - timedelta(minutes=15)).timestamp() * 1000)
    assert asked(seen)[0]["jql"] == f'project in ("SHOP") AND updated >= {floor} ORDER BY created ASC, key ASC'
    assert kept.pages == [1]


@pytest.mark.parametrize("crash_after", [1, 2, 3])
@pytest.mark.parametrize("seconds", [0, 1, 60])
def test_an_interrupted_pull_goes_on_after_the_last_creation(
    center: Make, tracker: Make, keeper: Make, issue: Make, clock: Any, crash_after: int, seconds: int
) -> None:
    """With no second between two creations all issues were made in the same one, as an import does."""
    made = [issue(one, created=NOW - timedelta(days=90) + timedelta(seconds=seconds * one)) for one in range(1, 351)]
    served, address, seen = center(issues=made, page_limit=100)
    kept = keeper()
    kept.pull(tracker(address), crash_after=crash_after)
    assert 99 <= len(kept.records) / crash_after <= 100
    seen.clear()
    clock.sleep(3600)
    served.edit("10001", clock.now(), {"summary": "Meanwhile"})
    kept.pull(tracker(address))
    assert len(kept.records) == 350
    assert len(asked(seen)) <= 6
    kept.pull(tracker(address))
    assert kept.records["10001"].item.title == "Meanwhile"


def test_no_issue_comes_twice_and_no_project_is_forgotten(
    center: Make, tracker: Make, keeper: Make, issue: Make
) -> None:
    """Ids and keys of two projects cross: an order by either would mix or part them."""
    made = [
        issue(one, project="SHOP" if one % 2 else "PAY", created=NOW - timedelta(days=90, minutes=one * 7 % 40))
        for one in range(1, 301)
    ]
    _, address, seen = center(issues=made, page_limit=37)
    kept = keeper()
    kept.pull(tracker(address, projects=["SHOP", "PAY"]))
    assert len(kept.records) == sum(kept.pages) == 300
    assert len(asked(seen)) <= 2 * (300 // 37)


def test_a_log_that_the_search_cut_is_read_on_its_own(
    center: Make, tracker: Make, keeper: Make, issue: Make, entry: Make
) -> None:
    log = [
        entry(one, NOW - timedelta(days=9, minutes=-one), ("summary", None, f"v{one - 1}", None, f"v{one}"))
        for one in range(1, 121)
    ]
    served, address, seen = center(
        issues=[issue(1, summary="v120", histories=log), issue(2), issue(3, histories=log[:1])]
    )

    def cut(body: Any) -> Any:
        body["issues"][0]["changelog"]["histories"] = body["issues"][0]["changelog"]["histories"][:40]
        return body

    served.faults = lambda request, _: Altered(cut) if request.path.endswith("/search") else None
    kept = keeper()
    kept.pull(tracker(address))
    assert len(kept.records["10001"].history) == 120
    assert [one.path for one in seen if "/issue/" in one.path] == ["/rest/api/2/issue/10001"]


def test_one_issue_that_may_not_be_read_is_set_aside_and_the_run_goes_on(
    center: Make, tracker: Make, keeper: Make, issue: Make
) -> None:
    served, address, _ = center(issues=[issue(number) for number in range(1, 6)])
    forbidden = True

    def cut(body: Any) -> Any:
        for one in body["issues"]:
            if one["id"] == "10002":
                one["changelog"]["total"] = 3
        return body

    def fault(request: Request, _: int) -> Any:
        if request.path.endswith("/search"):
            return Altered(cut)
        if forbidden and "/issue/" in request.path:
            return Instead(Answer(403, {"errorMessages": ["No."]}))
        return None

    served.faults = fault
    kept, one = keeper(), tracker(address)
    kept.pull(one)
    assert (len(kept.records), kept.set_aside) == (4, ["10002"])
    forbidden = False
    kept.pull(one)
    assert len(kept.records) == 5


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (Answer(404, {"errorMessages": ["Issue does not exist."]}), []),
        (Answer(404, b"<html>Not found</html>", content_type="text/html"), ["10002"]),
    ],
    ids=["Jira's", "a proxy's"],
)
def test_the_daily_look_lets_go_of_what_jira_says_is_not_there(
    center: Make, tracker: Make, keeper: Make, issue: Make, clock: Any, answer: Answer, left: list[str]
) -> None:
    served, address, _ = center(issues=[issue(number) for number in range(1, 4)])

    def cut(body: Any) -> Any:
        for one in body["issues"]:
            if one["id"] == "10002":
                one["changelog"]["total"] = 3
        return body

    def fault(request: Request, _: int) -> Any:
        if "/issue/" in request.path:
            return Instead(answer)
        return Altered(cut) if request.path.endswith("/search") else None

    served.faults = fault
    kept, one = keeper(), tracker(address)
    kept.pull(one)
    assert kept.set_aside == ["10002"]
    clock.sleep(3600)
    kept.pull(one)
    assert kept.set_aside == ["10002"]
    clock.sleep(48 * 3600)
    kept.pull(one)
    assert kept.set_aside == left


def test_epic_link_parent_link_and_sprint_text(
    center: Make, tracker: Make, keeper: Make, issue: Make, entry: Make
) -> None:
    sprint = "com.atlassian.greenhopper.service.sprint.Sprint@1[id=7,state=ACTIVE,name=Pay, ship,startDate=<null>]"
    log = [entry(1, NOW - timedelta(days=2), ("Epic Link", None, None, "10009", "SHOP-9"), custom=True)]
    epic = issue(9, customfield_10011="Checkout", customfield_10018="PLAN-1")
    epic["fields"]["issuetype"] = {"id": "77", "name": "Récit majeur", "subtask": False}
    _, address, _ = center(
        issues=[
            issue(1, customfield_10014="SHOP-9", customfield_10020=[sprint], histories=log),
            issue(2, customfield_10014="SHOP-9"),
            epic,
        ]
    )
    kept = keeper()
    kept.pull(tracker(address))
    one, two, nine = (kept.records[number].item for number in ("10001", "10002", "10009"))
    assert (one.parent, one.parent_key, one.sprint) == ("10009", "SHOP-9", "Pay, ship")
    assert (two.parent, two.parent_key) == ("SHOP-9", "SHOP-9")
    assert (nine.level, nine.parent) == (1, "PLAN-1")


def test_deployment_may_be_told_in_advance(center: Make, tracker: Make, keeper: Make, issue: Make) -> None:
    _, address, seen = center(issues=[issue(1)])
    keeper().pull(tracker(address, deployment="data_center"))
    assert {one.path.split("/")[3] for one in seen} == {"2"}


def test_a_site_that_does_not_keep_the_order_is_refused(center: Make, tracker: Make, keeper: Make, issue: Make) -> None:
    made = [issue(one, created=NOW - timedelta(days=90, minutes=one)) for one in range(1, 300)]
    served, address, _ = center(issues=made)
    served.faults = lambda request, _: (
        Altered(lambda body: {**body, "issues": body["issues"][::-1]}) if request.path.endswith("/search") else None
    )
    with pytest.raises(ProtocolError, match="does not give issues in the order asked for"):
        keeper().pull(tracker(address))


def test_wrong_tokens_and_projects(center: Make, tracker: Make, keeper: Make, issue: Make) -> None:
    _, address, _ = center(issues=[issue(1)], token="another")
    with pytest.raises(CredentialsError, match="Source shop"):
        tracker(address, method="bearer").access()
    _, address, _ = center(issues=[issue(1)])
    with pytest.raises(ConfigurationError, match=r"no project SHOPS.*did you mean SHOP\?"):
        keeper().pull(tracker(address, projects=["SHOPS"]))
