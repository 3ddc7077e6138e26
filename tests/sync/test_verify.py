"""A report that cannot be made again says which input was changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.work import Transition
from store.open import Store
from sync.verify import Changed, verify
from tests.sync.conftest import NOW
from tests.sync.reported_week import DONE, MAPPING, SETTINGS, STRATEGY, ReportedWeek, story


class Case(ReportedWeek):
    """With what verify says."""

    def verify(self, file: bytes | None = None) -> list[Changed]:
        return verify(self.file if file is None else file, self.load(), self.store)

    def changed(self, file: bytes | None = None) -> list[str]:
        return [change.input for change in self.verify(file)]


@pytest.fixture
def case(tmp_path: Path, store: Store) -> Case:
    return Case(tmp_path, store)


def test_a_report_is_identical_whatever_came_later(case: Case) -> None:
    case.write("filrouge", SETTINGS.replace("Acme", "Other") + "language: fr\ndrift: {measure: points}\n")
    case.write("strategy", STRATEGY.replace("60", "10").replace("value: 3", "value: 8"))
    case.write("mapping", MAPPING.replace("O1", "O2"))
    later = Transition(NOW, "title", "A story", "Retold")
    case.sync(
        story(3, later, title="Retold"), story(41)
    )  # an edit after as_of, and nothing of the item's past is changed
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
