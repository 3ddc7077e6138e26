"""Weeks and days of a time zone as instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import (
    Period,
    days_of,
    instant_text,
    local_day,
    midnight,
    parse_instant,
    parse_week,
    week_of,
)

PARIS = ZoneInfo("Europe/Paris")
ZONES = [PARIS, ZoneInfo("UTC"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("Pacific/Auckland")]


@pytest.mark.parametrize(
    ("label", "start", "hours"),
    [
        ("2026-W47", "2026-11-15T23:00:00Z", 168),
        ("2026-W43", "2026-10-18T22:00:00Z", 169),
        ("2026-W13", "2026-03-22T23:00:00Z", 167),
        ("2026-W01", "2025-12-28T23:00:00Z", 168),
        ("2026-W53", "2026-12-27T23:00:00Z", 168),
    ],
)
def test_a_week_runs_from_monday_to_monday_in_local_time(label: str, start: str, hours: int) -> None:
    window = parse_week(label, PARIS)
    assert window.label == label
    assert instant_text(window.period.start) == start
    assert window.period.end - window.period.start == timedelta(hours=hours)


def test_a_period_holds_its_start_and_not_its_end() -> None:
    period = parse_week("2026-W47", PARIS).period
    assert period.start in period
    assert period.end not in period
    assert period.end - timedelta(microseconds=1) in period


def test_the_window_some_weeks_earlier_crosses_the_year() -> None:
    window = parse_week("2027-W01", PARIS)
    assert [window.earlier(weeks).label for weeks in (0, 1, 2, -1)] == ["2027-W01", "2026-W53", "2026-W52", "2027-W02"]


@pytest.mark.parametrize(
    "label", ["2026-47", "2026-W7", "2026-W54", "2026-W00", "2025-W53", "W47", "", "2026-W47 ", "0000-W01", "9999-W52"]
)
def test_what_is_no_week_is_refused_in_one_sentence(label: str) -> None:
    with pytest.raises(ValueError, match=r"is not an ISO week|does not exist"):
        parse_week(label, PARIS)


def test_midnight_where_the_clock_jumps_over_it() -> None:
    # On 4 November 2018 the clocks of São Paulo went from 00:00 to 01:00.
    zone = ZoneInfo("America/Sao_Paulo")
    first = midnight(date(2018, 11, 4), zone)
    assert instant_text(first) == "2018-11-04T03:00:00Z"
    assert first.astimezone(zone).hour == 1
    assert local_day(first - timedelta(microseconds=1), zone) == date(2018, 11, 3)


def test_a_day_belongs_to_the_period_that_holds_its_midnight() -> None:
    week = parse_week("2026-W47", PARIS).period
    assert list(days_of(week, PARIS)) == [date(2026, 11, 16) + timedelta(days=number) for number in range(7)]
    cut = Period(week.start + timedelta(seconds=1), week.end)
    assert next(iter(days_of(cut, PARIS))) == date(2026, 11, 17)
    assert list(days_of(Period(week.start, week.start), PARIS)) == []


@settings(derandomize=True, max_examples=100, deadline=None)
@given(day=st.dates(date(1990, 1, 1), date(2100, 12, 31)), zone=st.sampled_from(ZONES))
def test_every_day_lies_in_its_week_and_weeks_follow_without_a_gap(day: date, zone: ZoneInfo) -> None:
    window = week_of(day, zone)
    year, week, _ = day.isocalendar()
    assert window.label == f"{year}-W{week:02d}"
    assert midnight(day, zone) in window.period
    assert day in list(days_of(window.period, zone))
    assert len(list(days_of(window.period, zone))) == 7
    assert window.earlier(-1).period.start == window.period.end
    assert parse_week(window.label, zone) == window
    assert window.earlier(3).earlier(-3) == window


@settings(derandomize=True, max_examples=100, deadline=None)
@given(instant=st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)))  # noqa: DTZ001 - hypothesis adds the zone itself
def test_instants_come_back_as_they_left(instant: datetime) -> None:
    aware = instant.replace(tzinfo=UTC)
    text = instant_text(aware)
    assert text.endswith("Z")
    assert parse_instant(text) == aware


def test_an_instant_of_another_zone_is_told_in_utc() -> None:
    assert parse_instant("2026-11-25T09:00:00+01:00") == datetime(2026, 11, 25, 8, tzinfo=UTC)
    assert instant_text(datetime(2026, 11, 25, 9, tzinfo=PARIS)) == "2026-11-25T08:00:00Z"


@pytest.mark.parametrize("text", ["2026-11-25T08:00:00", "2026-11-25", "yesterday", "", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_instant_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"(has no time zone|is no instant); expected"):
        parse_instant(text)
