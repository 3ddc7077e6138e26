"""An Azure DevOps organisation in memory, a store that keeps what pages bring, and a clock moved by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.azure_devops import client as endpoints
from connectors.azure_devops.tracker import AzureDevOps
from connectors.port import Page
from connectors.transport import Answer
from domain.calendar import instant_text
from domain.work import WorkItem

START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
TOKEN = "s3cr3t-token-0123456789"

AGILE_STATES = {
    "New": "Proposed",
    "Active": "InProgress",
    "Resolved": "Resolved",
    "Closed": "Completed",
    "Removed": "Removed",
}
TYPES = ("Epic", "Feature", "User Story", "Bug", "Task")
BACKLOGS: dict[str, Any] = {
    "portfolioBacklogs": [
        {"rank": 4, "workItemTypes": [{"name": "Epic"}]},
        {"rank": 3, "workItemTypes": [{"name": "Feature"}]},
    ],
    "requirementBacklog": {"rank": 2, "workItemTypes": [{"name": "User Story"}]},
    "taskBacklog": {"rank": 1, "workItemTypes": [{"name": "Task"}]},
    "bugsBehavior": "asRequirements",
    "backlogFields": {"typeFields": {"Effort": "Microsoft.VSTS.Scheduling.StoryPoints"}},
}
FIELDS = {
    "System.Parent": "Parent",
    "Microsoft.VSTS.Common.Priority": "Priority",
    "Microsoft.VSTS.Common.ClosedDate": "Closed Date",
    "Microsoft.VSTS.Scheduling.StoryPoints": "Story Points",
    "Custom.Theme": "Strategic Theme",
    "System.Description": "Description",
}
NAMES = {value[0]: name for name, value in vars(endpoints).items() if name.isupper() and isinstance(value, tuple)}


class HandClock:
    """Sleeping moves it on at once."""

    def __init__(self) -> None:
        self.at = START
        self.seconds = 0.0  # of its own: an instant is rounded to microseconds, and a wait may be shorter
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        self.at += timedelta(seconds=seconds)


class Organisation:
    """Answers like the server, from memory; stands in for Wire. `asked` keeps every request."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.knows_resources = True
        self.projects = {"Platform": "p-1", "Shop": "p-2"}
        self.states = {name: {kind: dict(AGILE_STATES) for kind in TYPES} for name in self.projects}
        self.backlogs = {name: dict(BACKLOGS) for name in self.projects}
        self.teams: dict[str, list[tuple[str, str, bool]]] = {"Platform": [], "Shop": []}
        self.fields = dict(FIELDS)
        self.revisions: dict[int, list[dict[str, Any]]] = {}
        self.log: list[tuple[int, int]] = []  # (id, rev), as the reporting API tells them
        self.links: list[dict[str, Any]] = []
        self.parents: dict[int, int] = {}
        self.hidden: set[int] = set()
        self.page = 1000
        self.nested_links = False
        self.token_beside = True
        self.tells_parent = False
        self.unreported: set[str] = set()
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.before: Callable[[str], None] = lambda _name: None

    # What people do in Azure DevOps.

    def tick(self, **span: float) -> datetime:
        self.clock.at += timedelta(**(span or {"minutes": 1}))
        return self.clock.at

    def create(self, item: int, kind: str = "User Story", project: str = "Platform", **fields: Any) -> None:
        at = instant_text(self.tick())
        first = {
            "System.Id": item,
            "System.TeamProject": project,
            "System.WorkItemType": kind,
            "System.State": "New",
            "System.Title": f"Item {item}",
            "System.AreaPath": project,
            "System.IterationPath": project,
            "System.CreatedDate": at,
        }
        self.revisions[item] = []
        self._revise(item, {**first, **_names(fields)}, at)

    def change(self, item: int, **fields: Any) -> None:
        merged = {**self.revisions[item][-1], **_names(fields)}
        self._revise(
            item, {name: value for name, value in merged.items() if value is not None}, instant_text(self.tick())
        )

    def set_parent(self, item: int, parent: int | None) -> None:
        """Without a new revision, as the server may do it."""
        at = instant_text(self.tick())
        before = self.parents.pop(item, None)
        if before is not None:
            self.links.append(_link(before, item, at, active=False))
        if parent is not None:
            self.parents[item] = parent
            self.links.append(_link(parent, item, at, active=True))

    def _revise(self, item: int, fields: dict[str, Any], at: str) -> None:
        rev = len(self.revisions[item]) + 1
        self.revisions[item].append({**fields, "System.Rev": rev, "System.ChangedDate": at})
        self.log.append((item, rev))

    # What the server answers.

    def offers(self, location: str) -> bool:
        return location in NAMES

    def read_resources(self) -> Answer:
        raise AssertionError("the resources are known")

    def close(self) -> None:
        self.asked.append(("CLOSE", {}, None))

    def send(
        self,
        method: str,
        location: str,
        version: str,
        *,
        route: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Answer:
        name, query = NAMES[location], dict(query or {})
        self.asked.append((name, query, json.loads(json.dumps(body))))
        self.before(name)
        document = getattr(self, f"_{name.lower()}")(dict(route or {}), query, body)
        if isinstance(document, Answer):
            return document
        return Answer(200, {"Content-Type": "application/json"}, json.dumps(document).encode())

    def count(self, name: str) -> int:
        return sum(1 for asked, _, _ in self.asked if asked == name)

    def _connection_data(self, *_: Any) -> Any:
        return {"authenticatedUser": {"id": "x", "providerDisplayName": "Reader"}}

    def _projects(self, *_: Any) -> Any:
        return _list([{"id": key, "name": name} for name, key in self.projects.items()])

    def _fields(self, *_: Any) -> Any:
        kinds = {"System.Description": "html"}
        return _list(
            [
                {"referenceName": ref, "name": name, "type": kinds.get(ref, "string")}
                for ref, name in self.fields.items()
            ]
        )

    def _types(self, route: Any, *_: Any) -> Any:
        return _list(
            [
                {"name": kind, "states": [{"name": state, "category": category} for state, category in states.items()]}
                for kind, states in self.states[route["project"]].items()
            ]
        )

    def _backlogs(self, route: Any, *_: Any) -> Any:
        return self.backlogs[route["project"]]

    def _teams(self, route: Any, *_: Any) -> Any:
        name = next(name for name, key in self.projects.items() if key == route["projectId"])
        return _list([{"id": team, "name": team} for team in dict.fromkeys(team for team, _, _ in self.teams[name])])

    def _team_field_values(self, route: Any, *_: Any) -> Any:
        areas = [(area, below) for team, area, below in self.teams[route["project"]] if team == route["team"]]
        return {
            "field": {"referenceName": "System.AreaPath"},
            "values": [{"value": area, "includeChildren": below} for area, below in areas],
        }

    def _revisions(self, _route: Any, query: Any, body: Any) -> Any:
        for name in body["fields"]:
            if name in self.unreported:
                text = {"message": f"TF51535: Cannot find field {name}."}
                return Answer(400, {"Content-Type": "application/json"}, json.dumps(text).encode())
        assert body["includeDeleted"] is True
        log = self.log
        if "startDateTime" in query:
            log = [
                (item, rev)
                for item, rev in log
                if self.revisions[item][rev - 1]["System.ChangedDate"] >= query["startDateTime"]
            ]
        return self._stream(log, len(self.log) - len(log), query, lambda one: self._told(one, body["fields"]))

    def _told(self, one: tuple[int, int], asked: Sequence[str]) -> dict[str, Any]:
        item, rev = one
        fields = dict(self.revisions[item][rev - 1])
        if self.tells_parent and item in self.parents:
            fields["System.Parent"] = self.parents[item]
        return {"id": item, "rev": rev, "fields": {name: fields[name] for name in asked if name in fields}}

    def _links(self, _route: Any, query: Any, _body: Any) -> Any:
        links = self.links
        if "startDateTime" in query:
            links = [link for link in links if link["changedDate"] >= query["startDateTime"]]

        def told(link: dict[str, Any]) -> dict[str, Any]:
            if not self.nested_links:
                return link
            return {"rel": link["rel"], "attributes": {name: link[name] for name in link if name != "rel"}}

        return self._stream(links, len(self.links) - len(links), query, told)

    def _stream(self, log: Sequence[Any], skipped: int, query: Any, told: Callable[[Any], Any]) -> Any:
        assert not {"continuationToken", "startDateTime"} <= set(query), "a token never goes with startDateTime"
        start = int(query["continuationToken"].split(";")[0]) - skipped if "continuationToken" in query else 0
        part = log[start : start + self.page]
        token = f"{start + skipped + len(part)};7"
        answer = {
            "values": [told(one) for one in part],
            "nextLink": f"https://dev.azure.com/acme/_apis/wit/reporting/x?continuationToken={token}&api-version=7.1",
            "isLastBatch": start + len(part) >= len(log),
        }
        return answer | ({"continuationToken": token} if self.token_beside else {})

    def _batch(self, _route: Any, _query: Any, body: Any) -> Any:
        assert len(body["ids"]) <= 200
        assert body["errorPolicy"] == "omit"
        assert "fields" not in body, "fields and $expand are refused together"
        found: list[Any] = []
        for item in body["ids"]:
            known = [
                one
                for one in self.revisions.get(item, [])
                if "asOf" not in body or one["System.ChangedDate"] <= body["asOf"]
            ]
            if not known or item in self.hidden or known[-1].get("System.IsDeleted"):
                found.append(None)
                continue
            parent = self.parents.get(item)
            found.append(
                {
                    "id": item,
                    "rev": known[-1]["System.Rev"],
                    "fields": known[-1] | {"System.Description": "long"},
                    "relations": [
                        {"rel": "ArtifactLink", "url": "vstfs:///Git/Commit/1"},
                        {"rel": "System.LinkTypes.Hierarchy-Reverse", "url": f"https://x/_apis/wit/workItems/{parent}"},
                    ]
                    if parent is not None
                    else None,
                }
            )
        return _list(found)

    def _item_revisions(self, route: Any, query: Any, _body: Any) -> Any:
        item = int(route["id"])
        if item in self.hidden:
            return Answer(404, {"Content-Type": "application/json"}, b'{"message": "TF401232: not there"}')
        top, skip = int(query["$top"]), int(query["$skip"])
        part = self.revisions[item][skip : skip + top]
        return _list([{"id": item, "rev": one["System.Rev"], "fields": one} for one in part])


class Shelf:
    """Keeps what pages bring, like the store: raw payloads, items, deletions and the cursor."""

    def __init__(self, source: str) -> None:
        self.raw: dict[str, bytes] = {}
        self.items: dict[str, WorkItem] = {}
        self.history: dict[str, Any] = {}
        self.deleted: dict[str, datetime] = {}
        self.aside: list[tuple[str, str]] = []
        self.warnings: list[str] = []
        self.cursor: Mapping[str, Any] | None = None
        self.pages = 0

    def held(self, ids: Sequence[str]) -> Mapping[str, bytes]:
        return {one: self.raw[one] for one in ids if one in self.raw}

    def keep(self, page: Page) -> None:
        for record in page.records:
            self.raw[record.item.id] = record.raw
            self.items[record.item.id] = record.item
            self.history[record.item.id] = record.history
        self.deleted |= dict(page.deleted)
        self.aside += [(one.id, one.reason) for one in page.set_aside]
        self.warnings += page.warnings
        self.cursor = json.loads(json.dumps(page.cursor))
        self.pages += 1

    def pull(self, tracker: AzureDevOps, *, stop: int | None = None, full: bool = False) -> Shelf:
        for number, page in enumerate(tracker.pull(None if full else self.cursor, self.held), start=1):
            self.keep(page)
            if number == stop:
                break
        return self

    def told(self, item: str, field: str) -> list[tuple[Any, Any]]:
        return [(entry.before, entry.after) for entry in self.history[item] if entry.field == field]


def _names(fields: Mapping[str, Any]) -> dict[str, Any]:
    short = {
        "state": "System.State",
        "title": "System.Title",
        "area": "System.AreaPath",
        "iteration": "System.IterationPath",
        "project": "System.TeamProject",
        "tags": "System.Tags",
        "assignee": "System.AssignedTo",
        "points": "Microsoft.VSTS.Scheduling.StoryPoints",
        "priority": "Microsoft.VSTS.Common.Priority",
        "kind": "System.WorkItemType",
        "deleted": "System.IsDeleted",
        "theme": "Custom.Theme",
    }
    return {short[name]: value for name, value in fields.items()}


def _link(parent: int, child: int, at: str, *, active: bool) -> dict[str, Any]:
    rel = "System.LinkTypes.Hierarchy-Forward"
    return {"rel": rel, "sourceId": parent, "targetId": child, "changedDate": at, "isActive": active}


def _list(values: Sequence[Any]) -> dict[str, Any]:
    return {"count": len(values), "value": list(values)}


def small_company(organisation: Organisation) -> None:
    """Two epics with a feature, stories and a task; one story is done, one re-parented, one deleted, one elsewhere."""
    for item, kind in ((1, "Epic"), (2, "Feature"), (3, "User Story"), (4, "User Story"), (5, "Task"), (6, "Feature")):
        organisation.create(item, kind)
    for child, parent in ((2, 1), (3, 2), (4, 2), (5, 3)):
        organisation.set_parent(child, parent)
    organisation.create(7, project="Shop")
    organisation.set_parent(7, 2)
    organisation.change(3, state="Active", assignee="Ann <ann@acme.example>", points=3)
    organisation.change(3, state="Closed", tags="b; a")
    organisation.set_parent(4, 6)
    organisation.create(8)
    organisation.change(8, deleted=True)


def everything(shelf: Shelf) -> Any:
    return shelf.items, shelf.history, shelf.raw, shelf.deleted
