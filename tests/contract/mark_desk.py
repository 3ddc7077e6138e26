"""Marks on the tickets of one world: what each ticket serves is given by hand, and faults happen on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from config.settings import Comments, Marks, Source
from config.workspace import Workspace
from connectors.port import Labels, Markable, Marker, Tracker
from demo.trackers.http import Exchange, Request
from domain.strategy import Budget, KeyResult, Objective, Strategy
from domain.work import WorkItem
from store.kept import StoredMark
from sync.drafts import Draft
from sync.marks import MarkIntent, plan_marks
from tests.contract.comment_desk import MUCH, Desk, KillingTracker
from tests.contract.harness import SOURCE
from tests.contract.world import World

PREFIX = "fil-"
STRATEGY = Strategy(
    objectives=(
        Objective(
            "O1", "One", "all", key_results=(KeyResult("KR1.1", "First", "O1"), KeyResult("KR1.2", "Next", "O1"))
        ),
        Objective("O2", "Two", "all"),
    ),
    budgets=(Budget("run", "Run"),),
)


class Killing:
    """A marker that is killed just before a write is sent, or just after it arrived."""

    def __init__(self, inner: Marker, before: Callable[[], None], after: Callable[[], None]) -> None:
        self._inner, self._before, self._after = inner, before, after

    def labels(self, item: WorkItem) -> Labels:
        return self._inner.labels(item)

    def change_labels(self, item: WorkItem, seen: Labels, add: Sequence[str], remove: Sequence[str]) -> bool:
        self._before()
        done = self._inner.change_labels(item, seen, add, remove)
        self._after()
        return done

    def set_property(self, item: WorkItem, value: Mapping[str, Any] | None) -> None:
        self._before()
        self._inner.set_property(item, value)
        self._after()


class KillingMarker(KillingTracker):
    """Wraps a tracker whose marks are looked at."""

    def marker(self) -> Marker:
        assert isinstance(self._inner, Markable)
        return Killing(self._inner.marker(), self._before, self._after)


@dataclass
class MarkDesk(Desk):
    """`serves` says what each ticket serves, by id, and `silence` why its people want to be left in peace."""

    serves: dict[str, dict[str, float]] = field(default_factory=dict)
    silence: dict[str, str] = field(default_factory=dict)

    @property
    def workspace(self) -> Workspace:
        return replace(super().workspace, strategy=STRATEGY)

    @property
    def has_properties(self) -> bool:
        return self.world.harness.name != "azure_devops"

    def set_up(self, **settings: Any) -> None:
        """Other settings of comments."""
        self.settings = self.settings.model_copy(update=settings)

    def drafts(self) -> list[Draft]:
        return [
            replace(draft, serves=self.serves.get(draft.item.id, {}), silence=self.silence.get(draft.item.id))
            for draft in super().drafts()
        ]

    def planned(self, *, approved: bool = True) -> list[MarkIntent]:
        now = self.world.clock.now()
        return plan_marks(self.workspace, self.world.store, now, self.drafts(), approved=approved)

    def connect(self, source: Source) -> Tracker:
        return KillingMarker(self.world.connect(source), self.before, self.after)

    def ours(self, one: str) -> set[str]:
        """The labels on the site that begin as ours."""
        return {label for label in self.world.harness.truth()[one].labels if label.startswith(PREFIX)}

    def theirs(self, one: str) -> set[str]:
        """All other labels on the site."""
        return {*self.world.harness.truth()[one].labels} - self.ours(one)

    def property(self, one: str) -> Any:
        """What our property holds on the site; None without it, and where there are none."""
        if not self.has_properties:
            return None
        issue = self.world.harness.served.find(one)
        return issue.properties.get("filrouge")

    def wanted(self, one: str) -> set[str]:
        """The labels that a ticket should bear by what it serves."""
        target_of = STRATEGY.target_of()
        return {PREFIX + target_of[target] for target in self.serves[one]}

    def marks(self) -> Mapping[str, list[StoredMark]]:
        """What the store knows, by id of the item."""
        with self.world.store.reading() as reader:
            return {ref.id: known for ref, known in reader.marks(SOURCE).items()}

    def relabel(self, one: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """A person adds and removes labels."""
        labels = (*(label for label in self.world.harness.truth()[one].labels if label not in remove), *add)
        self.world.harness.edit(one, self.world.clock.tick(), labels=labels)

    def check(self) -> None:
        """Each ticket bears what it should, and what people had set."""
        for one in self.serves:
            assert self.ours(one) == self.wanted(one), one
            assert "first" in self.theirs(one)
            if self.has_properties:
                assert set((self.property(one) or {}).get("targets", {})) == set(self.serves[one])


def mark_desk(world: World, count: int = 4) -> MarkDesk:
    """A world that has been pulled, whose tickets serve O1; marks of every kind that the tracker has, and no text."""
    items = world.populate(count)
    assert world.sync().outcome == "ok"
    world.clock.tick()
    marks = Marks(label=PREFIX, property=world.harness.name != "azure_devops")
    settings = Comments(enabled=True, levels=(0, 1), budget=MUCH, text=False, marks=marks)
    return MarkDesk(world, dict.fromkeys(items, "Serves O1"), settings, serves={one: {"KR1.1": 1.0} for one in items})


def is_write(request: Request | Exchange) -> bool:
    """Whether a request changes a mark."""
    path = request.path.lower()
    return request.method in {"PUT", "PATCH", "DELETE"} and "/comment" not in path


def of_labels(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Those that change labels."""
    return [one for one in exchanges if is_write(one) and "/properties" not in one.path]


def silent(desk: MarkDesk) -> None:
    """A run has nothing to do, and asks nothing."""
    with desk.watched() as seen:
        assert desk.post() is None
    assert seen == []


def pull(desk: MarkDesk) -> None:
    desk.world.clock.tick(minutes=20)
    assert desk.world.sync().outcome == "ok"
    desk.world.clock.tick()
