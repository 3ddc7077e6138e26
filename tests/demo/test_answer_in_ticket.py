"""A team answers in the ticket of the demo, and the next report counts it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

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
from sync.tagging import tag
from sync.wiring import House, open_house

FILROUGE = Path(sys.executable).with_name("filrouge")
TODAY = date(2026, 11, 25)
ENABLED = "\ncomments: {enabled: true, projects: [SHOP, PRO], budget: {per_run: 500}}\n"
LEAD = {"accountId": "a-lead", "displayName": "The lead", "active": True}


@dataclass
class Town:
    house: House
    site: JiraSite
    clock: StoryClock

    def sync(self) -> None:
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
        tag(self.house.workspace, self.house.store, self.clock)

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
def _company(folder: Path) -> Iterator[Town]:
    company = Company(TODAY)
    clock = StoryClock(story_time(company), SystemClock())
    site = jira_site(company, clock.now)
    with serve(site) as jira_url, serve(azure_devops_site(company, clock.now)) as azure_devops_url:
        write_workspace(folder, company, jira_url=jira_url, azure_devops_url=azure_devops_url, language="fr")
        with (folder / "filrouge.yaml").open("a", encoding="utf-8") as settings:
            settings.write(ENABLED)
        with open_house(folder, secrets=True, environ={}, clock=clock) as house:
            yield Town(house, site, clock)


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Town]:
    with _company(tmp_path) as told:
        yield told


def test_a_command_changes_the_next_report_as_computed_and_is_explained(company: Town, tmp_path: Path) -> None:
    company.sync()
    assert company.post() > 10
    before = company.report()
    items = company.items()
    epic = next(item for item in items if item.level == 1 and item.title == "Catalogue papier de printemps (2)")
    start, end = (datetime.fromisoformat(before["horizon"][edge]) for edge in ("from", "to"))
    # By hand: the epic's stories that were delivered in the horizon, each of them one of all that were.
    moved = [one for one in items if one.parent == epic.id and one.done_at is not None and start <= one.done_at < end]
    assert len(moved) == 2

    company.answer(epic, "/filrouge map KR2.1 75 O3 25")
    company.sync()
    after = company.report()

    total = before["delivered"]["items"]
    part = len(moved) / total
    assert after["delivered"]["items"] == total
    assert after["unaligned"]["items"] == before["unaligned"]["items"] - len(moved)
    shares = {row["target"]: row["delivered"] or 0.0 for row in before["allocation"]}
    expected = shares | {
        "O2": shares["O2"] + 0.75 * part,
        "O3": shares["O3"] + 0.25 * part,
        "unaligned": shares["unaligned"] - part,
    }
    assert {row["target"]: row["delivered"] for row in after["allocation"]} == pytest.approx(expected, abs=2e-6)
    assert {one["subject"] for one in before["findings"] if one["code"] == "W01"} - {
        one["subject"] for one in after["findings"] if one["code"] == "W01"
    } == {epic.key}
    (reply,) = after["replies"]
    assert (reply["item"]["key"], reply["targets"], reply["reason"]) == (epic.key, {"KR2.1": 0.75, "O3": 0.25}, None)

    told = subprocess.run(
        [FILROUGE, "map", "explain", epic.key, "--json", "-w", tmp_path], capture_output=True, text=True, check=True
    )
    explained = json.loads(told.stdout)
    assert explained["via"]["contributes_to"] == "ticket"
    (line,) = explained["commands"]
    assert (line["said"], line["used"], line["problem"]) == ("/filrouge map KR2.1 75 O3 25", ["contributes_to"], None)
    assert line["by"].startswith("person-")
    story = next(one for one in moved if one.state.value == "done")
    told = subprocess.run(
        [FILROUGE, "map", "explain", story.key, "-w", tmp_path], capture_output=True, text=True, check=True
    )
    assert f"inherited from {epic.key}, which has it by a command in the ticket" in told.stdout
    assert "/filrouge map KR2.1 75 O3 25  decides contributes_to" in told.stdout

    # The ticket's comment says so, and the mapping came within two weeks.
    assert company.post() == 1
    said = json.dumps(company.site.find(epic.id).comments[0]["body"], ensure_ascii=False)  # type: ignore[union-attr]  # it is there
    assert "l’équipe l’a dit dans le ticket" in said
    effect = company.report()["comments"]
    assert effect is not None
    assert (effect["mapped"], effect["ignored"]) == (1, 0)


def test_a_dismissed_finding_stands_in_the_report_with_its_reason(company: Town) -> None:
    company.sync()
    company.post()
    epic = next(
        item for item in company.items() if item.level == 1 and item.title == "Catalogue papier de printemps (2)"
    )
    assert epic.key in {one["subject"] for one in company.report()["findings"] if one["code"] == "W01"}
    company.answer(epic, "/filrouge not-aligned « obligation légale »")
    company.sync()
    document = company.report()
    assert epic.key not in {one["subject"] for one in document["findings"] if one["code"] == "W01"}
    (reply,) = document["replies"]
    assert (reply["item"]["key"], reply["targets"], reply["reason"]) == (epic.key, {}, "obligation légale")
    assert document["unaligned"]["reasons"]["declared"] > 0
