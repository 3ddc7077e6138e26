"""What the scheduler does: one job for each source and each report of the workspace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Event, Lock

import structlog

from config.settings import ReportJob, Source
from domain.errors import FilrougeError
from reports.delivery.folder import deliver
from reports.formats.registry import FORMATS
from store.kept import Outcome
from sync.progress import Unwatched
from sync.reporting import make_report, subject_of
from sync.run import run
from sync.schedule import Job
from sync.tagging import tag
from sync.wiring import House

log = structlog.get_logger("jobs")


def jobs_of(house: House, stop: Event) -> list[Job]:
    """Every source and report that has a schedule. `stop` ends a pull after the page in hand."""
    settings = house.workspace.settings
    mapping = Lock()  # two sources that end together map the store one after the other
    jobs = [
        Job(
            id=f"sync:{source.id}",
            schedule=source.schedule,
            act=_sync(house, source, stop, mapping),
            last_success=_last(house, "sync", source.id),
        )
        for source in settings.sources
        if source.schedule is not None
    ]
    jobs += [
        Job(
            id=f"report:{report.id}",
            schedule=report.schedule,
            act=_report(house, report),
            last_success=_last(house, "report", report.id),
        )
        for report in settings.reports
        if report.schedule is not None
    ]
    return jobs


def _last(house: House, kind: str, subject: str) -> Callable[[], datetime | None]:
    def last() -> datetime | None:
        with house.store.reading() as reader:
            success = reader.last_run(kind, subject, outcome="ok")
        return success.started_at if success else None

    return last


def _sync(house: House, source: Source, stop: Event, mapping: Lock) -> Callable[[], None]:
    def act() -> None:
        try:
            run([source], house.connect, house.store, clock=house.clock, full=False, watcher=Unwatched(), stop=stop)
            with mapping:
                tag(house.workspace, house.store, house.clock)
        except FilrougeError as error:
            log.error("job.failed", job=f"sync:{source.id}", problem=str(error))

    return act


def _report(house: House, report: ReportJob) -> Callable[[], None]:
    def act() -> None:
        with house.store.writing() as unit:
            started = unit.start_run("report", report.id, house.clock.now())
        outcome: Outcome = "ok"
        summary: dict[str, object]
        try:
            summary = write_report(house, report)
            log.info("report.written", report=report.id, **summary)
        except FilrougeError as error:
            outcome, summary = "failed", {"problem": str(error)}
            log.error("job.failed", job=f"report:{report.id}", problem=str(error))
        with house.store.writing() as unit:
            unit.finish_run(started, house.clock.now(), outcome, summary)

    return act


def write_report(house: House, report: ReportJob) -> dict[str, object]:
    """Make the report of the last week that is over and deliver it; what was written, for the log.

    FilrougeError when it cannot be made or delivered.
    """
    subject = subject_of(house.workspace, week=None, as_of=None, now=house.clock.now())
    document = make_report(house.workspace, house.store, house.clock, subject)
    contents: dict[str, bytes] = {name: FORMATS[name](document) for name in report.formats}
    written: list[str] = []
    for delivery in report.deliver:
        if delivery.folder is not None:
            folder = house.workspace.folder / delivery.folder
            written += [str(path) for path in deliver(folder, report_name(report.id, subject.window.label), contents)]
    return {"window": subject.window.label, "files": written}


def report_name(report_id: str, label: str) -> str:
    """The file name, without its ending, of a report of a week."""
    return f"{report_id}-{label}"
