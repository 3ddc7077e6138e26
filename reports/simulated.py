"""Made-up work whose targets are drawn by known odds, and what a report would say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from config.settings import Drift as DriftOptions
from config.settings import RuleOptions
from domain.calendar import Window
from domain.strategy import UNALIGNED, Budget, Cycle, DatedValue, Objective, Priority, Strategy
from domain.tags import Assignment
from domain.work import EPIC, STORY, History, ItemRef, State, WorkItem
from reports.document import Verdict
from reports.facts import Facts, Manifest
from reports.measure.clusters import CRUMB
from reports.measure.drift import PeriodDrift
from reports.measure.ledger import Ledger
from reports.measure.outliers import over_invested, starved
from reports.measure.plan import weight_on
from reports.measure.rows import Row, rows_of
from reports.measure.verdict import AWAY, verdict
from reports.rules import a03_unaligned_work

ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Unit:
    """Work that chooses its target as one: the items of an epic, or a single one (not `tall`).

    `target` is None where it is drawn.
    """

    items: Sequence[tuple[WorkItem, History]]
    tall: bool = True
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a report would say of one horizon."""

    verdict: Verdict
    rows: Sequence[Row]
    codes: frozenset[str]  # of the findings that chance may raise: A01, A02, A03, A04, A06

    @property
    def away(self) -> bool:
        return self.verdict in AWAY


def simulated(
    units: Sequence[Unit],
    odds: Mapping[str, float],
    rng: np.random.Generator,
    *,
    strategy: Strategy,
    options: DriftOptions,
    window: Window,
) -> Facts:
    """The facts of a report on these units, each of which chooses one target by odds that sum to 1.

    Items count as stories below an epic of their unit's, or alone; entries of histories after as_of are left out.
    """
    as_of = window.period.end + timedelta(hours=24)
    names = list(odds)
    chances = np.array([odds[name] for name in names])
    chosen = rng.choice(len(names), size=len(units), p=chances / chances.sum())
    items: dict[ItemRef, WorkItem] = {}
    histories: dict[ItemRef, History] = {}
    tags: dict[ItemRef, Assignment] = {}
    for number, (unit, choice) in enumerate(zip(units, chosen, strict=True)):
        target = unit.target or names[choice]
        tag = Assignment({target: 1.0} if target != UNALIGNED else {})
        root = f"U{number:05d}"
        if unit.tall:
            created = min(item.created_at for item, _ in unit.items)
            epic = _epic(root, max(EPIC, options.cluster_level), created)
            items[epic.ref], tags[epic.ref] = epic, tag
        for place, (item, history) in enumerate(unit.items):
            key = f"{root}-{place:04d}"
            own = replace(
                item,
                source="simulated",
                id=key,
                key=key,
                level=STORY,
                parent=root if unit.tall else None,
                parent_key=root if unit.tall else None,
            )
            items[own.ref], tags[own.ref] = own, tag
            histories[own.ref] = [entry for entry in history if entry.at <= as_of]
    return Facts(
        organisation="",
        language="en",
        window=window,
        as_of=as_of,
        items=items,
        history=histories,
        assignments=tags,
        strategy=strategy,
        options=options,
        manifest=Manifest("", "", ""),
    )


def lasting(strategy: Strategy, day: date) -> Strategy:
    """The plan of one day for ever: objectives of a cycle that holds it, and budgets, as they weigh on that day."""
    cycles = {cycle.id for cycle in strategy.cycles if cycle.start <= day <= cycle.end}

    def frozen(priority: Priority) -> Priority:
        if not priority.weights:
            return priority
        return Priority(weights=(DatedValue(date.min, weight_on(priority, day)),))

    return Strategy(
        cycles=(Cycle(ALWAYS, date.min, date.max),),
        objectives=tuple(
            Objective(each.id, each.title, ALWAYS, priority=frozen(each.priority))
            for each in strategy.objectives
            if each.cycle in cycles
        ),
        budgets=tuple(Budget(each.id, each.title, frozen(each.priority)) for each in strategy.budgets),
        teams=strategy.teams,
    )


def moved(odds: Mapping[str, float], amount: float, rng: np.random.Generator) -> dict[str, float]:
    """The odds with so much of the work moved from the largest target (then the next) to another one, drawn."""
    largest = sorted((name for name in odds if name != UNALIGNED), key=lambda name: (-odds[name], name))
    other = str(rng.choice(largest[1:]))
    changed, left = dict(odds), amount
    for name in largest:
        if name != other:
            taken = min(left, changed[name])
            changed[name] -= taken
            changed[other] += taken
            left -= taken
    return changed


def judge(ledger: Ledger, drift: PeriodDrift) -> Judgement:
    """What a report would say of a horizon; of A06 as if work were always ready."""
    options = ledger.facts.options
    said = verdict(drift, options)
    rows = rows_of(ledger, drift, drift)
    over, under = over_invested(rows, drift, options), starved(rows, drift, options)
    unserved = sum(1 for work, _ in drift.sample.amounts if work.share(UNALIGNED) > 0)
    inverted = any((one.planned or 0.0) < (other.planned or 0.0) - CRUMB for one in over for other in under)
    raised = {
        "A01": bool(over),
        "A02": bool(under),
        "A03": (drift.unaligned or 0.0) > options.thresholds.unaligned + CRUMB and unserved >= _fewest(options),
        "A04": said in AWAY,
        "A06": inverted,
    }
    return Judgement(said, rows, frozenset(code for code, true in raised.items() if true))


def _fewest(options: DriftOptions) -> float:
    """How many unaligned items A03 asks for, as the admin tuned it."""
    tuned = options.rules.get("A03", RuleOptions())
    return float((tuned.model_extra or {}).get("items", a03_unaligned_work.options["items"]))


def shifted_in_time(item: WorkItem, history: History, by: timedelta) -> tuple[WorkItem, History]:
    """An item as if all of it had happened so much later."""

    def later(instant: datetime | None) -> datetime | None:
        return None if instant is None else instant + by

    moved_item = replace(
        item,
        created_at=item.created_at + by,
        updated_at=item.updated_at + by,
        started_at=later(item.started_at),
        done_at=later(item.done_at),
    )
    return moved_item, [replace(entry, at=entry.at + by) for entry in history]


def _epic(key: str, level: int, created: datetime) -> WorkItem:
    return WorkItem("simulated", key, key, "", "Epic", level, key, "", State.DOING, "", created, created)
