"""Two reports are held against each other item by item, and each difference has its cause."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import ConfigurationError
from domain.lines import Line
from domain.work import EPIC, ItemRef, State, Transition
from reports.comparison import ComparisonData, StepData
from reports.formats.as_differences import render
from store.open import Store
from sync.compare import compare_files, lenses_of
from tests.sync.reported_week import DONE, MAPPING, SETTINGS, STRATEGY, ReportedWeek, story

LATER = datetime(2026, 11, 24, 12, tzinfo=UTC)  # after the report's instant, before now


class Case(ReportedWeek):
    """With what the lenses and a comparison of files show."""

    def lenses(self) -> ComparisonData:
        return lenses_of(self.load(), self.store, self.clock, "2026-W47")

    def since(self) -> StepData:
        """From what is known of then to what is known now; nothing came late."""
        found = self.lenses()
        first, second = found["steps"]
        assert (first["late"], first["items"], first["findings"]) == ([], [], [])
        assert first["revisions"] == []
        return second

    def files(self, one: bytes, other: bytes) -> ComparisonData:
        return compare_files({"a.json": one, "b.json": other}, self.load(), self.store)


@pytest.fixture
def case(tmp_path: Path, store: Store) -> Case:
    return Case(tmp_path, store)


def reopened(case: Case) -> None:
    case.sync(story(3, Transition(LATER, "state", State.DONE, State.DOING), state=State.DOING, done_at=None))


def done_otherwise(case: Case) -> None:
    again = DONE + timedelta(days=1)
    changes = (
        Transition(LATER, "state", State.DONE, State.DOING),
        Transition(LATER, "state", State.DOING, State.DONE),
    )
    case.sync(story(3, *changes, done_at=LATER), story(4, done_at=again))


def answered(case: Case) -> None:
    lines = [Line(ItemRef("shop", "3"), "c", "/filrouge map O2", "a", allowed=True, at=LATER, known_at=LATER)]
    with case.store.writing() as unit:
        unit.keep_lines(ItemRef("shop", "3"), lines, LATER, LATER)


def relabelled(case: Case) -> None:
    """The mapping that is read again says something of a label that only came later."""
    case.sync(story(3, Transition(LATER, "labels", (), ("spike",)), labels=("spike",)))


def deleted(case: Case) -> None:
    case.sync(story(3, Transition(LATER, "deleted", None, LATER.isoformat()), deleted=LATER))


SPIKES = MAPPING.replace("rules: [", "rules: [{id: spikes, when: {label: spike}, set: {contributes_to: O2}}, ")
CAUSES: dict[str, tuple[str, str, str | None, Callable[[Case], None]]] = {
    "reopened": ("left", "edited", "2026-11-24", reopened),
    "deleted": ("left", "deleted", None, deleted),
    "answered": ("target", "command", None, answered),
    "relabelled": ("target", "edited", "2026-11-24", relabelled),
}


@pytest.mark.parametrize("what", CAUSES)
def test_one_item_that_counts_otherwise_has_its_cause(tmp_path: Path, store: Store, what: str) -> None:
    case = Case(tmp_path, store, mapping=SPIKES)
    change, why, on, act = CAUSES[what]
    act(case)
    (item,) = case.since()["items"]
    assert (item["key"], item["what"], item["why"], item["on"]) == ("SHOP-3", change, [why], on)
    assert item["moved"] == 1
    assert item["before"] == {"effort": 1, "targets": {"O1": 1}, "delivered": "2026-11-18T10:00:00Z"}


@pytest.mark.parametrize(
    ("file", "text", "what", "why"),
    [
        ("mapping", MAPPING.replace("O1", "O2"), "target", "mapping"),
        ("filrouge", SETTINGS + "drift: {measure: days}\n", "left", "settings"),
    ],
)
def test_a_changed_file_is_the_cause_of_what_it_changes(case: Case, file: str, text: str, what: str, why: str) -> None:
    case.write(file, text)
    step = case.since()
    assert step["revisions"] == ["config" if file == "filrouge" else file]
    # SHOP-7 has a command, which stands above every rule and is read by every strategy.
    assert {(item["what"], *item["why"]) for item in step["items"] if item["key"] != "SHOP-7"} == {(what, why)}
    assert len(step["items"]) >= 39


def test_a_key_result_that_goes_to_another_objective_takes_its_work_along(tmp_path: Path, store: Store) -> None:
    case = Case(tmp_path, store, mapping=MAPPING.replace("O1", "KR1"))
    moved = STRATEGY.replace("id: O1\n", "id: OX\n").replace("id: O2", "id: O1").replace("id: OX\n", "id: O2\n")
    case.write("strategy", moved)
    step = case.since()
    items = {item["key"]: (item["what"], *item["why"]) for item in step["items"]}
    assert items == {f"SHOP-{number}": ("target", "strategy") for number in range(1, 41) if number != 7}


def test_what_was_read_late_is_told_apart_from_what_happened_later(case: Case) -> None:
    case.sync(story(41), story(3, Transition(LATER, "state", State.DONE, State.DOING), state=State.DOING, done_at=None))
    found = case.lenses()
    assert [view["items"] for view in found["views"]] == [40, 41, 40]
    late, since = found["steps"]
    assert [(one["key"], one["part"]) for one in late["late"]] == [
        ("SHOP-41", {"effort": 1, "targets": {"O1": 1}, "delivered": "2026-11-18T10:00:00Z"})
    ]
    assert late["items"] == []
    assert [(item["key"], item["what"]) for item in since["items"]] == [("SHOP-3", "left")]
    (share,) = [row for row in found["shares"] if row["target"] == "O2"]
    assert share["delivered"] == [0.025, 0.02439, 0.025]
    told = render(found)
    assert "| Delivered items | 40 | 41 | 40 |" in told
    assert "- 1 item was read, or changed, only after the report had been made: SHOP-41\n" in told
    assert "A story: goes, it counted for 1 on O1 (edited on 24 Nov)\n" in told


def test_a_week_that_is_seen_the_same_from_everywhere_says_so(case: Case) -> None:
    found = case.lenses()
    assert found["shares"] == []
    assert render(found).count("Nothing differs.") == 2


def test_an_epic_gives_way_to_the_work_below_it(case: Case) -> None:
    epic = replace(story(50), item=replace(story(50).item, level=EPIC, type="Epic"))
    case.sync(epic)
    before = case.report("2026-W47", case.clock.now())
    since = case.clock.now() + timedelta(minutes=1)
    case.sync(story(51, created_at=since, updated_at=since, parent="50"))
    after = case.report("2026-W47", case.clock.now())
    found = case.files(before, after)
    assert [(item["key"], item["what"], item["why"]) for item in found["steps"][0]["items"]] == [
        ("SHOP-50", "left", ["hierarchy"]),
        ("SHOP-51", "entered", ["created"]),
    ]


def test_points_are_shared_out_anew_when_one_of_the_team_goes(tmp_path: Path, store: Store) -> None:
    case = Case(tmp_path, store, settings=SETTINGS + "drift: {measure: points}\n")
    case.sync(story(3, Transition(LATER, "points", 3.0, 8.0), points=8.0))  # an estimate after delivery counts nothing
    assert case.since()["items"] == []
    case.sync(story(4, Transition(DONE - timedelta(days=1), "points", 3.0, 8.0), points=8.0, updated_at=LATER))
    late, _ = case.lenses()["steps"]
    assert [one["key"] for one in late["late"]] == ["SHOP-4"]
    reopened(case)
    items = case.lenses()["steps"][1]["items"]
    assert {(item["key"] == "SHOP-3", item["what"], *item["why"]) for item in items} == {
        (True, "left", "edited"),
        (False, "effort", "team"),
    }


def test_another_week_is_told_in_numbers(case: Case) -> None:
    found = case.files(case.report("2026-W46"), case.file)
    assert {(item["what"], *item["why"]) for item in found["steps"][0]["items"]} == {("entered", "window")}
    assert "- 40 items come in (other weeks are looked at)\n" in render(found)


def test_findings_that_come_and_go_are_told(case: Case) -> None:
    case.write("filrouge", SETTINGS + "drift: {rules: {S02: {severity: error}, A04: off}}\n")
    case.workspace = case.load()
    step = case.files(case.file, case.report("2026-W47"))["steps"][0]
    changes = {(one["code"], one["change"], *one["severity"]) for one in step["findings"]}
    assert ("S02", "severity", "warning", "error") in changes
    assert any(change[:2] == ("A04", "gone") for change in changes)
    assert "**S02** idle objective is now error instead of warning (Idle all the time)" in render(
        case.files(case.file, case.report("2026-W47"))
    )


def test_what_cannot_be_compared_is_refused(case: Case) -> None:
    with pytest.raises(ConfigurationError, match=r"b\.json is no JSON report"):
        case.files(case.file, case.file[:-9])
    with pytest.raises(ConfigurationError, match=r"b\.json is no JSON report"):
        case.files(case.file, json.dumps({"manifest": {}}).encode())
    case.sql("DELETE FROM revision WHERE kind = 'mapping'")
    with pytest.raises(ConfigurationError, match=r"a\.json: the store does not have the mapping"):
        case.files(case.file, case.file)
    for week, sentence in (("2026-W40", "no report of 2026-W40"), ("2026-W48", "no report"), ("last", "--lenses: ")):
        with pytest.raises(ConfigurationError, match=sentence):
            lenses_of(case.load(), case.store, case.clock, week)
