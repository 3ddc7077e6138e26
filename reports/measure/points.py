"""Effort by estimate, each team's points brought to the same coin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from statistics import median

from domain.calendar import Period
from domain.history import value_at
from reports.measure.entry import Entry, team_of
from reports.measure.ledger import Ledger, Work
from reports.measure.periods import QUARTER, days_before


def points(ledger: Ledger, period: Period) -> list[Entry]:
    """The estimate at delivery of each item delivered in the period (DRIFT 3).

    A missing estimate is the median of delivered, estimated, counted items of the same source, team and type in the
    13 weeks before the period's end; else of source and team; else of the source; else 1. Then each team's points
    are scaled so that they sum to its number of delivered items: points of two teams are not the same coin.
    """
    norms = _norms(ledger, Period(days_before(period.end, QUARTER, ledger.zone), period.end))
    entries = []
    for work in ledger.delivered_in(period):
        assert work.day is not None, "delivered items have a day"
        own = estimate(work)
        guess = next((norms[group] for group in _groups(work) if group in norms), 1.0)
        entries.append(Entry(work, work.day, guess if own is None else own, imputed=own is None))
    return _scaled(entries)


def estimate(work: Work) -> float | None:
    """The item's estimate as it stood at delivery; 0 is one, a negative number is none."""
    if work.delivered is None:
        return None
    value = value_at(work.history, "points", work.delivered, work.item.points)
    return float(value) if isinstance(value, int | float) and value >= 0 else None


def _groups(work: Work) -> Iterator[Hashable]:
    """The groups whose median may stand in for a missing estimate, nearest first."""
    source, team = work.item.source, work.item.team
    yield source, team, work.item.type
    yield source, team
    yield source


def _norms(ledger: Ledger, quarter: Period) -> dict[Hashable, float]:
    known: dict[Hashable, list[float]] = defaultdict(list)
    for work in ledger.delivered_in(quarter):
        value = estimate(work)
        if value is not None:
            for group in _groups(work):
                known[group].append(value)
    return {group: median(values) for group, values in known.items()}


def _scaled(entries: list[Entry]) -> list[Entry]:
    sums: dict[Hashable, float] = defaultdict(float)
    counts: dict[Hashable, int] = defaultdict(int)
    for entry in entries:
        team = team_of(entry.work)
        sums[team] += entry.amount
        counts[team] += 1
    return [
        Entry(
            entry.work,
            entry.day,
            entry.amount * counts[team] / sums[team] if sums[team] > 0 else 1.0,
            entry.imputed,
        )
        for entry in entries
        for team in [team_of(entry.work)]
    ]
