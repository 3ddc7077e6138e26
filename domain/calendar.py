"""Weeks and days of the organisation's time zone as periods of UTC instants."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = re.compile(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True, slots=True)
class Period:
    """`[start, end)` in UTC."""

    start: datetime
    end: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


@dataclass(frozen=True, slots=True)
class Window:
    """One ISO week of a time zone: `period` runs from Monday 00:00 local to the next Monday 00:00 local."""

    label: str
    period: Period
    zone: ZoneInfo

    def earlier(self, weeks: int) -> Window:
        """The window that many weeks before this one (0: this one; negative: after)."""
        monday = self.period.start.astimezone(self.zone).date() - timedelta(weeks=weeks)
        return week_of(monday, self.zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which a local day begins; where that hour does not exist, the first that does."""
    local = datetime.combine(day, time(), tzinfo=zone)
    return local.astimezone(UTC)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The local date of an instant."""
    return instant.astimezone(zone).date()


def week_of(day: date, zone: ZoneInfo) -> Window:
    """The ISO week that holds a local date."""
    year, week, weekday = day.isocalendar()
    monday = day - timedelta(days=weekday - 1)
    return Window(
        label=f"{year}-W{week:02d}",
        period=Period(midnight(monday, zone), midnight(monday + timedelta(days=7), zone)),
        zone=zone,
    )


def parse_week(label: str, zone: ZoneInfo) -> Window:
    """The window called `2026-W47`; ValueError with one sentence when there is no such week."""
    match = WEEK.fullmatch(label)
    if match is None:
        raise ValueError(f"{label!r} is not an ISO week; expected something like 2026-W47.")
    try:
        return week_of(date.fromisocalendar(int(match[1]), int(match[2]), 1), zone)
    except (ValueError, OverflowError):
        raise ValueError(f"{label!r} does not exist: the ISO year {match[1]} has no week {match[2]}.") from None


def days_of(period: Period, zone: ZoneInfo) -> Iterator[date]:
    """The local dates whose midnight lies in the period, in order."""
    day = local_day(period.start, zone)
    if midnight(day, zone) < period.start:
        day += timedelta(days=1)
    while midnight(day, zone) < period.end:
        yield day
        day += timedelta(days=1)


def instant_text(instant: datetime) -> str:
    """RFC 3339 in UTC with `Z`, without a fraction when it is zero: the one form in which instants leave us."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """An aware UTC instant from RFC 3339 or ISO 8601 text; ValueError when it has no offset or no sense."""
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no instant; expected something like 2026-11-25T08:00:00Z.") from None
    raise ValueError(f"{text!r} has no time zone; expected an instant such as 2026-11-25T08:00:00Z.")
