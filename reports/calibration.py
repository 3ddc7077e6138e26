"""How often a workspace's own reports would be wrong, and what they would see: by drawing from its own work.

Its epics of the last 26 weeks are drawn again and again, each with its own sizes and pace, and each serving a target
that is drawn from the plan: whatever is raised then, chance has raised.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from statistics import fmean
from typing import TypedDict

import numpy as np

from domain.calendar import Period, Window
from domain.errors import ConfigurationError
from domain.history import delivered_at, value_at
from domain.strategy import UNALIGNED
from domain.work import History, WorkItem
from reports.facts import Facts
from reports.measure.drift import drift_of
from reports.measure.effort import sample
from reports.measure.ledger import Ledger, Work
from reports.measure.periods import SHOWN, TREND, Frame
from reports.measure.roots import Root
from reports.measure.trend import trend_of
from reports.measure.verdict import FEWEST
from reports.simulated import Unit, judge, lasting, moved, shifted_in_time, simulated

HORIZONS = (4, 8, 13)
SHIFTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
SEEN = 0.8  # four times in five
SEED = 0
RUNS = 40

Tick = Callable[[int, int], None]  # how many simulated quarters are done, and of how many


class HorizonCalibration(TypedDict):
    """For verdicts and findings by chance: in which share of the weekly reports, and of the quarters of 13 of them.

    `seen` says how often the verdict sees that a share of the work has moved; `least_seen` is the smallest share seen
    four times in five, None above 60 %.
    """

    windows: int
    clusters: float
    n_eff: float
    verdicts: dict[str, float]
    weeks: dict[str, float]
    quarters: dict[str, float]
    seen: dict[str, float]
    least_seen: float | None


class CalibrationData(TypedDict):
    """`sustained`: in which share of the quarters A05 would be raised by chance, whatever the horizon."""

    runs: int
    measure: str
    epics: int
    singles: int
    items: int
    unaligned: float
    horizon: int
    horizons: list[HorizonCalibration]
    sustained: float


@dataclass(frozen=True)
class Own:
    """A workspace's own work: what it delivered in 26 weeks, the plan of the last day, and odds that follow it."""

    facts: Facts
    units: Sequence[Unit]
    odds: Mapping[str, float]
    span: Period


@dataclass
class _Tally:
    """Of one horizon."""

    clusters: list[int] = field(default_factory=list)
    n_eff: list[float] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    weeks: Counter[str] = field(default_factory=Counter)
    quarters: Counter[str] = field(default_factory=Counter)
    seen: Counter[float] = field(default_factory=Counter)


def calibration(facts: Facts, runs: int, tick: Tick) -> CalibrationData:
    """Simulate so many quarters without any drift, and for growing sizes of a shift half as many reports that have it.

    The same facts and runs give the same figures. ConfigurationError where there is too little work or no plan.
    """
    own = own_work(facts)
    tallies = {windows: _Tally() for windows in HORIZONS}
    sustained = 0
    shifted_runs = max(1, runs // 2)
    total = runs + shifted_runs * len(SHIFTS)
    for run in range(runs):
        tick(run, total)
        sustained += _quiet_quarter(own, np.random.default_rng([SEED, run]), tallies)
    for number, shift in enumerate(SHIFTS):
        for run in range(shifted_runs):
            tick(runs + number * shifted_runs + run, total)
            _shifted_horizon(own, shift, np.random.default_rng([SEED, runs + run, number]), tallies)
        if all(tally.seen[shift] >= SEEN * shifted_runs for tally in tallies.values()):
            break  # what is larger is seen as well
    tick(total, total)
    off = {code for code, tuned in facts.options.rules.items() if tuned.off}
    return {
        "runs": runs,
        "measure": facts.options.measure,
        "epics": sum(1 for unit in own.units if unit.tall),
        "singles": sum(1 for unit in own.units if not unit.tall),
        "items": sum(len(unit.items) for unit in own.units),
        "unaligned": own.odds.get(UNALIGNED, 0.0),
        "horizon": facts.options.horizon,
        "horizons": [_told(windows, tally, runs, shifted_runs, off) for windows, tally in tallies.items()],
        "sustained": sustained / runs,
    }


def own_work(facts: Facts) -> Own:
    """What can be drawn from a workspace's facts, seen at the end of a window."""
    ledger = Ledger(facts)
    frame = Frame(facts.window, facts.as_of, facts.options.horizon)
    plan = ledger.plan.on(frame.last_day)
    if plan is None or len(plan.shares) < 2:
        raise ConfigurationError(
            f"There is no plan for {frame.last_day}: calibration needs a cycle with that day and two weighted targets."
        )
    span = Period(frame.trend_windows()[0][1].start, frame.until)
    # Days of no plan count as well: only how work comes matters here, not what it served.
    always = Ledger(replace(facts, strategy=lasting(facts.strategy, frame.last_day)))
    taken = sample(always, span, facts.options.measure)
    by_root: dict[Root, list[int]] = defaultdict(list)
    for place, (work, _) in enumerate(taken.amounts):
        by_root[work.root].append(place)
    drawable = [_drawable(work, facts.options.measure) for work, _ in taken.amounts]
    units = [Unit([drawable[place] for place in places], not root.loose) for root, places in sorted(by_root.items())]
    if len(units) < FEWEST:
        raise ConfigurationError(
            f"Only {len(units)} independent pieces of work were found in 26 weeks; calibration needs at least {FEWEST}."
        )
    unserved = sum(amount * work.share(UNALIGNED) for work, amount in taken.amounts) / taken.total
    # As much unaligned work as there is, as long as half of what is tolerated: more would be no chance any more.
    stray = min(unserved, facts.options.thresholds.unaligned / 2)
    odds = {target: share * (1 - stray) for target, share in plan.shares.items()}
    return Own(always.facts, units, odds | {UNALIGNED: stray}, span)


def _drawable(work: Work, measure: str) -> tuple[WorkItem, History]:
    """An item with what its measure reads of it: only days under way need the whole history."""
    if measure == "days" or work.delivered is None:
        return work.item, work.history
    estimate = value_at(work.history, "points", work.delivered, work.item.points)
    points = estimate if isinstance(estimate, float) else None
    return replace(work.item, done_at=work.delivered, points=points), ()


def _world(own: Own, odds: Mapping[str, float], rng: np.random.Generator) -> Ledger:
    """26 weeks of own epics, drawn with replacement; each begins in another week, and what leaves at the end comes in
    at the beginning.
    """
    weeks = TREND
    drawn = rng.integers(len(own.units), size=rng.poisson(len(own.units)))
    units = []
    for which in drawn:
        unit, later = own.units[which], int(rng.integers(weeks))
        items = []
        for item, history in unit.items:
            at = delivered_at(item, history, own.facts.as_of) or (history[-1].at if history else item.created_at)
            by = timedelta(weeks=later if at + timedelta(weeks=later) < own.span.end else later - weeks)
            items.append(shifted_in_time(item, history, by))
        units.append(Unit(items, unit.tall))
    options, strategy, window = own.facts.options, own.facts.strategy, own.facts.window
    return Ledger(simulated(units, odds, rng, strategy=strategy, options=options, window=window))


def _horizon(window: Window, windows: int) -> Period:
    return Frame(window, window.period.end, windows).nominal_horizon


def _quiet_quarter(own: Own, rng: np.random.Generator, tallies: Mapping[int, _Tally]) -> bool:
    """13 weekly reports without drift, added to the tallies; whether A05 would have been raised in one of them."""
    ledger = _world(own, own.odds, rng)
    measure, last = own.facts.options.measure, own.facts.window
    for windows, tally in tallies.items():
        raised: set[str] = set()
        for back in range(SHOWN):
            drift = drift_of(ledger, _horizon(last.earlier(back), windows), measure)
            said = judge(ledger, drift)
            tally.clusters.append(len(drift.clusters))
            tally.n_eff.append(drift.n_eff)
            tally.verdicts[said.verdict] += 1
            tally.weeks.update(said.codes)
            raised |= said.codes
        tally.quarters.update(raised)
    trend = trend_of(ledger, Frame(last, ledger.facts.as_of, own.facts.options.horizon), measure)
    return any(window.line is not None and window.z > window.line for window in trend.shown)


def _shifted_horizon(own: Own, shift: float, rng: np.random.Generator, tallies: Mapping[int, _Tally]) -> None:
    """One report of work that has long been shifted; whether its verdict says so."""
    ledger = _world(own, moved(own.odds, shift, rng), rng)
    for windows, tally in tallies.items():
        drift = drift_of(ledger, _horizon(own.facts.window, windows), own.facts.options.measure)
        tally.seen[shift] += judge(ledger, drift).away


def _told(windows: int, tally: _Tally, runs: int, shifted_runs: int, off: set[str]) -> HorizonCalibration:
    reports = runs * SHOWN
    codes = [code for code in ("A01", "A02", "A03", "A04", "A06") if code not in off]
    seen = {shift: count / shifted_runs for shift, count in sorted(tally.seen.items())}
    return {
        "windows": windows,
        "clusters": fmean(tally.clusters),
        "n_eff": fmean(tally.n_eff),
        "verdicts": {name: count / reports for name, count in sorted(tally.verdicts.items())},
        "weeks": {code: tally.weeks[code] / reports for code in codes},
        "quarters": {code: tally.quarters[code] / runs for code in codes},
        "seen": {f"{shift:.1f}": share for shift, share in seen.items()},
        "least_seen": _least_seen(seen),
    }


def _least_seen(seen: Mapping[float, float]) -> float | None:
    """The shift from which on four in five are seen, linear between those that were tried."""
    before, share_before = 0.0, 0.0
    for shift, share in seen.items():
        if share >= SEEN:
            return before + (shift - before) * (SEEN - share_before) / (share - share_before)
        before, share_before = shift, share
    return None
