"""What the organisation wants: cycles, objectives, key results, budgets, value streams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

UNALIGNED = "unaligned"  # the target of work that serves none; never left out of a total


class KpiKind(StrEnum):
    INCREASE = "increase"
    DECREASE = "decrease"
    MAINTAIN = "maintain"


@dataclass(frozen=True, slots=True)
class Cycle:
    """A planning period; both ends are local dates and included."""

    id: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A value that holds from (weights) or was read on (readings, trajectory) a local date."""

    on: date
    value: float


@dataclass(frozen=True, slots=True)
class Kpi:
    unit: str
    kind: KpiKind
    baseline: float | None = None
    target: float | None = None
    band: tuple[float, float] | None = None
    trajectory: tuple[DatedValue, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyResult:
    """`readings` are in the order of the file: of two on one day the later one counts.

    `readings_from` is the https address that knows more of them (None: there is none).
    """

    id: str
    title: str
    objective: str
    kpi: Kpi | None = None
    readings: tuple[DatedValue, ...] = ()
    readings_from: str | None = None


@dataclass(frozen=True, slots=True)
class Priority:
    """How much of the effort a target should get: at most one of weights, range, rank.

    `weights` are dated (the first may be `date.min`: from the beginning) and hold until the next one;
    a range without weight weighs its middle. Nothing at all weighs 0.
    """

    weights: tuple[DatedValue, ...] = ()
    range: tuple[float, float] | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Objective:
    id: str
    title: str
    cycle: str
    owner: str | None = None
    priority: Priority = field(default_factory=Priority)
    key_results: tuple[KeyResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """Effort that is meant to serve no objective: run, debt, compliance. It counts in every cycle."""

    id: str
    title: str
    priority: Priority = field(default_factory=Priority)


@dataclass(frozen=True, slots=True)
class ValueStream:
    id: str
    title: str
    products: tuple[str, ...] = ()
    capacity: float | None = None


@dataclass(frozen=True, slots=True)
class Product:
    id: str
    title: str
    serves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    id: str
    capacity: float | None = None


@dataclass(frozen=True)
class Strategy:
    """One revision of the strategy; ids are unique over all kinds, without regard to case."""

    cycles: tuple[Cycle, ...] = ()
    objectives: tuple[Objective, ...] = ()
    budgets: tuple[Budget, ...] = ()
    value_streams: tuple[ValueStream, ...] = ()
    products: tuple[Product, ...] = ()
    teams: tuple[Team, ...] = ()

    def cycle(self, cycle_id: str) -> Cycle:
        """The cycle of that id; KeyError when there is none (configuration has refused that before)."""
        return {cycle.id: cycle for cycle in self.cycles}[cycle_id]

    def target_of(self) -> Mapping[str, str]:
        """Every id that work may contribute to, mapped to its target.

        Objectives and budgets are their own target, a key result counts for its objective, and
        `unaligned` is itself.
        """
        targets = {objective.id: objective.id for objective in self.objectives}
        targets |= {kr.id: objective.id for objective in self.objectives for kr in objective.key_results}
        targets |= {budget.id: budget.id for budget in self.budgets}
        targets[UNALIGNED] = UNALIGNED
        return targets

    def titles(self) -> Mapping[str, str]:
        """The title of every objective, key result, budget and value stream, by id."""
        titles = {stream.id: stream.title for stream in self.value_streams}
        titles |= {budget.id: budget.title for budget in self.budgets}
        titles |= {objective.id: objective.title for objective in self.objectives}
        return titles | {kr.id: kr.title for objective in self.objectives for kr in objective.key_results}
