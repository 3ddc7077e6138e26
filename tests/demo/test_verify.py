"""Every report of the demo can be made again byte for byte, and one that cannot says which input was changed."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from cli.calibration import show
from demo.company import ZONE, Company
from demo.plot import WEEKS
from demo.tell import StoryClock, story_time
from domain.calendar import week_of
from reports.calibration import calibration
from reports.formats.as_json import render
from sync.clock import SystemClock
from sync.reporting import SERIES, last_facts, make_report, subject_of
from sync.verify import verify
from sync.wiring import House, open_house
from tests.demo.conftest import TODAY, Call

Told = tuple[Path, subprocess.CompletedProcess[str]]


@pytest.fixture
def house(told: Told, tmp_path: Path) -> Iterator[House]:
    """A copy of what the demo left, at the time at which it was told."""
    folder = Path(shutil.copytree(told[0], tmp_path / "copy"))
    clock = StoryClock(story_time(Company(date.fromisoformat(TODAY))), SystemClock())
    with open_house(folder, secrets=False, environ={}, clock=clock) as opened:
        yield opened


def test_the_command_says_that_a_file_is_identical_or_what_was_changed(
    told: Told, filrouge: Call, tmp_path: Path
) -> None:
    folder = told[0]
    file = folder / "reports" / "drift-2026-W47.json"
    result = filrouge("report", "verify", file, "-w", folder, "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {"identical": True, "changed": []}
    changed = tmp_path / "changed.json"
    changed.write_bytes(file.read_bytes().replace(b"2026-W47", b"2026-W48", 1))
    result = filrouge("report", "verify", changed, "-w", folder)
    assert result.returncode == 1
    assert result.stderr.startswith("file: it was changed after it was made")
    assert filrouge("report", "verify", tmp_path / "none.json", "-w", folder).returncode == 2


def test_every_report_of_the_demo_can_be_made_again(house: House, told: Told) -> None:
    """Also those that were made before older weeks were reported, and so before findings were known for longer."""
    now = house.clock.now()
    last = week_of(now.astimezone(ZONE).date(), ZONE).earlier(1)
    weeks = [last.earlier(back) for back in range(WEEKS)]
    with house.store.reading() as reader:
        known = [report for week in weeks for report in reader.reports(SERIES, week.label)]
        files = [render(json.loads(reader.document(report.number))) for report in known]
    assert len(files) == 14  # thirteen, and the one before for what is new
    for week in reversed(weeks[13:]):
        subject = subject_of(house.workspace, week=week.label, as_of=None, now=now)
        files.append(render(make_report(house.workspace, house.store, house.clock, subject).document))
    assert len(files) == WEEKS + 1  # one was made before and after its own past was known
    assert (told[0] / "reports" / "drift-2026-W47.json").read_bytes() == files[0]
    assert [change for file in files for change in verify(file, house.workspace, house.store)] == []


def test_the_week_of_the_demo_is_the_same_through_every_lens_of_its_time(told: Told, filrouge: Call) -> None:
    result = filrouge("report", "compare", "--lenses", "2026-W47", "-w", told[0], "--json")
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert [view["name"] for view in found["views"]] == ["as_reported", "as_known_then", "as_known_now"]
    assert found["steps"][0] == {"revisions": [], "late": [], "findings": [], "items": []}
    file = told[0] / "reports" / "drift-2026-W47.json"
    assert filrouge("report", "compare", file, "-w", told[0]).returncode == 2
    assert filrouge("report", "compare", file, file, "-w", told[0]).returncode == 2


def test_the_demo_is_calibrated_from_its_own_work(house: House) -> None:
    found = calibration(last_facts(house.workspace, house.store, house.clock), 1, lambda _done, _of: None)
    said = StringIO()
    show(Console(file=said, width=120), found)
    assert said.getvalue().startswith("Quarters of 13 weekly reports: 1, drawn from the 118 epics and 72 single items")
    assert "4 (yours)" in said.getvalue()
    assert "smallest shift seen 4 times in 5" in said.getvalue()
