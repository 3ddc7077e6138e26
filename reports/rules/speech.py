"""Turns of phrase that several findings share."""

from __future__ import annotations

from collections.abc import Iterable

from domain.rot import Rot
from domain.work import OPEN, ItemRef, State, WorkItem
from reports.measure.clusters import CRUMB
from reports.measure.outcome import Outcome
from reports.measure.progress import elapsed
from reports.measure.rows import Row
from reports.rules.rule import Sight


def known_rot(sight: Sight) -> Rot | None:
    """What is wrong with the mapping's rules; None when that, or the mapping of that day, is not known."""
    return None if "mapping" in sight.facts.manifest.later else sight.facts.rot


def horizon_words(sight: Sight) -> str:
    """The horizon in words: the last 4 weeks."""
    return sight.say.count("the last week", "the last {n} weeks", sight.facts.options.horizon)


def named(sight: Sight, target: str) -> str:
    """A target or key result by its title and id: Deliver on the promised day (O2)."""
    title = sight.facts.strategy.titles().get(target, target)
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


def days_words(sight: Sight, days: int) -> str:
    """A number of days in words: 21 days."""
    return sight.say.count("{n} day", "{n} days", days)


def current_outcomes(sight: Sight) -> list[Outcome]:
    """The key results in whose cycle the window's last day lies."""
    plan, day = sight.figures.ledger.plan, sight.figures.frame.last_day
    return [outcome for outcome in sight.figures.outcomes if plan.in_cycle(outcome.objective, day)]


def lagging(sight: Sight, known: Iterable[Outcome]) -> list[Outcome]:
    """Of key results with a known lag those further behind than the option `lag`, in points, allows."""
    most = sight.options["lag"] / 100 + CRUMB
    return [outcome for outcome in known if outcome.progress.lag is not None and outcome.progress.lag > most]


def cycle_share(sight: Sight, outcome: Outcome) -> float:
    """How much of a key result's cycle is over, from 0 to 1."""
    frame = sight.figures.frame
    return elapsed(sight.figures.ledger.plan.cycle(outcome.objective), frame.until, frame.zone)


def concerned(sight: Sight, item: WorkItem) -> bool:
    """Whether the report speaks of an item at all: it is open, or was delivered in the horizon."""
    if item.state in OPEN:
        return True
    return item.state is State.DONE and item.done_at is not None and item.done_at in sight.figures.horizon.drift.period
