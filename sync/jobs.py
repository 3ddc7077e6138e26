"""What the scheduler does: a pull and a census for each source, a job for each report, comments, what waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event, Lock

import structlog

from config.settings import ReportJob, Schedule, Source
from config.workspace import Workspace
from domain.errors import FilrougeError
from store.kept import Outcome
from sync.census import ENDED, last_ended
from sync.delivery import WAITING, deliver_all, deliver_waiting
from sync.drafts import drafts
from sync.lint import Fault, broken_references
from sync.outbox import new_token, post
from sync.progress import Unwatched
from sync.readings import READINGS, addresses, read_addresses
from sync.reporting import make_report, subject_of
from sync.run import run
from sync.schedule import Job, jitter_of
from sync.tagging import tag
from sync.traces import one_run, span
from sync.turn import lease_name
from sync.wiring import House

log = structlog.get_logger("jobs")

COMMENTS = ("comments", "tickets")  # kind and subject of a run that writes comments
AGAIN = timedelta(days=1)  # after a census that lost sight of something, until the next one
SENT_AGAIN = Schedule(every="15m")  # what could not be delivered


@dataclass
class Turns:
    """What keeps jobs of one process apart, also when the workspace is read anew.

    Two sources that end together map the store one after the other; a source's pull and its census do not meet.
    """

    mapping: Lock = field(default_factory=Lock)
    faults: Sequence[Fault] = ()  # of the mapping, as last told
    sources: dict[str, Lock] = field(default_factory=lambda: defaultdict(Lock))


def jobs_of(house: House, stop: Event, turns: Turns) -> list[Job]:
    """Everything that has a schedule. `stop` ends a pull after the page in hand."""
    settings = house.workspace.settings
    jobs = [
        Job(
            id=f"sync:{source.id}",
            schedule=source.schedule,
            act=_sync(house, source, stop, turns, _counted_again(house)),
            last_success=_last(house, "sync", source.id),
            lock=lease_name(source.id),
            jitter=jitter_of(source.schedule),
        )
        for source in settings.sources
        if source.schedule is not None
    ]
    jobs += [
        Job(
            id=f"census:{source.id}",
            schedule=source.census,
            act=_sync(house, source, stop, turns, lambda _source: True),
            last_success=_last(house, "census", source.id, ENDED),
            lock=lease_name(source.id),
            jitter=jitter_of(source.census),
        )
        for source in settings.sources
        if source.schedule is not None and source.census is not None
    ]
    if reads_addresses(house.workspace):
        kind, subject = READINGS
        assert settings.readings.schedule is not None, "else nothing is asked on a schedule"
        jobs.append(Job(f"{kind}:{subject}", settings.readings.schedule, _readings(house), _last(house, kind, subject)))
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
    comments = settings.comments
    if comments.enabled and comments.schedule is not None:
        kind, subject = COMMENTS
        jobs.append(Job(f"{kind}:{subject}", comments.schedule, _comments(house, stop), _last(house, kind, subject)))
    if jobs and any(one.folder is None for report in settings.reports for one in report.deliver):
        jobs.append(Job(":".join(WAITING), SENT_AGAIN, _waiting(house), last_success=lambda: None))
    return [replace(job, act=_as_one_run(job)) for job in jobs]


def _as_one_run(job: Job) -> Callable[[], None]:
    def act() -> None:
        with one_run(), span("job", job=job.id):
            job.act()

    return act


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
    house: House, source: Source, stop: Event, turns: Turns, counting: Callable[[Source], bool]
) -> Callable[[], None]:
    def act() -> None:
        try:
            with turns.sources[source.id]:
                run(
                    [source],
                    house.connect,
                    house.store,
                    clock=house.clock,
                    full=False,
                    watcher=Unwatched(),
                    stop=stop,
                    counting=counting,
                    comments=house.workspace.settings.comments,
                )
            with turns.mapping:
                _map(house, turns)
        except FilrougeError as error:
            log.error("job.failed", job=f"sync:{source.id}", problem=str(error))

    return act


def _map(house: House, turns: Turns) -> None:
    """Map the store, and say which rules name what is gone as soon as they do: once, not after every pull."""
    tagged = tag(house.workspace, house.store, house.clock)
    faults = broken_references(house.workspace, tagged.broken, house.clock.now())
    for fault in faults:
        if fault not in turns.faults:
            log.warning("mapping.broken_reference", rule=fault.rule, place=str(fault.place), problem=fault.message)
    turns.faults = faults


def reads_addresses(workspace: Workspace) -> bool:
    """Whether readings are asked for on a schedule."""
    return workspace.settings.readings.schedule is not None and bool(addresses(workspace.strategy))


def _readings(house: House) -> Callable[[], None]:
    def act() -> None:
        try:
            asked = read_addresses(house.workspace, house.store, house.clock, house.fetch)
        except FilrougeError as error:
            log.error("job.failed", job="readings:addresses", problem=str(error))
            return
        for one in asked:
            if one.error is not None:
                log.warning("readings.failed", key_results=one.key_results, problem=str(one.error))
        log.info("job.done", job="readings:addresses", new=sum(one.new for one in asked))

    return act


def _comments(house: House, stop: Event) -> Callable[[], None]:
    """Write comments; the first ones in a project wait for an admin."""

    def write() -> dict[str, object]:
        texts = list(drafts(house.workspace, house.store, house.clock))
        runs = post(
            house.workspace,
            house.store,
            texts,
            house.connect,
            clock=house.clock,
            token=new_token,
            approved=False,
            stop=stop,
        )
        problems = [problem for run in runs for problem in run.problems]
        return {"sources": [run.summary() for run in runs], "problem": problems[0] if problems else None}

    return _recorded(house, *COMMENTS, write)


def _waiting(house: House) -> Callable[[], None]:
    """Deliver what waits: at once when the service starts, and then on its schedule."""

    def act() -> None:
        try:
            deliver_waiting(house)
        except FilrougeError as error:
            log.error("job.failed", job=":".join(WAITING), problem=str(error))

    return act


def _report(house: House, report: ReportJob) -> Callable[[], None]:
    return _recorded(house, "report", report.id, lambda: write_report(house, report))


def _recorded(house: House, kind: str, subject: str, work: Callable[[], dict[str, object]]) -> Callable[[], None]:
    """Do something, and keep in the store that and how it was done; `work` gives the summary."""

    def act() -> None:
        with house.store.writing() as unit:
            started = unit.start_run(kind, subject, house.clock.now())
        outcome: Outcome = "ok"
        summary: dict[str, object] = {}
        try:
            summary = work()
            log.info("job.done", job=f"{kind}:{subject}", **summary)
        except FilrougeError as error:
            outcome, summary = "failed", {"problem": str(error)}
            log.error("job.failed", job=f"{kind}:{subject}", problem=str(error))
        except BaseException as error:
            outcome, summary = "failed", {"problem": f"Something unexpected went wrong ({type(error).__name__})."}
            raise
        finally:
            with house.store.writing() as unit:
                unit.finish_run(started, house.clock.now(), outcome, summary)

    return act


def write_report(house: House, job: ReportJob) -> dict[str, object]:
    """Make the report of the last week that is over and deliver it; what became of it by channel, for the log.

    What could not be delivered is told by its own row of the status. FilrougeError when it cannot be made.
    """
    subject = subject_of(house.workspace, week=None, as_of=None, now=house.clock.now())
    made = make_report(house.workspace, house.store, house.clock, subject)
    delivered = {one.key.channel: one.state for one in deliver_all(house, job, made)}
    return {"window": subject.window.label, "delivered": delivered}
