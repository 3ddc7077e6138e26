"""The tests that a mapping carries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from config.rules import MappingRules, MappingTest, Place
from domain.strategy import Strategy
from domain.work import ItemRef, WorkItem
from mapping.check import TestResult, run_tests
from mapping.given import GivenError, given_items

Check = Callable[..., TestResult]


@pytest.fixture
def check(
    make_item: Callable[..., WorkItem],
    make_rules: Callable[..., MappingRules],
    make_pin: Callable[..., Any],
    strategy: Strategy,
) -> Check:
    """Run one test of a mapping like the one in the manual."""
    items = {
        item.ref: item
        for item in (
            make_item("SHOP-1", level=1, type="Epic", components=("Payments",)),
            make_item("SHOP-7", parent="SHOP-1"),
            make_item("SHOP-8", team="Ocean"),
            make_item("SHOP-9"),
            make_item("TWIN-1"),
            make_item("TWIN-1", source="other"),
        )
    }

    def run(expect: dict[str, Any], *, item: str | None = None, given: dict[str, Any] | None = None) -> TestResult:
        place = Place("mapping.yaml", 40, 5)
        rules = make_rules(
            (
                {"component": ["Payments", "Pay *"], "not": {"label": "spike"}},
                {"contributes_to": "KR1.1", "value_stream": "purchase", "work_class": "feature"},
            ),
            ({"team": "Ocean"}, {"KR1.1": 60, "KR2.1": 40}),
            ({"label": "okr-*"}, "{label:okr-*}"),
            ({"type": "Epic", "ancestor": {"label": "top"}}, "O2"),
            inherit=["contributes_to"],
            pins=(make_pin("SHOP-9", "O2"),),
            tests=(MappingTest(place, expect, item, given),),
        )
        (result,) = run_tests(rules, items, strategy)
        assert result.place == place
        return result

    return run


@pytest.mark.parametrize(
    ("item", "expect"),
    [
        ("SHOP-1", {"contributes_to": {"KR1.1": 1.0}, "rule": "r1"}),
        ("shop-7", {"contributes_to": "kr1.1", "rule": "r1"}),
        ("SHOP-7", {"value_stream": None, "product": None}),
        ("SHOP-1", {"value_stream": "purchase", "work_class": "feature", "rule": "r1"}),
        ("SHOP-8", {"contributes_to": {"KR1.1": 3, "KR2.1": 2}}),
        ("SHOP-9", {"contributes_to": "O2", "rule": None}),
        ("SHOP-8", {"rule": "r2"}),
        ("SHOP-8", {"value_stream": None, "rule": None}),
    ],
)
def test_what_is_as_expected_passes(check: Check, item: str, expect: dict[str, Any]) -> None:
    result = check(expect, item=item)
    assert (result.passed, result.messages, result.subject) == (True, (), item)


@pytest.mark.parametrize(
    ("item", "expect", "messages"),
    [
        ("SHOP-1", {"contributes_to": "O2"}, ["contributes_to: expected O2, got KR1.1 by r1."]),
        ("SHOP-7", {"contributes_to": None}, ["contributes_to: expected nothing, got KR1.1 by inherited:SHOP-1."]),
        (
            "SHOP-8",
            {"contributes_to": ["KR1.1", "KR2.1"], "rule": "r1"},
            [
                "contributes_to: expected KR1.1 50 %, KR2.1 50 %, got KR1.1 60 %, KR2.1 40 % by r2.",
                "rule: expected r1, got r2.",
            ],
        ),
        ("SHOP-8", {"rule": None}, ["rule: expected none, got r2."]),
        ("SHOP-9", {"rule": "r1"}, ["rule: expected r1, got pin."]),
        ("SHOP-8", {"product": "payments", "rule": "r2"}, [
            "product: expected payments, got nothing.",
            "rule: expected r2, got none.",
        ]),
        ("NOPE-1", {"rule": None}, ["No item has the key NOPE-1; sync its project, or describe it with `given:`."]),
        ("TWIN-1", {"rule": None}, ["2 items have the key TWIN-1; expected one."]),
    ],
)  # fmt: skip
def test_what_is_not_says_so(check: Check, item: str, expect: dict[str, Any], messages: list[str]) -> None:
    result = check(expect, item=item)
    assert not result.passed
    assert list(result.messages) == messages
    assert result.as_json() == {
        "place": "mapping.yaml:40:5",
        "subject": item,
        "passed": False,
        "messages": messages,
    }


@pytest.mark.parametrize(
    ("given", "expect"),
    [
        ({"type": "Epic", "label": ["spike"], "component": ["Payments"]}, {"contributes_to": None}),
        ({"type": ["Epic"], "component": "pay now"}, {"contributes_to": "KR1.1", "rule": "r1"}),
        ({"label": ["okr-O1", "okr-O2"]}, {"contributes_to": "unaligned", "rule": "r3"}),
        ({"parent": {"component": "Payments"}}, {"contributes_to": "KR1.1", "rule": "r1"}),
        ({"type": "Epic", "ancestor": {"label": "top"}}, {"contributes_to": "O2"}),
        ({"key": "SHOP-9"}, {"contributes_to": None}),
        ({}, {"contributes_to": None, "rule": None}),
    ],
)
def test_described_items(check: Check, given: dict[str, Any], expect: dict[str, Any]) -> None:
    assert check(expect, given=given).messages == ()


def test_a_described_item_that_fails_is_told_as_it_was_written(check: Check) -> None:
    result = check({"contributes_to": "O1"}, given={"type": ["Epic"], "parent": {"label": ["a", "b"]}})
    assert result.subject == "type: [Epic], parent: {label: [a, b]}"
    assert result.messages == ("contributes_to: expected O1, got nothing.",)


def test_every_word_of_a_description_reaches_the_item() -> None:
    ref, items = given_items(
        {
            "source": ["shop"],
            "project": "SHOP",
            "key": "SHOP-1",
            "type": "Bug",
            "level": "epic",
            "label": ["a", "b"],
            "component": "c",
            "area_path": r"P\A",
            "iteration": r"P\1",
            "sprint": "1",
            "team": "Ocean",
            "status": "Open",
            "state": ["Done"],
            "priority": "High",
            "fix_version": [2.0],
            "summary": "Title",
            "field": {"Squad": ["x", "y"]},
            "parent": {"type": "Epic", "key": "E-1"},
            "ancestor": {"type": "Initiative"},
        }
    )
    item = items[ref]
    assert ref == ItemRef("shop", item.id)
    assert (item.project, item.key, item.type, item.level, item.title) == ("SHOP", "SHOP-1", "Bug", 1, "Title")
    assert (item.labels, item.components, item.fix_versions) == (("a", "b"), ("c",), ("2.0",))
    assert (item.area_path, item.iteration, item.sprint, item.team) == (r"P\A", r"P\1", "1", "Ocean")
    assert (item.status, item.state, item.priority) == ("Open", "done", "High")
    assert dict(item.fields) == {"Squad": ("x", "y")}
    parent = items[ItemRef("shop", item.parent or "")]
    assert (parent.key, parent.level) == ("E-1", 1)
    assert items[ItemRef("shop", parent.parent or "")].type == "Initiative"


def test_the_level_is_that_of_a_type_that_is_called_like_one() -> None:
    levels = {}
    for kind in ("Epic", "Sub-task", "Initiative", "Story", "Bug"):
        ref, items = given_items({"type": kind})
        levels[kind] = items[ref].level
    assert levels == {"Epic": 1, "Sub-task": -1, "Initiative": 2, "Story": 0, "Bug": 0}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"colour": "red"}, "an item has no colour"),
        ({"any": [{"type": "Bug"}]}, "an item has no any"),
        ({"type": ["Bug", "Epic"]}, "type holds 2 values"),
        ({"level": "high"}, "there is no level high"),
        ({"state": "open"}, "there is no state open"),
        ({"label": True}, "label holds True"),
        ({"parent": "E-1"}, "parent holds 'E-1'"),
        ({"field": "x"}, "field holds 'x'"),
    ],
)
def test_a_description_without_sense_fails_its_test(check: Check, given: dict[str, Any], said: str) -> None:
    with pytest.raises(GivenError, match=f"^given: {said}; expected .+\\.$"):
        given_items(given)
    result = check({"rule": None}, given=given)
    assert len(result.messages) == 1
    assert said in result.messages[0]
