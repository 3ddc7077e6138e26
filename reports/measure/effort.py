"""How much effort each counted item took in a period, by the measure that the organisation chose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.calendar import Period
from domain.work import ItemRef
from reports.measure.days import days
from reports.measure.entry import Entry, team_of
from reports.measure.ledger import Ledger, Work
from reports.measure.points import points


def items(ledger: Ledger, period: Period) -> list[Entry]:
    """1 for each item delivered in the period."""
    return [Entry(work, work.day, 1.0) for work in ledger.delivered_in(period) if work.day is not None]


MEASURES: Mapping[str, Callable[[Ledger, Period], list[Entry]]] = {"items": items, "points": points, "days": days}


@dataclass(frozen=True, slots=True)
class Sample:
    """The effort that takes part in a period's figures: `amounts` in order of (source, id), summing to `total`.

    `left_out` is the share of the period's effort that fell on days which no plan covers; `imputed` is the share of
    the period's effort that rests on a guessed estimate, and `guessed` are the items with one. Both shares are None
    when there was no effort at all.
    """

    amounts: Sequence[tuple[Work, float]]
    total: float
    left_out: float | None
    imputed: float | None
    guessed: frozenset[ItemRef]


def effort_of(ledger: Ledger, period: Period, measure: str) -> list[Entry]:
    """All effort of a period, teams with a capacity weighing as many as they are (DRIFT 3)."""
    return _by_capacity(MEASURES[measure](ledger, period), ledger)


def sample(ledger: Ledger, period: Period, measure: str) -> Sample:
    """Measure a period and leave out what happened on uncovered days, where others are covered (DRIFT 3, 4)."""
    entries = effort_of(ledger, period, measure)
    plan = ledger.plan.over(period)
    amounts: dict[ItemRef, float] = defaultdict(float)
    for entry in entries:
        if plan.takes_part(entry.day):
            amounts[entry.work.item.ref] += entry.amount
    everything = sum(entry.amount for entry in entries)
    total = sum(amounts.values())
    known = everything > 0
    return Sample(
        amounts=[(ledger.by_ref[ref], amount) for ref, amount in amounts.items()] if total > 0 else [],
        total=total,
        left_out=(everything - total) / everything if known else None,
        imputed=sum(entry.amount for entry in entries if entry.imputed) / everything if known else None,
        guessed=frozenset(entry.work.item.ref for entry in entries if entry.imputed),
    )


def _by_capacity(entries: list[Entry], ledger: Ledger) -> list[Entry]:
    """Teams with both a capacity and effort share their summed effort in proportion to their capacities."""
    capacities = {
        team.id.casefold(): team.capacity for team in ledger.facts.strategy.teams if team.capacity is not None
    }
    if not capacities:
        return entries
    effort: dict[str, float] = defaultdict(float)
    for entry in entries:
        team = team_of(entry.work).name.casefold()
        if team in capacities:
            effort[team] += entry.amount
    effort = {team: amount for team, amount in effort.items() if amount > 0}
    together = sum(capacities[team] for team in effort)
    if together <= 0:
        return entries
    pooled = sum(effort.values())
    factor = {team: pooled * capacities[team] / together / amount for team, amount in effort.items()}
    return [
        replace(entry, amount=entry.amount * factor.get(team_of(entry.work).name.casefold(), 1.0)) for entry in entries
    ]
