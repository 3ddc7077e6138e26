"""How far delivery parted from the plan in one period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.calendar import Period
from domain.strategy import UNALIGNED
from reports.measure.allocation import delivered_shares, drift_index, misplaced, outside_band
from reports.measure.clusters import Cluster, clusters_of, effective_number
from reports.measure.effort import Sample, sample
from reports.measure.ledger import Ledger
from reports.measure.noise import Noise, noise
from reports.measure.plan import PeriodPlan


@dataclass(frozen=True, slots=True)
class PeriodDrift:
    """Every figure of one period by one measure.

    `shares` (delivered) is None when nothing was delivered; `index`, `misplaced`, `outside_band` and `noise` are
    None when nothing was delivered or no day is covered by a plan.
    """

    period: Period
    measure: str
    plan: PeriodPlan
    sample: Sample
    clusters: Sequence[Cluster]
    n_eff: float
    shares: Mapping[str, float] | None
    index: float | None = None
    misplaced: float | None = None
    outside_band: float | None = None
    noise: Noise | None = None

    @property
    def unaligned(self) -> float | None:
        """The delivered share that serves no target; None when nothing was delivered."""
        return None if self.shares is None else self.shares.get(UNALIGNED, 0.0)

    def share(self, target: str) -> float | None:
        """`q(t)`; None when nothing was delivered."""
        return None if self.shares is None else self.shares.get(target, 0.0)

    def significant(self, threshold: float) -> bool | None:
        """Whether the smallest chance of a target is at most the threshold; None when it is not known."""
        return None if self.noise is None else self.noise.smallest <= threshold


def drift_of(ledger: Ledger, period: Period, measure: str) -> PeriodDrift:
    """Measure a period (already cut at as_of) and hold it against its plan."""
    plan = ledger.plan.over(period)
    taken = sample(ledger, period, measure)
    shares = delivered_shares(taken.amounts)
    clusters = clusters_of(taken.amounts)
    bare = PeriodDrift(
        period=period,
        measure=measure,
        plan=plan,
        sample=taken,
        clusters=clusters,
        n_eff=effective_number(clusters),
        shares=shares,
    )
    if shares is None or plan.planned is None:
        return bare
    return replace(
        bare,
        index=drift_index(shares, plan.planned),
        misplaced=misplaced(shares, plan.planned),
        outside_band=outside_band(shares, plan),
        noise=noise(clusters, shares, plan.planned, ledger.facts.options.thresholds.unaligned),
    )
