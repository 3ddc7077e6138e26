"""Sites on the loopback interface, trackers that read them, and a keeper that stands in for the store."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from config.settings import JiraAuth, JiraSource
from connectors.jira.tracker import JiraTracker, connect
from connectors.port import Page
from demo.trackers.http import Exchange, serve
from demo.trackers.jira.site import JiraSite
from domain.work import Record

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
TOKEN = "very-secret-token"
CATEGORY = {"To Do": "new", "In Progress": "indeterminate", "Done": "done"}
STATUS = {
    name: {"id": str(3 + place), "name": name, "statusCategory": {"id": place, "key": key}}
    for place, (name, key) in enumerate(CATEGORY.items())
}
TYPE = {
    "Story": {"id": "10001", "name": "Story", "subtask": False, "hierarchyLevel": 0},
    "Epic": {"id": "10000", "name": "Epic", "subtask": False, "hierarchyLevel": 1},
    "Sub-task": {"id": "10003", "name": "Sub-task", "subtask": True, "hierarchyLevel": -1},
}


class HandClock:
    """Sleeping moves it on at once."""

    def __init__(self) -> None:
        self.instant = NOW

    def now(self) -> datetime:
        return self.instant

    def monotonic(self) -> float:
        return self.instant.timestamp()

    def sleep(self, seconds: float) -> None:
        self.instant += timedelta(seconds=max(0.0, seconds))


@dataclass
class Keeper:
    """What the store would hold: records by id, the cursor of the last page, and what was said on the way."""

    records: dict[str, Record] = field(default_factory=dict)
    cursor: Mapping[str, Any] | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    pages: list[int] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    total: int | None = None

    def held(self, ids: Sequence[str]) -> Mapping[str, bytes]:
        return {one: self.records[one].raw for one in ids if one in self.records}

    def keep(self, page: Page) -> None:
        """What one transaction stores; the cursor goes through JSON as it does there."""
        for record in page.records:
            self.records[record.item.id] = record
        self.cursor = json.loads(json.dumps(page.cursor))
        self.context = json.loads(json.dumps(page.context))
        self.pages.append(len(page.records))
        self.set_aside += [one.id for one in page.set_aside]
        self.warnings += page.warnings
        self.total = page.total

    def pull(self, tracker: JiraTracker, *, crash_after: int | None = None) -> int:
        """One pull; gives back how many requests it cost. `crash_after` ends it after so many pages."""
        before = tracker.requests
        self.pages, self.set_aside, self.warnings = [], [], []
        for page in tracker.pull(self.cursor, self.held):
            self.keep(page)
            if crash_after is not None and len(self.pages) >= crash_after:
                break
        return tracker.requests - before


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def keeper() -> Callable[[], Keeper]:
    return Keeper


@pytest.fixture
def site(clock: HandClock) -> Iterator[Callable[..., tuple[JiraSite, str, list[Exchange]]]]:
    """`site(**arguments of JiraSite)` serves a site whose clock is the test's: (site, address, exchanges).

    Every exchange is held against the vendor's description (tests/conftest.py) unless `checked=False`, for thousands.
    """
    with ExitStack() as stack:

        def make(*, checked: bool = True, **arguments: Any) -> tuple[JiraSite, str, list[Exchange]]:
            served = JiraSite(now=lambda: clock.instant, **{"token": TOKEN, **arguments})
            if not checked:
                served.observers.clear()
            seen: list[Exchange] = []
            served.observers.append(seen.append)
            return served, stack.enter_context(serve(served)), seen

        yield make


@pytest.fixture
def tracker(clock: HandClock) -> Iterator[Callable[..., JiraTracker]]:
    """`tracker(address, **keys of the source in filrouge.yaml)`; `dropped` and `extra` are the other arguments."""
    made: list[JiraTracker] = []

    def make(
        address: str,
        *,
        dropped: Sequence[str] = ("Won't Do",),
        extra: Sequence[str] = (),
        method: Literal["basic", "bearer"] = "basic",
        **keys: Any,
    ) -> JiraTracker:
        settings: dict[str, Any] = {
            "id": "shop",
            "kind": "jira",
            "url": address,
            "auth": {"method": "bearer", "token": "${JIRA_TOKEN}"},
            "projects": ["SHOP"],
            **keys,
        }
        # The workspace's reader puts secrets in the place of references; it is not what is tried here.
        known = JiraAuth.model_construct(
            method=method,
            user=SecretStr("robot@acme.example") if method == "basic" else None,
            token=SecretStr(TOKEN),
        )
        made.append(
            connect(
                JiraSource.model_validate(settings).model_copy(update={"auth": known}),
                folder=Path(),
                zone=ZoneInfo("Europe/Paris"),
                clock=clock,
                dropped_resolutions=dropped,
                extra_fields=frozenset(extra),
                agent="filrouge/test",
            )
        )
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def issue() -> Callable[..., dict[str, Any]]:
    """`issue(number, updated=…, project=…, histories=…, **fields)` in Jira's form."""

    def make(
        number: int,
        *,
        updated: datetime | None = None,
        created: datetime = NOW - timedelta(days=90),
        project: str = "SHOP",
        status: str = "To Do",
        kind: str = "Story",
        histories: Sequence[Mapping[str, Any]] = (),
        **fields: Any,
    ) -> dict[str, Any]:
        moment = updated or NOW - timedelta(days=30) + timedelta(minutes=number)
        return {
            "id": str(10_000 + number),
            "key": f"{project}-{number}",
            "fields": {
                "summary": f"Story {number}",
                "status": STATUS[status],
                "issuetype": TYPE[kind],
                "project": {"id": str(sum(project.encode())), "key": project, "name": project.title()},
                "created": text_of(created),
                "updated": text_of(moment),
                "labels": [],
                "components": [],
                "fixVersions": [],
                "resolution": None,
                "parent": None,
                **fields,
            },
            "changelog": {"histories": list(histories)},
        }

    return make


def text_of(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


@pytest.fixture
def text() -> Callable[[datetime], str]:
    return text_of


@pytest.fixture
def entry() -> Callable[..., dict[str, Any]]:
    """`entry(id, instant, (field, from, fromString, to, toString), …)`: one entry of a change log."""

    def make(
        number: int, at: datetime | str | int, *items: tuple[str | None, ...], custom: bool = False
    ) -> dict[str, Any]:
        names = ("field", "from", "fromString", "to", "toString", "fieldId")
        told = [{"fieldtype": "custom" if custom else "jira", **dict(zip(names, item, strict=False))} for item in items]
        return {"id": str(number), "created": text_of(at) if isinstance(at, datetime) else at, "items": told}

    return make


@pytest.fixture
def statuses() -> Mapping[str, Any]:
    return STATUS


@pytest.fixture(scope="session")
def recorded(shared: Path) -> list[dict[str, Any]]:
    """The recorded issues of a public Jira Server."""
    with gzip.open(shared / "samples" / "jira_server_issues.ndjson.gz") as lines:
        return [json.loads(line) for line in lines]
