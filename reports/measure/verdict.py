"""The one word for a horizon: on plan, drifting, off plan, or why it cannot be said."""

from __future__ import annotations

from typing import Literal

from config.settings import Drift as DriftOptions
from reports.document import Verdict
from reports.measure.clusters import CRUMB
from reports.measure.drift import PeriodDrift, drift_of
from reports.measure.effort import MEASURES
from reports.measure.ledger import Ledger
from reports.measure.visible import least_visible

Agreement = Literal["robust", "depends_on_measure"]
FEWEST = 5  # clusters
MOSTLY_KNOWN = 0.5  # a measure whose effort is guessed beyond this share does not answer
AWAY = ("drifting", "off_plan")


def least_visible_of(drift: PeriodDrift, options: DriftOptions) -> float | None:
    """The shift that might go unseen in this period; None without a plan, delivery or a second planned target."""
    if drift.plan.planned is None or drift.n_eff <= 0:
        return None
    return least_visible(drift.plan.planned, drift.n_eff, options.thresholds.chance)


def verdict(drift: PeriodDrift, options: DriftOptions) -> Verdict:
    """The verdict of a horizon (DRIFT 5)."""
    if drift.index is None or drift.outside_band is None or len(drift.clusters) < FEWEST:
        return "not_enough_data"
    limits = options.thresholds
    if drift.significant(limits.chance) and drift.outside_band > CRUMB:
        # Ranks say an order, not shares: that is too little to call a plan missed.
        if drift.index > limits.off_plan + CRUMB and not drift.plan.ranked:
            return "off_plan"
        if drift.index > limits.drifting + CRUMB:
            return "drifting"
    unseen = least_visible_of(drift, options)
    return "on_plan" if unseen is None or unseen <= options.visible + CRUMB else "no_signal"


def agreement(ledger: Ledger, drift: PeriodDrift) -> Agreement | None:
    """Whether every other measure that can answer says the same to "off plan or drifting?" (DRIFT 5)."""
    options = ledger.facts.options
    own = verdict(drift, options)
    if own == "not_enough_data":
        return None
    answers = []
    for measure in sorted(set(MEASURES) - {drift.measure}):
        other = drift_of(ledger, drift.period, measure)
        said = verdict(other, options)
        guessed = other.sample.imputed or 0.0
        if said != "not_enough_data" and not (measure == "points" and guessed > MOSTLY_KNOWN):
            answers.append(said in AWAY)
    if not answers:
        return None
    return "robust" if all(answer == (own in AWAY) for answer in answers) else "depends_on_measure"
