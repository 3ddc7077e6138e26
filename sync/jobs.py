"""What the scheduler does: a pull and a census for each source, and one job for each report of the workspace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Event, Lock

import structlog

from config.settings import ReportJob, Source
from domain.errors import FilrougeError
from reports.delivery.folder import deliver
from reports.formats.registry import FORMATS
from store.kept import Outcome
from sync.census import ENDED, last_ended
from sync.progress import Unwatched
from sync.reporting import make_report, subject_of
from sync.run import run
from sync.schedule import Job
from sync.tagging import tag
from sync.wiring import House

log = structlog.get_logger("jobs")

AGAIN = timedelta(days=1)  # after a census that lost sight of something, until the next one


def jobs_of(house: House, stop: Event) -> list[Job]:
    """Every source and report that has a schedule. `stop` ends a pull after the page in hand."""
    settings = house.workspace.settings
    mapping = Lock()  # two sources that end together map the store one after the other
    turns = {source.id: Lock() for source in settings.sources}  # a source's pull and its census do not meet
    jobs = [
        Job(
            id=f"sync:{source.id}",
            schedule=source.schedule,
            act=_sync(house, source, stop, mapping, turns[source.id], _counted_again(house)),
            last_success=_last(house, "sync", source.id),
        )
        for source in settings.sources
        if source.schedule is not None
    ]
    jobs += [
        Job(
            id=f"census:{source.id}",
            schedule=source.census,
            act=_sync(house, source, stop, mapping, turns[source.id], lambda _source: True),
            last_success=_last(house, "census", source.id, ENDED),
        )
        for source in settings.sources
        if source.schedule is not None and source.census is not None
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


def _last(house: House, kind: str, subject: str, outcomes: Sequence[str] = ("ok",)) -> Callable[[], datetime | None]:
    def last() -> datetime | None:
        with house.store.reading() as reader:
            success = last_ended(reader, kind, subject, outcomes)
        return success.started_at if success else None

    return last


def _counted_again(house: House) -> Callable[[Source], bool]:
    """Whether a pull is followed by a census although none is due: once a day, while something is out of sight."""

    def wanted(source: Source) -> bool:
        if source.census is None:
            return False
        with house.store.reading() as reader:
            last = last_ended(reader, "census", source.id, ENDED)
        if last is None or not last.summary.get("vanished"):
            return False
        return house.clock.now() - last.started_at >= AGAIN

    return wanted


def _sync(
    house: House, source: Source, stop: Event, mapping: Lock, turn: Lock, counting: Callable[[Source], bool]
) -> Callable[[], None]:
    def act() -> None:
        try:
            with turn:
                run(
                    [source],
                    house.connect,
                    house.store,
                    clock=house.clock,
                    full=False,
                    watcher=Unwatched(),
                    stop=stop,
                    counting=counting,
                )
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
