"""What every figure reads: the counted items with their shares, roots and deliveries, worked out once."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from domain.calendar import Period, local_day
from domain.hierarchy import Hierarchy
from domain.history import delivered_at
from domain.strategy import UNALIGNED
from domain.work import EPIC, OPEN, History, ItemRef, WorkItem
from reports.facts import Facts
from reports.measure.plan import Plan
from reports.measure.roots import Root, root_of
from reports.measure.shares import Shares, target_shares


@dataclass(frozen=True, slots=True)
class Work:
    """One counted item.

    `shares` is by target, `tagged` by the ids that the mapping named. `delivered` is the instant of delivery as
    seen from as_of and `day` its local day; both are None while the item is not done.
    """

    item: WorkItem
    history: History
    shares: Shares
    tagged: Mapping[str, float]
    root: Root
    delivered: datetime | None
    day: date | None

    def share(self, target: str) -> float:
        """The part of the item that serves a target (0 when none does)."""
        return dict(self.shares).get(target, 0.0)

    @property
    def mapped(self) -> bool:
        """Whether at least a part of the item serves a target."""
        return any(target != UNALIGNED for target, _ in self.shares)

    @property
    def open(self) -> bool:
        return self.item.state in OPEN


class Ledger:
    """The facts, prepared: `work` in order of (source, id), so that no figure depends on the order of the input."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.zone: ZoneInfo = facts.window.zone
        self.hierarchy = Hierarchy(facts.items)
        self.plan = Plan(facts.strategy, facts.options.tolerance / 100, facts.options.thresholds.unaligned, self.zone)
        self.target_of: Mapping[str, str] = facts.strategy.target_of()
        self.objectives = frozenset(objective.id for objective in facts.strategy.objectives)
        self.work: Sequence[Work] = tuple(self._work(ref) for ref in sorted(self.hierarchy.counted))

    @cached_property
    def by_ref(self) -> Mapping[ItemRef, Work]:
        return {work.item.ref: work for work in self.work}

    @cached_property
    def epics(self) -> Sequence[WorkItem]:
        """The items of level 1 or more, counted or not, in order of (source, id)."""
        items = self.facts.items
        return [items[ref] for ref in sorted(ref for ref, item in items.items() if item.level >= EPIC)]

    @cached_property
    def serving(self) -> Mapping[str, Sequence[Work]]:
        """The counted items that serve each target, in order of (source, id); a target without any is absent."""
        found: dict[str, list[Work]] = defaultdict(list)
        for work in self.work:
            for target, _ in work.shares:
                found[target].append(work)
        return dict(found)

    @cached_property
    def delivered_ever(self) -> Sequence[tuple[datetime, int]]:
        """Everything delivered by as_of, oldest first, each by its place in `work`."""
        return sorted((work.delivered, place) for place, work in enumerate(self.work) if work.delivered is not None)

    def delivered_in(self, period: Period) -> Sequence[Work]:
        """The counted items delivered in `[start, end)`, in order of (source, id)."""
        low = bisect_left(self.delivered_ever, period.start, key=lambda pair: pair[0])
        high = bisect_left(self.delivered_ever, period.end, key=lambda pair: pair[0])
        return [self.work[place] for place in sorted(place for _, place in self.delivered_ever[low:high])]

    def shares_of(self, ref: ItemRef) -> Shares:
        """The shares of any item, counted or not."""
        return target_shares(self.facts.assignments.get(ref), self.target_of)

    def _work(self, ref: ItemRef) -> Work:
        item = self.facts.items[ref]
        history = self.facts.history.get(ref, ())
        assignment = self.facts.assignments.get(ref)
        at = delivered_at(item, history, self.facts.as_of)
        return Work(
            item=item,
            history=history,
            shares=self.shares_of(ref),
            tagged=assignment.shares if assignment else {},
            root=root_of(ref, self.hierarchy, self.facts.options.cluster_level),
            delivered=at,
            day=None if at is None else local_day(at, self.zone),
        )
