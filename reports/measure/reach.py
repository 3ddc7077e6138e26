"""How far back a report looks: work that ended before cannot change any of its figures."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.calendar import Window, local_day, midnight
from domain.strategy import Strategy
from reports.measure.periods import QUARTER, TREND, Frame, days_before

LIVELY = 31  # local days of history before a day that counts as worked on (DRIFT 3, days), and one to spare


def reach(window: Window, as_of: datetime, horizon: int, strategy: Strategy) -> datetime:
    """The instant before which a report of this window, seen from as_of, asks for nothing.

    It lies before the trend's first window and the 13 weeks from which that takes missing estimates (DRIFT 3, 6), and
    before the start of every cycle that the report speaks of (DRIFT 7).
    """
    frame = Frame(window, as_of, horizon)
    first = window.earlier(TREND).period.start
    begun = frame.before().nominal_horizon.start
    spoken = [
        midnight(cycle.start, frame.zone)
        for cycle in strategy.cycles
        if cycle.end >= local_day(begun, frame.zone) and cycle.start <= local_day(window.period.end, frame.zone)
    ]
    return days_before(min([days_before(first, QUARTER, frame.zone), begun, *spoken]), LIVELY, frame.zone) - timedelta(
        days=1
    )
