"""When things are due, and the scheduler that does them: the only file that knows APScheduler."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from config.settings import Schedule
from config.times import interval_seconds

log = structlog.get_logger("schedule")

GRACE = 6 * 3600  # seconds after which a job that could not start on time is left to its next turn
LOOK_BACK = timedelta(days=400)


@dataclass(frozen=True)
class Job:
    """Something done on a schedule. `last_success` is when it last went well (None: never)."""

    id: str
    schedule: Schedule
    act: Callable[[], None]
    last_success: Callable[[], datetime | None]


def trigger(schedule: Schedule, zone: ZoneInfo, anchor: datetime | None = None) -> BaseTrigger:
    """The trigger of a schedule; cron is read in the organisation's zone, intervals count from the anchor."""
    if schedule.cron is not None:
        return CronTrigger.from_crontab(schedule.cron, timezone=zone)
    assert schedule.every is not None, "a schedule has been checked to hold one of the two"
    return IntervalTrigger(seconds=interval_seconds(schedule.every), timezone=zone, start_date=anchor)


def due_times(schedule: Schedule, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """The instants in `(start, end]` at which a cron schedule is due, oldest first."""
    clockwork = trigger(schedule, zone, anchor=start)
    after = start
    while True:
        due = clockwork.get_next_fire_time(after, after + timedelta(microseconds=1))
        if due is None or due > end:
            return
        if due > start:
            yield due
        after = due


def next_due(schedule: Schedule, zone: ZoneInfo, last: datetime | None, now: datetime) -> datetime | None:
    """When a job that last began at `last` is due next, in UTC; None when its cron never comes again."""
    due: datetime | None = trigger(schedule, zone, anchor=last).get_next_fire_time(None, now)
    return due.astimezone(UTC) if due else None


def last_due(schedule: Schedule, zone: ZoneInfo, now: datetime, count: int = 1) -> datetime | None:
    """The `count`-th last instant at or before now at which the schedule was due; None when none is that recent."""
    if schedule.every is not None:
        return now - timedelta(seconds=interval_seconds(schedule.every) * count)
    reach = timedelta(days=2)
    while reach <= LOOK_BACK:
        due = list(due_times(schedule, zone, now - reach, now))
        if len(due) >= count:
            return due[-count]
        reach *= 3
    return None


def usual_period(schedule: Schedule, zone: ZoneInfo, as_of: datetime) -> float | None:
    """A third of the time since the third-last due instant, in seconds.

    So a source is late by three of its periods exactly when it has missed three turns, and a schedule that
    rests at night or over the weekend raises no alarm on Monday morning.
    """
    third = last_due(schedule, zone, as_of, count=3)
    return None if third is None else (as_of - third).total_seconds() / 3


def overdue(job: Job, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the job was due while nobody ran it: its last success is older than its last due instant.

    A job that never succeeded is overdue, except a cron job that has no due instant in the past.
    """
    success = job.last_success()
    due = last_due(job.schedule, zone, now)
    if due is None:
        return False
    return success is None or success < due


def run_until(
    jobs: Sequence[Job], zone: ZoneInfo, stop: Event, *, now: Callable[[], datetime], patience: float
) -> bool:
    """Do every job on its schedule until `stop` is set; what was due while we were down is done once, first.

    Each job runs at most once at a time and in its own thread, so that a slow one holds up no other. After
    `stop`, jobs in hand have `patience` seconds to come to the end of what they are doing; the answer says
    whether they did. A job that is cut off has lost nothing: everything it stored was stored whole.
    """
    scheduler = BackgroundScheduler(
        timezone=zone,
        executors={"default": ThreadPoolExecutor(max(1, len(jobs)))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE},
    )
    for job in jobs:
        late = overdue(job, zone, now())
        first = {"next_run_time": now()} if late else {}
        scheduler.add_job(job.act, trigger(job.schedule, zone, job.last_success()), id=job.id, name=job.id, **first)
        log.info("schedule.job", job=job.id, catches_up=late)
    scheduler.start()
    for planned in scheduler.get_jobs():
        log.info("schedule.next", job=planned.id, at=planned.next_run_time.isoformat())
    stop.wait()
    log.info("schedule.stopping")
    ending = Thread(target=scheduler.shutdown, name="schedule-shutdown", daemon=True)
    ending.start()
    ending.join(patience)
    log.info("schedule.stopped", all_jobs_ended=not ending.is_alive())
    return not ending.is_alive()
