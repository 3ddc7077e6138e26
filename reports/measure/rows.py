"""The targets of a report, each with its plan, delivery, interval, band and chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from domain.strategy import UNALIGNED
from reports.measure.drift import PeriodDrift
from reports.measure.ledger import Ledger
from reports.measure.visible import wilson

Kind = Literal["objective", "budget", "unaligned"]


@dataclass(frozen=True, slots=True)
class Row:
    """One target over the horizon; `week` is its delivered share in the window. What is not known is None."""

    target: str
    kind: Kind
    planned: float | None
    delivered: float | None
    low: float | None
    high: float | None
    band: tuple[float, float] | None
    chance: float | None
    week: float | None
    items: int

    @property
    def gap(self) -> float | None:
        return None if self.planned is None or self.delivered is None else self.delivered - self.planned


def rows_of(ledger: Ledger, horizon: PeriodDrift, week: PeriodDrift) -> Sequence[Row]:
    """The rows in order (DRIFT 4): objectives of a cycle that touches the horizon, budgets, other targets with work,
    unaligned; each group by id.
    """
    strategy = ledger.facts.strategy
    days = horizon.plan.days
    touching = sorted(
        objective.id for objective in strategy.objectives if any(ledger.plan.in_cycle(objective.id, d) for d in days)
    )
    budgets = sorted(budget.id for budget in strategy.budgets)
    listed = {*touching, *budgets, UNALIGNED}
    others = sorted(target for target, share in (horizon.shares or {}).items() if share > 0 and target not in listed)
    kinds: list[tuple[str, Kind]] = [(target, "objective") for target in touching]
    kinds += [(target, "budget") for target in budgets]
    kinds += [(target, "objective") for target in others]
    kinds.append((UNALIGNED, "unaligned"))
    return [_row(target, kind, horizon, week) for target, kind in kinds]


def _row(target: str, kind: Kind, horizon: PeriodDrift, week: PeriodDrift) -> Row:
    planned, delivered = horizon.plan.share(target), horizon.share(target)
    low = high = None
    if planned is not None and delivered is not None and horizon.n_eff > 0:
        low, high = (edge - planned for edge in wilson(delivered, horizon.n_eff))
    return Row(
        target=target,
        kind=kind,
        planned=planned,
        delivered=delivered,
        low=low,
        high=high,
        band=horizon.plan.band(target),
        chance=horizon.noise.chance_of(target) if horizon.noise else None,
        week=week.share(target),
        items=sum(1 for work, _ in horizon.sample.amounts if work.share(target) > 0),
    )
