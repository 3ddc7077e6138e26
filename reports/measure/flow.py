"""How work flows through each value stream: how much, how fast, how much at once, and of what kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from domain.calendar import Period, days_of
from domain.history import value_at
from domain.tags import NOTHING
from domain.work import ItemRef, State
from reports.measure.effort import Sample
from reports.measure.ledger import Ledger, Work
from reports.measure.periods import QUARTER, Frame, days_before

CLASSES = ("feature", "defect", "debt", "risk", "run")
UNCLASSED = "unclassed"
LATE = 85  # percentile
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FlowTimes:
    """From the first entry into `doing` to delivery, in days, the longest first; items never seen under way are not
    among them.
    """

    items: Sequence[tuple[float, ItemRef]]

    @property
    def median(self) -> float | None:
        """Half of the items took no longer; None without any."""
        return self._percentile(50)

    @property
    def late(self) -> float | None:
        """85 of 100 items took no longer; None without any."""
        return self._percentile(LATE)

    def _percentile(self, percent: float) -> float | None:
        return float(np.percentile([days for days, _ in self.items], percent)) if self.items else None


@dataclass(frozen=True, slots=True)
class StreamFlow:
    """One value stream over the horizon; `id` is None for the work that belongs to none.

    `items` and `effort` are a week's, `effort` by the report's measure; None in a horizon without a whole day.
    `before` are the flow times of the 13 weeks before the horizon. `load` is what was under way at `to`, longest
    under way first. `classes` are shares of the stream's effort by class of work, `delivered` its share of all effort
    (None when there was none), `capacity` its share of the people (None where it declares none). `efficiency` is the
    share of the flow times in which the work did not wait; None where no waiting states are known.
    """

    id: str | None
    items: float | None
    effort: float | None
    times: FlowTimes
    before: FlowTimes
    load: Sequence[ItemRef]
    classes: Mapping[str, float]
    efficiency: float | None
    delivered: float | None
    capacity: float | None


def flows(ledger: Ledger, frame: Frame, taken: Sample) -> tuple[Sequence[StreamFlow], int]:
    """The value streams of the strategy, then others that the mapping names, then the work that belongs to none, where
    there is any (DRIFT 8); by id. `taken` is the effort of the horizon. Empty where nobody speaks of value streams.

    Figures of a few people are figures of persons: a value stream of fewer than `drift.smallest_team` is left out, and
    counted beside the others. Its people are its declared capacity, else as many as had its items.
    """
    horizon = frame.horizon
    delivered = _by_stream(ledger, ledger.delivered_in(horizon))
    quarter = Period(days_before(horizon.start, QUARTER, frame.zone), horizon.start)
    earlier = _by_stream(ledger, ledger.delivered_in(quarter))
    load = _by_stream(ledger, _under_way(ledger, frame.until))
    efforts: dict[str | None, list[tuple[Work, float]]] = defaultdict(list)
    for work, amount in taken.amounts:
        efforts[_stream(ledger, work)].append((work, amount))
    declared = {stream.id: stream.capacity for stream in ledger.facts.strategy.value_streams}
    tagged = {*delivered, *efforts, *load}
    if not declared and not tagged - {None}:
        return [], 0
    names = [*sorted(declared), *sorted(name for name in tagged if name is not None and name not in declared)]
    people = sum(capacity for capacity in declared.values() if capacity is not None)
    weeks = len(list(days_of(horizon, frame.zone))) / 7
    found, small = [], 0
    for name in [*names, *([None] if None in tagged else [])]:
        works, spent = delivered.get(name, []), efforts.get(name, [])
        effort = sum(amount for _, amount in spent)
        capacity = None if name is None else declared.get(name)
        people_here = capacity or len(_people([*works, *load.get(name, []), *(work for work, _ in spent)]))
        if name is not None and 0 < people_here < ledger.facts.options.smallest_team:
            small += 1
            continue
        found.append(
            StreamFlow(
                id=name,
                items=len(works) / weeks if weeks else None,
                effort=effort / weeks if weeks else None,
                times=_times(works),
                before=_times(earlier.get(name, [])),
                load=[work.item.ref for work in sorted(load.get(name, []), key=_since)],
                classes=_classes(ledger, spent, effort),
                efficiency=_efficiency(ledger, works),
                delivered=effort / taken.total if taken.total > 0 else None,
                capacity=capacity / people if capacity is not None and people > 0 else None,
            )
        )
    return found, small


def _people(works: Iterable[Work]) -> set[str]:
    return {work.item.assignee for work in works if work.item.assignee}


def _stream(ledger: Ledger, work: Work) -> str | None:
    return ledger.facts.assignments.get(work.item.ref, NOTHING).value_stream


def _by_stream(ledger: Ledger, works: Sequence[Work]) -> Mapping[str | None, Sequence[Work]]:
    found: dict[str | None, list[Work]] = defaultdict(list)
    for work in works:
        found[_stream(ledger, work)].append(work)
    return found


def _under_way(ledger: Ledger, instant: datetime) -> Sequence[Work]:
    """The counted items that are `doing` at an instant, which is as_of or a little before."""
    return [work for work in ledger.work if _state_at(work, instant) == State.DOING]


def _state_at(work: Work, instant: datetime) -> object:
    if work.item.created_at > instant:
        return None
    if not work.history or work.history[-1].at <= instant:
        return work.item.state
    return value_at(work.history, "state", instant, work.item.state)


def _since(work: Work) -> tuple[datetime, ItemRef]:
    return work.item.started_at or work.item.created_at, work.item.ref


def _span(work: Work) -> Period | None:
    """From the item's start to its delivery; None where one of them is not known."""
    start, end = work.item.started_at, work.delivered
    return None if start is None or end is None or end < start else Period(start, end)


def _times(works: Sequence[Work]) -> FlowTimes:
    spans = [(span, work.item.ref) for work in works if (span := _span(work)) is not None]
    return FlowTimes(sorted((((span.end - span.start) / DAY, ref) for span, ref in spans), key=lambda t: (-t[0], t[1])))


def _classes(ledger: Ledger, spent: Sequence[tuple[Work, float]], effort: float) -> Mapping[str, float]:
    amounts: dict[str, float] = dict.fromkeys((*CLASSES, UNCLASSED), 0.0)
    for work, amount in spent:
        amounts[ledger.facts.assignments.get(work.item.ref, NOTHING).work_class or UNCLASSED] += amount
    return {name: amount / effort for name, amount in amounts.items() if amount > 0}


def _efficiency(ledger: Ledger, works: Sequence[Work]) -> float | None:
    """The part of the flow times in which work was `doing` in a status that is none of those in which work waits; of
    items whose statuses are known, in sources with such statuses.
    """
    waiting = {
        source: frozenset(status.casefold() for status in statuses)
        for source, statuses in ledger.facts.options.waiting.items()
    }
    active = total = timedelta()
    for work in works:
        span = _span(work)
        if span is None or work.item.source not in waiting or all(entry.field != "status" for entry in work.history):
            continue
        total += span.end - span.start
        active += _active(work, span, waiting[work.item.source])
    return active / total if total else None


def _active(work: Work, span: Period, waiting: frozenset[str]) -> timedelta:
    moves = [entry for entry in work.history if entry.field in ("state", "status") and entry.at > span.start]
    stands = {name: value_at(work.history, name, span.start, getattr(work.item, name)) for name in ("state", "status")}
    active, since = timedelta(), span.start
    for entry in moves:
        until = min(entry.at, span.end)
        if stands["state"] == State.DOING and str(stands["status"]).casefold() not in waiting:
            active += until - since
        stands[entry.field], since = entry.after, until
    return active
