"""The share of the effort that the strategy plans for each target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from domain.calendar import Period, days_of
from domain.strategy import UNALIGNED, Cycle, Priority, Strategy
from reports.measure.ranks import centroid

Band = tuple[float, float]


@dataclass(frozen=True, slots=True)
class DayPlan:
    """One covered day: each target's share of it, and the limits that a declared range or a rank sets."""

    shares: Mapping[str, float]
    limits: Mapping[str, Band]
    ranked: bool


@dataclass(frozen=True, slots=True)
class PeriodPlan:
    """The plan of a period; `planned` is None when no day of it is covered, and then so is every band.

    `planned` holds every target that weighs something on a covered day; its values sum to 1.
    """

    days: Sequence[date]
    covered: frozenset[date]
    planned: Mapping[str, float] | None
    bands: Mapping[str, Band]
    nothing_planned: Band
    ranked: bool

    @property
    def uncovered(self) -> Sequence[date]:
        return [day for day in self.days if day not in self.covered]

    def share(self, target: str) -> float | None:
        """`p(t)`: 0 for a target that is not planned, None without a plan."""
        return None if self.planned is None else self.planned.get(target, 0.0)

    def band(self, target: str) -> Band | None:
        """Between which delivered shares the target may lie, within [0, 1]; None without a plan."""
        return None if self.planned is None else self.bands.get(target, self.nothing_planned)

    def takes_part(self, day: date) -> bool:
        """Whether work of that day counts: always when no day is covered, else on covered days alone."""
        return not self.covered or day in self.covered


class Plan:
    """The strategy's weights, day by day.

    `tolerance` and `tolerated` (the share of unaligned work that nobody minds) are fractions.
    """

    def __init__(self, strategy: Strategy, tolerance: float, tolerated: float, zone: ZoneInfo) -> None:
        self._strategy = strategy
        self._tolerance = tolerance
        self._tolerated = tolerated
        self._zone = zone
        self._days: dict[date, DayPlan | None] = {}
        self._periods: dict[Period, PeriodPlan] = {}
        self._cycles = {objective.id: strategy.cycle(objective.cycle) for objective in strategy.objectives}
        self._priorities = {budget.id: budget.priority for budget in strategy.budgets}
        self._priorities |= {objective.id: objective.priority for objective in strategy.objectives}

    def in_cycle(self, objective_id: str, day: date) -> bool:
        """Whether a day lies in the objective's cycle, both ends included."""
        cycle = self.cycle(objective_id)
        return cycle.start <= day <= cycle.end

    def cycle(self, objective_id: str) -> Cycle:
        """The cycle of an objective of the strategy."""
        return self._cycles[objective_id]

    def on(self, day: date) -> DayPlan | None:
        """The plan of one local day; None when no objective with a weight above 0 has it in its cycle."""
        if day not in self._days:
            self._days[day] = self._plan_day(day)
        return self._days[day]

    def over(self, period: Period) -> PeriodPlan:
        """The mean plan over the covered days of a period (DRIFT 4, planned share and band)."""
        if period not in self._periods:
            self._periods[period] = self._plan_period(period)
        return self._periods[period]

    def _plan_period(self, period: Period) -> PeriodPlan:
        days = list(days_of(period, self._zone))
        plans = {day: plan for day in days if (plan := self.on(day)) is not None}
        planned: dict[str, float] | None = None
        bands: dict[str, Band] = {}
        if plans:
            n = len(plans)
            targets = sorted({target for plan in plans.values() for target in plan.shares})
            planned = {t: sum(plan.shares.get(t, 0.0) for plan in plans.values()) / n for t in targets}
            bands = {t: self._band(t, planned[t], list(plans.values())) for t in targets}
        return PeriodPlan(
            days=days,
            covered=frozenset(plans),
            planned=planned,
            bands=bands | {UNALIGNED: (0.0, self._tolerated)},
            nothing_planned=(0.0, min(1.0, self._tolerance)),
            ranked=any(plan.ranked for plan in plans.values()),
        )

    def _plan_day(self, day: date) -> DayPlan | None:
        budgets = {budget.id: weight_on(budget.priority, day) for budget in self._strategy.budgets}
        current = [objective for objective in self._strategy.objectives if self.in_cycle(objective.id, day)]
        weights = {objective.id: weight_on(objective.priority, day) for objective in current}
        ranks = {o.id: o.priority.rank for o in current if o.priority.rank is not None}
        limits = {target: limit for target, priority in self._current(day) if (limit := _declared(priority))}
        if ranks:
            # What the budgets leave of 100; configuration has refused budgets of 100 and more beside ranks.
            rest = max(0.0, 100 - sum(budgets.values()))
            even = rest / len(ranks)
            for target, part in centroid(ranks).items():
                weights[target] = part * rest
                limits[target] = (min(part * rest, even), max(part * rest, even))
        if not any(weight > 0 for weight in weights.values()):
            return None
        total = sum(weights.values()) + sum(budgets.values())
        return DayPlan(
            shares={t: weight / total for t, weight in sorted((budgets | weights).items()) if weight > 0},
            limits={t: (low / total, high / total) for t, (low, high) in limits.items()},
            ranked=bool(ranks),
        )

    def _current(self, day: date) -> Sequence[tuple[str, Priority]]:
        objectives = [(o.id, o.priority) for o in self._strategy.objectives if self.in_cycle(o.id, day)]
        return [*objectives, *((budget.id, budget.priority) for budget in self._strategy.budgets)]

    def _band(self, target: str, planned: float, plans: Sequence[DayPlan]) -> Band:
        priority = self._priorities[target]
        n = len(plans)
        low = sum(plan.limits.get(target, (0.0, 0.0))[0] for plan in plans) / n
        high = sum(plan.limits.get(target, (0.0, 0.0))[1] for plan in plans) / n
        if priority.rank is not None:
            low, high = low - self._tolerance, high + self._tolerance
        elif _declared(priority) is None:
            low, high = planned - self._tolerance, planned + self._tolerance
        return max(0.0, low), min(1.0, high)


def weight_on(priority: Priority, day: date) -> float:
    """The weight on a day: the last dated one that holds (0 before the first), else the middle of the range, else 0."""
    if priority.weights:
        held = [weight for weight in priority.weights if weight.on <= day]
        return max(held, key=lambda weight: weight.on).value if held else 0.0
    if priority.range is not None:
        return sum(priority.range) / 2
    return 0.0


def _declared(priority: Priority) -> Band | None:
    """The declared range of a priority that is stated as one."""
    return None if priority.weights else priority.range
