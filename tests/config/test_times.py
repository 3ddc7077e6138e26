"""Intervals, cron expressions and quiet hours: what is accepted the scheduler can keep."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import example, given, settings
from hypothesis import strategies as st

from config.times import check_cron, interval_seconds, quiet_hours


@pytest.mark.parametrize(("text", "seconds"), [("15m", 900), ("2h", 7200), ("1d", 86400), ("90m", 5400)])
def test_an_interval_in_seconds(text: str, seconds: int) -> None:
    assert interval_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "15", "0m", "1.5h", "15 m", "-1h", "1w", "015m", "15M", "999999d", "١٥m"])
def test_no_interval(text: str) -> None:
    with pytest.raises(ValueError, match="such as 15m, 2h or 1d"):
        interval_seconds(text)


def test_quiet_hours_are_two_times() -> None:
    assert quiet_hours("19:00-08:30") == (time(19), time(8, 30))
    for text in ("19-8", "24:00-08:00", "19:00-19:00", "19:60-08:00", "19:00 - 08:00"):
        with pytest.raises(ValueError, match="such as 19:00-08:00"):
            quiet_hours(text)


@pytest.mark.parametrize(
    "text",
    ["*/15 7-20 * * mon-fri", "0 7 * * mon", "0,30 * 1-15/2 * *", "5 4 29 feb *", "0 0 31 1,2 *", "0 7 * JAN-mar Sun"],
)
def test_a_cron_expression(text: str) -> None:
    check_cron(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0 7 * *", "has 4 fields"),
        ("0 7 * * mon *", "has 6 fields"),
        ("60 7 * * *", "`60` is no minute"),
        ("0 7 0 * *", "`0` is no day of the month"),
        ("0 7 * 13 *", "`13` is no month"),
        ("0 7 * mar-feb *", "runs backwards"),
        ("0 7 * * 1", "counts days of the week"),
        ("0 7 * * mon-5", "counts days of the week"),
        ("0 7 * * monday", "`monday` is no day of the week"),
        ("*/0 7 * * *", "`\\*/0` is no minute"),
        ("5/10 7 * * *", "`5/10` is no minute"),
        ("@daily", "has 1 fields"),
        ("0 7 30 2 *", "never comes"),
        ("0 7 * * */7", "steps over its whole range"),
        ("0 7 * * mon-fri/2", "steps through names"),
        ("a b c d e", "`a` is no minute"),
        (", 7 * * *", "`` is no minute"),
    ],
)
def test_no_cron_expression(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_cron(text)


PART = st.one_of(
    st.just("*"),
    st.integers(0, 62).map(str),
    st.tuples(st.integers(0, 32), st.integers(0, 32)).map(lambda pair: f"{pair[0]}-{pair[1]}"),
    st.integers(0, 40).map(lambda step: f"*/{step}"),
    st.sampled_from(["mon", "fri-sun", "jan", "feb-nov", "mon-fri/2", "sat,sun", "1,2", "last", "?", "L"]),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(fields=st.lists(PART, min_size=5, max_size=5))
@example(fields=["0", "0", "31", "feb-apr", "*"])
@example(fields=["0", "0", "29", "feb", "mon"])
def test_the_scheduler_keeps_whatever_is_accepted(fields: list[str]) -> None:
    text = " ".join(fields)
    try:
        check_cron(text)
    except ValueError:
        return
    trigger = CronTrigger.from_crontab(text, timezone=UTC)
    assert trigger.get_next_fire_time(None, datetime(2026, 1, 1, tzinfo=UTC)) is not None
