"""An Azure DevOps organisation in memory: work items as lists of revisions, and what changes them."""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from demo.trackers.azure_devops import values
from demo.trackers.azure_devops.fields import FIELDS, LONG
from demo.trackers.azure_devops.processes import PROCESSES, Process
from demo.trackers.azure_devops.routes import routes
from demo.trackers.http import Answer, FaultPlan, Observer, Refused, Request, Route

HIERARCHY = "System.LinkTypes.Hierarchy"
_ROBOT = {"displayName": "Demo Account", "uniqueName": "demo@example.com"}
_SIGN_IN = b"<!DOCTYPE html><html><head><title>Azure DevOps Services | Sign In</title></head><body></body></html>"


@dataclass
class Item:
    """One work item: full snapshots of its fields, oldest first; `first_rev` is the number of the oldest one."""

    id: int
    revisions: list[dict[str, Any]]
    first_rev: int = 1
    relations: list[dict[str, Any]] = field(default_factory=list)  # files, pages, code: all that is no link
    comments: list[dict[str, Any]] = field(default_factory=list)
    deleted: bool = False

    @property
    def rev(self) -> int:
        return self.first_rev + len(self.revisions) - 1

    @property
    def fields(self) -> dict[str, Any]:
        return self.revisions[-1]

    @property
    def project(self) -> str:
        return str(self.fields["System.TeamProject"])


@dataclass(frozen=True, slots=True)
class Link:
    """A link that came (`active`) or went; a hierarchy's source is the parent, its target the child."""

    rel: str
    source: int
    target: int
    at: str
    active: bool


@dataclass(frozen=True)
class Project:
    """A project: `areas` and `iterations` are paths below its name; an iteration may have (start, finish)."""

    name: str
    process: Process
    areas: tuple[str, ...] = ()
    iterations: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    teams: Mapping[str, Sequence[str]] = field(default_factory=dict)
    bugs: str = ""

    @property
    def id(self) -> str:
        return values.number_id("project", self.name)


class AzureDevOpsSite:
    """An organisation that `demo.trackers.http.serve` can serve; every method may be called while it is.

    `projects`: `{name, process (a name or a Process), areas?: [path], iterations?: [{path, start?, finish?}],
    teams?: {team: [area paths]}, bugs?}`; paths begin with the project's name. Projects that items name and that are
    not given are Agile ones. `items`: `{id, revisions: [{field: value}], rev?, parent?, relations?}`; each revision is
    a full snapshot with at least System.TeamProject, WorkItemType, State and ChangedDate, instants as text or datetime,
    `rev` is the number of the last one, `parent` the id of the parent since the creation. `links`: `{rel, sourceId,
    targetId, changedDate, isActive?}` with a hierarchy's parent as the source. `token`: the accepted one or ones (None:
    anybody). `page_size`: entries of a page of the reporting resources; of several numbers each page takes the next.
    `parent_field`: what the reporting resource does with System.Parent: gives it, leaves it out, or refuses it.
    `plain_token=False`: the continuation token stands in nextLink alone. `links_nested`: the links' newer shape.
    `wiql_limit`: the most ids of one query. `collection` is the path, by default the organisation's name.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        organisation: str = "acme",
        projects: Iterable[Mapping[str, Any]] = (),
        items: Iterable[Mapping[str, Any]] = (),
        links: Iterable[Mapping[str, Any]] = (),
        fields: Iterable[Mapping[str, Any]] = (),
        token: str | Collection[str] | None = None,
        page_size: int | Sequence[int] = 200,
        parent_field: Literal["given", "absent", "refused"] = "absent",
        plain_token: bool = True,
        links_nested: bool = False,
        wiql_limit: int = 20_000,
        version: str = "7.1",
        collection: str | None = None,
        account: Mapping[str, Any] = _ROBOT,
    ) -> None:
        self.now = now
        self.organisation = organisation
        self.context_path = f"/{organisation}" if collection is None else collection
        self.tokens = None if token is None else {token} if isinstance(token, str) else set(token)
        self.page_sizes = _endless([page_size] if isinstance(page_size, int) else page_size)
        self.parent_field = parent_field
        self.plain_token = plain_token
        self.links_nested = links_nested
        self.wiql_limit = wiql_limit
        self.version = version
        self.account = dict(account)
        self.observers: list[Observer] = []
        self.faults: FaultPlan | None = None
        self.lock = threading.RLock()
        self.routes: Sequence[Route] = routes(self)
        self.fields: dict[str, dict[str, Any]] = {str(one["referenceName"]): dict(one) for one in (*FIELDS, *fields)}
        self.long_fields = {name for name, one in self.fields.items() if one["type"] in LONG}
        self.people_fields = {name for name, one in self.fields.items() if one["type"] == "identity"}
        self.projects: dict[str, Project] = {}
        self.members: dict[tuple[str, str], list[Mapping[str, Any]]] = {}  # by project and team
        self.hidden: set[str] = set()
        self.hidden_items: set[int] = set()
        self.items: dict[int, Item] = {}
        self.revision_log: list[tuple[int, int]] = []  # (item, place of the revision): the order in which they came
        self.link_log: list[Link] = []
        self.parents: dict[int, int] = {}
        self._active: dict[int, set[tuple[str, int, int]]] = {}
        for project in projects:
            self._define(project)
        loaded = [self._load(item) for item in items]
        log = [
            (values.read(one["System.ChangedDate"]), item.id, at)
            for item in loaded
            for at, one in enumerate(item.revisions)
        ]
        self.revision_log = [(item_id, at) for _, item_id, at in sorted(log)]
        given = [
            Link(
                str(one["rel"]),
                int(one["sourceId"]),
                int(one["targetId"]),
                str(values.plain(one["changedDate"])),
                bool(one.get("isActive", True)),
            )
            for one in links
        ]
        for link in sorted([*self.link_log, *given], key=lambda link: values.read(link.at)):
            self._record(link, log=False)
        self.link_log = sorted([*self.link_log, *given], key=lambda link: values.read(link.at))

    # --- what the handlers read; they hold the lock

    def visible(self, project: str) -> Project | None:
        """A project by its name or id, if the account may see it."""
        for name, one in self.projects.items():
            if name not in self.hidden and project.casefold() in (name.casefold(), one.id):
                return one
        return None

    def find(self, item_id: int) -> Item | None:
        """A work item that is there, not deleted, and visible."""
        item = self.items.get(item_id)
        return None if item is None or item.deleted or self.is_hidden(item) else item

    def is_hidden(self, item: Item) -> bool:
        """Whether the account may not see an item, or its project."""
        return item.project in self.hidden or item.id in self.hidden_items

    def links_of(self, item_id: int) -> list[tuple[str, int, int]]:
        """The links in force that touch an item: (rel, source, target)."""
        return sorted(self._active.get(item_id, ()))

    # --- what changes the organisation

    def add(self, item: Mapping[str, Any]) -> int:
        """Take in one more item, in the form of the constructor's `items`; without `id` it gets the next one."""
        with self.lock:
            before = len(self.link_log)
            given = {"id": max(self.items, default=0) + 1, **item}
            one = self._load(given)
            self.revision_log += [(one.id, at) for at in range(len(one.revisions))]
            for link in self.link_log[before:]:
                self._record(link, log=False)
            return one.id

    def edit(
        self, item_id: int, at: datetime, fields: Mapping[str, Any], *, author: Mapping[str, Any] | None = None
    ) -> None:
        """A new revision with these fields changed at an instant; None takes a field's value away."""
        with self.lock:
            self._revise(self.items[item_id], at, fields, author)

    def move(self, item_id: int, at: datetime, project: str, area: str | None = None) -> None:
        """Move an item to another project: same id, new revision, area and iteration of the new project."""
        with self.lock:
            if project not in self.projects:
                self._define({"name": project})
            fields = {
                "System.TeamProject": project,
                "System.AreaPath": area or project,
                "System.IterationPath": project,
            }
            self._revise(self.items[item_id], at, fields, None)

    def link(self, rel: str, source: int, target: int, at: datetime) -> None:
        """A new link; it makes no revision."""
        with self.lock:
            self._record(Link(rel, source, target, values.instant(at), True))

    def unlink(self, rel: str, source: int, target: int, at: datetime) -> None:
        """A link goes; it makes no revision."""
        with self.lock:
            self._record(Link(rel, source, target, values.instant(at), False))

    def re_parent(self, item_id: int, parent: int | None, at: datetime) -> None:
        """Another parent, or none: links change, and neither revision nor ChangedDate tells of it."""
        with self.lock:
            old = self.parents.get(item_id)
            if old is not None:
                self._record(Link(HIERARCHY, old, item_id, values.instant(at), False))
            if parent is not None:
                self._record(Link(HIERARCHY, parent, item_id, values.instant(at), True))

    def delete(self, item_id: int, at: datetime) -> None:
        """Into the recycle bin: a last revision says so."""
        with self.lock:
            item = self.items[item_id]
            self._revise(item, at, {"System.IsDeleted": True}, None)
            item.deleted = True

    def restore(self, item_id: int, at: datetime) -> None:
        """Out of the recycle bin again."""
        with self.lock:
            item = self.items[item_id]
            item.deleted = False
            self._revise(item, at, {"System.IsDeleted": None}, None)

    def destroy(self, item_id: int) -> None:
        """Gone without a trace, from the reporting resources too."""
        with self.lock:
            del self.items[item_id]
            for rel, source, target in self.links_of(item_id):
                for end in (source, target):
                    self._active.get(end, set()).discard((rel, source, target))
            self.parents = {child: parent for child, parent in self.parents.items() if item_id not in (child, parent)}

    def join(self, project: str, team: str, person: Mapping[str, Any]) -> None:
        """Somebody joins a team, which is made where the project does not have it."""
        with self.lock:
            one = self.projects[project]
            if team not in one.teams:
                self.projects[project] = replace(one, teams={**one.teams, team: ()})
            self.members.setdefault((project, team), []).append(person)

    def hide(self, project: str) -> None:
        """Take a project out of the account's sight."""
        with self.lock:
            self.hidden.add(project)

    def show(self, project: str) -> None:
        """Give a hidden project back."""
        with self.lock:
            self.hidden.discard(project)

    def hide_items(self, item_ids: Iterable[int]) -> None:
        """Take single items out of the account's sight, as a permission on their area does."""
        with self.lock:
            self.hidden_items.update(item_ids)

    def show_items(self, item_ids: Iterable[int]) -> None:
        """Give hidden items back."""
        with self.lock:
            self.hidden_items.difference_update(item_ids)

    # --- what the server asks of a site

    def admit(self, request: Request) -> Answer | None:
        """Basic with the token as password, or Bearer. What is not good gets the sign-in page with status 203."""
        if self.tokens is None:
            return None
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                secret = base64.b64decode(secret).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                secret = ""
        if secret in self.tokens:
            return None
        return Answer(203, _SIGN_IN, content_type="text/html; charset=utf-8")

    def refuse(self, refusal: Refused) -> Answer:
        """The error body of Azure DevOps."""
        kind = refusal.kind or "VssServiceException"
        body = {
            "$id": "1",
            "innerException": None,
            "message": refusal.message,
            "typeName": f"Microsoft.TeamFoundation.Framework.Server.{kind}, Microsoft.TeamFoundation.Framework.Server",
            "typeKey": kind,
            "errorCode": 0,
            "eventId": 3000,
        }
        return Answer(refusal.status, body)

    # --- inside

    def _define(self, given: Mapping[str, Any]) -> None:
        process = given.get("process", "Agile")
        iterations = {
            str(one["path"]): (values.plain(one.get("start")), values.plain(one.get("finish")))
            for one in given.get("iterations", ())
        }
        name = str(given["name"])
        teams = {str(team): tuple(areas) for team, areas in given.get("teams", {}).items()}
        self.projects[name] = Project(
            name=name,
            process=process if isinstance(process, Process) else PROCESSES[process],
            areas=tuple(given.get("areas", ())),
            iterations=iterations,
            teams=teams or {f"{name} Team": (name,)},
            bugs=str(given.get("bugs", "")),
        )

    def _load(self, given: Mapping[str, Any]) -> Item:
        revisions = [
            {name: values.plain(value) for name, value in one.items() if value is not None}
            for one in given["revisions"]
        ]
        for at, one in enumerate(revisions):
            one.setdefault(
                "System.CreatedDate", revisions[0].get("System.CreatedDate", revisions[0]["System.ChangedDate"])
            )
            one.setdefault("System.AreaPath", one["System.TeamProject"])
            one.setdefault("System.IterationPath", one["System.TeamProject"])
            if at == 0 and str(one["System.TeamProject"]) not in self.projects:
                self._define({"name": one["System.TeamProject"]})
        item = Item(int(given["id"]), revisions, int(given.get("rev", len(revisions))) - len(revisions) + 1)
        if item.id in self.items:
            raise ValueError(f"The work item {item.id} is there already.")
        item.relations = [dict(one) for one in given.get("relations", ())]
        self.items[item.id] = item
        if given.get("parent") is not None:
            created = str(revisions[0]["System.CreatedDate"])
            self.link_log.append(Link(HIERARCHY, int(given["parent"]), item.id, created, True))
        return item

    def _revise(self, item: Item, at: datetime, fields: Mapping[str, Any], author: Mapping[str, Any] | None) -> None:
        snapshot = {**item.fields, **{name: values.plain(value) for name, value in fields.items()}}
        snapshot["System.ChangedDate"] = values.instant(at)
        snapshot["System.ChangedBy"] = dict(author or self.account)
        if "System.State" in fields and fields["System.State"] != item.fields.get("System.State"):
            snapshot["Microsoft.VSTS.Common.StateChangeDate"] = snapshot["System.ChangedDate"]
        if "System.History" not in fields:
            snapshot.pop("System.History", None)
        item.revisions = [*item.revisions, {name: value for name, value in snapshot.items() if value is not None}]
        self.revision_log.append((item.id, len(item.revisions) - 1))

    def _record(self, link: Link, log: bool = True) -> None:
        entry = (link.rel, link.source, link.target)
        for end in (link.source, link.target):
            ends = self._active.setdefault(end, set())
            if link.active:
                ends.add(entry)
            else:
                ends.discard(entry)
        if link.rel == HIERARCHY:
            if link.active:
                self.parents[link.target] = link.source
            elif self.parents.get(link.target) == link.source:
                del self.parents[link.target]
        if log:
            self.link_log.append(link)


def _endless(sizes: Sequence[int]) -> Iterator[int]:
    while True:
        yield from sizes
