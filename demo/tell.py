"""The demo's main job: serve the two trackers, sync, map, report thirteen weeks, and say what came out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Event

from demo.company import ZONE, Company
from demo.serve import serve_company
from demo.workspace import write_workspace
from domain.calendar import midnight, week_of
from domain.clock import Clock
from domain.errors import FilrougeError
from reports.delivery.folder import deliver, report_name
from reports.document import Document
from reports.formats.registry import FORMATS, USUAL
from reports.report import Report
from reports.words import headline
from sync.progress import Watcher
from sync.reporting import make_report, subject_of
from sync.run import run
from sync.tagging import remember_revisions, tag
from sync.wiring import House, open_house

WEEKS_REPORTED = 13


@dataclass(frozen=True)
class Story:
    """What the demo left: the last week's report as data and as files, and where the trackers listen."""

    document: Document
    files: list[Path]
    jira_url: str
    azure_devops_url: str

    def as_json(self) -> dict[str, object]:
        """The findings and the files, for programs."""
        return {
            "window": self.document["window"]["label"],
            "verdict": self.document["drift"]["horizon"]["verdict"],
            "findings": [
                {"code": finding["code"], "subject": finding["subject"], "severity": finding["severity"]}
                for finding in self.document["findings"]
            ],
            "files": [str(path) for path in self.files],
        }


@contextmanager
def tell(
    folder: Path, today: date, *, language: str, clock: Clock, say: Callable[[str], None], watcher: Watcher
) -> Iterator[Story]:
    """Run the whole job in `folder`; the trackers stay up as long as the context.

    `today` is the local day on which the story is told: its last week is the one before. FilrougeError when
    something does not go as it should.
    """
    company = Company(today)
    with ExitStack() as stack:
        told = StoryClock(story_time(company), clock)
        jira_url, azure_devops_url = stack.enter_context(serve_company(company, told.now))
        for old in folder.glob("filrouge.db*"):
            old.unlink()
        write_workspace(folder, company, jira_url=jira_url, azure_devops_url=azure_devops_url, language=language)
        with open_house(folder, secrets=True, environ={}, clock=told) as house:
            # The company has kept its YAML in git from the start.
            remember_revisions(house.workspace, house.store, StoryClock(midnight(company.start, ZONE), clock))
            _sync(house, say, watcher)
            report = _report(house, company)
        document = report.document
        stem = report_name("drift", document["window"]["label"])
        files = deliver(folder / "reports", {f"{stem}.{name}": FORMATS[name](report) for name in USUAL})
        say("")
        for line in headline(document):
            say(line)
        say("")
        for path in files:
            say(f"wrote {path}")
        yield Story(document, files, jira_url, azure_devops_url)


def _sync(house: House, say: Callable[[str], None], watcher: Watcher) -> None:
    results = run(
        house.workspace.settings.sources,
        house.connect,
        house.store,
        clock=house.clock,
        full=False,
        watcher=watcher,
        stop=Event(),
    )
    for result in results:
        say(result.sentence())
        if result.error is not None:
            raise FilrougeError("The demo's own trackers could not be read; please report this.")
    tagged = tag(house.workspace, house.store, house.clock)
    say(f"{tagged.mapped:,} of {len(tagged.assignments):,} items are mapped.")


def _report(house: House, company: Company) -> Report:
    """The reports of the last weeks in their order, so that the last one knows since when each finding stands."""
    now = house.clock.now()
    last = week_of(company.monday, ZONE).earlier(1)
    made = [
        make_report(
            house.workspace,
            house.store,
            house.clock,
            subject_of(house.workspace, week=last.earlier(back).label, as_of=None, now=now),
        )
        for back in reversed(range(WEEKS_REPORTED))
    ]
    return made[-1]


@dataclass
class StoryClock:
    """The story's time stands still at `at`, until somebody sets it on; how long things take is still real."""

    at: datetime
    real: Clock

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.real.monotonic()

    def sleep(self, seconds: float) -> None:
        self.real.sleep(seconds)


def story_time(company: Company) -> datetime:
    """The instant at which the story is told: 24 hours after its last week's end, when its report is settled."""
    return midnight(company.monday + timedelta(days=1), ZONE)
