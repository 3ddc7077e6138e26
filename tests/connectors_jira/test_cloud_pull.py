"""Pulling from Jira Cloud over HTTP, through the package `jira`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import pytest

from demo.trackers.faults import Altered
from demo.trackers.http import Request
from domain.errors import ProtocolError
from domain.history import as_of
from domain.work import State
from tests.connectors_jira.asked import asked, paths

Make = Callable[..., Any]
NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def test_a_first_pull_brings_everything_with_its_history(
    site: Make, tracker: Make, keeper: Make, issue: Make, entry: Make, statuses: Any
) -> None:
    started = entry(1, NOW - timedelta(days=3), ("status", "3", "To Do", "4", "In Progress"))
    _, address, seen = site(
        issues=[
            issue(1, status="In Progress", histories=[started], customfield_10026=5),
            issue(2, kind="Epic"),
            issue(3, kind="Sub-task", parent={"id": "10001", "key": "SHOP-1"}),
        ]
    )
    kept = keeper()
    kept.pull(tracker(address))
    assert sorted(kept.records) == ["10001", "10002", "10003"]
    first = kept.records["10001"]
    assert (first.item.state, first.item.points, first.item.started_at) == (State.DOING, 5.0, NOW - timedelta(days=3))
    assert [entry.field for entry in first.history] == ["state", "status"]
    assert [kept.records[one].item.level for one in sorted(kept.records)] == [0, 1, -1]
    assert kept.records["10003"].item.parent == "10001"
    assert kept.total == 3
    assert first.item.url == f"{address}/browse/SHOP-1"
    assert {exchange.request_headers["user-agent"] for exchange in seen} == {"filrouge/test"}
    assert tracker(address).convert(first.raw, kept.context) == first


def test_only_what_is_needed_is_asked_for_by_id(site: Make, tracker: Make, keeper: Make, issue: Make) -> None:
    _, address, seen = site(issues=[issue(1)])
    keeper().pull(tracker(address, extra=["Reporter"]))
    (listed,) = asked(seen, "search/jql")
    assert (listed["fields"], listed["maxResults"]) == (["id"], 5000)
    assert listed["jql"] == 'project in ("SHOP") ORDER BY created ASC, key ASC'
    (body,) = asked(seen, "issue/bulkfetch")
    assert "description" not in body["fields"]
    assert {"customfield_10016", "customfield_10026", "customfield_10020", "reporter"} <= set(body["fields"])
    assert not any(name.endswith("summary_text") or " " in name for name in body["fields"])


def test_the_admin_s_condition_stays_within_its_parentheses(
    site: Make, tracker: Make, keeper: Make, issue: Make
) -> None:
    _, address, seen = site(
        issues=[issue(1, labels=["noise"]), issue(2), issue(3, project="PAY", labels=["x"])],
    )
    kept = keeper()
    kept.pull(tracker(address, jql="labels is EMPTY or labels not in (noise)", since="2026-01-01"))
    assert sorted(kept.records) == ["10002"]
    since = int(datetime(2025, 12, 31, 23, tzinfo=UTC).timestamp() * 1000)  # midnight in Paris
    assert asked(seen, "search/jql")[0]["jql"].startswith(
        f'project in ("SHOP") AND updated >= {since} AND (labels is EMPTY or labels not in (noise)) ORDER BY'
    )


def test_reserved_words_are_project_keys_too(site: Make, tracker: Make, keeper: Make, issue: Make) -> None:
    _, address, _ = site(issues=[issue(1, project="TO"), issue(2, project="AND"), issue(3)])
    kept = keeper()
    kept.pull(tracker(address, projects=["TO", "AND"]))
    assert sorted(kept.records) == ["10001", "10002"]


def test_the_next_pull_is_small_and_finds_what_changed(
    site: Make, tracker: Make, keeper: Make, issue: Make, clock: Any, statuses: Any
) -> None:
    served, address, seen = site(issues=[issue(number) for number in range(1, 251)])
    kept, one = keeper(), tracker(address)
    kept.pull(one)
    clock.sleep(600)
    served.edit("10007", clock.now(), {"status": statuses["Done"], "labels": ["new"]})
    served.add(issue(900, updated=clock.now(), created=clock.now()))
    seen.clear()
    assert kept.pull(one) < 15
    assert kept.records["10007"].item.state is State.DONE
    assert kept.records["10007"].item.labels == ("new",)
    assert [entry.field for entry in kept.records["10007"].history] == ["state", "status", "labels"]
    assert "10900" in kept.records
    seen.clear()
    assert kept.pull(one) < 15
    assert "changelog/bulkfetch" not in paths(seen)  # nothing changed since: the logs are those we hold


@pytest.mark.parametrize("zone", ["Europe/Moscow", "America/Los_Angeles", "UTC"])
def test_the_account_s_time_zone_loses_nothing(
    site: Make, tracker: Make, keeper: Make, issue: Make, clock: Any, zone: str
) -> None:
    served, address, _ = site(issues=[issue(1), issue(2)], account_time_zone=zone)
    kept, one = keeper(), tracker(address)
    kept.pull(one)
    for _ in range(3):
        clock.sleep(900)
        served.edit("10001", clock.now() - timedelta(seconds=30), {"summary": f"At {clock.now()}"})
        kept.pull(one)
        assert kept.records["10001"].item.title == f"At {clock.now()}"
    assert kept.records["10002"].item.updated_at == NOW - timedelta(days=30) + timedelta(minutes=2)


def test_an_issue_that_changes_during_every_pull_is_collected(
    site: Make, tracker: Make, keeper: Make, issue: Make, clock: Any
) -> None:
    served, address, _ = site(issues=[issue(number) for number in range(1, 150)])
    kept, one = keeper(), tracker(address)

    def busy(request: Request, count: int) -> None:
        clock.sleep(1)
        served.edit("10001", clock.now(), {"summary": f"Change {count}"})

    served.faults = busy
    kept.pull(one)
    assert "10001" in kept.records
    clock.sleep(900)
    kept.pull(one)
    assert int(kept.records["10001"].item.title.removeprefix("Change ")) > 5


def test_an_issue_that_the_index_shows_ten_minutes_late_is_collected(
    site: Make, tracker: Make, keeper: Make, issue: Make, clock: Any
) -> None:
    served, address, _ = site(issues=[issue(1, updated=NOW - timedelta(hours=1)), issue(2, updated=NOW)])
    kept, one = keeper(), tracker(address)
    kept.pull(one)
    clock.sleep(900)
    served.index_lag = timedelta(minutes=10)
    served.edit("10001", clock.now(), {"summary": "Late"})
    served.index_lag = timedelta(0)
    clock.sleep(60)
    served.edit("10002", clock.now(), {"summary": "In time"})
    kept.pull(one)
    assert (kept.records["10001"].item.title, kept.records["10002"].item.title) == ("Story 1", "In time")
    clock.sleep(900)
    kept.pull(one)
    assert kept.records["10001"].item.title == "Late"


def test_once_a_day_the_pull_looks_a_day_back(site: Make, tracker: Make, keeper: Make, issue: Make, clock: Any) -> None:
    served, address, _ = site(issues=[issue(1, updated=NOW - timedelta(hours=1)), issue(2, updated=NOW)])
    kept, one = keeper(), tracker(address)
    kept.pull(one)
    clock.sleep(60)
    served.index_lag = timedelta(hours=10)
    served.edit("10001", clock.now(), {"summary": "Very late"})
    served.index_lag = timedelta(0)
    for _ in range(26):
        clock.sleep(3600)
        served.edit("10002", clock.now(), {"summary": f"At {clock.now()}"})
        kept.pull(one)
    assert kept.records["10001"].item.title == "Very late"


@pytest.mark.parametrize("limit", [37, 1, [100, 0, 3, 0, 0, 50]])
def test_short_and_empty_pages_are_not_the_end(
    site: Make, tracker: Make, keeper: Make, issue: Make, limit: Any
) -> None:
    _, address, _ = site(issues=[issue(number) for number in range(1, 121)], ids_limit=limit)
    kept = keeper()
    kept.pull(tracker(address))
    assert len(kept.records) == 120


def test_a_repeated_token_stops_at_once(site: Make, tracker: Make, keeper: Make, issue: Make) -> None:
    served, address, seen = site(issues=[issue(number) for number in range(1, 500)], ids_limit=100)

    tokens: list[str] = []

    def spoil(body: Any) -> Any:
        tokens.append(body["nextPageToken"])
        return {**body, "nextPageToken": tokens[0]}

    def repeat(request: Request, _: int) -> Any:
        return Altered(spoil) if request.path.endswith("search/jql") else None

    served.faults = repeat
    with pytest.raises(ProtocolError, match="same page token twice"):
        keeper().pull(tracker(address))
    # The first page, the second with the token, which gives the token again.
    assert len(asked(seen, "search/jql")) == 2


@pytest.mark.parametrize("form", ["milliseconds", "seconds", "text"])
def test_250_entries_of_one_issue_over_many_pages_all_arrive(
    site: Make, tracker: Make, keeper: Make, issue: Make, entry: Make, form: str
) -> None:
    log = [
        entry(
            number, NOW - timedelta(days=200, minutes=-number), ("summary", None, f"v{number - 1}", None, f"v{number}")
        )
        for number in range(1, 251)
    ]
    other = [entry(1000, NOW - timedelta(days=200, minutes=-100), ("labels", None, "", None, "x"))]
    _, address, seen = site(
        issues=[issue(1, summary="v250", histories=log), issue(2, labels=["x"], histories=other)],
        bulk_limit=37,
        log_dates=form,
    )
    kept = keeper()
    kept.pull(tracker(address))
    titles = [entry.after for entry in kept.records["10001"].history if entry.field == "title"]
    assert titles == [f"v{number}" for number in range(1, 251)]
    assert len(kept.records["10002"].history) == 1
    assert len(asked(seen, "changelog/bulkfetch")) == ceil(251 / 37)


def test_clearing_and_moving(site: Make, tracker: Make, keeper: Make, issue: Make, clock: Any) -> None:
    served, address, _ = site(
        issues=[
            issue(1, labels=["a"], customfield_10016=3, parent={"id": "10002", "key": "SHOP-2"}),
            issue(2, kind="Epic"),
            issue(3, project="PAY"),
        ]
    )
    kept, one = keeper(), tracker(address, projects=["SHOP", "PAY"])
    kept.pull(one)
    clock.sleep(60)
    served.edit("10001", clock.now(), {"labels": [], "customfield_10016": None, "parent": None})
    clock.sleep(60)
    served.move("10001", clock.now(), {"id": "9", "key": "PAY", "name": "Pay"}, "PAY-77")
    kept.pull(one)
    item = kept.records["10001"].item
    assert (item.labels, item.points, item.parent, item.key, item.project) == ((), None, None, "PAY-77", "PAY")
    assert len(kept.records) == 3
    before = as_of(item, kept.records["10001"].history, NOW)
    assert before is not None
    assert (before.labels, before.points, before.parent, before.project) == (("a",), 3.0, "10002", "SHOP")


def test_an_interrupted_first_load_goes_on_where_it_was(
    site: Make, tracker: Make, keeper: Make, issue: Make, clock: Any
) -> None:
    served, address, seen = site(issues=[issue(number) for number in range(1, 2501)])
    kept = keeper()
    kept.pull(tracker(address), crash_after=2)
    assert len(kept.records) == 2000
    clock.sleep(3600)
    served.edit("10005", clock.now(), {"summary": "Meanwhile"})
    seen.clear()
    kept.pull(tracker(address))
    assert len(kept.records) == 2500
    assert kept.records["10005"].item.title == "Meanwhile"
    assert len(asked(seen, "search/jql")) <= 7
    whole = keeper()
    whole.pull(tracker(address))
    assert {one: record.item for one, record in whole.records.items()} == {
        one: record.item for one, record in kept.records.items()
    }


@pytest.mark.parametrize("crash_after", [1, 2, 3])
def test_a_crash_anywhere_loses_nothing(
    site: Make, tracker: Make, keeper: Make, issue: Make, clock: Any, crash_after: int
) -> None:
    """Every issue changed in the same instant: the place to go on from cannot part them."""
    _, address, _ = site(issues=[issue(number, updated=NOW - timedelta(days=2)) for number in range(1, 2101)])
    kept = keeper()
    kept.pull(tracker(address), crash_after=crash_after)
    kept.pull(tracker(address))
    assert len(kept.records) == 2100


def test_20_000_issues_cost_few_requests_and_the_next_pull_hardly_any(
    site: Make, tracker: Make, keeper: Make, issue: Make, entry: Make
) -> None:
    count = 20_000
    log = [entry(1, NOW - timedelta(days=3), ("status", "3", "To Do", "4", "In Progress"))]
    made = (
        issue(number, status="In Progress", histories=log, updated=NOW - timedelta(milliseconds=25 * number))
        for number in range(1, count + 1)
    )
    _, address, seen = site(issues=made, checked=False)
    one = tracker(address)
    slim = {"records": 0, "changes": 0}
    kept = keeper()
    cursor: Any = None
    for page in one.pull(None, kept.held):
        assert len(page.records) <= 1000
        slim["records"] += len(page.records)
        slim["changes"] += sum(len(record.history) for record in page.records)
        kept.records.update({record.item.id: record for record in page.records})
        cursor = page.cursor
    assert slim == {"records": count, "changes": 2 * count}
    assert one.requests <= ceil(count / 100) + ceil(count / 1000) + 20
    assert one.requests == len(seen)
    # All of them changed within the overlap, so that all of them are looked at again.
    before = one.requests
    pages = list(one.pull(json.loads(json.dumps(cursor)), kept.held))
    assert one.requests - before < 15
    assert sum(len(page.records) for page in pages) == 0


def test_in_a_crowd_late_and_new_issues_are_found(
    site: Make, tracker: Make, keeper: Make, issue: Make, clock: Any
) -> None:
    crowd = [issue(number, updated=NOW - timedelta(minutes=5)) for number in range(1, 701)]
    served, address, seen = site(issues=[*crowd, issue(900), issue(901)])
    kept, one = keeper(), tracker(address)
    kept.pull(one)
    served.edit("10900", NOW - timedelta(minutes=8), {"summary": "Shown late"})
    clock.sleep(60)
    served.edit("10003", clock.now(), {"summary": "Changed since"})
    served.add(issue(902, updated=NOW - timedelta(minutes=7), created=NOW - timedelta(minutes=7)))
    seen.clear()
    assert kept.pull(one) < 15
    assert kept.records["10900"].item.title == "Shown late"
    assert kept.records["10003"].item.title == "Changed since"
    assert "10902" in kept.records
    assert sum(kept.pages) == 3
