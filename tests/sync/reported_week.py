"""A small store with a report of last week, for tests of what becomes of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from config.load import load
from config.workspace import Workspace
from domain.lines import Line
from domain.work import ItemRef, Record, State, Transition
from reports.formats.as_json import render
from store.kept import StoredComment
from store.open import Store
from sync.progress import Unwatched
from sync.pull import pull
from sync.reporting import make_report, subject_of
from tests.sync.conftest import PagedTracker, StillClock, page, record

SETTINGS = """
version: 1
organisation: Acme
timezone: Europe/Paris
sources: [{id: shop, kind: files, path: "*.jsonl", schedule: {every: 15m}}]
"""
STRATEGY = """
version: 1
cycles: [{id: c, from: 2026-01-01, to: 2026-12-31}]
objectives:
  - id: O1
    title: One
    cycle: c
    weight: 60
    key_results:
      - id: KR1
        title: It rises
        kpi: {kind: increase, baseline: 0, target: 9}
        readings: [{on: 2026-11-02, value: 3}]
  - {id: O2, title: Two, cycle: c, weight: 40}
  - {id: O3, title: Idle all the time, cycle: c}
"""
MAPPING = """
version: 1
rules: [{id: every, when: {source: shop}, set: {contributes_to: O1}}]
"""
DONE = datetime(2026, 11, 18, 10, tzinfo=UTC)


class ReportedWeek:
    """A store with forty stories, one of them answered for, and last week's report."""

    def __init__(self, folder: Path, store: Store, *, settings: str = SETTINGS, mapping: str = MAPPING) -> None:
        self.folder = folder
        self.store = store
        self.clock = StillClock()
        for name, text in (("filrouge", settings), ("strategy", STRATEGY), ("mapping", mapping)):
            self.write(name, text)
        self.workspace = self.load()
        self.sync(*(story(number) for number in range(1, 41)))
        ref = ItemRef("shop", "7")
        with store.writing() as unit:
            unit.keep_comment(StoredComment(ref, "c1", "m", "d", "standing", DONE))
            line = Line(ref, "c2", "/filrouge map O2", "a", allowed=True, at=DONE, known_at=DONE)
            unit.keep_lines(ref, [line], DONE, DONE)
        self.file = self.report("2026-W47")

    def write(self, name: str, text: str) -> None:
        (self.folder / f"{name}.yaml").write_text(text, encoding="utf-8")

    def load(self) -> Workspace:
        return load(self.folder, {})

    def sync(self, *records: Record) -> None:
        self.clock.at += timedelta(hours=1)
        tracker = PagedTracker([page(1, *records)])
        source = self.workspace.settings.sources[0]
        pull(source, tracker, self.store, clock=self.clock, full=True, watcher=Unwatched(), stop=Event())

    def report(self, week: str, as_of: datetime | None = None) -> bytes:
        now = self.clock.now()
        subject = subject_of(self.workspace, week=week, as_of=as_of, now=now)
        return render(make_report(self.workspace, self.store, self.clock, subject).document)

    def sql(self, statement: str, *values: object) -> None:
        """Change what is kept behind Filrouge's back."""
        with closing(sqlite3.connect(self.folder / "filrouge.db")) as connection, connection:
            assert connection.execute(statement, values).rowcount > 0


def story(number: int, *later: Transition, **values: Any) -> Record:
    """A story done on 18 November; what changed `later` is in `values` as it stands now."""
    one = record("shop", number)
    done = Transition(DONE, "state", State.TODO, State.DONE)
    history = tuple(sorted((done, *later), key=lambda entry: entry.at))
    said = {"state": State.DONE, "done_at": DONE, "points": 3.0, "updated_at": history[-1].at, **values}
    item = replace(one.item, **said)
    return replace(one, item=item, history=history, raw=repr((item, history)).encode())
