"""Schedules are read in the organisation's zone, and what was due while nobody ran is done once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event
from zoneinfo import ZoneInfo

import pytest

from config.settings import Schedule
from sync.schedule import Job, Timetable, done_already, due_times, jitter_of, last_due, next_due, overdue, usual_period

PARIS = ZoneInfo("Europe/Paris")
WEEKLY = Schedule(cron="0 7 * * mon")
OFFICE = Schedule(cron="*/15 7-20 * * mon-fri")
QUARTERLY = Schedule(every="15m")
NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)  # a Wednesday, 09:00 in Paris


def job(schedule: Schedule, success: datetime | None, act: Callable[[], None] = lambda: None) -> Job:
    return Job("a", schedule, act, lambda: success)


def test_a_weekly_report_keeps_its_local_hour_through_both_clock_changes() -> None:
    for first in (datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 10, 16, tzinfo=UTC)):
        due = list(due_times(WEEKLY, PARIS, first, first + timedelta(weeks=3)))
        assert [instant.astimezone(PARIS).strftime("%a %H:%M") for instant in due] == ["Mon 07:00"] * 3
        assert len({instant.utcoffset() for instant in due}) == 2


@pytest.mark.parametrize(
    ("schedule", "success", "late"),
    [
        (WEEKLY, NOW - timedelta(days=3), True),
        (WEEKLY, NOW - timedelta(days=1), False),
        (WEEKLY, None, True),
        (QUARTERLY, NOW - timedelta(minutes=16), True),
        (QUARTERLY, NOW - timedelta(minutes=14), False),
        (QUARTERLY, None, True),
    ],
)
def test_what_was_due_meanwhile_is_overdue(schedule: Schedule, success: datetime | None, late: bool) -> None:
    assert overdue(job(schedule, success), PARIS, NOW) is late


@pytest.mark.parametrize(
    ("schedule", "success", "done"),
    [
        (WEEKLY, datetime(2026, 11, 23, 6, tzinfo=UTC), True),
        (WEEKLY, datetime(2026, 11, 23, 5, 59, tzinfo=UTC), False),
        (WEEKLY, None, False),
        (QUARTERLY, NOW - timedelta(minutes=7), True),
        (QUARTERLY, NOW - timedelta(minutes=8), False),
    ],
)
def test_what_somebody_else_did_meanwhile_is_not_done_again(
    schedule: Schedule, success: datetime | None, done: bool
) -> None:
    assert done_already(job(schedule, success), PARIS, NOW) is done


def test_jitter_is_small_beside_the_interval() -> None:
    assert [jitter_of(Schedule(every=every)) for every in ("1m", "2m", "15m", "1d")] == [6, 12, 30, 30]
    assert jitter_of(OFFICE) == 30


def test_the_last_and_next_due_instants() -> None:
    assert last_due(WEEKLY, PARIS, NOW) == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert next_due(WEEKLY, PARIS, None, NOW) == datetime(2026, 11, 30, 6, tzinfo=UTC)
    assert next_due(QUARTERLY, PARIS, NOW - timedelta(minutes=10), NOW) == NOW + timedelta(minutes=5)


def test_a_source_that_rests_at_the_weekend_is_not_late_on_monday() -> None:
    monday = datetime(2026, 11, 23, 6, 1, tzinfo=UTC)  # 07:01 in Paris
    period = usual_period(OFFICE, PARIS, monday)
    assert period is not None
    friday_evening = datetime(2026, 11, 20, 19, 46, tzinfo=UTC)
    assert (monday - friday_evening).total_seconds() <= 3 * period
    assert usual_period(QUARTERLY, PARIS, NOW) == 900


def test_an_overdue_job_runs_once_at_the_start_and_a_slow_one_holds_up_no_other() -> None:
    started, released, stop = Event(), Event(), Event()
    ran: list[str] = []

    def slow() -> None:
        started.set()
        released.wait(20)
        ran.append("slow")

    def quick() -> None:
        started.wait(20)
        ran.append("quick")
        stop.set()
        released.set()

    jobs = [
        Job("slow", Schedule(every="7d"), slow, lambda: None),
        Job("quick", Schedule(every="7d"), quick, lambda: None),
        Job("rested", Schedule(every="7d"), lambda: ran.append("rested"), lambda: datetime.now(UTC)),
    ]
    by_id = {job.id: job for job in jobs}
    timetable = Timetable(PARIS, lambda job_id: by_id[job_id].act(), now=lambda: datetime.now(UTC))
    timetable.put(jobs, PARIS)
    timetable.start()
    assert stop.wait(60)
    assert timetable.stop(20)
    assert ran == ["quick", "slow"]
