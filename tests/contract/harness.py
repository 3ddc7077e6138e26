"""What the conformance suite asks of a tracker's loopback site, and the shape in which it compares site and store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Protocol

from demo.trackers.http import Exchange, Fault, FaultPlan, Request
from domain.work import FieldValue

START = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
TOKEN = "contract-token"
SOURCE = "here"

# The first known value, then each (instant, value) from which it changes.
Steps = tuple[FieldValue, tuple[tuple[datetime, FieldValue], ...]]
FIELDS = ("status", "labels", "points", "parent", "title", "project")


class HandClock:
    """The clock of site and product alike; sleeping moves it on at once, and `slept` keeps every wait."""

    def __init__(self) -> None:
        self.at = START
        self.seconds = 0.0
        self.slept: list[float] = []
        self._lock = Lock()

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.seconds += max(0.0, seconds)
            self.at += timedelta(seconds=max(0.0, seconds))

    def tick(self, **span: float) -> datetime:
        """Move on (a minute unless told) to a whole second; the new instant."""
        self.at = (self.at + timedelta(**(span or {"minutes": 1}))).replace(microsecond=0)
        return self.at


@dataclass(frozen=True)
class Truth:
    """One item as its site holds it, in the product's words."""

    id: str
    key: str
    title: str
    status: str
    labels: tuple[str, ...]
    points: float | None
    parent: str | None
    project: str
    deleted: bool = False
    steps: Mapping[str, Steps] = field(default_factory=dict)


@dataclass(frozen=True)
class Make:
    """How a site shall be: what every tracker can have. `pages` are the sizes of its pages, in turn.

    `ids`: how many ids a page of ids alone holds, where a tracker has such pages (None: as `pages`). `checked`: every
    exchange is held against the vendor's description, which takes its time.
    """

    pages: int | Sequence[int] = 100
    ids: int | None = None
    log_pages: int = 10_000
    zone: str = "UTC"
    french: bool = False
    lag: timedelta = timedelta(0)
    checked: bool = False


class Harness(Protocol):
    """One tracker's site. Items are named by their ids; `at` is when something happens on the site."""

    name: str
    projects: tuple[str, str]
    words: tuple[str, str, str]  # the site's statuses: to do, doing, done
    served: Any  # what demo.trackers.http.serve takes
    quiet: int  # requests that a run may cost when nothing changed
    threads: int  # that may wait side by side
    handful: int  # requests that a run may cost beyond those that bring items and their histories

    @property
    def excused(self) -> Mapping[str, str]:
        """Tests that cannot apply to this tracker, each with the reason."""

    def source(self, url: str) -> dict[str, Any]:
        """The source as it stands in filrouge.yaml, without its id."""

    def add(self, at: datetime, title: str, *, project: int = 0, parent: str | None = None) -> str:
        """A new item; its id."""

    def edit(self, item: str, at: datetime, **fields: Any) -> None:
        """Set `title`, `status` (0, 1, 2 of `words`), `labels`, `points` or `parent`; None clears."""

    def move(self, item: str, at: datetime, project: int) -> None:
        """Into another of the projects."""

    def delete(self, item: str, at: datetime) -> None:
        """As people delete items there."""

    def undelete(self, item: str, at: datetime) -> None:
        """As people get them back."""

    def hide(self, items: Iterable[str]) -> None:
        """Out of the account's sight."""

    def show(self, items: Iterable[str]) -> None:
        """In sight again."""

    def disagree(self, item: str, at: datetime, status: int) -> None:
        """Change the status in a way that the history does not tell."""

    def ids(self) -> Sequence[str]:
        """Of what is there, hidden items included, in the order in which they were made."""

    def truth(self) -> Mapping[str, Truth]:
        """What is there, by id; what was deleted as far as the site still knows of it."""

    def comments(self, item: str) -> int:
        """How many comments an item has."""

    def said(self, item: str) -> Sequence[str]:
        """The texts of an item's comments that are there, oldest first, as JSON or markup."""

    def names(self, account: str | None) -> Sequence[str]:
        """What the product may call an account, its id first; people are named here by one word, such as `person`.

        None: the account that is signed in.
        """

    def remark(self, item: str, text: str, at: datetime, account: str | None = "person") -> str:
        """A comment by a person, as people type it (a line of text is a line there); its id."""

    def rewrite(self, item: str, text: str, at: datetime, comment: str = "", account: str | None = "person") -> None:
        """A person changes a comment, by default the item's first."""

    def erase(self, item: str, at: datetime, comment: str = "") -> None:
        """A person deletes a comment, by default the item's first."""

    def grant(self, role: str, *accounts: str, project: int = 0, group: str = "") -> None:
        """Give people a role in a project (a team in Azure DevOps), directly or by a group that is made for it."""

    def hide_roles(self) -> None:
        """Take the account's right to see who has a role."""

    def hide_groups(self) -> None:
        """Take the account's right to see who is in a group."""

    def reads_pages(self, request: Request) -> bool:
        """Whether a request asks for a page of items."""

    def repeated(self, answer: Any) -> Any:
        """A page's JSON, changed so that its token is always the same one."""

    def spent(self, request: Request) -> Fault | None:
        """The tracker's own refusal of a token that leads to a next page; None for a request without one."""

    def stumble(self, item: str, at: datetime) -> FaultPlan:
        """Change the item so that it has to be read by itself, and the plan by which that is refused (403 or 404)."""

    def unknown_project(self) -> str:
        """A project that is not there."""

    def cost(self, items: int, exchanges: Sequence[Exchange]) -> int:
        """The most requests that reading so many items with their histories may cost, less the handful."""


def steps(first: FieldValue, changes: Iterable[tuple[datetime, FieldValue]]) -> Steps:
    """A field through time, told in one way: of one instant the last value, and only what differs from before."""
    last = dict(sorted(changes, key=lambda change: change[0]))
    told: list[tuple[datetime, FieldValue]] = []
    value = first
    for at, after in last.items():
        if after != value:
            told.append((at, after))
        value = after
    return first, tuple(told)


def once(fault: Fault, when: Callable[[Request], bool], times: int = 1) -> FaultPlan:
    """A plan that lets a fault happen to the first requests that fit."""
    lock, left = Lock(), [times]

    def plan(request: Request, _count: int) -> Fault | None:
        with lock:
            if not left[0] or not when(request):
                return None
            left[0] -= 1
        return fault

    return plan
