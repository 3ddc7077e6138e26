"""`filrouge comment`: nothing is written until the admin has said so twice, then one comment a ticket, then none."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from demo.company import Company
from demo.serve import azure_devops_site, jira_site
from demo.trackers.azure_devops.site import AzureDevOpsSite
from demo.trackers.http import Answer, Request, serve
from demo.trackers.jira.site import JiraSite
from demo.workspace import write_workspace
from tests.cli.conftest import FILROUGE, Call

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
ON = {
    "FILROUGE_COMMENTS__ENABLED": "true",
    "FILROUGE_COMMENTS__PROJECTS": "[SHOP, Logistique]",
    "FILROUGE_COMMENTS__BUDGET": "{per_run: 5000}",
}


@dataclass(frozen=True)
class Killing:
    """The request is handled, and whoever sent it is no more."""

    process: int

    def answer(self, _request: Request, handle: Callable[[], Answer]) -> None:
        handle()
        os.kill(self.process, signal.SIGKILL)


@dataclass
class Trackers:
    """The company's two trackers and the workspace that has them as sources, pulled once."""

    folder: Path
    jira: JiraSite
    azure_devops: AzureDevOpsSite

    def said(self) -> dict[str, list[Any]]:
        """The comments that stand, by key or id of their ticket."""
        found: dict[str, list[Any]] = {one.key: list(one.comments) for one in self.jira.issues() if one.comments}
        for item in self.azure_devops.items.values():
            there = [one for one in item.comments if not one["isDeleted"]]
            if there:
                found[str(item.id)] = there
        return found

    def labels(self) -> dict[str, list[str]]:
        """The labels and tags of every ticket, by its key or id."""
        found = {one.key: sorted(one.fields.get("labels") or ()) for one in self.jira.issues()}
        for item in self.azure_devops.items.values():
            found[str(item.id)] = sorted(filter(None, str(item.fields.get("System.Tags") or "").split("; ")))
        return found


@pytest.fixture
def trackers(filrouge: Call, tmp_path: Path) -> Iterator[Trackers]:
    made = Company(date(2026, 11, 25))
    jira, azure_devops = jira_site(made, lambda: NOW), azure_devops_site(made, lambda: NOW)
    folder = tmp_path / "company"
    with ExitStack() as stack:
        urls = [stack.enter_context(serve(site)) for site in (jira, azure_devops)]
        write_workspace(folder, made, jira_url=urls[0], azure_devops_url=urls[1], language="en")
        assert filrouge("sync", cwd=folder).returncode == 0
        yield Trackers(folder, jira, azure_devops)


def killed_between_the_post_and_its_record(trackers: Trackers) -> None:
    """A real process that is killed by SIGKILL when its first comment has arrived, and before it hears so."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("FILROUGE_")} | ON
    process = subprocess.Popen(
        [str(FILROUGE), "comment", "post", "--yes"], cwd=trackers.folder, env=env, stderr=subprocess.DEVNULL
    )
    trackers.jira.faults = lambda request, _: Killing(process.pid) if request.method == "POST" else None
    assert process.wait(120) == -signal.SIGKILL
    trackers.jira.faults = None


def test_from_the_plan_to_the_last_comment_taken_back(filrouge: Call, trackers: Trackers) -> None:
    folder = trackers.folder
    before = trackers.said()

    def comment(*arguments: str, **settings: str) -> Any:
        return filrouge("comment", *arguments, cwd=folder, env=ON | settings)

    for command in (("post", "--yes"), ("withdraw", "--yes")):
        refused = comment(*command, FILROUGE_COMMENTS__ENABLED="false")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "comments.enabled is false" in refused.stderr
        assert refused.stderr.count("\n") == 1

    planned = comment("plan", "--json")
    assert planned.returncode == 0
    rows = json.loads(planned.stdout)
    assert {row["project"] for row in rows} == {"SHOP", "Logistique"}
    assert {row["action"] for row in rows} == {"new"}
    assert {row["held"] for row in rows} == {
        "the first comments in SHOP need --yes",
        "the first comments in Logistique need --yes",
    }
    assert all(row["after"] and row["before"] is None and row["why"] for row in rows)

    first = comment("post")
    assert first.returncode == 2
    assert "first comments or marks: SHOP (" in first.stderr
    assert comment("post", "--yes", "--dry-run").returncode == 0
    tokens = trackers.jira.tokens, trackers.azure_devops.tokens
    trackers.jira.tokens = trackers.azure_devops.tokens = {"another"}
    shut_out = comment("post", "--yes")
    assert shut_out.returncode == 3
    assert "demo-jira-token" not in shut_out.stderr
    trackers.jira.tokens, trackers.azure_devops.tokens = tokens
    assert trackers.said() == before

    killed_between_the_post_and_its_record(trackers)
    assert sum(map(len, trackers.said().values())) == 1 + sum(map(len, before.values()))
    posted = comment("post", "--yes", "--json")
    assert posted.returncode == 0, posted.stderr
    runs = json.loads(posted.stdout)
    assert (sum(run["posted"] for run in runs), sum(run["adopted"] for run in runs)) == (len(rows) - 1, 1)
    assert sum(map(len, trackers.said().values())) == len(rows) + sum(map(len, before.values()))
    assert set(trackers.said()) - set(before) == {row["key"] for row in rows} - set(before)
    again = comment("post")
    assert again.returncode == 0
    assert "Nothing to write" in again.stderr

    strategy = folder / "strategy.yaml"
    text = strategy.read_text("utf-8")
    title = next(line.split("title:", 1)[1].strip() for line in text.splitlines() if "title:" in line)
    strategy.write_text(text.replace(title, "Another title for the same"), encoding="utf-8")
    edits = comment("plan")
    assert edits.returncode == 0
    assert "+" in edits.stdout
    assert "Another title for the same" in edits.stdout
    assert "held back by" in edits.stdout
    assert "(1 a week)" in edits.stdout
    markdown = comment("plan", "--markdown")
    assert markdown.stdout.startswith("| ticket | action | why | held back by |\n|---|")
    assert "```diff" in markdown.stdout

    asked = comment("withdraw")
    assert asked.returncode == 2
    assert "SHOP (" in asked.stderr
    taken = comment("withdraw", "--yes", "--project", "shop")
    assert taken.returncode == 0
    assert {row["key"] for row in rows if row["project"] == "Logistique"} <= set(trackers.said())
    assert comment("withdraw", "--yes").returncode == 0
    assert trackers.said() == before


def test_marks_instead_of_comments_from_the_plan_to_the_last_one_taken_back(filrouge: Call, trackers: Trackers) -> None:
    folder = trackers.folder
    marks = {"FILROUGE_COMMENTS__TEXT": "false", "FILROUGE_COMMENTS__MARKS": "{label: fil-, property: true}"}
    said, labels = trackers.said(), trackers.labels()

    def comment(*arguments: str) -> Any:
        return filrouge("comment", *arguments, cwd=folder, env=ON | marks)

    planned = comment("plan", "--json")
    assert planned.returncode == 0, planned.stderr
    rows = json.loads(planned.stdout)
    assert {row["action"] for row in rows} == {"mark"}
    assert {row["held"] for row in rows} == {
        "the first marks in SHOP need --yes",
        "the first marks in Logistique need --yes",
    }
    assert all(one.startswith("fil-") or one == "property filrouge" for row in rows for one in row["set"])
    assert all(("property filrouge" in row["set"]) == (row["project"] == "SHOP") for row in rows)
    assert comment("post").returncode == 2
    assert "+fil-" in comment("plan").stdout
    assert "| mark | +fil-" in comment("plan", "--markdown").stdout
    dry = comment("post", "--yes", "--dry-run")
    assert "+fil-" in dry.stdout
    assert trackers.labels() == labels

    posted = comment("post", "--yes", "--json")
    assert posted.returncode == 0, posted.stderr
    assert sum(run["marked"] for run in json.loads(posted.stdout)) == sum(len(row["set"]) for row in rows)
    there = trackers.labels()
    for row in rows:
        assert set(there[row["key"]]) - set(labels[row["key"]]) == {one for one in row["set"] if one[:4] == "fil-"}
    assert trackers.said() == said
    assert "Nothing to write" in comment("post").stderr
    assert filrouge("sync", cwd=folder).returncode == 0
    assert "Nothing to write" in comment("post").stderr
    assert comment("plan", "--json").stdout.strip() == "[]"
    asked = comment("withdraw")
    assert asked.returncode == 2
    assert f"SHOP ({sum(row['project'] == 'SHOP' for row in rows)})" in asked.stderr
    assert comment("withdraw", "--yes").returncode == 0
    assert trackers.labels() == labels
    assert not any(one.properties for one in trackers.jira.issues())
