"""The spans of time that a report speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.calendar import Period, Window, days_of, local_day, midnight

TREND = 26  # windows computed
SHOWN = 13  # windows shown; the alarm line speaks of these
QUARTER = 91  # local days of 13 weeks


@dataclass(frozen=True, slots=True)
class Frame:
    """One report's window with the instant from which it is seen, and the horizon's length in windows."""

    window: Window
    as_of: datetime
    windows: int

    @property
    def zone(self) -> ZoneInfo:
        return self.window.zone

    @property
    def in_progress(self) -> bool:
        """Whether the report was made before the window ended (DRIFT 1)."""
        return self.as_of < self.window.period.end

    @property
    def until(self) -> datetime:
        """`min(to, as_of)`: where every period of this report ends."""
        return min(self.window.period.end, self.as_of)

    @property
    def week(self) -> Period:
        """The window, as far as it has gone."""
        return cut(self.window.period, self.until)

    @property
    def nominal_horizon(self) -> Period:
        """From the local midnight 7 local days a window before `to` up to `to`, whether that is past or not."""
        end = self.window.period.end
        first = local_day(end, self.zone) - timedelta(days=7 * self.windows)
        return Period(midnight(first, self.zone), end)

    @property
    def horizon(self) -> Period:
        """The horizon, as far as it has gone."""
        return cut(self.nominal_horizon, self.until)

    @property
    def horizon_before(self) -> Period:
        """As many windows again, up to where the horizon begins."""
        return Frame(self.window.earlier(self.windows), self.as_of, self.windows).horizon

    @property
    def last_day(self) -> date:
        """The last local day that belongs to the window so far (its first day when none does yet)."""
        return max(days_of(self.week, self.zone), default=local_day(self.window.period.start, self.zone))

    def trend_windows(self) -> tuple[tuple[str, Period], ...]:
        """Labels and periods of the 26 windows of the trend, oldest first; the last ends at `until`."""
        windows = [self.window.earlier(weeks) for weeks in range(TREND - 1, -1, -1)]
        return tuple((window.label, cut(window.period, self.until)) for window in windows)

    def before(self) -> Frame:
        """The frame one window earlier, seen from the same instant."""
        return Frame(self.window.earlier(1), self.as_of, self.windows)


def cut(period: Period, until: datetime) -> Period:
    """The part of a period before an instant; empty when it lies after it."""
    return Period(period.start, max(period.start, min(period.end, until)))


def days_before(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which local clocks showed the same time that many days earlier."""
    local = instant.astimezone(zone).replace(tzinfo=None) - timedelta(days=days)
    if local.time() == datetime.min.time():
        return midnight(local.date(), zone)
    return local.replace(tzinfo=zone).astimezone(instant.tzinfo)


def days_until(first: date, until: datetime, zone: ZoneInfo) -> int:
    """How many local days from a date on have begun before an instant: those whose midnight lies before it."""
    last = local_day(until, zone)
    return (last - first).days + (1 if midnight(last, zone) < until else 0)
