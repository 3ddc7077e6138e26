"""What came of the effort: each key result's progress beside the effort that went into it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from domain.calendar import Period, local_day, midnight
from domain.strategy import Cycle
from reports.measure.clusters import CRUMB
from reports.measure.effort import Sample, sample
from reports.measure.ledger import Ledger
from reports.measure.periods import Frame, cut
from reports.measure.plan import PeriodPlan
from reports.measure.progress import Progress, progress_of

Cell = Literal[
    "no_recent_reading",
    "effort_and_progress",
    "effort_without_progress",
    "progress_without_effort",
    "neither",
]
RECENT = 14  # local days
LAG = 0.25
FAIR_EFFORT = 0.10


@dataclass(frozen=True, slots=True)
class Outcome:
    """One key result; `effort` is its share of the effort delivered from the cycle's start to date."""

    id: str
    title: str
    objective: str
    progress: Progress
    effort: float | None
    cell: Cell


def outcomes(ledger: Ledger, frame: Frame, measure: str) -> Sequence[Outcome]:
    """The key results of every objective whose cycle touches the window, in order of objective and id (DRIFT 7)."""
    first, last = local_day(frame.window.period.start, frame.zone), frame.last_day
    found: list[Outcome] = []
    to_date: dict[str, tuple[Mapping[str, float] | None, PeriodPlan]] = {}
    for objective in sorted(ledger.facts.strategy.objectives, key=lambda objective: objective.id):
        cycle = ledger.plan.cycle(objective.id)
        if not objective.key_results or cycle.end < first or cycle.start > last:
            continue
        if cycle.id not in to_date:
            period = cycle_to_date(cycle, frame)
            to_date[cycle.id] = effort_shares(sample(ledger, period, measure)), ledger.plan.over(period)
        shares, plan = to_date[cycle.id]
        planned = plan.share(objective.id)
        for key_result in sorted(objective.key_results, key=lambda key_result: key_result.id):
            progress = progress_of(key_result, cycle, frame.until, frame.as_of, frame.zone)
            effort = None if shares is None else shares.get(key_result.id, 0.0)
            fair = FAIR_EFFORT if planned is None else min(FAIR_EFFORT, planned / 2 / len(objective.key_results))
            busy = effort is not None and effort > CRUMB and effort >= fair - CRUMB
            today = local_day(frame.until, frame.zone)
            found.append(
                Outcome(
                    key_result.id,
                    key_result.title,
                    objective.id,
                    progress,
                    effort,
                    _cell(progress, busy=busy, today=today),
                )
            )
    return found


def cycle_to_date(cycle: Cycle, frame: Frame) -> Period:
    """From the cycle's first midnight to min(to, as_of), or to the cycle's end where that is earlier."""
    whole = Period(midnight(cycle.start, frame.zone), midnight(cycle.end + timedelta(days=1), frame.zone))
    return cut(whole, frame.until)


def effort_shares(taken: Sample) -> Mapping[str, float] | None:
    """Each tagged id's share of the effort, a key result's among them; None when there was no effort."""
    if taken.total <= 0:
        return None
    efforts: dict[str, float] = defaultdict(float)
    for work, amount in taken.amounts:
        for tag, share in work.tagged.items():
            efforts[tag] += amount * share
    return {tag: effort / taken.total for tag, effort in efforts.items()}


def _cell(progress: Progress, *, busy: bool, today: date) -> Cell:
    if progress.read_on is None or progress.value is None or (today - progress.read_on).days > RECENT:
        return "no_recent_reading"
    expected, lag = progress.expected or 0.0, progress.lag or 0.0
    moving = progress.value > CRUMB and progress.value >= expected / 2 - CRUMB and lag <= LAG + CRUMB
    if busy:
        return "effort_and_progress" if moving else "effort_without_progress"
    return "progress_without_effort" if moving else "neither"
