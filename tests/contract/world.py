"""A site, a store and the real sync between them; and the one comparison: does the store hold what the site holds?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event, Lock
from typing import Any

import yaml

from config.load import load
from config.settings import Comments, Source
from config.workspace import Workspace
from connectors.port import Tracker
from demo.trackers.http import Exchange, FaultPlan, serve
from domain.work import Transition, WorkItem
from store.open import Store, open_store
from sync.progress import Unwatched
from sync.pull import SourceRun
from sync.run import SILENT, run
from sync.wiring import connect
from tests.contract.azure_devops_site import AzureDevOps
from tests.contract.harness import FIELDS, SOURCE, START, TOKEN, HandClock, Harness, Make, Steps, Truth, steps
from tests.contract.jira_site import Jira

# A connector that is added later gets its line here, and every test of the suite.
HARNESSES: Mapping[str, Callable[[HandClock, Make], Harness]] = {
    "jira_cloud": lambda clock, make: Jira(clock, make, cloud=True),
    "jira_data_center": lambda clock, make: Jira(clock, make, cloud=False),
    "azure_devops": AzureDevOps,
}


class World:
    """One site that is served, one workspace that has it as a source, one store."""

    def __init__(self, harness: Harness, clock: HandClock, url: str, workspace: Workspace, store: Store) -> None:
        self.harness, self.clock, self.url = harness, clock, url
        self.workspace, self.store = workspace, store
        self.exchanges: list[Exchange] = []
        harness.served.observers.append(self.exchanges.append)

    def populate(self, count: int, *, parents: bool = True) -> list[str]:
        """So many items with a past, made over the ninety days before now; every tenth is a parent of the next nine."""
        made: list[str] = []
        for number in range(count):
            at = START - timedelta(days=90) + timedelta(minutes=20 * number)
            above = made[number - number % 10] if parents and number % 10 else None
            made.append(self.harness.add(at, f"Item {number}", project=number % 2, parent=above))
            self.harness.edit(made[-1], at + timedelta(hours=1), status=1, labels=("first", f"n{number % 7}"))
            self.harness.edit(made[-1], at + timedelta(hours=2), points=float(number % 5 + 1), title=f"Thing {number}")
        return made

    def sync(
        self,
        *,
        full: bool = False,
        census: bool = False,
        accept: Collection[str] = (),
        comments: Comments = SILENT,
    ) -> SourceRun:
        """One real run of the source into the store; with `census` the ids are counted after it."""
        (result,) = run(
            self.workspace.settings.sources,
            self.connect,
            self.store,
            clock=self.clock,
            full=full,
            watcher=Unwatched(),
            stop=Event(),
            counting=lambda _: census,
            accept=accept,
            comments=comments,
        )
        return result

    def connect(self, source: Source) -> Tracker:
        """The source's tracker, as the command makes it."""
        return connect(self.workspace, source, self.clock)

    @contextmanager
    def faults(self, plan: FaultPlan) -> Iterator[None]:
        """While the block lasts requests are faulty by plan."""
        self.harness.served.faults = plan
        try:
            yield
        finally:
            self.harness.served.faults = None

    @contextmanager
    def meanwhile(self, act: Callable[[], None], *, page: int = 1) -> Iterator[list[int]]:
        """While the block lasts something happens on the site each time after a page of items was read, from `page` on.

        The value counts the pages.
        """
        pages, lock = [0], Lock()

        def after(exchange: Exchange) -> None:
            if exchange.status == 200 and self.harness.reads_pages(_request(exchange)):
                with lock:
                    pages[0] += 1
                    if pages[0] >= page:
                        act()

        self.harness.served.observers.append(after)
        try:
            yield pages
        finally:
            self.harness.served.observers.remove(after)

    def spent(self, since: int = 0) -> int:
        """How many requests came after the first `since`."""
        return len(self.exchanges) - since

    def items(self) -> dict[str, WorkItem]:
        """What the store holds, by id, deleted items included."""
        with self.store.reading() as reader:
            return {item.id: item for item in reader.items(source=SOURCE, deleted=True)}

    def histories(self) -> dict[str, tuple[Transition, ...]]:
        """The stored histories by id."""
        with self.store.reading() as reader:
            return {ref.id: history for ref, history in reader.histories(None) if ref.source == SOURCE}

    def differences(self, *, unseen: Collection[str] = ()) -> list[str]:
        """Where the store differs from the site, in words; of `unseen` items nothing is asked."""
        truth = {one: told for one, told in self.harness.truth().items() if one not in unseen}
        items, histories = self.items(), self.histories()
        found = [f"{one} is missing" for one in truth if one not in items]
        found += [
            f"{one} is still there" for one, item in items.items() if one not in {*truth, *unseen} and not item.deleted
        ]
        for one, told in truth.items():
            if one in items:
                found += _differences(told, items[one], histories.get(one, ()))
        return found

    def check(self, *, unseen: Collection[str] = ()) -> None:
        """The store equals the site."""
        found = self.differences(unseen=unseen)
        assert not found, "\n".join(found[:20])


@contextmanager
def open_world(
    kind: str, folder: Path, store_url: str, make: Make, *, timezone: str = "UTC", **keys: Any
) -> Iterator[World]:
    """A world of one tracker; `keys` are further keys of its source in filrouge.yaml."""
    clock = HandClock()
    harness = HARNESSES[kind](clock, make)
    if not make.checked:
        harness.served.observers.clear()
    with ExitStack() as stack:
        url = stack.enter_context(serve(harness.served))
        workspace = write_workspace(folder, {**harness.source(url), **keys}, store_url, timezone=timezone)
        store = open_store(store_url)
        stack.callback(store.close)
        yield World(harness, clock, url, workspace, store)


def write_workspace(folder: Path, source: Mapping[str, Any], store_url: str, *, timezone: str = "UTC") -> Workspace:
    """A workspace with one source, written as a user writes it and loaded as the command loads it."""
    settings = {
        "version": 1,
        "organisation": "Contract",
        "timezone": timezone,
        "store": store_url,
        "sources": [{"id": SOURCE, **source}],
    }
    strategy = {
        "version": 1,
        "cycles": [{"id": "all", "from": "2020-01-01", "to": "2030-12-31"}],
        "objectives": [{"id": "O1", "title": "One", "cycle": "all", "weight": 100}],
    }
    rule = {"id": "first", "when": {"source": SOURCE, "label": "first"}, "set": {"contributes_to": "O1"}}
    mapping = {"version": 1, "rules": [rule], "inherit": ["contributes_to"]}
    for name, content in (("filrouge", settings), ("strategy", strategy), ("mapping", mapping)):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return load(folder, {"CONTRACT_TOKEN": TOKEN})


def _differences(told: Truth, item: WorkItem, history: Iterable[Transition]) -> Iterator[str]:
    for name in ("key", *FIELDS):
        held, there = getattr(item, name), getattr(told, name)
        if held != there:
            yield f"{told.id}: {name} is {held!r}, on the site {there!r}"
    if (item.deleted is not None) != told.deleted:
        yield f"{told.id}: deleted is {item.deleted}, on the site {told.deleted}"
    by_field: dict[str, list[Transition]] = {}
    for entry in history:
        by_field.setdefault(entry.field, []).append(entry)
    for name, past in told.steps.items():
        entries = by_field.get(name, [])
        first = entries[0].before if entries else getattr(item, name)
        held_steps: Steps = steps(first, [(entry.at, entry.after) for entry in entries])
        if held_steps != past:
            yield f"{told.id}: history of {name} is {held_steps}, on the site {past}"


def _request(exchange: Exchange) -> Any:
    """An exchange as far as `reads_pages` looks at it."""
    return exchange
