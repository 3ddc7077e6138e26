"""When things are due, and the scheduler that does them: the only file that knows APScheduler."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.base import BaseExecutor
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from config.settings import Schedule
from config.times import interval_seconds

log = structlog.get_logger("schedule")

LOOK_BACK = timedelta(days=400)
TURNS = 3  # missed in a row are told
LATEST = 30  # seconds of jitter
AT_ONCE = 100  # jobs that one process does at the same time, far more than there are


@dataclass(frozen=True)
class Job:
    """Something done on a schedule. `last_success` is when what last went well began (None: nothing ever).

    Two jobs of one `lock` are never done at once. `jitter` is how many seconds later than due it may begin, by chance,
    so that not everybody asks at the full hour.
    """

    id: str
    schedule: Schedule
    act: Callable[[], None]
    last_success: Callable[[], datetime | None]
    lock: str | None = None
    jitter: int = 0


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


def missed(schedule: Schedule, zone: ZoneInfo, last: datetime, now: datetime) -> bool:
    """Whether what last began at `last` has not begun again for so many turns as are too many (TURNS)."""
    due = last_due(schedule, zone, now, count=TURNS)
    return due is not None and last < due


def jitter_of(schedule: Schedule) -> int:
    """How many seconds late what asks a tracker may begin: a tenth of its interval, half a minute at most."""
    if schedule.every is None:
        return LATEST
    return min(LATEST, int(interval_seconds(schedule.every) // 10))


def done_already(job: Job, zone: ZoneInfo, now: datetime) -> bool:
    """Whether somebody else has done meanwhile what is due at `now`.

    So it is when it went well since the last due instant of a cron, or within half of an interval.
    """
    success = job.last_success()
    if success is None:
        return False
    if job.schedule.every is not None:
        return (now - success).total_seconds() < interval_seconds(job.schedule.every) / 2
    due = last_due(job.schedule, zone, now)
    return due is None or success >= due


def overdue(job: Job, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the job was due while nobody ran it: its last success is older than its last due instant.

    A job that never succeeded is overdue, except a cron job that has no due instant in the past.
    """
    success = job.last_success()
    due = last_due(job.schedule, zone, now)
    if due is None:
        return False
    return success is None or success < due


class Timetable:
    """Jobs on their schedules, each at most once at a time; what they do is done by `fire`, which gets a job's id.

    A job that is due while nobody looks (the machine slept) is done once. `scheduler` and `executor` are those of
    APScheduler that run in threads, unless others are given.
    """

    def __init__(
        self,
        zone: ZoneInfo,
        fire: Callable[[str], None],
        *,
        now: Callable[[], datetime],
        scheduler: BaseScheduler | None = None,
        executor: BaseExecutor | None = None,
    ) -> None:
        self._zone, self._fire, self._now = zone, fire, now
        self._jobs: dict[str, Job] = {}
        self._scheduler = scheduler or BackgroundScheduler()
        self._scheduler.configure(
            timezone=zone,
            executors={"default": executor or ThreadPoolExecutor(AT_ONCE)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def put(self, jobs: Sequence[Job], zone: ZoneInfo) -> None:
        """Have these jobs and no others: overdue ones are due now, those whose schedule stays keep their turn."""
        wanted = {job.id: job for job in jobs}
        for gone in self._jobs.keys() - wanted.keys():
            self._scheduler.remove_job(gone)
        for job in jobs:
            before = self._jobs.get(job.id)
            if before is not None and (before.schedule, self._zone) == (job.schedule, zone):
                continue
            late = overdue(job, zone, self._now())
            first = {"next_run_time": self._now()} if late else {}
            when = trigger(job.schedule, zone, job.last_success())
            when.jitter = job.jitter or None
            self._scheduler.add_job(self._fire, when, [job.id], id=job.id, name=job.id, replace_existing=True, **first)
            log.info("schedule.job", job=job.id, catches_up=late)
        self._jobs, self._zone = wanted, zone

    def start(self) -> None:
        """Begin; times that passed since `put` count as due."""
        self._scheduler.start()
        for planned in self._scheduler.get_jobs():
            log.info("schedule.next", job=planned.id, at=planned.next_run_time.isoformat())

    def stop(self, patience: float) -> bool:
        """Begin nothing more; whether what was begun came to its end within so many seconds."""
        log.info("schedule.stopping")
        ending = Thread(target=self._scheduler.shutdown, name="schedule-shutdown", daemon=True)
        ending.start()
        ending.join(patience)
        log.info("schedule.stopped", all_jobs_ended=not ending.is_alive())
        return not ending.is_alive()
