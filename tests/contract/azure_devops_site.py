"""Azure DevOps for the conformance suite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import Any

from demo.trackers.azure_devops import comments, values
from demo.trackers.azure_devops.processes import AGILE
from demo.trackers.azure_devops.site import HIERARCHY, AzureDevOpsSite, Item
from demo.trackers.faults import Altered, Instead
from demo.trackers.http import Answer, Exchange, Fault, FaultPlan, Request
from domain.work import FieldValue
from tests.contract.harness import TOKEN, HandClock, Make, Steps, Truth, steps

POINTS = "Microsoft.VSTS.Scheduling.StoryPoints"
NAMES = {"title": "System.Title", "status": "System.State", "labels": "System.Tags", "points": POINTS}
WORDS = {False: ("New", "Active", "Closed"), True: ("Nouveau", "Actif", "Clos")}
TRANSLATED = dict(zip(WORDS[False], WORDS[True], strict=True))


class AzureDevOps:
    """An organisation whose work items people change."""

    name = "azure_devops"
    projects = ("Shop", "Pay")
    excused: Mapping[str, str] = {
        "test_the_status_of_the_field_wins_over_history": "a revision is a snapshot of the fields: history and present "
        "status cannot disagree",
        **dict.fromkeys(
            ("test_a_role_may_come_by_a_group", "test_a_group_that_may_not_be_read_is_named_with_what_to_do"),
            "a role is a team here, and who is in a group within it is not asked for",
        ),
    }
    quiet = 5
    threads = 1
    handful = 20

    def __init__(self, clock: HandClock, make: Make) -> None:
        self.clock = clock
        self.words = WORDS[make.french]
        process = AGILE
        if make.french:
            states = {
                kind: tuple((TRANSLATED.get(state, state), category) for state, category in told)
                for kind, told in AGILE.types.items()
            }
            process = replace(AGILE, types=states)
        self.served = self.site = AzureDevOpsSite(
            now=lambda: clock.at,
            projects=[{"name": name, "process": process} for name in self.projects],
            token=TOKEN,
            page_size=make.pages,
        )

    def source(self, url: str) -> dict[str, Any]:
        auth = {"method": "pat", "token": "${CONTRACT_TOKEN}"}
        limits = {"per_second": 1e6}
        return {"kind": "azure_devops", "url": url, "auth": auth, "projects": list(self.projects), "limits": limits}

    def add(self, at: datetime, title: str, *, project: int = 0, parent: str | None = None) -> str:
        first = {
            "System.TeamProject": self.projects[project],
            "System.WorkItemType": "User Story",
            "System.State": self.words[0],
            "System.Title": title,
            "System.ChangedDate": values.instant(at),
        }
        above = {} if parent is None else {"parent": int(parent)}
        return str(self.site.add({"revisions": [first], **above}))

    def edit(self, item: str, at: datetime, **fields: Any) -> None:
        raw: dict[str, Any] = {}
        for name, value in fields.items():
            if name == "parent":
                self.site.re_parent(int(item), None if value is None else int(value), at)
            elif name == "labels":
                raw[NAMES[name]] = "; ".join(value) if value else None
            else:
                raw[NAMES[name]] = self.words[value] if name == "status" else value
        if raw:
            self.site.edit(int(item), at, raw)

    def move(self, item: str, at: datetime, project: int) -> None:
        self.site.move(int(item), at, self.projects[project])

    def delete(self, item: str, at: datetime) -> None:
        self.site.delete(int(item), at)

    def undelete(self, item: str, at: datetime) -> None:
        self.site.restore(int(item), at)

    def hide(self, items: Iterable[str]) -> None:
        self.site.hide_items(map(int, items))

    def show(self, items: Iterable[str]) -> None:
        self.site.show_items(map(int, items))

    def disagree(self, item: str, at: datetime, status: int) -> None:
        raise AssertionError("a revision is a snapshot: nothing can disagree")

    def ids(self) -> Sequence[str]:
        return [str(one.id) for one in self.site.items.values()]

    def truth(self) -> Mapping[str, Truth]:
        return {str(one.id): self._truth(one) for one in self.site.items.values()}

    def comments(self, item: str) -> int:
        return len(self.said(item))

    def said(self, item: str) -> Sequence[str]:
        return [str(one["text"]) for one in self.site.items[int(item)].comments if not one["isDeleted"]]

    def names(self, account: str | None) -> Sequence[str]:
        person = values.person(self._person(account), "")
        return [person["id"], person["uniqueName"]]

    def remark(self, item: str, text: str, at: datetime, account: str | None = "person") -> str:
        said = comments.say(self.site, self.site.items[int(item)], self._person(account), _typed(text), at)
        return str(said["id"])

    def rewrite(self, item: str, text: str, at: datetime, comment: str = "", account: str | None = "person") -> None:
        one = self.site.items[int(item)]
        comments.rewrite(self.site, one, _named(one, comment), self._person(account), _typed(text), at)

    def erase(self, item: str, at: datetime, comment: str = "") -> None:
        one = self.site.items[int(item)]
        comments.erase(self.site, one, _named(one, comment), self._person("person"), at)

    def grant(self, role: str, *accounts: str, project: int = 0, group: str = "") -> None:
        assert not group, "teams have no groups that we know of"
        for account in accounts:
            self.site.join(self.projects[project], role, self._person(account))

    def hide_roles(self) -> None:
        self.site.hide(self.projects[0])

    def hide_groups(self) -> None:
        raise AssertionError("there are none")

    def _person(self, account: str | None) -> dict[str, Any]:
        if account is None:
            return self.site.account
        return {"displayName": f"The {account}", "uniqueName": f"{account}@acme.example"}

    def reads_pages(self, request: Request) -> bool:
        return request.path.lower().endswith("/reporting/workitemrevisions")

    def repeated(self, answer: Any) -> Any:
        return {**answer, "continuationToken": "1;1;1", "isLastBatch": False}

    def spent(self, request: Request) -> Fault | None:
        if not self.reads_pages(request) or not request.one("continuationToken"):
            return None
        message = "The continuation token is invalid."
        return Instead(Answer(400, {"message": message, "typeKey": "InvalidContinuationTokenException"}))

    def stumble(self, item: str, at: datetime) -> FaultPlan:
        """An item that came after links were read is asked for by id; the batch gives null for what may not be seen."""

        def gone(answer: Any) -> Any:
            told = [one if one is None or str(one["id"]) != item else None for one in answer["value"]]
            return {**answer, "value": told}

        def plan(request: Request, _count: int) -> Fault | None:
            return Altered(gone) if request.path.lower().endswith("/workitemsbatch") else None

        return plan

    def unknown_project(self) -> str:
        return "Shopp"

    def cost(self, items: int, exchanges: Sequence[Exchange]) -> int:
        """A request for each page of revisions and of links: there is none for a single item."""
        revisions = sum(len(one.revisions) for one in self.site.items.values())
        return -(-revisions // 100) + -(-len(self.site.link_log) // 100)

    def _truth(self, item: Item) -> Truth:
        present = {name: _value(item.fields, name) for name in (*NAMES, "project")}
        told: dict[str, Steps] = {}
        for name in present:
            changes = [(values.read(one["System.ChangedDate"]), _value(one, name)) for one in item.revisions]
            told[name] = steps(changes[0][1], changes[1:])
        parent = self.site.parents.get(item.id)
        present["parent"] = None if parent is None else str(parent)
        told["parent"] = self._parents(item)
        return Truth(
            id=str(item.id),
            key=str(item.id),
            deleted=item.deleted,
            steps=told,
            **present,  # type: ignore[arg-type] # names give the kinds
        )

    def _parents(self, item: Item) -> Steps:
        """The parent through time from the organisation's own log of links."""
        current: str | None = None
        changes: list[tuple[datetime, FieldValue]] = []
        first: FieldValue = None
        created = values.read(item.fields["System.CreatedDate"])
        for link in self.site.link_log:
            if link.rel == HIERARCHY and link.target == item.id:
                if link.active:
                    current = str(link.source)
                elif current == str(link.source):
                    current = None
                if values.read(link.at) <= created:
                    first = current
                else:
                    changes.append((values.read(link.at), current))
        return steps(first, changes)


def _typed(text: str) -> str:
    """As the web editor writes it."""
    return "".join(f"<div>{escape(line, quote=False)}</div>" for line in text.split("\n"))


def _named(item: Item, comment: str) -> dict[str, Any]:
    return next(one for one in item.comments if comment in ("", str(one["id"])) and not one["isDeleted"])


def _value(fields: Mapping[str, Any], name: str) -> FieldValue:
    if name == "project":
        return str(fields["System.TeamProject"])
    value: Any = fields.get(NAMES[name])
    if name == "labels":
        return tuple(sorted(part for part in str(value or "").split("; ") if part))
    return float(value) if name == "points" and value is not None else value
