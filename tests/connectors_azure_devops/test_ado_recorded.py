"""Payloads that nobody of this project wrote: recorded work items, and Microsoft's own examples."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from config.settings import AzureDevOpsAuth, AzureDevOpsSource
from connectors.azure_devops import process
from connectors.azure_devops.client import Client
from connectors.azure_devops.convert import convert
from connectors.azure_devops.options import Options
from connectors.azure_devops.payload import Payload, parent_in, parent_links
from connectors.gate import Gate
from connectors.port import Tracker
from connectors.registry import build
from connectors.transport import Answer
from domain.errors import ItemError
from domain.work import State, WorkItem

Connect = Callable[..., Tracker]

# What the file's states mean by the processes that Microsoft ships; told again here, so that it is not our table.
MEANING = {
    State.TODO: {"New", "To Do", "Approved", "Design"},
    State.DOING: {"Active", "In Progress", "Committed", "Resolved", "Ready"},
    State.DONE: {"Closed", "Done", "Inactive"},
    State.DROPPED: {"Removed"},
}
LEVELS = {"Epic": 2, "Feature": 1, "Task": -1}


def expected_level(row: dict[str, Any]) -> int:
    """Basic has one portfolio backlog, and Agile's bugs are managed with tasks; everything else by its type."""
    kind, template = row["fields"]["System.WorkItemType"], row["_process"]
    if template == "Basic" and kind == "Epic":
        return 1
    if template == "Agile" and kind == "Bug":
        return -1
    return LEVELS.get(kind, 0)


def expected_state(row: dict[str, Any]) -> State:
    return next(state for state, names in MEANING.items() if row["fields"]["System.State"] in names)


@pytest.fixture
def connect(clock: Any) -> Iterator[Connect]:
    opened: list[Tracker] = []

    def make(running: Any, projects: list[str], token: str | None = None) -> Tracker:
        tracker = build(
            AzureDevOpsSource(
                id="platform",
                kind="azure_devops",
                url=running.url,
                auth=AzureDevOpsAuth.model_construct(method="pat", token=SecretStr(token or running.token)),
                projects=tuple(projects),
            ),
            folder=Path(),
            zone=ZoneInfo("UTC"),
            clock=clock,
            dropped_resolutions=(),
            extra_fields=frozenset(),
            agent="filrouge/test",
        )
        opened.append(tracker)
        return tracker

    yield make
    for tracker in opened:
        tracker.close()


def test_recorded_items_arrive_through_the_loopback_server(
    azure_devops: Callable[..., Any], real_work_items: Any, connect: Connect, shelf: Any
) -> None:
    running = azure_devops(**real_work_items.options, page_size=500)
    projects = sorted({row["_template"] for row in real_work_items.rows})
    tracker = connect(running, projects)
    shelf.pull(tracker)
    items: dict[str, WorkItem] = shelf.items
    rows = {str(row["id"]): row for row in real_work_items.rows}
    assert len(items) == len(rows) == 2524
    assert Counter(item.type for item in items.values()) == Counter(
        row["fields"]["System.WorkItemType"] for row in rows.values()
    )
    assert {key: item.state for key, item in items.items()} == {key: expected_state(row) for key, row in rows.items()}
    assert {key: item.level for key, item in items.items()} == {key: expected_level(row) for key, row in rows.items()}
    parents = {str(child): str(parent) for child, parent in real_work_items.parents.items()}
    assert {key: item.parent for key, item in items.items() if item.parent is not None} == parents
    assert Counter(item.project for item in items.values()) == Counter(row["_template"] for row in rows.values())
    assert shelf.aside == []
    assert [text for text in shelf.warnings if "category" in text] == []
    pages = len(running.requests("/reporting/"))
    assert tracker.requests < pages + 5 * len(projects) + 20
    before = tracker.requests
    again = connect(running, projects)
    shelf.pull(again)
    assert again.requests <= 4
    assert tracker.requests == before
    assert shelf.items == items


def test_what_the_loopback_server_does_to_items_is_followed(
    azure_devops: Callable[..., Any], connect: Connect, shelf: Any, clock: Any
) -> None:
    def item(number: int, kind: str, project: str = "Platform", **fields: Any) -> dict[str, Any]:
        first = {
            "System.TeamProject": project,
            "System.WorkItemType": kind,
            "System.State": "New",
            "System.Title": f"{kind} {number}",
            "System.ChangedDate": "2026-05-01T08:00:00Z",
        }
        return {"id": number, "revisions": [first | fields]}

    running = azure_devops(
        projects=[{"name": "Platform", "teams": {"Ocean": ["Platform\\Payments"]}, "areas": ["Platform\\Payments"]}],
        items=[
            item(1, "Feature"),
            {**item(2, "User Story", **{"System.AreaPath": "Platform\\Payments"}), "parent": 1},
            item(3, "User Story", project="Elsewhere"),
        ],
        parent_field="refused",
        plain_token=False,
        links_nested=True,
        page_size=[1, 0, 2],
    )
    site = running.site
    shelf.pull(connect(running, ["Platform"]))
    assert (shelf.items["2"].parent, shelf.items["2"].team, sorted(shelf.items)) == ("1", "Ocean", ["1", "2"])
    site.edit(
        2, clock.now(), {"System.State": "Active", "System.AssignedTo": {"uniqueName": "ann@x", "displayName": "A"}}
    )
    site.re_parent(2, None, clock.now())
    site.delete(1, clock.now())
    site.move(3, clock.now(), "Platform")
    shelf.pull(connect(running, ["Platform"]))
    story = shelf.items["2"]
    assert (story.state, story.assignee, story.parent) == (State.DOING, "ann@x", None)
    assert shelf.items["1"].deleted == shelf.deleted["1"] == clock.now()
    assert shelf.told("3", "project") == [("Elsewhere", "Platform")]
    site.restore(1, clock.now())
    shelf.pull(connect(running, ["Platform"]))
    assert shelf.items["1"].deleted is None


def converted(row: dict[str, Any], context: dict[str, Any]) -> WorkItem:
    fields = {name: value for name, value in row["fields"].items() if value is not None}
    payload = Payload(str(row["id"]), seen={"at": "2026-01-01T00:00:00Z", "parent": parent_in(row["relations"])})
    payload.add_revision(row["rev"] or 1, fields)
    return convert(payload.encode(), context, "platform").item


def test_every_recorded_item_converts_as_it_stands(shared: Path, real_work_items: Any) -> None:
    """Without any process known: by the shipped processes' words alone. Undated ones are told as such."""
    context = {"url": "https://dev.azure.com/acme", "projects": {}}
    undated = 0
    for row in real_work_items.rows:
        dates = [row["fields"].get(name) for name in ("System.ChangedDate", "System.CreatedDate")]
        if not any(dates):
            undated += 1
            with pytest.raises(ItemError, match=r"System\.ChangedDate is missing"):
                converted(row, context)
            continue
        item = converted(row, context)
        fields = row["fields"]
        assert item.state is expected_state(row)
        assert item.level == LEVELS.get(fields["System.WorkItemType"], 0)
        assert item.title == fields["System.Title"]
        assert set(item.labels) == {tag.strip() for tag in (fields.get("System.Tags") or "").split(";")} - {""}
        assert (item.assignee is None) == (not fields.get("System.AssignedTo"))
        assert item.points == fields.get("Microsoft.VSTS.Scheduling.Effort")
        assert item.area_path == fields["System.AreaPath"]
        assert (item.done_at is not None) == (item.state is State.DONE)
    assert 0 < undated < 200


class Recorded:
    """Gives one recorded answer to every request, in place of the connection."""

    knows_resources = True

    def __init__(self, body: Any) -> None:
        self._body = body

    def offers(self, _location: str) -> bool:
        return True

    def send(self, *_args: Any, **_options: Any) -> Answer:
        return Answer(200, {}, b"\xef\xbb\xbf" + json.dumps(self._body).encode())


@pytest.fixture
def example(shared: Path, clock: Any) -> Callable[[str], tuple[Client, Any]]:
    """A client that gets one of Microsoft's examples, and that example's body."""

    def load(name: str) -> tuple[Client, Any]:
        path = shared / "samples" / "ado_wit_examples" / "httpExamples" / name
        body = json.loads(path.read_text(encoding="utf-8-sig"))["responses"]["200"]["body"]
        options = Options("s", "https://x/y", "pat", SecretStr("t"), ("P",), (), None, {}, frozenset(), "a")
        return Client(options, Gate("s", clock), Recorded(body)), body  # type: ignore[arg-type] # stands in for Wire

    return load


@pytest.mark.parametrize(
    ("name", "token", "items"),
    [
        ("GET__wit_reporting_workItemRevisions.json", "3;2;1", 2),
        ("GET__wit_reporting_workItemRevisions_includeIdentityRef-true_watermark-794.json", "813;350;1", 2),
        ("POST__wit_reporting_workItemRevisions_watermark-794.json", "842;5;3", 1),
    ],
)
def test_microsofts_revisions_are_read_without_loss(
    example: Callable[[str], tuple[Client, Any]], name: str, token: str, items: int
) -> None:
    client, body = example(f"workItemRevisions/{name}")
    batch = client.revisions(["System.State"], None, None, False)
    assert (list(batch.values), batch.token, batch.last) == (body["values"], token, True)
    payloads: dict[int, Payload] = {}
    for value in batch.values:
        payloads.setdefault(value["id"], Payload(str(value["id"]))).add_revision(value["rev"], value["fields"])
    assert len(payloads) == items
    context = {"url": "https://dev.azure.com/fabrikam", "projects": {}}
    for number, payload in payloads.items():
        if "System.ChangedDate" not in payload.latest:
            continue  # the example asked for three fields alone
        record = convert(payload.encode(), context, "s")
        last = [value for value in body["values"] if value["id"] == number][-1]["fields"]
        assert (record.item.title, record.item.status) == (last["System.Title"], last["System.State"])
        assert record.item.type == last["System.WorkItemType"]
    if items == 2 and token == "3;2;1":
        assert [(entry.field) for entry in convert(payloads[1].encode(), context, "s").history] == []


def test_microsofts_links_are_read_without_loss(example: Callable[[str], tuple[Client, Any]]) -> None:
    client, body = example("workItemLinks/GET__wit_reporting_workItemLinks_50.json")
    batch = client.links(None, None)
    assert (batch.token, batch.last) == ("6281123", True)
    hierarchy = [value for value in body["values"] if "Hierarchy" in value["rel"]]
    assert [(child, link["parent"], link["at"]) for child, link in parent_links(batch.values)] == [
        (str(value["targetId"]), str(value["sourceId"]), value["changedDate"]) for value in hierarchy
    ]


def test_microsofts_batch_revisions_types_and_states_are_read(example: Callable[[str], tuple[Client, Any]]) -> None:
    client, body = example("workItemsBatch/POST__wit_WorkItemsBatch_ids-_ids__fields-_columns_.json")
    assert list(client.items(["297"]).values()) == body["value"]
    client, body = example("revisions/GET__list_workitem_revisions.json")
    assert client.item_revisions("1", ItemError) == sorted(body["value"], key=lambda one: one["rev"])
    client, body = example("workItemTypes/GET__wit_workItemTypes.json")
    states = process.states_of(body["value"])
    assert set(states) == {kind["name"] for kind in body["value"]}
    client, body = example("workItemTypeStates/GET__workitem_type_states.json")
    states = process.states_of([{"name": "Bug", "states": body["value"]}])
    context = {"projects": {"P": {"states": states}}}
    found = {name: process.state_of(context, "P", "Bug", name) for name in states["Bug"]}
    assert found["CustomState"] is State.DOING
    assert found["Closed"] is State.DONE
    client, body = example("fields/GET__wit_fields.json")
    assert client.fields() == body["value"]


def test_microsofts_whole_items_tell_their_parent(example: Callable[[str], tuple[Client, Any]]) -> None:
    client, body = example("workItems/GET__wit_WorkItems_ids-_ids___expand-all.json")
    for one in client.items(["1"]).values():
        related = [rel["url"] for rel in one.get("relations", []) if rel["rel"].endswith("Hierarchy-Reverse")]
        assert parent_in(one.get("relations")) == (related[0].rsplit("/", 1)[1] if related else None)
    assert len(client.items(["1"])) == body["count"]


CATEGORIES = {"Proposed": "todo", "InProgress": "doing", "Resolved": "doing", "Complete": "done"}


def test_the_shipped_processes_give_every_state_a_meaning(shared: Path) -> None:
    processes = json.loads((shared / "samples" / "ado_process_states.json").read_text(encoding="utf-8"))
    checked = 0
    for name, one in processes.items():
        kinds = set(one["types"])
        assert {"Epic", "Feature", "Task"} <= kinds
        for backlog in one["backlogs"]:
            for state, category in backlog["states"].items():
                context = {"projects": {name: {"states": {"T": {state: category}}}}}
                assert process.state_of(context, name, "T", state).value == CATEGORIES[category]
                # and the same without the server's word, as a history from before a change of process has it
                assert process.state_of({}, name, "T", state).value == CATEGORIES[category], state
                checked += 1
        effort = one["typefields"]["Effort"]
        assert process.effort_of({"backlogFields": {"typeFields": one["typefields"]}}) == effort
        assert process.points_of({"projects": {name: {"effort": effort}}}, name, {effort: 5}) == 5
        assert process.points_of({"projects": {name: {"effort": effort}}}, name, {process.EFFORT: 8}) == 8
    assert checked > 50
