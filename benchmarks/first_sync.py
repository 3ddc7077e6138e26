"""How many requests and how much memory a first sync of 20,000 Jira issues with their histories takes."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from demo.trackers.http import serve
from demo.trackers.jira.site import JiraSite

COUNT = 20_000
ENTRIES = 9  # of each issue's change log
NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
TOKEN = "benchmark"  # noqa: S105 (the loopback server's)
STATUSES = [
    {"id": str(3 + place), "name": name, "statusCategory": {"id": 2 + place, "key": key, "name": name}}
    for place, (name, key) in enumerate((("To Do", "new"), ("In Progress", "indeterminate"), ("Done", "done")))
]


def issues() -> Iterator[dict[str, Any]]:
    """Issues whose status goes round, all updated in the last ten minutes, with an author at each entry."""
    author = {"accountId": "5b10", "displayName": "A person", "avatarUrls": {"48x48": "https://avatar.example/48.png"}}
    for number in range(1, COUNT + 1):
        begin = NOW - timedelta(days=200) + timedelta(minutes=number)
        histories = [
            {
                "id": str(number * 100 + step),
                "author": author,
                "created": (begin + timedelta(days=step)).isoformat(),
                "items": [_change(STATUSES[step % 3], STATUSES[(step + 1) % 3])],
            }
            for step in range(ENTRIES)
        ]
        yield {
            "id": str(10_000 + number),
            "key": f"SHOP-{number}",
            "fields": {
                "summary": f"Work item number {number} with a title of an ordinary length",
                "status": STATUSES[ENTRIES % 3],
                "issuetype": {"id": "10001", "name": "Story", "subtask": False, "hierarchyLevel": 0},
                "project": {"id": "1", "key": "SHOP", "name": "Shop"},
                "priority": {"id": "3", "name": "Medium"},
                "labels": ["one", "two"],
                "components": [{"id": "1", "name": "Payments"}],
                "fixVersions": [],
                "assignee": author,
                "parent": {"id": str(10_000 + number // 20), "key": f"SHOP-{number // 20}"},
                "customfield_10026": number % 8,
                "created": begin.isoformat(),
                "updated": (NOW - timedelta(minutes=10) + timedelta(milliseconds=25 * number)).isoformat(),
            },
            "changelog": {"histories": histories},
        }


def _change(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    sides = {"from": before["id"], "fromString": before["name"], "to": after["id"], "toString": after["name"]}
    return {"field": "status", "fieldtype": "jira", "fieldId": "status", **sides}


WORKSPACE = {
    "filrouge.yaml": """
version: 1
organisation: Benchmark
timezone: UTC
sources:
  - {{id: shop, kind: jira, url: "{url}", auth: {{method: bearer, token: "${{TOKEN}}"}}, projects: [SHOP]}}
""",
    "strategy.yaml": """
version: 1
cycles: [{{id: all, from: 2026-01-01, to: 2026-12-31}}]
objectives: [{{id: O1, title: One, cycle: all, weight: 1}}]
""",
    "mapping.yaml": """
version: 1
rules: [{{id: every, when: {{source: shop}}, set: {{contributes_to: O1}}}}]
""",
}


def sync(folder: Path) -> dict[str, Any]:
    """Run the real command; the run's summary of the one source."""
    done = subprocess.run(
        [Path(sys.executable).with_name("filrouge"), "sync", "--json", "-w", folder],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"TOKEN": TOKEN},
    )
    summary: dict[str, Any] = json.loads(done.stdout)["sources"][0]
    return summary


def main() -> int:
    """Serve the issues from this process, sync them in another, print the table; 1 when a bound is broken."""
    site = JiraSite(now=lambda: NOW, issues=issues(), token=TOKEN)
    bounds = {"first": ceil(COUNT / 100) + ceil(COUNT / 1000) + 20, "second": 14}
    with serve(site) as url, TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in WORKSPACE.items():
            (folder / file).write_text(text.format(url=url), encoding="utf-8")
        runs = {turn: sync(folder) for turn in bounds}
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{'sync':<8}{'items':>8}{'new':>8}{'requests':>10}{'bound':>7}{'seconds':>9}")
    for turn, run in runs.items():
        print(f"{turn:<8}{run['read']:>8}{run['new']:>8}{run['requests']:>10}{bounds[turn]:>7}{run['seconds']:>9.1f}")
    print(f"history: {COUNT * ENTRIES} entries; peak memory of the syncing process: {peak:.0f} MB (bound 300)")
    return int(peak > 300 or any(run["requests"] > bounds[turn] for turn, run in runs.items()))


if __name__ == "__main__":
    sys.exit(main())
