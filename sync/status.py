"""What each source and report did last, when it is due next, and which reports have not arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from config.settings import Schedule
from config.workspace import Workspace
from domain.calendar import instant_text
from store.kept import StoredRun
from store.open import Store
from store.queries import Reader
from sync.census import ENDED, last_ended, vanished_of
from sync.delivery import newest, standing
from sync.jobs import COMMENTS, reads_addresses
from sync.readings import READINGS
from sync.schedule import TURNS, missed, next_due

UNDELIVERED = "deliver:"  # how the names of rows begin that tell of a report which has not arrived


@dataclass(frozen=True, slots=True)
class Row:
    """One job. `age` is the time since its last success in words; `items` counts what the store holds of a source.

    `problem` is what is wrong, `remedy` what to do: about the problem, or where nothing was done yet.
    """

    job: str
    last_run: datetime | None
    outcome: str | None
    last_success: datetime | None
    age: str | None
    items: int | None
    next_run: datetime | None
    problem: str | None
    remedy: str | None

    @property
    def undelivered(self) -> bool:
        """Whether this is no job but a report that has not arrived."""
        return self.job.startswith(UNDELIVERED)

    def as_json(self) -> dict[str, object]:
        """The row as data; instants are UTC text."""
        return {
            "job": self.job,
            "last_run": instant_text(self.last_run) if self.last_run else None,
            "outcome": self.outcome,
            "last_success": instant_text(self.last_success) if self.last_success else None,
            "items": self.items,
            "next_run": instant_text(self.next_run) if self.next_run else None,
            "problem": self.problem,
            "remedy": self.remedy,
        }


def watched(workspace: Workspace) -> list[tuple[str, str, Schedule | None]]:
    """Kind, subject and schedule of everything that runs, or may be run by hand, in a workspace."""
    sources = workspace.settings.sources
    jobs: list[tuple[str, str, Schedule | None]] = [("sync", source.id, source.schedule) for source in sources]
    jobs += [
        ("census", source.id, source.census if source.schedule else None)
        for source in sources
        if source.census is not None
    ]
    if reads_addresses(workspace):
        jobs.append((*READINGS, workspace.settings.readings.schedule))
    jobs += [("report", report.id, report.schedule) for report in workspace.settings.reports]
    if workspace.settings.comments.enabled and workspace.settings.comments.schedule is not None:
        jobs.append((*COMMENTS, workspace.settings.comments.schedule))
    return jobs


def status_of(workspace: Workspace, store: Store, now: datetime) -> list[Row]:
    """A row for each source, scheduled census, readings, each report, comments, and each report not yet delivered."""
    rows = []
    with store.reading() as reader:
        counts = reader.counts()
        for kind, subject, schedule in watched(workspace):
            last = reader.last_run(kind, subject)
            if kind == "census" and schedule is None and last is None:
                continue  # by hand only, and never asked for
            success = last_ended(reader, kind, subject, ENDED if kind == "census" else ("ok",))
            problem = last.summary.get("problem") if last else None
            remedy = _remedy(kind, subject, last, failed=bool(problem))
            if kind == "census" and not problem and success is not None:
                problem = " ".join(one.sentence(subject) for one in vanished_of(success)) or None
            if schedule and last and missed(schedule, workspace.zone, last.started_at, now):
                problem = f"{TURNS} turns have passed since its last run began."
                remedy = "See that `filrouge run` is up, and what it logged; `filrouge doctor` looks at the schedule."
            rows.append(
                Row(
                    job=f"{kind}:{subject}",
                    last_run=last.started_at if last else None,
                    outcome=(last.outcome or "running") if last else None,
                    last_success=success.finished_at if success else None,
                    age=f"{age(now - success.finished_at)} ago" if success and success.finished_at else None,
                    items=counts[subject].items if kind == "sync" and subject in counts else None,
                    next_run=next_due(schedule, workspace.zone, success.started_at if success else None, now)
                    if schedule
                    else None,
                    problem=str(problem) if problem else None,
                    remedy=remedy,
                )
            )
        rows += _undelivered(reader)
    return rows


def _undelivered(reader: Reader) -> list[Row]:
    """A row for each report that did not arrive in one of its channels, or of which nobody knows."""
    rows = []
    for known in newest(reader):
        if known.state == "sent":
            continue
        stands = standing(known)
        rows.append(
            Row(
                job=f"{UNDELIVERED}{known.key.report} {known.key.label} to {known.key.channel}",
                last_run=known.tried_at,
                outcome=known.state,
                last_success=None,
                age=None,
                items=None,
                next_run=None,
                problem=known.problem,
                remedy=stands.remedy or "It is tried again every 15 minutes while `filrouge run` is up.",
            )
        )
    return rows


def _remedy(kind: str, subject: str, last: StoredRun | None, *, failed: bool) -> str | None:
    if last is None:
        return f"`filrouge sync {subject}` reads it." if kind == "sync" else None
    return "`filrouge doctor` looks for what to mend; the next run tries again." if failed else None


def age(time: timedelta) -> str:
    """A span of time in its largest unit: `3 h`, `2 days`."""
    seconds = max(0, int(time.total_seconds()))
    for size, one, many in ((86_400, "day", "days"), (3_600, "h", "h"), (60, "min", "min")):
        if seconds >= size:
            n = seconds // size
            return f"{n} {one if n == 1 else many}"
    return f"{seconds} s"
