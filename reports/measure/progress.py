"""How far a key result has come, and how far it should be by now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from domain.calendar import local_day, midnight
from domain.strategy import Cycle, DatedValue, KeyResult, Kpi, KpiKind
from reports.measure.periods import days_until


@dataclass(frozen=True, slots=True)
class Progress:
    """`raw` may leave [0, 1], `value` and `expected` do not; None where it cannot be known."""

    value: float | None
    raw: float | None
    expected: float | None
    read_on: date | None

    @property
    def lag(self) -> float | None:
        return None if self.value is None or self.expected is None else self.expected - self.value


def progress_of(key_result: KeyResult, cycle: Cycle, until: datetime, as_of: datetime, zone: ZoneInfo) -> Progress:
    """Progress with the last reading seen from as_of, and what was expected at `until` = min(to, as_of) (DRIFT 7)."""
    last = last_reading(key_result.readings, as_of, zone)
    if last is None:
        return Progress(None, None, None, None)
    kpi = key_result.kpi
    raw = None if kpi is None else _raw(kpi, last.value)
    if kpi is None or raw is None:
        return Progress(None, None, None, last.on)
    return Progress(_clamped(raw), raw, _expected(kpi, cycle, until, zone), last.on)


def last_reading(readings: Sequence[DatedValue], as_of: datetime, zone: ZoneInfo) -> DatedValue | None:
    """The latest reading whose local midnight is before as_of; of two on one day the later in the file."""
    seen = [(reading.on, place) for place, reading in enumerate(readings) if midnight(reading.on, zone) < as_of]
    return readings[max(seen)[1]] if seen else None


def elapsed(cycle: Cycle, until: datetime, zone: ZoneInfo) -> float:
    """How much of a cycle is over at an instant, in local days, from 0 to 1."""
    return _clamped(days_until(cycle.start, until, zone) / ((cycle.end - cycle.start).days + 1))


def _raw(kpi: Kpi, value: float) -> float | None:
    if kpi.kind is KpiKind.MAINTAIN:
        return None if kpi.band is None else float(kpi.band[0] <= value <= kpi.band[1])
    if kpi.baseline is None or kpi.target is None or kpi.baseline == kpi.target:
        return None
    return (value - kpi.baseline) / (kpi.target - kpi.baseline)


def _expected(kpi: Kpi, cycle: Cycle, until: datetime, zone: ZoneInfo) -> float | None:
    if kpi.kind is KpiKind.MAINTAIN:
        return 1.0
    if kpi.trajectory:
        value = _raw(kpi, _between(kpi.trajectory, local_day(until, zone)))
        return None if value is None else _clamped(value)
    return elapsed(cycle, until, zone)


def _between(points: Sequence[DatedValue], day: date) -> float:
    """A trajectory's value on a day: linear between points, level before the first and after the last."""
    ordered = sorted(points, key=lambda point: point.on)
    for before, after in pairwise(ordered):
        if before.on <= day < after.on:
            return before.value + (after.value - before.value) * (day - before.on).days / (after.on - before.on).days
    return ordered[0].value if day < ordered[0].on else ordered[-1].value


def _clamped(value: float) -> float:
    return min(1.0, max(0.0, value))
