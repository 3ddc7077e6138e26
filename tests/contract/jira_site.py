"""Jira Cloud and Jira Data Center for the conformance suite."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from demo.trackers.faults import Altered, Instead
from demo.trackers.http import Answer, Exchange, Fault, FaultPlan, Request
from demo.trackers.jira import comments, roles, times
from demo.trackers.jira.site import Issue, JiraSite
from demo.trackers.jira.standard import EPIC_LINK, POINTS
from domain.work import FieldValue
from tests.contract.harness import TOKEN, HandClock, Make, Steps, Truth, steps

PROJECTS = {"SHOP": "10000", "PAY": "10001"}
WORDS = {False: ("To Do", "In Progress", "Done"), True: ("À faire", "En cours", "Terminé")}
TYPES = {False: ("Story", "Epic"), True: ("Récit", "Épopée")}
FRENCH = {"labels": "Étiquettes", "status": "État", "summary": "Résumé", "parent": "Parent", "project": "Projet"}
CATEGORIES = ("new", "indeterminate", "done")


class Jira:
    """A Jira site whose issues people change."""

    projects = ("SHOP", "PAY")

    def __init__(self, clock: HandClock, make: Make, *, cloud: bool) -> None:
        self.cloud, self.clock, self._make = cloud, clock, make
        self.name = "jira_cloud" if cloud else "jira_data_center"
        self.words = WORDS[make.french]
        self.quiet = 8 if cloud else 6
        self.handful = 12
        self.threads = 8 if cloud else 1
        self.served = self.site = JiraSite(
            now=lambda: clock.at,
            deployment="cloud" if cloud else "data_center",
            projects=[{"id": number, "key": key, "name": key.title()} for key, number in PROJECTS.items()],
            statuses=[_status(make.french, place) for place in range(3)],
            account_time_zone=make.zone,
            token=TOKEN,
            page_limit=make.pages,
            ids_limit=make.pages if make.ids is None else make.ids,
            bulk_limit=make.log_pages,
            index_lag=make.lag,
        )
        if make.french:
            for name, shown in FRENCH.items():
                self.site.fields[name] = {**self.site.fields[name], "name": shown}
        self._numbers = dict.fromkeys(PROJECTS, 0)
        self._bin: dict[str, Issue] = {}
        self._unlogged: set[str] = set()

    @property
    def excused(self) -> Mapping[str, str]:
        return JIRA_CLOUD_EXCUSED if self.cloud else JIRA_DATA_CENTER_EXCUSED

    def source(self, url: str) -> dict[str, Any]:
        auth = {"method": "bearer", "token": "${CONTRACT_TOKEN}"}
        return {"kind": "jira", "url": url, "auth": auth, "projects": list(PROJECTS), "limits": {"per_second": 1e6}}

    def add(self, at: datetime, title: str, *, project: int = 0, parent: str | None = None) -> str:
        key = self.projects[project]
        self._numbers[key] += 1
        kind = TYPES[self._make.french][0]
        issue_id = str(20_000 + sum(self._numbers.values()))
        fields = {
            "summary": title,
            "status": _status(self._make.french, 0),
            "issuetype": {"id": "10002", "name": kind, "subtask": False, "hierarchyLevel": 0},
            "project": dict(self.site.projects[key]),
            "created": times.write(at, self.site.zone),
            "labels": [],
            "components": [],
            "fixVersions": [],
            "resolution": None,
            POINTS: None,
            **self._parent(parent),
        }
        self.site.add({"id": issue_id, "key": f"{key}-{self._numbers[key]}", "fields": fields})
        return issue_id

    def edit(self, item: str, at: datetime, **fields: Any) -> None:
        raw: dict[str, Any] = {}
        for name, value in fields.items():
            if name == "title":
                raw["summary"] = value
            elif name == "status":
                raw["status"] = _status(self._make.french, value)
            elif name == "labels":
                raw["labels"] = sorted(value or ())
            elif name == "points":
                raw[POINTS] = value
            else:
                raw |= self._parent(value)
        self.site.edit(item, at, raw)

    def move(self, item: str, at: datetime, project: int) -> None:
        key = self.projects[project]
        self._numbers[key] += 1
        self.site.move(item, at, self.site.projects[key], f"{key}-{1000 + sum(self._numbers.values())}")

    def delete(self, item: str, at: datetime) -> None:
        found = self.site.find(item)
        assert found is not None
        self._bin[item] = found
        self.site.delete(item)

    def undelete(self, item: str, at: datetime) -> None:
        """From a backup, with its id, as an import does it."""
        kept = self._bin.pop(item)
        changelog = {"histories": kept.histories}
        self.site.add({"id": item, "key": kept.key, "fields": kept.fields, "changelog": changelog})

    def hide(self, items: Iterable[str]) -> None:
        self.site.hide_issues(items)

    def show(self, items: Iterable[str]) -> None:
        self.site.show_issues(items)

    def disagree(self, item: str, at: datetime, status: int) -> None:
        self._unlogged.add(item)
        self.site.edit(item, at, {"status": _status(self._make.french, status)}, logged=False)

    def ids(self) -> Sequence[str]:
        return [str(one.id) for one in self.site.issues()]

    def truth(self) -> Mapping[str, Truth]:
        return {str(one.id): self._truth(one) for one in self.site.issues()}

    def comments(self, item: str) -> int:
        return len(self._issue(item).comments)

    def said(self, item: str) -> Sequence[str]:
        told = (one["body"] for one in self._issue(item).comments)
        return [body if isinstance(body, str) else json.dumps(body, ensure_ascii=False) for body in told]

    def names(self, account: str | None) -> Sequence[str]:
        person = self._person(account)
        return [person[name] for name in ("accountId", "key", "name", "emailAddress") if name in person]

    def remark(self, item: str, text: str, at: datetime, account: str | None = "person") -> str:
        said = comments.say(self.site, self._issue(item), self._person(account), self._body(text), at)
        return str(said["id"])

    def rewrite(self, item: str, text: str, at: datetime, comment: str = "", account: str | None = "person") -> None:
        one = self._issue(item)
        comments.rewrite(self.site, one, _named(one, comment), self._person(account), self._body(text), at)

    def erase(self, item: str, at: datetime, comment: str = "") -> None:
        one = self._issue(item)
        comments.erase(self.site, one, _named(one, comment), at)

    def grant(self, role: str, *accounts: str, project: int = 0, group: str = "") -> None:
        key, people = self.projects[project], [self._person(account) for account in accounts]
        if group:
            self.site.groups[group] = list(people)
            roles.grant(self.site, role, key, group=group)
        else:
            for person in people:
                roles.grant(self.site, role, key, person=person)

    def hide_roles(self) -> None:
        self.site.permissions["ADMINISTER_PROJECTS"] = False

    def hide_groups(self) -> None:
        self.site.permissions["USER_PICKER"] = False

    def _person(self, account: str | None) -> dict[str, Any]:
        """On Data Center the key of an account is not its name: names change, keys do not."""
        if account is None:
            return comments.account(self.site)
        known = {"displayName": f"The {account}", "emailAddress": f"{account}@acme.example", "active": True}
        if self.cloud:
            return {"accountId": f"a-{account}", **known}
        return {"key": f"JIRAUSER-{account}", "name": account, **known}

    def _body(self, text: str) -> Any:
        if not self.cloud:
            return text
        lines = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in text.split("\n")]
        return {"type": "doc", "version": 1, "content": lines}

    def _issue(self, item: str) -> Issue:
        found = self.site.find(item)
        assert found is not None
        return found

    def reads_pages(self, request: Request) -> bool:
        """On Cloud ids come in pages, and then their issues by the hundred."""
        return request.path.endswith(("/search/jql", "/issue/bulkfetch") if self.cloud else "/search")

    def repeated(self, answer: Any) -> Any:
        return {**answer, "nextPageToken": "round and round", "isLast": False}

    def spent(self, request: Request) -> Fault | None:
        if not self.reads_pages(request) or "nextPageToken" not in request.json():
            return None
        message = "The provided next page token is expired. Please start from the first page."
        return Instead(Answer(400, {"errorMessages": [message], "errors": {}}))

    def stumble(self, item: str, at: datetime) -> FaultPlan:
        """On Cloud the change log of one issue is refused; on Data Center it is cut, and the whole one is refused."""
        self.edit(item, at, title="Read me alone", points=3.0)
        forbidden = Instead(Answer(403, {"errorMessages": ["You may not see this issue."], "errors": {}}))

        def plan(request: Request, _count: int) -> Fault | None:
            if request.path.endswith("/changelog/bulkfetch") and item in request.json()["issueIdsOrKeys"]:
                return forbidden
            if f"/issue/{item}" in request.path:
                return Instead(Answer(404, {"errorMessages": ["Issue does not exist."], "errors": {}}))
            if not self.cloud and self.reads_pages(request):
                return Altered(lambda answer: _cut(answer, item))
            return None

        return plan

    def unknown_project(self) -> str:
        return "SHOPP"

    def cost(self, items: int, exchanges: Sequence[Exchange]) -> int:
        return -(-items // 100) + -(-items // 1000)

    def _parent(self, parent: str | None) -> dict[str, Any]:
        above = self.site.find(parent) if parent is not None else None
        if not self.cloud:
            return {EPIC_LINK: above.key if above else None}
        if above is None:
            return {"parent": None}
        return {"parent": {"id": str(above.id), "key": above.key, "fields": {"summary": above.fields["summary"]}}}

    def _truth(self, one: Issue) -> Truth:
        fields, item = one.fields, str(one.id)
        above = fields.get(EPIC_LINK) if not self.cloud else (fields.get("parent") or {}).get("id")
        present: dict[str, FieldValue] = {
            "status": fields["status"]["name"],
            "labels": tuple(sorted(fields["labels"])),
            "points": fields.get(POINTS),
            "parent": above,
            "title": fields["summary"],
            "project": one.key.rpartition("-")[0],
        }
        told: dict[str, Steps] = {name: self._steps(one, name, value) for name, value in present.items()}
        if item in self._unlogged:
            del told["status"]
        return Truth(id=item, key=one.key, steps=told, **present)  # type: ignore[arg-type] # names give the kinds

    def _steps(self, one: Issue, name: str, present: FieldValue) -> Steps:
        """A field's past from the issue's own change log."""
        first: FieldValue = present
        changes: list[tuple[datetime, FieldValue]] = []
        for entry in one.histories:
            for change in entry["items"]:
                if _ours(change["field"], self.site.fields) == name:
                    before, after = (_value(name, change, side) for side in ("from", "to"))
                    if not changes:
                        first = before
                    changes.append((times.read(entry["created"]), after))
        return steps(first, changes)


def _status(french: bool, place: int) -> dict[str, Any]:
    name = WORDS[french][place]
    category = {"id": place + 2, "key": CATEGORIES[place], "name": name, "colorName": "green"}
    return {"id": str(100 + place), "name": name, "statusCategory": category}


def _named(one: Issue, comment: str) -> dict[str, Any]:
    return next(entry for entry in one.comments if comment in ("", str(entry["id"])))


def _ours(name: str, fields: Mapping[str, Any]) -> str:
    names = {"IssueParentAssociation": "parent", "Key": "project", "summary": "title", "project": ""}
    names |= {fields[POINTS]["name"]: "points", fields[EPIC_LINK]["name"]: "parent"}
    return names.get(name, name)


def _value(name: str, change: Mapping[str, Any], side: str) -> FieldValue:
    text = change[f"{side}String"]
    if name == "labels":
        return tuple(sorted((text or "").split()))
    if name == "points":
        return float(text) if text else None
    if name == "parent":
        return change[side] or text or None
    return str(text).rpartition("-")[0] if name == "project" else text


def _cut(answer: Any, item: str) -> Any:
    for issue in answer["issues"]:
        if issue["id"] == item:
            issue["changelog"] = {**issue["changelog"], "histories": [], "total": 1}
    return answer


JIRA_CLOUD_EXCUSED: dict[str, str] = {
    "test_the_203_page_is_an_authentication_error": "Jira answers a bad token with 401, which the same test of "
    "credentials holds; no page with status 203 is known of it",
}
JIRA_DATA_CENTER_EXCUSED: dict[str, str] = {
    **JIRA_CLOUD_EXCUSED,
    "test_a_repeated_token_stops_within_two_requests": "Data Center pages by number and has no tokens",
    "test_a_token_that_expires_half_way_loses_nothing": "Data Center pages by number and has no tokens",
}
