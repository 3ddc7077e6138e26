"""The made-up company on loopback, and a schedule whose time is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.base import BaseScheduler

from config.load import load
from demo.company import Company
from demo.serve import azure_devops_site, jira_site
from demo.trackers.http import serve
from demo.workspace import write_workspace
from sync.schedule import Timetable
from sync.service import Service
from sync.wiring import House, open_house
from tests.cli.conftest import filrouge
from tests.databases import postgres_server

__all__ = ["filrouge", "postgres_server"]

PARIS = ZoneInfo("Europe/Paris")
SERVICE = """
reports:
  - id: weekly
    schedule: {cron: "0 7 * * mon"}
    formats: [md, json]
    deliver: [{folder: weekly}]
"""


def write_company(folder: Path, urls: list[str], today: date, *, jira: str, azure_devops: str, rest: str) -> None:
    """The company's workspace with a schedule for each source, and `rest` in the place of its reports."""
    write_workspace(folder, Company(today), jira_url=urls[0], azure_devops_url=urls[1], language="en")
    settings = folder / "filrouge.yaml"
    lines = settings.read_text("utf-8").splitlines()
    kept = [line for line in lines if not line.lstrip().startswith(("schedule:", "#"))]
    cut = next((number for number, line in enumerate(kept) if line.startswith("reports:")), len(kept))
    end = next((n for n, line in enumerate(kept[cut + 1 :], cut + 1) if line and not line[0].isspace()), len(kept))
    text = "\n".join([*kept[:cut], *kept[end:]])
    text = text.replace("    kind: jira\n", f"    kind: jira\n    schedule: {jira}\n")
    text = text.replace("    kind: azure_devops\n", f"    kind: azure_devops\n    schedule: {azure_devops}\n")
    settings.write_text(text + "\n" + rest, encoding="utf-8")


@contextmanager
def company(today: date) -> Iterator[list[str]]:
    """The addresses of the company's two trackers as they stand at noon of a day."""
    made, noon = Company(today), datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    with ExitStack() as stack:
        sites: list[Any] = [jira_site(made, lambda: noon), azure_devops_site(made, lambda: noon)]
        yield [stack.enter_context(serve(site)) for site in sites]


class Stepped(BaseScheduler):  # type: ignore[misc] # the package has no types
    """A scheduler that looks what is due when it is told to."""

    def wakeup(self) -> None:
        """Nobody waits."""

    def shutdown(self, wait: bool = True) -> None:
        super().shutdown(wait)

    def step(self) -> float | None:
        """Do what is due; seconds until something is due next."""
        wait: float | None = self._process_jobs()
        return wait


@dataclass
class Simulation:
    """A service in a process whose time is moved by hand: up, down, and up again."""

    folder: Path
    time: time_machine.Traveller

    @contextmanager
    def up(self) -> Iterator[tuple[House, Service, Stepped]]:
        """The service runs, until the block ends."""
        with open_house(self.folder, secrets=True, environ={}) as house:
            service = Service(house, Event(), lambda: load(self.folder, {}))
            scheduler = Stepped()
            timetable = Timetable(
                house.workspace.zone, service.do, now=house.clock.now, scheduler=scheduler, executor=DebugExecutor()
            )
            timetable.put(service.jobs, house.workspace.zone)
            timetable.start()
            yield house, service, scheduler
            assert timetable.stop(60)

    def until(self, end: datetime, scheduler: Stepped) -> None:
        """Let time pass, doing everything that is due on the way."""
        while True:
            wait = scheduler.step()
            now = datetime.now(UTC)
            if wait is None or now + timedelta(seconds=wait) > end:
                self.time.move_to(end)
                return
            self.time.move_to(now + timedelta(seconds=wait))
