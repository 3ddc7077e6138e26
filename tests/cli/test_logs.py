"""Every line that one command writes bears the same run, whatever source and thread it comes from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo.trackers.jira import JiraSite
from tests.cli.conftest import Call
from tests.conftest import NOW, TOKEN, Running
from tests.sync.conftest import bare_issue

PROJECTS = [{"id": "1", "key": "SHOP", "name": "Shop"}]


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_one_run_through_every_source_and_thread(
    filrouge: Call,
    tmp_path: Path,
    jira_cloud: Callable[..., Running[JiraSite]],
    jira_data_center: Callable[..., Running[JiraSite]],
) -> None:
    issues = [bare_issue(number, NOW, NOW) for number in range(1, 4)]
    assert filrouge("init", ".").returncode == 0
    jira = "    auth: {method: bearer, token: '${TOKEN}'}\n    projects: [SHOP]\n"
    sources = (
        f"  - id: cloud\n    kind: jira\n    url: {jira_cloud(issues=issues, projects=PROJECTS).url}\n{jira}"
        f"  - id: server\n    kind: jira\n    url: {jira_data_center(issues=issues, projects=PROJECTS).url}\n{jira}"
        f"  - id: gone\n    kind: jira\n    url: {jira_cloud(issues=issues, checked=False).url}\n{jira}"
    )
    head = "version: 1\norganisation: Acme\ntimezone: Europe/Paris\nsources:\n"
    (tmp_path / "filrouge.yaml").write_text(head + sources, encoding="utf-8")
    first = filrouge("sync", "--log-format", "json", "-vv", env={"TOKEN": TOKEN})
    said = lines(first.stderr)
    assert {"request", "sync.started", "sync.finished"} <= {line["event"] for line in said}
    assert {"cloud", "server", "gone"} <= {line.get("source") for line in said}
    assert len({line["run"] for line in said}) == 1
    numbers = [line["number"] for line in said if line["event"] == "sync.started"]
    assert len(set(numbers)) == len(numbers) == 3
    assert TOKEN not in first.stderr
    again = lines(filrouge("sync", "cloud", "--log-format", "json", "-v", env={"TOKEN": TOKEN}).stderr)
    assert {line["run"] for line in again}.isdisjoint({line["run"] for line in said})
