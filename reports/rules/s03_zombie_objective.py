"""Work goes on for an objective whose cycle is over, or has not begun.

What it finds
    Items delivered in the horizon, on a day outside the cycle of the objective that they serve, and items that are
    still under way for an objective whose cycle is over.

Why it matters
    The objective was closed, the work was not told. It takes time from the objectives of today, and its result will
    be counted for nobody.

What to do
    For each epic named here: finish it and say for which objective of today, move it to that objective, or drop it.

Ask the team
    - What would be lost if we stopped this work today?
    - Which objective of this cycle would it serve, if any?
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from domain.calendar import midnight
from domain.findings import Finding, Severity
from domain.strategy import Objective
from domain.work import ItemRef, State
from reports.rules.rule import Options, Sight
from reports.rules.speech import horizon_words, named

code = "S03"
name = "zombie-objective"
severity = Severity.WARNING
options: Options = {}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each objective with work outside its cycle; None without objectives or without work items."""
    objectives = sorted(sight.facts.strategy.objectives, key=lambda objective: objective.id)
    if not objectives or not sight.figures.ledger.work:
        return None
    return [finding for objective in objectives if (finding := _finding(sight, objective)) is not None]


def _finding(sight: Sight, objective: Objective) -> Finding | None:
    delivered, under_way = _delivered_outside(sight, objective), _still_under_way(sight, objective)
    if not delivered and not under_way:
        return None
    cycle = sight.figures.ledger.plan.cycle(objective.id)
    said = []
    if under_way:
        said.append(
            sight.say.count(
                "{n} item is still under way after it", "{n} items are still under way after it", len(under_way)
            )
        )
    if delivered:
        said.append(
            sight.say.count(
                "{n} item was delivered outside it over {span}",
                "{n} items were delivered outside it over {span}",
                len(delivered),
                span=horizon_words(sight),
            )
        )
    message = sight.say.text(
        "The cycle of {target} runs from {start} to {end}, but {what}.",
        target=named(sight, objective.id),
        start=sight.say.day(cycle.start),
        end=sight.say.day(cycle.end),
        what=sight.say.joined(said),
    )
    return Finding(code, name, severity, objective.id, message, (*under_way, *delivered))


def _delivered_outside(sight: Sight, objective: Objective) -> list[ItemRef]:
    plan = sight.figures.ledger.plan
    taking_part = sight.figures.horizon.drift.plan
    period = sight.figures.horizon.drift.period
    return [
        work.item.ref
        for work in sight.figures.ledger.serving.get(objective.id, ())
        if work.delivered is not None
        and work.day is not None
        and work.delivered in period
        and taking_part.takes_part(work.day)
        and not plan.in_cycle(objective.id, work.day)
    ]


def _still_under_way(sight: Sight, objective: Objective) -> list[ItemRef]:
    figures = sight.figures
    over = midnight(figures.ledger.plan.cycle(objective.id).end + timedelta(days=1), figures.frame.zone)
    if over > figures.frame.until:
        return []
    return [work.item.ref for work in figures.ledger.serving.get(objective.id, ()) if work.item.state is State.DOING]
