"""Why work is unaligned, the first reason that holds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain.hierarchy import Hierarchy
from domain.reasons import unaligned_reason
from domain.strategy import KeyResult, Objective, Strategy
from domain.tags import Assignment
from domain.work import ItemRef, WorkItem

STRATEGY = Strategy(objectives=(Objective("O1", "One", "Q4", key_results=(KeyResult("KR1", "First", "O1"),)),))
SERVES = Assignment(shares={"KR1": 1.0})
CONFLICT = Assignment(shares={"unaligned": 1.0}, conflict=True)
GONE = Assignment(shares={"O1": 0.5, "O9": 0.5}, unknown=("O9",))
DECLARED = Assignment(shares={"unaligned": 1.0})
PARTLY = Assignment(shares={"O1": 0.5, "unaligned": 0.5})
NOTHING = Assignment()


@pytest.mark.parametrize(
    ("child", "parent", "level", "reason"),
    [
        (CONFLICT, NOTHING, 0, "conflicting_tags"),
        (GONE, NOTHING, 0, "unknown_target"),
        (DECLARED, NOTHING, 0, "declared"),
        (PARTLY, NOTHING, 0, "declared"),
        (NOTHING, NOTHING, 0, "parent_unmapped"),
        (NOTHING, DECLARED, 1, "parent_unmapped"),
        (NOTHING, Assignment(shares={"O9": 1.0}), 0, "parent_unmapped"),
        (NOTHING, SERVES, 0, "no_rule"),
        (NOTHING, GONE, 0, "no_rule"),
        (NOTHING, None, 0, "no_parent"),
        (NOTHING, None, -1, "no_parent"),
        (NOTHING, None, 1, "no_rule"),
    ],
)
def test_the_first_reason_that_holds(
    make_item: Callable[..., WorkItem], child: Assignment, parent: Assignment | None, level: int, reason: str
) -> None:
    epic = make_item("E-1", level=1)
    story = make_item("S-1", level=level, parent="E-1" if parent is not None else "E-2")
    items = {epic.ref: epic, story.ref: story}
    assignments = {story.ref: child} | ({epic.ref: parent} if parent is not None else {})
    assert unaligned_reason(story.ref, Hierarchy(items), assignments, STRATEGY) == reason


def test_items_without_an_assignment_were_never_spoken_of(make_item: Callable[..., WorkItem]) -> None:
    epic, story = make_item("E-1", level=1), make_item("S-1", parent="E-1")
    assert unaligned_reason(story.ref, Hierarchy({epic.ref: epic, story.ref: story}), {}, STRATEGY) == "parent_unmapped"


def test_an_item_that_serves_targets_with_all_it_has_has_no_reason(make_item: Callable[..., WorkItem]) -> None:
    item = make_item("S-1")
    with pytest.raises(ValueError, match="S-1 serves KR1"):
        unaligned_reason(ItemRef("shop", "id-S-1"), Hierarchy({item.ref: item}), {item.ref: SERVES}, STRATEGY)
