"""How often the verdicts and findings are wrong when nothing is wrong, and how often they see a shift that is there.

Epics arrive as a stream, each serving one target drawn from the plan (or from a shifted plan), with uneven sizes and
their items delivered over some weeks; every report is the one that the code under `reports/` would make of it.
Run `python benchmarks/calibration.py --runs 2000` for a table with less noise of its own.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from config.settings import Drift
from domain.calendar import week_of
from domain.strategy import Budget, Cycle, DatedValue, Objective, Priority, Strategy
from domain.work import State, WorkItem
from reports.facts import Facts
from reports.measure.drift import drift_of
from reports.measure.ledger import Ledger
from reports.measure.periods import Frame
from reports.measure.trend import trend_of
from reports.simulated import Unit, judge, simulated
from reports.simulated import moved as move

ZONE = ZoneInfo("UTC")
WINDOW = week_of(date(2026, 11, 16), ZONE)
DAY = timedelta(days=1)
EPIC_COUNTS = (6, 12, 25, 50, 100)
LONGEST = 42  # days from the first to the last item of an epic
SEEN = 41  # days in which an epic that has an item in a horizon of 28 days begins, on average
SHIFT = 0.20


@dataclass(frozen=True)
class World:
    """A plan, and the odds by which epics really choose their targets (they sum to 1, unaligned included)."""

    weights: dict[str, float]
    odds: dict[str, float]
    epics: int  # expected in a horizon
    weeks: int
    singles: float = 0.0  # share of the effort that goes to single bugs of the budget `run`


@dataclass
class Tally:
    runs: int = 0
    hits: dict[str, float] = field(default_factory=dict)

    def add(self, **values: float) -> None:
        self.runs += 1
        for name, value in values.items():
            self.hits[name] = self.hits.get(name, 0.0) + value

    def rate(self, name: str) -> float:
        return self.hits.get(name, 0.0) / max(1, self.runs)


def plan(rng: np.random.Generator, *, unaligned: bool = True) -> tuple[dict[str, float], dict[str, float]]:
    """Three to eight targets with uneven weights, and true odds that follow them (0 to 8 % of the work unaligned)."""
    count = int(rng.integers(3, 9))
    shares = rng.dirichlet(np.full(count, 4.0))
    while shares.max() < SHIFT:
        shares = rng.dirichlet(np.full(count, 4.0))
    stray = float(rng.choice([0.0, 0.04, 0.08])) if unaligned else 0.0
    names = [f"O{n}" for n in range(1, count + 1)]
    odds = {name: float(share) * (1 - stray) for name, share in zip(names, shares, strict=True)}
    return dict(zip(names, (100 * shares).tolist(), strict=True)), {**odds, "unaligned": stray}


def facts_of(world: World, rng: np.random.Generator) -> Facts:
    """The work of some weeks in such a world, as a report would see it."""
    end = WINDOW.period.end
    span = world.weeks * 7 + LONGEST
    units = []
    delivered = 0
    # So many begin that the wanted number has an item delivered in a horizon of 28 days.
    for _ in range(rng.poisson(world.epics * span / SEEN)):
        start = end - DAY * float(rng.uniform(0, span))
        length = float(rng.uniform(2, LONGEST))
        size = max(1, round(float(rng.lognormal(1.6, 0.7))))
        days = [start + DAY * float(rng.uniform(0, length)) for _ in range(size)]
        stories = [_story(at) for at in days if at < end]
        delivered += len(stories)
        units.append(Unit([(story, ()) for story in stories] or [(_story(None), ())]))
    if world.singles:
        for _ in range(rng.poisson(delivered * world.singles / (1 - world.singles))):
            bug = _story(end - DAY * float(rng.uniform(0, span)))
            units.append(Unit([(bug, ())], tall=False, target="run"))
    return simulated(units, world.odds, rng, strategy=_strategy(world), options=Drift(), window=WINDOW)


def _story(at: datetime | None) -> WorkItem:
    born, state = WINDOW.period.end - timedelta(days=400), State.DONE if at else State.DOING
    return WorkItem("sim", "", "", "", "Story", 0, "", "", state, "P", born, WINDOW.period.end, done_at=at)


def _strategy(world: World) -> Strategy:
    def weight(value: float) -> Priority:
        return Priority(weights=(DatedValue(date.min, value),))

    total = sum(world.weights.values())
    budgets = (Budget("run", "", weight(total * world.singles / (1 - world.singles))),) if world.singles else ()
    objectives = tuple(Objective(name, "", "Q", priority=weight(value)) for name, value in world.weights.items())
    return Strategy(cycles=(Cycle("Q", date(2026, 1, 1), date(2026, 12, 31)),), objectives=objectives, budgets=budgets)


def judge_horizon(world: World, rng: np.random.Generator, tally: Tally) -> None:
    """One horizon's verdict, findings and intervals, added to a tally."""
    ledger = Ledger(facts_of(world, rng))
    frame = Frame(WINDOW, ledger.facts.as_of, ledger.facts.options.horizon)
    horizon = drift_of(ledger, frame.horizon, "items")
    said = judge(ledger, horizon)
    if said.verdict == "not_enough_data":
        return
    rest = 1 - world.singles
    held = [
        row.low - 1e-9 <= world.odds[row.target] * rest - row.planned <= row.high + 1e-9
        for row in said.rows
        if row.planned and row.low is not None and row.high is not None and row.target in world.odds
    ]
    tally.add(
        clusters=len(horizon.clusters),
        n_eff=horizon.n_eff,
        away=said.away,
        on_plan=said.verdict == "on_plan",
        named=bool(said.codes & {"A01", "A02"}),
        held=sum(held) / len(held),
    )


def judge_trend(world: World, rng: np.random.Generator, tally: Tally) -> None:
    """Whether the last window of 26 lies above its line, and whether any of the last 13 does."""
    ledger = Ledger(facts_of(world, rng))
    trend = trend_of(ledger, Frame(WINDOW, ledger.facts.as_of, 4), "items")
    above = [window.line is not None and window.z > window.line for window in trend.shown]
    tally.add(last=trend.sustained_since is not None, any=any(above))


def tallied(runs: int, seed: int, worlds: Callable[[np.random.Generator], World], trend: bool = False) -> Tally:
    tally = Tally()
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        (judge_trend if trend else judge_horizon)(worlds(rng), rng, tally)
    return tally


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    print("  ".join(f"{head:>14}" for head in heads))
    for row in rows:
        print("  ".join(f"{cell:>14}" for cell in row))


def per_cent(share: float) -> str:
    return f"{share:.1%}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=150, help="horizons simulated for each line of the table")
    runs = parser.parse_args(arguments).runs
    began = time.monotonic()

    def steady(epics: int, singles: float = 0.0, weeks: int = 4) -> Callable[[np.random.Generator], World]:
        return lambda rng: World(*plan(rng), epics, weeks, singles)

    def moved(epics: int) -> Callable[[np.random.Generator], World]:
        def world(rng: np.random.Generator) -> World:
            weights, odds = plan(rng)
            return World(weights, move(odds, SHIFT, rng), epics, 4)

        return world

    lines = []
    for number, epics in enumerate(EPIC_COUNTS):
        still, moving = tallied(runs, 10 + number, steady(epics)), tallied(runs, 20 + number, moved(epics))
        lines.append(
            [
                str(epics),
                f"{still.rate('clusters'):.1f}",
                f"{still.rate('n_eff'):.1f}",
                per_cent(still.rate("away")),
                per_cent(still.rate("named")),
                per_cent(still.rate("held")),
                per_cent(still.rate("on_plan")),
                per_cent(moving.rate("away")),
                per_cent(moving.rate("named")),
            ]
        )
    print(f"Horizons of 4 weeks, 3 to 8 targets, {runs} runs a line; a shift moves {SHIFT:.0%} of the work.")
    table(
        ["epics", "clusters", "n_eff", "false drifting", "false A01/A02", "90% coverage", "on_plan",
         "shift: verdict", "shift: A01/A02"],
        lines,
    )  # fmt: skip

    print("\nWith a quarter of the work as single bugs of a budget:")
    lines = []
    for number, epics in enumerate((12, 25, 50)):
        found = tallied(runs, 40 + number, steady(epics, singles=0.25))
        lines.append([str(epics), per_cent(found.rate("away")), per_cent(found.rate("named"))])
    table(["epics", "false drifting", "false A01/A02"], lines)

    print("\nTrend over 26 windows, nothing wrong:")
    lines = []
    for number, epics in enumerate((12, 25, 50)):
        found = tallied(max(1, runs // 2), 50 + number, steady(epics, weeks=26), trend=True)
        lines.append([str(epics), per_cent(found.rate("last")), per_cent(found.rate("any"))])
    table(["epics", "false A05", "any of 13 weeks"], lines)
    print(f"\n{time.monotonic() - began:.0f} s on {datetime.now(UTC):%d %B %Y}")


if __name__ == "__main__":
    main()
