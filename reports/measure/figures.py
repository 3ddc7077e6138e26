"""Every figure of one report, worked out once and read by findings and formats alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.document import Verdict
from reports.facts import Facts
from reports.measure.drift import PeriodDrift, drift_of
from reports.measure.flow import StreamFlow, flows
from reports.measure.ledger import Ledger, Work
from reports.measure.outcome import Outcome, outcomes
from reports.measure.periods import Frame
from reports.measure.rows import Row, rows_of
from reports.measure.trend import Trend, trend_of
from reports.measure.unserved import reasons, unserved
from reports.measure.verdict import Agreement, agreement, least_visible_of, verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A horizon's figures with its verdict."""

    drift: PeriodDrift
    verdict: Verdict
    agreement: Agreement | None
    least_visible: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """`previous` is the horizon one window earlier; None when nothing was delivered in it."""

    frame: Frame
    ledger: Ledger
    week: PeriodDrift
    horizon: Judged
    previous: Judged | None
    rows: Sequence[Row]
    unserved: Sequence[Work]
    reasons: dict[str, int]
    trend: Trend
    outcomes: Sequence[Outcome]
    streams: Sequence[StreamFlow]
    small_streams: int  # value streams of so few people that they are not among them


def figures_of(facts: Facts) -> Figures:
    """All figures of a report; they depend on the facts alone."""
    ledger = Ledger(facts)
    frame = Frame(facts.window, facts.as_of, facts.options.horizon)
    measure = facts.options.measure
    week = drift_of(ledger, frame.week, measure)
    horizon = judged(ledger, frame, measure)
    previous = judged(ledger, frame.before(), measure)
    works = unserved(horizon.drift)
    streams, small = flows(ledger, frame, horizon.drift.sample)
    return Figures(
        frame=frame,
        ledger=ledger,
        week=week,
        horizon=horizon,
        previous=None if previous.drift.shares is None else previous,
        rows=rows_of(ledger, horizon.drift, week),
        unserved=works,
        reasons=reasons(ledger, works),
        trend=trend_of(ledger, frame, measure),
        outcomes=outcomes(ledger, frame, measure),
        streams=streams,
        small_streams=small,
    )


def judged(ledger: Ledger, frame: Frame, measure: str) -> Judged:
    """A frame's horizon with its verdict, agreement and least visible shift."""
    drift = drift_of(ledger, frame.horizon, measure)
    options = ledger.facts.options
    return Judged(drift, verdict(drift, options), agreement(ledger, drift), least_visible_of(drift, options))
