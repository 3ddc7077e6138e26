"""The census over real HTTP: deleted, moved, restored, hidden, in all three trackers, through the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from config.settings import AzureDevOpsAuth, AzureDevOpsSource, JiraAuth, JiraSource, Limits, Source
from connectors.port import Tracker
from connectors.registry import build
from demo.trackers.faults import Html, Instead
from demo.trackers.http import Answer, FaultPlan, Request
from domain.errors import ConfigurationError
from domain.work import ItemRef, WorkItem
from store.open import Store
from sync.census import CensusRun
from sync.progress import Unwatched
from sync.run import run
from tests.sync.conftest import NOW, StillClock, bare_issue

ALL = [str(number) for number in range(1, 13)]


@dataclass
class World:
    """One tracker with twelve items in one project, what is done to it, and a store that reads it."""

    site: Any
    source: Source
    store: Store
    clock: StillClock
    jira: bool

    def tracker(self, source: Source) -> Tracker:
        return build(
            source,
            folder=Path(),
            zone=ZoneInfo("UTC"),
            clock=self.clock,
            dropped_resolutions=(),
            extra_fields=frozenset(),
            agent="filrouge/test",
        )

    def sync(self, *, accept: Sequence[str] = ()) -> CensusRun:
        self.clock.at += timedelta(minutes=20)
        (result,) = run(
            [self.source],
            self.tracker,
            self.store,
            clock=self.clock,
            full=False,
            watcher=Unwatched(),
            stop=Event(),
            counting=lambda _source: True,
            accept=accept,
        )
        assert result.problem is None
        assert result.census is not None
        return result.census

    def items(self, *, deleted: bool = False) -> dict[str, WorkItem]:
        with self.store.reading() as reader:
            return {item.id: item for item in reader.items(deleted=deleted)}

    def hide(self, *ids: str) -> None:
        if self.jira:
            self.site.hide_issues(ids)
        else:
            self.site.hide_items(map(int, ids))

    def show(self, *ids: str) -> None:
        if self.jira:
            self.site.show_issues(ids)
        else:
            self.site.show_items(map(int, ids))

    def delete(self, one: str) -> None:
        """For good, with no trace."""
        if self.jira:
            self.site.delete(one)
        else:
            self.site.destroy(int(one))

    def move(self, one: str) -> None:
        at = self.clock.at + timedelta(minutes=1)
        if self.jira:
            self.site.move(one, at, {"id": "2", "key": "PAY", "name": "Pay"}, "PAY-77")
        else:
            self.site.move(int(one), at, "PAY")


def issue(number: int) -> dict[str, Any]:
    born = NOW - timedelta(days=30) + timedelta(hours=number)
    label = {"field": "labels", "fieldtype": "jira", "from": None, "fromString": "", "to": None, "toString": "a"}
    history = {"id": str(1000 + number), "items": [label]}
    return bare_issue(number, born, born + timedelta(days=10), history, labels=["a"])


def work_item(number: int) -> dict[str, Any]:
    first = {
        "System.TeamProject": "SHOP",
        "System.WorkItemType": "User Story",
        "System.State": "New",
        "System.Title": f"Story {number}",
        "System.ChangedDate": NOW - timedelta(days=30) + timedelta(hours=number),
    }
    second = {**first, "System.Tags": "a", "System.ChangedDate": NOW - timedelta(days=20) + timedelta(hours=number)}
    return {"id": number, "revisions": [first, second]}


def azure_source(running: Any, areas: tuple[str, ...] = ()) -> AzureDevOpsSource:
    return AzureDevOpsSource.model_construct(
        id="shop",
        kind="azure_devops",
        url=running.url,
        auth=AzureDevOpsAuth.model_construct(method="pat", token=SecretStr(running.token)),
        projects=("SHOP",),
        limits=Limits(per_second=100_000),
        area_paths=areas,
    )


@pytest.fixture(params=["jira_cloud", "jira_data_center", "azure_devops"])
def world(request: pytest.FixtureRequest, store: Store) -> World:
    start: Callable[..., Any] = request.getfixturevalue(request.param)
    clock = StillClock()
    jira = request.param != "azure_devops"
    numbers = range(1, 13)
    if jira:
        running = start(issues=[issue(n) for n in numbers], now=lambda: clock.at)
        source: Source = JiraSource.model_construct(
            id="shop",
            kind="jira",
            url=running.url,
            auth=JiraAuth.model_construct(
                method="basic", user=SecretStr("a@b.example"), token=SecretStr(running.token)
            ),
            projects=("SHOP",),
            limits=Limits(per_second=100_000),
        )
    else:
        running = start(items=[work_item(n) for n in numbers], now=lambda: clock.at)
        source = azure_source(running)
    return World(running.site, source, store, clock, jira)


def test_an_unchanged_tracker_has_nothing_missing(world: World) -> None:
    first = world.sync()
    assert (first.outcome, first.seen, first.missing, first.deleted, first.fresh) == ("ok", 12, 0, 0, 0)
    assert sorted(world.items(), key=int) == ALL


def test_what_was_deleted_without_a_trace_is_found(world: World) -> None:
    world.sync()
    world.delete("3")
    world.delete("4")
    result = world.sync()
    assert (result.outcome, result.missing, result.deleted) == ("ok", 2, 2)
    assert sorted(world.items(), key=int) == [one for one in ALL if one not in ("3", "4")]
    assert world.items(deleted=True)["3"].deleted == world.clock.at


def test_a_move_to_another_project_keeps_one_row_with_its_history(world: World) -> None:
    world.sync()
    world.move("5")
    for _ in range(2):  # it stays ours
        result = world.sync()
        assert (result.outcome, result.found, result.deleted) == ("ok", 1, 0)
    assert sorted(world.items(deleted=True), key=int) == ALL
    assert world.items()["5"].project == "PAY"
    with world.store.reading() as reader:
        (found,) = reader.find("SHOP-5" if world.jira else "5")
        assert found.id == "5"
        told = dict(reader.histories([ItemRef("shop", "5")], fields=["labels", "project"]))[ItemRef("shop", "5")]
    assert [(entry.field, entry.after) for entry in told] == [("labels", ("a",)), ("project", "PAY")]
    if world.jira:
        assert world.items()["5"].key == "PAY-77"


def test_losing_sight_of_60_percent_deletes_nothing_and_ends_when_it_returns(world: World) -> None:
    world.sync()
    hidden = ALL[:8]
    world.hide(*hidden)
    result = world.sync()
    assert (result.outcome, result.deleted) == ("partial", 0)
    assert [one.as_json() for one in result.vanished] == [{"project": "SHOP", "gone": 8, "of": 12}]
    assert sorted(world.items(), key=int) == ALL
    world.show(*hidden)
    again = world.sync()
    assert (again.outcome, again.missing, again.vanished) == ("ok", 0, [])


def test_deletions_that_the_admin_accepts_are_undone_by_the_tracker_itself(world: World) -> None:
    world.sync()
    hidden = ALL[:8]
    world.hide(*hidden)
    assert world.sync(accept=["shop"]).deleted == 8
    assert sorted(world.items(), key=int) == ALL[8:]
    world.show(*hidden)
    assert world.sync().restored == 8  # although nothing of them has changed
    assert sorted(world.items(), key=int) == ALL
    assert all(item.deleted is None for item in world.items(deleted=True).values())


def test_a_hidden_project_is_a_configuration_error_and_deletes_nothing(world: World) -> None:
    world.sync()
    world.site.hide("SHOP")
    tracker = world.tracker(world.source)
    with pytest.raises(ConfigurationError, match="SHOP"):
        list(tracker.census())
    tracker.close()
    assert sorted(world.items(), key=int) == ALL


@pytest.fixture
def forbidden() -> Callable[..., FaultPlan]:
    """Answers every request whose path ends so by 403."""

    def plan(path: str) -> FaultPlan:
        def fault(request: Request, _number: int) -> Instead | None:
            refusal = Answer(403, {"errorMessages": ["No."], "errors": {}})
            return Instead(refusal) if request.path.endswith(path) else None

        return fault

    return plan


@pytest.mark.parametrize("world", ["jira_data_center"], indirect=True)
def test_an_item_that_is_refused_is_set_aside_and_tried_again(
    world: World, forbidden: Callable[..., FaultPlan]
) -> None:
    """Only Data Center is asked for single items, so only there one may be refused."""
    world.sync()
    world.hide("7")
    world.site.faults = forbidden("/issue/7")
    result = world.sync()
    assert (result.outcome, result.set_aside, result.deleted) == ("partial", 1, 0)
    with world.store.reading() as reader:
        assert [aside.id for aside in reader.set_aside("shop")] == ["7"]
    world.site.faults = None
    world.show("7")
    assert world.sync().set_aside == 0
    with world.store.reading() as reader:
        assert reader.set_aside("shop") == []


@pytest.mark.parametrize("world", ["jira_data_center"], indirect=True)
def test_a_proxy_s_page_proves_nothing(world: World) -> None:
    world.sync()
    world.hide("7")
    world.site.faults = lambda request, _: Html(404) if request.path.endswith("/issue/7") else None
    result = world.sync()
    assert (result.outcome, result.set_aside, result.deleted, result.vanished) == ("partial", 1, 0, [])
    with world.store.reading() as reader:
        assert [aside.reason for aside in reader.set_aside("shop")] == ["a web page came in place of Jira's answer"]


@pytest.mark.parametrize("world", ["azure_devops"], indirect=True)
def test_an_item_in_the_recycle_bin_is_deleted_at_its_instant(world: World) -> None:
    world.sync()
    when = datetime(2026, 11, 25, 8, 21, tzinfo=UTC)
    for one in ALL:
        world.site.items[int(one)].deleted = True  # a deletion that the reporting resource does not tell
        world.site.items[int(one)].revisions[-1]["System.ChangedDate"] = when.isoformat().replace("+00:00", "Z")
    result = world.sync()
    assert (result.deleted, result.vanished) == (12, [])
    assert {item.deleted for item in world.items(deleted=True).values()} == {when}


def test_45_000_ids_of_wiql_are_all_found(azure_devops: Callable[..., Any]) -> None:
    numbers = [*range(1, 25_001), *range(400_000, 420_000)]
    running = azure_devops(items=[work_item(n) for n in numbers], checked=False)
    for areas in ((), ("SHOP",)):
        source = azure_source(running, areas)
        world = World(running.site, source, None, StillClock(), False)  # type: ignore[arg-type] # no store is needed
        tracker = world.tracker(source)
        found = [int(one) for ids in tracker.census() for one in ids]
        tracker.close()
        assert sorted(found) == numbers
    assert tracker.requests < 20
    running.site.wiql_limit = 7_000  # a server may be stricter
    tracker = world.tracker(source)
    assert sorted(int(one) for ids in _ids(tracker) for one in ids) == numbers
    tracker.close()


def _ids(tracker: Tracker) -> Iterator[Sequence[str]]:
    yield from tracker.census()
