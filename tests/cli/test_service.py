"""`filrouge run` catches up at the start, and SIGTERM ends it cleanly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from store.open import open_store
from tests.cli.conftest import FILROUGE, Call

SERVICE = """
reports:
  - id: weekly
    schedule: {cron: "0 7 * * mon"}
    formats: [md, json]
    deliver: [{folder: weekly-reports}]
"""


@pytest.fixture
def workspace(filrouge: Call, tmp_path: Path) -> Path:
    assert filrouge("init", "acme").returncode == 0
    folder = tmp_path / "acme"
    settings = folder / "filrouge.yaml"
    lines = settings.read_text("utf-8").splitlines()
    kept = lines[: next(number for number, line in enumerate(lines) if line.startswith("reports:"))]
    text = "\n".join(kept) + SERVICE
    settings.write_text(
        text.replace("    kind: files\n", "    kind: files\n    schedule: {every: 15m}\n"), encoding="utf-8"
    )
    return folder


def test_what_is_due_runs_once_and_a_signal_ends_it(filrouge: Call, workspace: Path) -> None:
    assert filrouge("check", cwd=workspace).returncode == 0
    service = subprocess.Popen(
        [FILROUGE, "run", "--log-format", "json"],
        cwd=workspace,
        env=os.environ | {"NO_COLOR": "1", "FILROUGE_SERVICE__LISTEN": "127.0.0.1:0"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert service.stderr is not None
    guard = Timer(90, service.kill)  # a service that never gets there fails the test instead of holding it up
    guard.start()
    seen = []
    for line in service.stderr:
        if line.startswith("{"):
            seen.append(json.loads(line))
            done = {event["event"] for event in seen}
            if {"sync.finished", "job.done"} <= done:
                service.send_signal(signal.SIGTERM)
                break
    rest = service.stderr.read()
    assert service.wait(30) == 0
    guard.cancel()
    service.stderr.close()
    assert "schedule.stopped" in rest
    assert "Traceback" not in rest
    assert {path.suffix for path in (workspace / "weekly-reports").iterdir()} == {".md", ".json"}
    rows = {row["job"]: row for row in json.loads(filrouge("status", "--json", cwd=workspace).stdout)}
    assert rows["report:weekly"]["outcome"] == "ok"
    assert all(row["next_run"] for row in rows.values())


def test_nothing_scheduled_is_said(filrouge: Call, workspace: Path) -> None:
    settings = workspace / "filrouge.yaml"
    lines = [line for line in settings.read_text("utf-8").splitlines() if "schedule:" not in line]
    settings.write_text("\n".join(lines), encoding="utf-8")
    result = filrouge("run", cwd=workspace)
    assert result.returncode == 2
    assert "schedule" in result.stderr


def test_status_says_what_to_do_before_the_first_run_after_a_failed_one_and_when_nobody_runs(
    filrouge: Call, workspace: Path
) -> None:
    (source,) = (row for row in _status(filrouge, workspace) if row["job"].startswith("sync:"))
    name = source["job"].removeprefix("sync:")
    assert (source["problem"], source["remedy"]) == (None, f"`filrouge sync {name}` reads it.")

    now = datetime.now(UTC)
    for hours, problem, remedy in ((4, "3 turns have passed", "filrouge run"), (0, "not answer", "filrouge doctor")):
        begun = now - timedelta(hours=hours)
        with closing(open_store(f"sqlite:///{workspace / 'filrouge.db'}")) as store, store.writing() as unit:
            unit.finish_run(unit.start_run("sync", name, begun), begun, "failed", {"problem": "It did not answer."})
        (row,) = (row for row in _status(filrouge, workspace) if row["job"] == source["job"])
        assert problem in row["problem"]
        assert remedy in row["remedy"]
        shown = filrouge("status", cwd=workspace)
        assert shown.returncode == 1
        assert row["problem"] in shown.stderr
        assert row["remedy"] in shown.stderr


def _status(filrouge: Call, workspace: Path) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = json.loads(filrouge("status", "--json", cwd=workspace).stdout)
    return said
