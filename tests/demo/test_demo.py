"""The demo finds what its plot holds, and nothing of that kind besides."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.azure_devops.markup import as_html, as_markdown
from connectors.jira.markup import as_adf, as_wiki
from demo.company import Company
from demo.plot import DRIFT_BEGINS, WEEKS
from demo.tell import StoryClock, story_time, tell
from sync.clock import SystemClock
from sync.drafts import drafts
from sync.progress import Unwatched
from sync.wiring import open_house
from tests.demo.conftest import TODAY, Call


@pytest.fixture(scope="module")
def document(told: tuple[Path, subprocess.CompletedProcess[str]]) -> dict[str, Any]:
    folder, _ = told
    loaded: dict[str, Any] = json.loads((folder / "reports" / "drift-2026-W47.json").read_text("utf-8"))
    return loaded


def test_it_leaves_three_reports_and_prints_three_findings(
    told: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, result = told
    names = {path.name for path in (folder / "reports").iterdir()}
    assert names == {"drift-2026-W47.html", "drift-2026-W47.md", "drift-2026-W47.json"}
    for code in ("A02", "A04", "A05"):
        assert f"\n{code} " in result.stderr
    assert str(folder / "reports" / "drift-2026-W47.html") in result.stderr


def test_the_allocation_findings_are_those_of_the_plot(document: dict[str, Any]) -> None:
    found = {(finding["code"], finding["subject"]): finding["severity"] for finding in document["findings"]}
    allocation = {key: severity for key, severity in found.items() if key[0].startswith("A")}
    assert allocation == {
        ("A01", "O4"): "warning",  # the marketplace goes on after its cycle
        ("A02", "O2"): "error",  # nobody works on the delivery promise
        ("A03", "unaligned"): "warning",  # a careers site, an intranet, a trade fair
        ("A04", "organisation"): "error",
        ("A05", "organisation"): "error",
        ("A06", "O2"): "warning",  # its epics are ready and wait
    }
    assert document["drift"]["horizon"]["verdict"] == "off_plan"
    assert document["drift"]["horizon"]["agreement"] == "robust"


def test_the_single_facts_are_found(document: dict[str, Any]) -> None:
    subjects: dict[str, list[str]] = {}
    for finding in document["findings"]:
        subjects.setdefault(finding["code"], []).append(finding["subject"])
    assert subjects["S03"] == ["O4"]
    assert len(subjects["W03"]) == 1
    titles = {finding["subject_title"] for finding in document["findings"] if finding["code"] == "W01"}
    assert any("carrières" in title for title in titles)
    assert not {"S01", "S02", "M05"} & set(subjects)


def test_the_drift_is_dated_to_its_weeks(document: dict[str, Any]) -> None:
    company = Company(date.fromisoformat(TODAY))
    begins = (company.monday - (company.monday - company.start) * (WEEKS - DRIFT_BEGINS) / WEEKS).isocalendar()
    label = f"{begins.year}-W{begins.week:02d}"
    assert label == "2026-W41"
    assert label < document["sustained_since"] <= "2026-W45"
    since = {finding["code"]: finding["since"] for finding in document["findings"]}
    assert label < since["A04"] <= since["A02"] <= "2026-W46"
    assert {finding["status"] for finding in document["findings"]} == {"known", "new"}


def test_two_tellings_are_identical(told: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    folder, _ = told
    # Told in this process, where every exchange is held against the vendors' descriptions.
    again_in = tmp_path / "again"
    today = date.fromisoformat(TODAY)
    with tell(again_in, today, language="en", clock=SystemClock(), say=lambda _line: None, watcher=Unwatched()):
        pass
    for path in (folder / "reports").iterdir():
        again = (tmp_path / "again" / "reports" / path.name).read_text("utf-8")
        assert without_addresses(again) == without_addresses(path.read_text("utf-8"))


def without_addresses(text: str) -> str:
    """Each telling has its own loopback ports: they stand in links to tickets and so in digests."""
    digest = re.compile(r"sha256:[0-9a-f]{64}|[0-9a-f]{1024}|\b[0-9a-f]{12}\b(?=</code>)|`[0-9a-f]{12}`")
    return digest.sub("digest", re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1", text))


def test_the_kept_workspace_is_one_to_work_with(
    told: tuple[Path, subprocess.CompletedProcess[str]], filrouge: Call
) -> None:
    folder, _ = told
    assert filrouge("check", "-w", folder).returncode == 0
    assert filrouge("map", "test", "-w", folder).returncode == 0
    shown = filrouge("map", "explain", "SHOP-14", "-w", folder)
    assert shown.returncode == 0, shown.stderr
    rows = filrouge("items", "-w", folder, "--json", "--level", "epic").stdout.splitlines()
    assert len(rows) > 100
    # Since that day nothing runs there, which status says sooner or later: its exit code tells the day.
    done = {row["job"]: row["outcome"] for row in json.loads(filrouge("status", "-w", folder, "--json").stdout)}
    assert (done["sync:boutique"], done["sync:logistique"]) == ("ok", "ok")


@pytest.mark.parametrize("code", ["en", "fr"])
def test_every_comment_of_the_company_is_short_and_says_something(
    told: tuple[Path, subprocess.CompletedProcess[str]], code: str
) -> None:
    folder, _ = told
    environ = {"FILROUGE_LANGUAGE": code, "FILROUGE_COMMENTS__PROJECTS": "[SHOP, PRO, Logistique, Plateforme]"}
    clock = StoryClock(story_time(Company(date.fromisoformat(TODAY))), SystemClock())
    with open_house(folder, secrets=False, environ=environ, clock=clock) as house:
        found = list(drafts(house.workspace, house.store, clock))
        again = list(drafts(house.workspace, house.store, clock))
    assert len(found) >= 30
    assert found == again
    titles = {"en": "This work ", "fr": "Ce travail "}
    for draft in found:
        said = draft.message.plain()
        assert said.startswith(titles[code])
        assert 20 <= sum(any(mark.isalnum() for mark in word) for word in said.split()) <= 120, draft.item.key
        for render in (as_adf, as_wiki, as_markdown, as_html):
            assert render(draft.message)
    assert {"serves KR1.2 by rule payments", "serves KR1.1, KR3.1 by rule shared-services"} <= {
        draft.why for draft in found
    }
    assert any(draft.why.startswith("serves nothing yet") for draft in found)


def test_another_day_tells_the_same_story_moved() -> None:
    one, other = Company(date(2026, 11, 25)), Company(date(2027, 3, 17))
    assert [(p.title, p.stage, p.points) for p in one.pieces] == [(p.title, p.stage, p.points) for p in other.pieces]
    assert 1400 <= len(one.pieces) <= 1600


def test_a_day_that_has_not_come_is_refused(filrouge: Call) -> None:
    for day in ("2999-01-01", "tomorrow"):
        result = filrouge("demo", "--today", day)
        assert result.returncode == 2
        assert day in result.stderr
