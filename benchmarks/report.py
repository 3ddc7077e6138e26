"""The weekly report of a large organisation: how long it takes, how much memory, and what older history costs.

Usage: `python benchmarks/report.py [--items 200000] [--years 10]`. A store of that many items (about ten history
entries each) is filled with that many years of work, another with the last year of it alone, and the real command
reports the same week from both: the first may take at most 1.3 times as long as the second. `--items 1000000` is the
whole claim: under 60 seconds and 1.5 GB; that takes some minutes to fill.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from domain.work import Record, State, Transition, WorkItem  # noqa: E402 - the repository is found first
from store.open import open_store  # noqa: E402 - as above

FILROUGE = Path(sys.executable).with_name("filrouge")
TODAY = datetime(2026, 11, 25, tzinfo=UTC)
WEEK, BEFORE = "2026-W47", "2026-W46"
TARGETS = 300  # objectives and their key results
MOST_SECONDS, MOST_BYTES, MOST_RATIO = 60.0, 1.5e9, 1.3
PAGE = 5_000
STORIES, EPICS = 10, 8  # of an epic, of an initiative
HISTORY = ("status", "status", "points", "sprint", "status", "assignee", "status", "labels")  # besides three of state


@dataclass(frozen=True)
class Cost:
    """What one report took."""

    seconds: float
    peak: int  # bytes
    items: int


def work(count: int, begun: datetime, seed: int) -> Iterator[Record]:
    """Initiatives with epics with stories, arriving evenly from an instant until today."""
    dice = random.Random(seed)
    family = 1 + EPICS * (1 + STORIES)
    families = max(1, count // family)
    span = (TODAY - begun) / families
    number = seed * 100_000_000
    for nth in range(families):
        start = begun + span * nth
        number += 1
        above = _item(number, 2, None, start, timedelta(days=120), dice)
        yield above
        for _ in range(EPICS):
            number += 1
            epic = _item(
                number, 1, above.item.id, start + timedelta(days=dice.randint(0, 60)), timedelta(days=42), dice
            )
            yield epic
            for _ in range(STORIES):
                number += 1
                from_day = epic.item.created_at + timedelta(days=dice.randint(0, 30))
                yield _item(number, 0, epic.item.id, from_day, timedelta(days=10), dice)


def _item(
    number: int, level: int, parent: str | None, created: datetime, length: timedelta, dice: random.Random
) -> Record:
    """One item that is begun and done on its way, as far as today sees it."""
    created = min(created, TODAY - timedelta(hours=1))
    begun, done = created + length * dice.uniform(0.1, 0.4), created + length * dice.uniform(0.5, 1.5)
    entries = [Transition(begun, "state", "todo", "doing"), Transition(done, "state", "doing", "done")]
    for turn, name in enumerate(HISTORY):
        at = created + (done - created) * (turn + 1) / (len(HISTORY) + 2)
        entries.append(
            Transition(at, name, f"{name} {turn}", f"{name} {turn + 1}") if name == "status" else _other(at, name)
        )
    entries = sorted((entry for entry in entries if entry.at <= TODAY), key=lambda entry: entry.at)
    state = State.DONE if done <= TODAY else State.DOING if begun <= TODAY else State.TODO
    last = {entry.field: entry.after for entry in entries}
    target = dice.randrange(TARGETS)
    item = WorkItem(
        source="shop",
        id=str(number),
        key=f"SHOP-{number}",
        url=f"https://shop.example/browse/SHOP-{number}",
        type={2: "Initiative", 1: "Epic", 0: "Story"}[level],
        level=level,
        title=f"Work number {number} on what customers ask for",
        status=str(last.get("status", "To Do")),
        state=state,
        project="SHOP",
        created_at=created,
        updated_at=entries[-1].at if entries else created,
        points=3.0 if "points" in last else None,
        parent=parent,
        team=f"Team {dice.randrange(40)}",
        labels=("ready",) if "labels" in last else (),
        components=(f"Component {target}",) if level == 1 and dice.random() < 0.9 else (),
        sprint="Sprint 7" if "sprint" in last else None,
        assignee="account 9" if "assignee" in last else None,
        started_at=begun if begun <= TODAY else None,
        done_at=done if done <= TODAY else None,
    )
    return Record(item, tuple(entries), f'{{"id": "{number}"}}'.encode())


def _other(at: datetime, name: str) -> Transition:
    before: Any = () if name == "labels" else None
    after: Any = {"points": 3.0, "labels": ("ready",), "sprint": "Sprint 7", "assignee": "account 9"}[name]
    return Transition(at, name, before, after)


def fill(folder: Path, parts: list[Iterator[Record]]) -> tuple[int, float]:
    """A workspace with a filled store; how many items, and the seconds for it."""
    folder.mkdir()
    began, kept = perf_counter(), 0
    (folder / "filrouge.yaml").write_text(SETTINGS, "utf-8")
    (folder / "strategy.yaml").write_text(json.dumps(strategy()), "utf-8")
    (folder / "mapping.yaml").write_text(json.dumps(mapping()), "utf-8")
    store = open_store(f"sqlite:///{folder / 'filrouge.db'}")
    for part in parts:
        while page := list(islice(part, PAGE)):
            with store.writing() as unit:
                unit.save_page("shop", run=None, records=page, cursor=None, context={}, at=TODAY)
            kept += len(page)
    store.close()
    return kept, perf_counter() - began


SETTINGS = """version: 1
organisation: Acme
timezone: Europe/Paris
store: sqlite:///filrouge.db
strategy: strategy.yaml
mapping: mapping.yaml
sources:
  - {id: shop, kind: files, path: "*.jsonl"}
"""


KPI = {"baseline": 0, "target": 1, "kind": "increase"}


def strategy() -> dict[str, Any]:
    """Sixty objectives of one weight with four key results each: with their own, 300 targets."""
    objectives = [
        {
            "id": f"O{number}",
            "title": f"Objective {number}",
            "cycle": "H2",
            "weight": 1,
            "key_results": [
                {
                    "id": f"KR{number}.{nth}",
                    "title": f"Key result {nth}",
                    "kpi": {"baseline": 0, "target": 1, "kind": "increase"},
                }
                for nth in range(4)
            ],
        }
        for number in range(TARGETS // 5)
    ]
    return {
        "version": 1,
        "cycles": [{"id": "H2", "from": "2026-07-01", "to": "2026-12-31"}],
        "objectives": objectives,
    }


def mapping() -> dict[str, Any]:
    """A rule for each target; stories inherit from their epics."""
    targets = [
        f"O{number // 5}" if not number % 5 else f"KR{number // 5}.{number % 5 - 1}" for number in range(TARGETS)
    ]
    rules = [
        {"id": f"r{number}", "when": {"component": f"Component {number}"}, "set": {"contributes_to": target}}
        for number, target in enumerate(targets)
    ]
    return {"version": 1, "rules": rules, "inherit": ["contributes_to"]}


def cost_of(folder: Path) -> Cost:
    """The report of a week whose week before has its report already, as in every week but the first."""
    _report(folder, BEFORE)
    began = perf_counter()
    document, peak = _report(folder, WEEK)
    return Cost(perf_counter() - began, peak, document["delivered"]["items"])


def _report(folder: Path, week: str) -> tuple[dict[str, Any], int]:
    """The command's answer, and the most memory that it had at once."""
    out = folder / f"{week}.json"
    with out.open("wb") as answer:
        process = subprocess.Popen(
            [FILROUGE, "report", "--week", week, "--format", "json", "-w", folder], stdout=answer
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the report of {week} ended with exit code {process.returncode}")
    return json.loads(out.read_bytes()), usage.ru_maxrss * 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=200_000)
    parser.add_argument("--years", type=int, default=10)
    given = parser.parse_args()
    year = TODAY - timedelta(days=365)
    recent = given.items // given.years
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder) / "few", Path(folder) / "many"
        old = work(given.items - recent, TODAY - timedelta(days=365 * given.years), 1)
        few_items, _ = fill(few, [work(recent, year, 2)])
        ended = (record for record in old if record.item.done_at is not None and record.item.done_at < year)
        many_items, seconds = fill(many, [work(recent, year, 2), ended])
        print(f"{many_items:,} items of {given.years} years kept in {seconds:.0f} s, {few_items:,} of the last alone")
        new, whole = cost_of(few), cost_of(many)
    ratio = whole.seconds / new.seconds
    print(f"last year alone: {new.seconds:6.1f} s  {new.peak / 1e6:6.0f} MB  ({new.items:,} delivered in the horizon)")
    print(
        f"all {given.years:2} years:    {whole.seconds:6.1f} s  {whole.peak / 1e6:6.0f} MB  ({whole.items:,} delivered)"
    )
    bounds = {
        f"ratio {ratio:.2f} (at most {MOST_RATIO})": ratio <= MOST_RATIO,
        f"{whole.seconds:.1f} s (at most {MOST_SECONDS:.0f})": whole.seconds <= MOST_SECONDS,
        f"{whole.peak / 1e9:.2f} GB (at most {MOST_BYTES / 1e9})": whole.peak <= MOST_BYTES,
        "the same items delivered": new.items == whole.items,
    }
    for told, kept in bounds.items():
        print(f"{'kept  ' if kept else 'BROKEN'} {told}")
    return 0 if all(bounds.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
