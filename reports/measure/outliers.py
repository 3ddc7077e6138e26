"""Targets that got more, or less, than their band and chance explain."""

from __future__ import annotations

from collections.abc import Sequence

from config.settings import Drift as DriftOptions
from domain.strategy import UNALIGNED
from reports.measure.clusters import CRUMB
from reports.measure.drift import PeriodDrift
from reports.measure.rows import Row
from reports.measure.verdict import verdict


def over_invested(rows: Sequence[Row], horizon: PeriodDrift, options: DriftOptions) -> Sequence[Row]:
    """The targets above their band where chance hardly puts one (A01), never unaligned.

    A target without a planned share must besides hold at least half of the pot of tolerated work.
    """
    found = []
    for row in _judged(rows, horizon, options, "over"):
        assert row.band is not None
        assert row.delivered is not None
        assert horizon.noise is not None
        unplanned = not row.planned
        if row.target == UNALIGNED or row.delivered <= row.band[1] + CRUMB:
            continue
        if unplanned and row.delivered < horizon.noise.pot_share / 2 - CRUMB:
            continue
        found.append(row)
    return found


def starved(rows: Sequence[Row], horizon: PeriodDrift, options: DriftOptions) -> Sequence[Row]:
    """The targets below their band where chance hardly puts one (A02)."""
    return [
        row
        for row in _judged(rows, horizon, options, "under")
        if row.band is not None and row.delivered is not None and row.delivered < row.band[0] - CRUMB
    ]


def _judged(rows: Sequence[Row], horizon: PeriodDrift, options: DriftOptions, side: str) -> Sequence[Row]:
    """Rows whose chance is small, on that side; none where there is not enough data."""
    if horizon.noise is None or verdict(horizon, options) == "not_enough_data":
        return []
    sides = horizon.noise.sides
    return [
        row
        for row in rows
        if row.chance is not None
        and row.chance <= options.thresholds.chance
        and sides.get(row.target, sides.get(UNALIGNED)) == side
    ]
