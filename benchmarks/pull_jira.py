"""How many requests and how much memory a first pull of 20,000 Jira issues with their histories takes."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

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


class Wall:
    """The real clock, told once here."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def child(address: str) -> None:
    """Pull twice in a process of its own; the raw payloads go into a file, as they would go into the store."""
    from pydantic import SecretStr  # noqa: PLC0415 (its memory belongs to what is measured)

    from config.settings import JiraAuth, JiraSource  # noqa: PLC0415 (the same)
    from connectors.jira.tracker import connect  # noqa: PLC0415 (the same)

    auth = JiraAuth.model_construct(method="bearer", token=SecretStr(TOKEN))
    source = JiraSource.model_construct(id="shop", kind="jira", url=address, auth=auth, projects=("SHOP",))
    tracker = connect(
        source,
        folder=Path(),
        zone=ZoneInfo("UTC"),
        clock=Wall(),
        dropped_resolutions=(),
        extra_fields=frozenset(),
        agent="filrouge/benchmark",
    )
    with Path(sys.argv[2]).open("w+b") as kept:
        places: dict[str, tuple[int, int]] = {}

        def held(ids: Sequence[str]) -> Mapping[str, bytes]:
            found = {}
            for one in ids:
                if one in places:
                    kept.seek(places[one][0])
                    found[one] = kept.read(places[one][1])
            return found

        figures = []
        cursor: Mapping[str, Any] | None = None
        for _ in range(2):
            before, started, items, changes = tracker.requests, time.monotonic(), 0, 0
            for page in tracker.pull(cursor, held):
                for record in page.records:
                    kept.seek(0, os.SEEK_END)
                    places[record.item.id] = (kept.tell(), len(record.raw))
                    kept.write(record.raw)
                items += len(page.records)
                changes += sum(len(record.history) for record in page.records)
                cursor = page.cursor
            figures.append((items, changes, tracker.requests - before, time.monotonic() - started))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"figures": figures, "peak": peak}))


def main() -> None:
    """Serve the issues from this process, pull them in another, print the table; exit 1 when a bound is broken."""
    from tempfile import TemporaryDirectory  # noqa: PLC0415 (the child does not need it)

    from demo.trackers.http import serve  # noqa: PLC0415 (the same)
    from demo.trackers.jira.site import JiraSite  # noqa: PLC0415 (the same)

    site = JiraSite(now=lambda: NOW, issues=issues(), token=TOKEN)
    root = Path(__file__).resolve().parents[1]
    with serve(site) as address, TemporaryDirectory() as folder:
        command = [sys.executable, __file__, address, str(Path(folder) / "payloads")]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(root)}
        )
    told = json.loads(done.stdout.strip().splitlines()[-1])
    bounds = (ceil(COUNT / 100) + ceil(COUNT / 1000) + 20, 14)
    print(f"{'pull':<8}{'items':>8}{'changes':>9}{'requests':>10}{'bound':>7}{'seconds':>9}")
    for name, (items, changes, requests, seconds), bound in zip(
        ("first", "second"), told["figures"], bounds, strict=True
    ):
        print(f"{name:<8}{items:>8}{changes:>9}{requests:>10}{bound:>7}{seconds:>9.1f}")
    print(f"peak memory of the pulling process: {told['peak']:.0f} MB (bound 300)")
    broken = told["peak"] > 300 or any(row[2] > bound for row, bound in zip(told["figures"], bounds, strict=True))
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(sys.argv[1])
    else:
        main()
