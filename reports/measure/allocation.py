"""Where the effort went, beside where it was planned to go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from domain.strategy import UNALIGNED
from reports.measure.ledger import Work
from reports.measure.plan import PeriodPlan


def delivered_shares(amounts: Sequence[tuple[Work, float]]) -> dict[str, float] | None:
    """`q(t)`: each target's part of the effort, summing to 1; None when there was none (DRIFT 4)."""
    total = sum(amount for _, amount in amounts)
    if total <= 0:
        return None
    efforts: dict[str, float] = defaultdict(float)
    for work, amount in amounts:
        for target, share in work.shares:
            efforts[target] += amount * share
    return {target: efforts[target] / total for target in sorted(efforts)}


def drift_index(q: Mapping[str, float], p: Mapping[str, float]) -> float:
    """`D = ½ Σ |q - p|`: the share of the work that would have to move for delivery to match the plan."""
    return sum(abs(q.get(target, 0.0) - p.get(target, 0.0)) for target in sorted({*q, *p})) / 2


def misplaced(q: Mapping[str, float], p: Mapping[str, float]) -> float:
    """The part of the drift index that serves some target, but more of it than planned."""
    return sum(max(0.0, share - p.get(target, 0.0)) for target, share in q.items() if target != UNALIGNED)


def outside_band(q: Mapping[str, float], plan: PeriodPlan) -> float:
    """The least share of the work that would have to move for every target to enter its band."""
    below = above = 0.0
    for target in sorted({*q, *(plan.planned or {})}):
        band = plan.band(target)
        if band is not None:
            below += max(0.0, band[0] - q.get(target, 0.0))
            above += max(0.0, q.get(target, 0.0) - band[1])
    return max(below, above)
