"""The demo's company while its trackers run: what happens there, and what the program makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from threading import Event

from demo.company import Company
from demo.serve import azure_devops_site, jira_site
from demo.tell import StoryClock, story_time
from demo.trackers.http import serve
from demo.trackers.jira import comments
from demo.trackers.jira.site import JiraSite
from demo.workspace import write_workspace
from domain.work import WorkItem
from reports.document import Document
from sync.clock import SystemClock
from sync.drafts import drafts
from sync.outbox import new_token, post
from sync.progress import Unwatched
from sync.reporting import make_report, subject_of
from sync.run import run
from sync.tagging import Tagged, tag
from sync.wiring import House, open_house

TODAY = date(2026, 11, 25)
ENABLED = "\ncomments: {enabled: true, projects: [SHOP, PRO], budget: {per_run: 500}}\n"
LEAD = {"accountId": "a-lead", "displayName": "The lead", "active": True}


@dataclass
class Town:
    house: House
    site: JiraSite
    clock: StoryClock

    def sync(self) -> Tagged:
        """Pull what changed an hour later, and map it."""
        settings = self.house.workspace.settings
        self.clock.at += timedelta(hours=1)
        results = run(
            settings.sources,
            self.house.connect,
            self.house.store,
            clock=self.clock,
            full=False,
            watcher=Unwatched(),
            stop=Event(),
            comments=settings.comments,
        )
        assert [one.outcome for one in results] == ["ok", "ok"]
        return tag(self.house.workspace, self.house.store, self.clock)

    def post(self) -> int:
        texts = list(drafts(self.house.workspace, self.house.store, self.clock))
        runs = post(
            self.house.workspace,
            self.house.store,
            texts,
            self.house.connect,
            clock=self.clock,
            token=new_token,
            approved=True,
            stop=Event(),
        )
        return sum(one.counts["posted"] + one.counts["edited"] for one in runs)

    def report(self) -> Document:
        subject = subject_of(self.house.workspace, week="2026-W47", as_of=self.clock.at, now=self.clock.at)
        return make_report(self.house.workspace, self.house.store, self.clock, subject).document

    def items(self) -> list[WorkItem]:
        with self.house.store.reading() as reader:
            return list(reader.items())

    def answer(self, item: WorkItem, text: str) -> None:
        """The lead writes in the ticket."""
        self.clock.at += timedelta(minutes=5)
        body = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
        issue = self.site.find(item.id)
        assert issue is not None
        comments.say(self.site, issue, LEAD, {"type": "doc", "version": 1, "content": [body]}, self.clock.at)


@contextmanager
def company_at(folder: Path, rules: tuple[str, str] = ("", "")) -> Iterator[Town]:
    """A company whose workspace is in the folder, with one text of its rules in place of another."""
    company = Company(TODAY)
    clock = StoryClock(story_time(company), SystemClock())
    site = jira_site(company, clock.now)
    with serve(site) as jira_url, serve(azure_devops_site(company, clock.now)) as azure_devops_url:
        write_workspace(folder, company, jira_url=jira_url, azure_devops_url=azure_devops_url, language="fr")
        with (folder / "filrouge.yaml").open("a", encoding="utf-8") as settings:
            settings.write(ENABLED)
        mapping = folder / "mapping.yaml"
        assert rules[0] in mapping.read_text("utf-8")
        mapping.write_text(mapping.read_text("utf-8").replace(*rules, 1), "utf-8")
        with open_house(folder, secrets=True, environ={}, clock=clock) as house:
            yield Town(house, site, clock)
