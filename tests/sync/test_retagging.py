"""What came to serve something else after its start, told from history and the mapping of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from config.rules import MappingRules, Place, Rule, Setting
from domain.strategy import Cycle, Objective, Strategy
from domain.tags import Assignment
from domain.work import History, ItemRef, State, Transition, WorkItem
from mapping.assign import assign
from sync.retagging import retaggings

SINCE = datetime(2026, 10, 26, tzinfo=UTC)
STRATEGY = Strategy(
    (Cycle("Q", date(2026, 10, 1), date(2026, 12, 31)),), tuple(Objective(name, name, "Q") for name in ("O1", "O2"))
)
RULES = MappingRules(
    tuple(
        Rule(label, {"label": label}, Setting(((target, 1.0),)), Place("mapping.yaml", 1, 1))
        for label, target in (("one", "O1"), ("two", "O2"))
    ),
    inherit=frozenset({"contributes_to"}),
)


def at(day: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, 10, tzinfo=UTC)


def story(key: str, **values: Any) -> WorkItem:
    usual: dict[str, Any] = {"level": 0, "labels": (), "started_at": at(1, 10), "parent": None}
    return WorkItem(
        source="shop",
        id=f"id-{key}",
        key=key,
        url="",
        type="Story",
        title=key,
        status="Doing",
        state=State.DOING,
        project="P",
        created_at=at(1, 9),
        updated_at=at(1, 9),
        **(usual | values),
    )


def label(when: datetime, before: Sequence[str], after: Sequence[str]) -> Transition:
    return Transition(when, "labels", tuple(before), tuple(after))


def found(*told: tuple[WorkItem, History]) -> list[tuple[str, datetime, Mapping[str, float], Mapping[str, float]]]:
    def mapped(items: Mapping[ItemRef, WorkItem]) -> Mapping[ItemRef, Assignment]:
        return assign(items, RULES, STRATEGY)

    items = {item.ref: item for item, _ in told}
    retagged = retaggings(items, {item.ref: history for item, history in told}, SINCE, mapped)
    assert retagged is not None
    return [(items[one.ref].key, one.at, one.before, one.after) for one in retagged]


def test_a_changed_label_is_found_with_its_instant() -> None:
    item = story("S-1", labels=("two", "urgent"))
    history = [
        label(at(20, 10), (), ("one",)),  # before the horizon
        label(at(2), ("one",), ("two",)),
        label(at(5), ("two",), ("two", "urgent")),  # changes nothing of what it serves
    ]
    assert found((item, history)) == [("S-1", at(2), {"O1": 1.0}, {"O2": 1.0})]


def test_what_was_changed_before_the_start_or_changed_back_is_not() -> None:
    early = story("S-1", labels=("two",), started_at=at(3))
    back = story("S-2", labels=("one",))
    idle = story("S-3", labels=("two",), started_at=None)
    assert not found(
        (early, [label(at(2), ("one",), ("two",))]),
        (back, [label(at(2), ("one",), ("two",)), label(at(3), ("two",), ("one",))]),
        (idle, [label(at(2), ("one",), ("two",))]),
    )


def test_only_the_item_that_was_changed_is_found() -> None:
    """The epic is retagged; the story below it inherits, and got a label that says nothing."""
    epic = story("E-1", level=1, labels=("two",))
    child = story("S-1", labels=("urgent",), parent="id-E-1")
    assert found(
        (epic, [label(at(2), ("one",), ("two",))]),
        (child, [label(at(3), (), ("urgent",))]),
    ) == [("E-1", at(2), {"O1": 1.0}, {"O2": 1.0})]


def test_a_move_to_another_parent_counts() -> None:
    """The first parent is named by its key, as by a tracker that forgot its id; it hangs below an initiative."""
    initiative = story("I-1", level=2, labels=("one",))
    first = story("E-1", level=1, parent="id-I-1")
    second = story("E-2", level=1, labels=("two",))
    moved = story("S-1", parent="id-E-2")
    told: list[tuple[WorkItem, History]] = [(item, ()) for item in (initiative, first, second)]
    assert found(*told, (moved, [Transition(at(2), "parent", "E-1", "id-E-2")])) == [
        ("S-1", at(2), {"O1": 1.0}, {"O2": 1.0})
    ]


def test_a_tag_taken_off_leaves_nothing() -> None:
    item = story("S-1")
    assert found((item, [label(at(2), ("one",), ())])) == [("S-1", at(2), {"O1": 1.0}, {})]


def test_without_any_history_nothing_is_known() -> None:
    item = story("S-1")
    assert retaggings({item.ref: item}, {item.ref: ()}, SINCE, lambda _: {}) is None
