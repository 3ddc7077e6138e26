"""A report that cannot be made again says which input was changed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from config.load import load
from config.workspace import Workspace
from domain.lines import Line
from domain.work import ItemRef, State, Transition
from reports.formats.as_json import render
from store.kept import StoredComment
from store.open import Store
from sync.progress import Unwatched
from sync.pull import pull
from sync.reporting import make_report, subject_of
from sync.verify import Changed, verify
from tests.sync.conftest import NOW, PagedTracker, StillClock, page, record

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


class Case:
    """A store with forty stories, one of them answered for, and last week's report."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder
        self.store = store
        self.clock = StillClock()
        for name, text in (("filrouge", SETTINGS), ("strategy", STRATEGY), ("mapping", MAPPING)):
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

    def sync(self, *records: object) -> None:
        self.clock.at += timedelta(hours=1)
        tracker = PagedTracker([page(1, *records)])  # type: ignore[arg-type] # records, as story() gives them
        source = self.workspace.settings.sources[0]
        pull(source, tracker, self.store, clock=self.clock, full=True, watcher=Unwatched(), stop=Event())

    def report(self, week: str, as_of: datetime | None = None) -> bytes:
        now = self.clock.now()
        subject = subject_of(self.workspace, week=week, as_of=as_of, now=now)
        return render(make_report(self.workspace, self.store, self.clock, subject))

    def sql(self, statement: str, *values: object) -> None:
        """Change what is kept behind Filrouge's back."""
        with closing(sqlite3.connect(self.folder / "filrouge.db")) as connection, connection:
            assert connection.execute(statement, values).rowcount > 0

    def verify(self, file: bytes | None = None) -> list[Changed]:
        return verify(self.file if file is None else file, self.load(), self.store)

    def changed(self, file: bytes | None = None) -> list[str]:
        return [change.input for change in self.verify(file)]


def story(number: int, title: str = "A story", *later: Transition) -> object:
    one = record("shop", number, title=title)
    history = (Transition(DONE, "state", State.TODO, State.DONE), *later)
    item = replace(one.item, state=State.DONE, done_at=DONE, points=3.0, updated_at=history[-1].at)
    return replace(one, item=item, history=history, raw=repr((item, history)).encode())


@pytest.fixture
def case(tmp_path: Path, store: Store) -> Case:
    return Case(tmp_path, store)


def test_a_report_is_identical_whatever_came_later(case: Case) -> None:
    case.write("filrouge", SETTINGS.replace("Acme", "Other") + "language: fr\ndrift: {measure: points}\n")
    case.write("strategy", STRATEGY.replace("60", "10").replace("value: 3", "value: 8"))
    case.write("mapping", MAPPING.replace("O1", "O2"))
    later = Transition(NOW, "title", "A story", "Retold")
    case.sync(story(3, "Retold", later), story(41))  # an edit after as_of, and nothing of the item's past is changed
    case.workspace = case.load()
    newer = case.report("2026-W47", case.clock.now())
    assert [(change.input, change.items) for change in case.verify()] == [("items", ["SHOP-41"])]
    case.sql("DELETE FROM work_item WHERE id = '41'")
    assert case.changed() == []
    assert case.changed(newer) == ["items"]


@pytest.mark.parametrize("from_now", [False, True], ids=["file as it was", "file made again"])
def test_findings_known_from_an_earlier_report_are_those_of_then(case: Case, from_now: bool) -> None:
    case.report("2026-W45")  # makes W46 know for longer what W47 knew from it
    case.report("2026-W46")
    file = case.report("2026-W47") if from_now else case.file
    idle = next(finding for finding in json.loads(file)["findings"] if finding["code"] == "S02")
    assert idle["since"] == ("2026-W44" if from_now else "2026-W46")
    assert case.changed(file) == []


TAMPERED: dict[str, tuple[list[str], Callable[[Case], None]]] = {
    "a title": (["items"], lambda case: case.sql("UPDATE work_item SET title = 'A storz' WHERE id = '5'")),
    "points": (["items"], lambda case: case.sql("UPDATE work_item SET points = 3.5 WHERE id = '5'")),
    "an instant of a transition": (
        ["items"],
        lambda case: case.sql("UPDATE transition SET at = at + 1 WHERE id = '5'"),
    ),
    "a value of a transition": (
        ["items"],
        lambda case: case.sql("UPDATE transition SET before = '\"doing\"' WHERE id = '5'"),
    ),
    "an item": (["items"], lambda case: case.sql("DELETE FROM work_item WHERE id = '5'")),
    "a reading": (
        ["readings"],
        lambda case: case.sql("UPDATE revision SET text = replace(text, '\"value\":3', '\"value\":4')"),
    ),
    "the strategy": (
        ["strategy"],
        lambda case: case.sql("UPDATE revision SET text = replace(text, 'Two', 'Too') WHERE kind = 'strategy'"),
    ),
    "the strategy as JSON": (
        ["strategy"],
        lambda case: case.sql("UPDATE revision SET text = substr(text, 2) WHERE kind = 'strategy'"),
    ),
    "the mapping": (
        ["mapping"],
        lambda case: case.sql("UPDATE revision SET text = replace(text, 'O1', 'O2') WHERE kind = 'mapping'"),
    ),
    "the mapping's white space": (
        ["mapping"],
        lambda case: case.sql("UPDATE revision SET text = text || ' ' WHERE kind = 'mapping'"),
    ),
    "the mapping's revision": (["mapping"], lambda case: case.sql("DELETE FROM revision WHERE kind = 'mapping'")),
    "the configuration": (
        ["config"],
        lambda case: case.sql("UPDATE revision SET text = replace(text, 'Acme', 'Acne') WHERE kind = 'config'"),
    ),
    "a command": (["commands"], lambda case: case.sql("UPDATE command SET said = '/filrouge map O1'")),
    "what came of a comment": (
        ["comments"],
        lambda case: case.sql(
            "INSERT INTO outbox (source, id, action, marker, body, digest, why, state, attempts, at, sent_at) "
            "VALUES ('shop', '7', 'post', 'm', 'b', 'd', 'w', 'sent', 1, ?, ?)",
            *[int(DONE.timestamp()) * 1_000_000] * 2,
        ),
    ),
    "a run": (
        ["sources"],
        lambda case: case.sql(
            "INSERT INTO run (kind, subject, started_at, finished_at, outcome, summary) "
            "VALUES ('sync', 'shop', 1000000, 2000000, 'ok', '{\"set_aside\": 2}')"
        ),
    ),
    "the findings of the week before": (["earlier"], lambda case: case.sql("UPDATE finding SET message = 'Well.'")),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_the_changed_input_is_named(case: Case, what: str) -> None:
    assert case.changed() == []
    named, tamper = TAMPERED[what]
    tamper(case)
    assert case.changed() == named


def test_the_items_that_may_have_changed_are_few(case: Case) -> None:
    case.sql("UPDATE work_item SET title = 'A storz' WHERE id = '5'")
    (change,) = case.verify()
    assert "SHOP-5" in change.items
    assert len(change.items) <= 3  # forty items in 256 heaps
    assert change.sentence.startswith("items of shop are not as they were: ")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"organisation": "Acme"', b'"organisation": "Acne"'),
        (b"2026-W47", b"2026-W46"),
        (b'"inputs"', b'"imputs"'),
        (b'"data_quality"', b' "data_quality"'),
        (b'"manifest"', b'"nanifest"'),
        (b"{", b"["),
        (b"Acme", b"\xff\xfe"),
        (b"{", b"[" * 100_000),
    ],
)
def test_a_changed_file_is_named_whatever_was_changed_in_it(case: Case, before: bytes, after: bytes) -> None:
    changed = case.file.replace(before, after, 1)
    assert changed != case.file
    assert case.changed(changed) == ["file"]
    assert case.changed(case.file[:-3]) == ["file"]


def test_another_method_is_named(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.verify.METHOD", 2)
    (change,) = case.verify()
    assert (change.input, "method 1; this one has schema 1, method 2" in change.sentence) == ("method", True)


def test_figures_that_come_out_otherwise_are_shown(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.compute.by_source", lambda _amounts: {"shop": {"O1": 0.5}})
    (change,) = case.verify()
    assert change.input == "method"
    assert change.sentence.endswith("by_source.shop.O1 was 0.975 and is 0.5.")
