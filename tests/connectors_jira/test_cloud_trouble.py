"""Jira Cloud refuses, misleads or asks to wait: what is told, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from demo.trackers.faults import Altered, ExtraHeaders, Html, Instead, TooManyRequests
from demo.trackers.http import Answer, Request
from domain.errors import ConfigurationError, CredentialsError, UnavailableError
from tests.connectors_jira.asked import asked, paths

Make = Callable[..., Any]
NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def test_an_issue_whose_log_is_refused_is_set_aside_and_tried_again(
    site: Make, tracker: Make, keeper: Make, issue: Make, clock: Any
) -> None:
    served, address, seen = site(issues=[issue(number) for number in range(1, 101)])
    refused = {"10042"}

    def fault(request: Request, _: int) -> Any:
        if request.path.endswith("changelog/bulkfetch") and refused & set(request.json()["issueIdsOrKeys"]):
            return Instead(Answer(403, {"errorMessages": ["Not for you."]}))
        if any(request.path.endswith(f"/{one}") for one in refused):
            return Instead(Answer(404, {"errorMessages": ["Not there."]}))
        return None

    served.faults = fault
    kept, one = keeper(), tracker(address)
    kept.pull(one)
    assert (len(kept.records), kept.set_aside) == (99, ["10042"])
    kept.pull(one)
    assert kept.set_aside == ["10042"]
    refused.clear()
    kept.pull(one)
    assert (len(kept.records), kept.set_aside) == (100, [])
    seen.clear()
    kept.pull(one)
    assert [path for path in paths(seen) if path.startswith("issue/")] == ["issue/bulkfetch"]


def test_one_broken_item_in_a_page_does_not_stop_the_rest(site: Make, tracker: Make, keeper: Make, issue: Make) -> None:
    served, address, _ = site(issues=[issue(number) for number in range(1, 11)])

    def spoil(body: Any) -> Any:
        body["issues"][4]["fields"]["issuetype"] = None
        return body

    served.faults = lambda request, _: Altered(spoil) if request.path.endswith("issue/bulkfetch") else None
    kept = keeper()
    kept.pull(tracker(address))
    assert (len(kept.records), kept.set_aside) == (9, ["10005"])


def test_an_unknown_project_is_a_configuration_error_with_the_nearest_key(
    site: Make, tracker: Make, keeper: Make, issue: Make
) -> None:
    served, address, seen = site(issues=[issue(1), issue(2, project="PAY")])
    with pytest.raises(ConfigurationError, match=r"no project SHPO.*did you mean SHOP\?") as caught:
        keeper().pull(tracker(address, projects=["SHPO", "PAY", "NOWHERE"]))
    assert len(caught.value.problems) == 2
    served.hide("PAY")
    with pytest.raises(ConfigurationError, match="no project PAY"):
        keeper().pull(tracker(address, projects=["PAY"]))
    assert asked(seen, "search/jql") == []


def test_access_names_what_may_not_be_seen(site: Make, tracker: Make, issue: Make) -> None:
    served, address, seen = site(issues=[issue(1), issue(2, project="PAY")])
    served.hide("PAY")
    access = tracker(address, projects=["SHOP", "PAY"]).access()
    assert (access.visible, access.wanted) == (("SHOP",), ("SHOP", "PAY"))
    assert any("PAY" in note for note in access.notes)
    assert access.account == served.account["accountId"]
    assert paths(seen) == ["serverInfo", "myself", "project/SHOP", "project/PAY"]


def test_a_wrong_token_is_a_credentials_error_without_the_token(
    site: Make, tracker: Make, keeper: Make, issue: Make
) -> None:
    _, address, _ = site(issues=[issue(1)], token="another")
    one = tracker(address)
    for act in (one.access, lambda: keeper().pull(one)):
        with pytest.raises(CredentialsError, match="Source shop") as caught:
            act()
        assert "very-secret-token" not in repr(caught.value)
        assert "robot@" not in str(caught.value)


def test_a_sign_in_page_is_a_credentials_error(site: Make, tracker: Make, issue: Make) -> None:
    served, address, _ = site(issues=[issue(1)])
    served.faults = lambda *_: Html()
    with pytest.raises(CredentialsError, match="a web page came instead of data"):
        tracker(address).access()


def test_a_broken_query_names_the_setting_and_the_server_s_reason(
    site: Make, tracker: Make, keeper: Make, issue: Make
) -> None:
    _, address, _ = site(issues=[issue(1)])
    with pytest.raises(ConfigurationError, match=r"the site rejects `jql`: .+"):
        keeper().pull(tracker(address, jql="labels ="))


def test_points_that_nobody_fills_are_told_once_everything_was_read(
    site: Make, tracker: Make, keeper: Make, issue: Make
) -> None:
    _, address, _ = site(issues=[issue(number) for number in range(1, 31)])
    kept, one = keeper(), tracker(address, extra=["Customer"])
    kept.pull(one)
    assert any(
        "0 % of 30 stories have points in customfield_10016, customfield_10026" in told for told in kept.warnings
    )
    assert any("tests the field Customer" in told for told in kept.warnings)
    kept.pull(one)
    assert not any("points" in told for told in kept.warnings)


def test_another_scope_reads_everything_again_but_not_the_logs(
    site: Make, tracker: Make, keeper: Make, issue: Make
) -> None:
    _, address, seen = site(issues=[issue(1), issue(2, project="PAY")])
    kept = keeper()
    kept.pull(tracker(address))
    seen.clear()
    kept.pull(tracker(address, projects=["SHOP", "PAY"], extra=["Reporter"]))
    assert sorted(kept.records) == ["10001", "10002"]
    assert asked(seen, "changelog/bulkfetch")[0]["issueIdsOrKeys"] == ["10002"]


def test_a_wait_is_obeyed_and_a_long_one_ends_the_run_at_a_place_to_go_on_from(
    site: Make, tracker: Make, keeper: Make, issue: Make, clock: Any
) -> None:
    served, address, _ = site(issues=[issue(number) for number in range(1, 2101)])
    waits = {
        "10050": TooManyRequests("0.5"),
        "10150": ExtraHeaders({"Retry-After": "3"}),
        "12050": TooManyRequests("1847"),
    }

    def fault(request: Request, _: int) -> Any:
        if not request.path.endswith("issue/bulkfetch"):
            return None
        return next((waits.pop(one) for one in request.json()["issueIdsOrKeys"] if one in waits), None)

    served.faults = fault
    kept = keeper()
    with pytest.raises(UnavailableError, match="asks to wait until 2026-11-25T08:30:5"):
        kept.pull(tracker(address))
    assert len(kept.records) in {1000, 2000}  # the third thousand is asked for while the second is on its way
    clock.sleep(1900)
    kept.pull(tracker(address))
    assert len(kept.records) == 2100
