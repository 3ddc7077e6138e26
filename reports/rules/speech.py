"""Turns of phrase that several findings share."""

from __future__ import annotations

from collections.abc import Sequence

from domain.work import ItemRef
from reports.measure.ledger import Work
from reports.measure.rows import Row
from reports.rules.rule import Sight


def horizon_words(sight: Sight) -> str:
    """The horizon in words: the last 4 weeks."""
    return sight.say.count("the last week", "the last {n} weeks", sight.facts.options.horizon)


def named(sight: Sight, target: str) -> str:
    """A target by its title and id: Deliver on the promised day (O2)."""
    strategy = sight.facts.strategy
    titles = {objective.id: objective.title for objective in strategy.objectives}
    titles |= {budget.id: budget.title for budget in strategy.budgets}
    title = titles.get(target, target)
    return target if title == target else f"{title} ({target})"


def once_in(sight: Sight, chance: float) -> str:
    """Among how many horizons a chance falls once, to two figures: more would be more than is known."""
    horizons = round(1 / chance)
    scale = 10 ** max(0, len(str(horizons)) - 2)
    return sight.say.number(horizons // scale * scale)


def off_sentence(sight: Sight, row: Row) -> str:
    """How far off a target is, and how often chance alone does as much: one sentence."""
    return sight.say.text(
        "{target} got {delivered} of the work over {span} for {planned} planned; "
        "chance does that to some objective once in {once} horizons.",
        target=named(sight, row.target),
        delivered=sight.say.percent(row.delivered or 0.0),
        span=horizon_words(sight),
        planned=sight.say.percent(row.planned or 0.0),
        once=once_in(sight, row.chance or 1.0),
    )


def delivered_evidence(sight: Sight, row: Row) -> tuple[ItemRef, ...]:
    """The horizon's delivered items of a target, those of the largest effort first."""
    amounts = sight.figures.horizon.drift.sample.amounts
    found = [
        (-amount * work.share(row.target), work.item.ref) for work, amount in amounts if work.share(row.target) > 0
    ]
    return tuple(ref for _, ref in sorted(found))


def of_target(works: Sequence[Work], target: str) -> list[Work]:
    """The counted items that serve a target, in order of (source, id)."""
    return [work for work in works if work.share(target) > 0]
