"""Each condition on an item, and what a missing value means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from config.rules import MappingRules
from domain.errors import ConfigurationError
from domain.strategy import Strategy
from domain.work import ItemRef, State, WorkItem
from mapping.assign import assign
from mapping.clauses import MOST, Literal, clauses
from mapping.conditions import ConditionError, read

MakeItem = Callable[..., WorkItem]
MakeItems = Callable[..., dict[ItemRef, WorkItem]]
MakeRules = Callable[..., MappingRules]

FULL = {
    "type": "User Story",
    "title": "Upgrade the café's checkout",
    "project": "Shop",
    "team": "Ocean",
    "labels": ("okr-KR1.1", "spike"),
    "components": ("Payments", "Search"),
    "area_path": r"Platform\Payments\API",
    "iteration": r"Platform\2026\Sprint 12",
    "sprint": "Sprint 12",
    "status": "In Review",
    "state": State.DOING,
    "priority": "High",
    "fix_versions": ("2.0",),
    "fields": {"Squad": ("Blue", "Green"), "customfield_10042": ("x",)},
}


@pytest.fixture
def holds(
    make_item: MakeItem, make_items: MakeItems, make_rules: MakeRules, strategy: Strategy
) -> Callable[[dict[str, Any], dict[str, Any]], bool]:
    """Whether a rule with these conditions matches an item with these values, below an epic below an initiative."""

    def test(when: dict[str, Any], values: dict[str, Any]) -> bool:
        items = make_items(
            make_item("I-1", level=3, type="Initiative", labels=("top",)),
            make_item("E-1", level=1, type="Epic", parent="I-1", labels=("middle",), components=("Payments",)),
            make_item("S-1", **({"parent": "E-1"} | values)),
        )
        return bool(assign(items, make_rules((when, "run")), strategy)[ItemRef("shop", "id-S-1")].shares)

    return test


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({}, True),
        ({"source": "SHOP"}, True),
        ({"source": "platform"}, False),
        ({"project": ["nothing", "sh*"]}, True),
        ({"key": "s-?"}, True),
        ({"key": "s"}, False),
        ({"type": "user story"}, True),
        ({"type": "story"}, False),
        ({"level": "story"}, True),
        ({"level": "0"}, True),
        ({"level": ["epic", "-1"]}, False),
        ({"label": "OKR-*"}, True),
        ({"label": ["x", "SPIKE"]}, True),
        ({"label": "okr"}, False),
        ({"component": "payments"}, True),
        ({"area_path": r"platform\payments\**"}, True),
        ({"area_path": r"platform\*"}, False),
        ({"iteration": r"platform\*\sprint 12"}, True),
        ({"iteration": "platform"}, False),
        ({"sprint": "sprint 12"}, True),
        ({"team": "ocean"}, True),
        ({"status": "in review"}, True),
        ({"state": "doing"}, True),
        ({"state": ["todo", "done"]}, False),
        ({"priority": "high"}, True),
        ({"fix_version": "2.0"}, True),
        ({"fix_version": "2"}, False),
        ({"summary": "*CAFE\u0301*"}, True),
        ({"summary": r"/(?i)\bupgrade\b/"}, True),
        ({"summary": "upgrade"}, False),
        ({"field": {"Squad": "green"}}, True),
        ({"field": {"squad": "blue", "customfield_10042": ["x", "y"]}}, True),
        ({"field": {"squad": "blue", "customfield_10042": "y"}}, False),
        ({"field": {"Unknown": "*"}}, False),
        ({"parent": {"type": "Epic"}}, True),
        ({"parent": {}}, True),
        ({"parent": {"type": "Initiative"}}, False),
        ({"parent": {"parent": {"type": "Initiative"}}}, True),
        ({"ancestor": {"level": "initiative"}}, True),
        ({"ancestor": {"level": "2"}}, False),
        ({"ancestor": {"label": "middle", "component": "payments"}}, True),
        ({"ancestor": {"label": "top", "component": "payments"}}, False),
        ({"ancestor": {"summary": "/^S/"}}, False),
        ({"any": [{"type": "Bug"}, {"label": "spike", "team": "Ocean"}]}, True),
        ({"any": [{"type": "Bug"}, {"label": "spike", "team": "Sea"}]}, False),
        ({"any": []}, False),
        ({"all": []}, True),
        ({"all": [{"label": "spike"}, {"label": "okr-*"}]}, True),
        ({"all": [{"label": "spike"}, {"label": "kpi-*"}]}, False),
        ({"not": {"label": "spike"}}, False),
        ({"not": {"label": "spike", "team": "Sea"}}, True),
        ({"not": {"any": [{"label": "x"}, {"team": "Sea"}]}}, True),
        ({"not": {"not": {"label": "spike"}}}, True),
        ({"not": {"parent": {"type": "Epic"}}}, False),
        ({"label": "spike", "not": {"label": "okr-*"}}, False),
        ({"label": "okr-*", "not": {"label": "*-kr1.1"}}, False),
        ({"label": "okr-*", "not": {"label": "okr-kr2.*"}}, True),
        ({"component": "payments", "type": "Bug"}, False),
    ],
)
def test_each_condition(
    holds: Callable[[dict[str, Any], dict[str, Any]], bool], when: dict[str, Any], expected: bool
) -> None:
    assert holds(when, FULL) is expected
    assert holds({"not": when}, FULL) is not expected
    assert holds({"all": [when, when]}, FULL) is expected
    assert holds({"any": [{"type": "Bug"}, when]}, FULL) is expected


@pytest.mark.parametrize(
    "condition",
    [
        {"team": "*"},
        {"label": "*"},
        {"component": "/.*/"},
        {"fix_version": "*"},
        {"area_path": "**"},
        {"iteration": "**"},
        {"sprint": "*"},
        {"priority": "*"},
        {"field": {"Squad": "*"}},
        {"type": "*"},
        {"parent": {}},
        {"ancestor": {}},
        {"parent": {"not": {"type": "Epic"}}},
    ],
    ids=str,
)
def test_what_the_item_lacks_is_false_and_its_contrary_true(
    holds: Callable[[dict[str, Any], dict[str, Any]], bool], condition: dict[str, Any]
) -> None:
    lacking = {"parent": "GONE-1", "type": ""}
    assert holds(condition, lacking) is False
    assert holds({"not": condition}, lacking) is True


@pytest.mark.parametrize(
    ("level", "word"), [(3, "initiative"), (2, "initiative"), (1, "epic"), (0, "story"), (-1, "subtask")]
)
def test_levels_have_words_and_numbers(
    holds: Callable[[dict[str, Any], dict[str, Any]], bool], level: int, word: str
) -> None:
    assert holds({"level": word.upper()}, {"level": level})
    assert holds({"level": str(level)}, {"level": level})
    for other in {"initiative", "epic", "story", "subtask"} - {word}:
        assert not holds({"level": other}, {"level": level})


@pytest.mark.parametrize(
    "when",
    [
        {"colour": "red"},
        {"any": {"type": "Bug"}},
        {"not": ["x"]},
        {"parent": "SHOP-1"},
        {"label": [{"a": 1}]},
        {"label": True},
        {"all": ["x"]},
        {"field": "Squad"},
    ],
    ids=str,
)
def test_conditions_without_sense_are_refused_with_their_place(
    make_rules: MakeRules, strategy: Strategy, when: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError, match=r"^mapping\.yaml:1:5: rule r1: .+; expected .+\.$"):
        assign({}, make_rules((when, "run")), strategy)


def test_a_broken_expression_is_refused_with_its_place(make_rules: MakeRules, strategy: Strategy) -> None:
    with pytest.raises(ConfigurationError, match=r"^mapping\.yaml:2:5: rule r2: the pattern /\(/ is no regular"):
        assign({}, make_rules(({}, "run"), ({"parent": {"summary": "/(/"}}, "run")), strategy)


def test_a_slow_expression_names_rule_and_item(
    make_item: MakeItem, make_items: MakeItems, make_rules: MakeRules, strategy: Strategy
) -> None:
    items = make_items(make_item("S-1", title="short"), make_item("S-2", title="a" * 60 + "!"))
    rules = make_rules(({"type": "Story", "summary": "/(a|a)*$/"}, {"work_class": "debt"}))
    with pytest.raises(ConfigurationError) as raised:
        assign(make_items(items[ItemRef("shop", "id-S-2")]), rules, strategy)
    assert str(raised.value).startswith("mapping.yaml:1:5: rule r1: the regular expression /(a|a)*$/ took longer")
    assert "on S-2" in str(raised.value)


def test_an_expression_is_tried_only_where_all_else_holds(
    make_item: MakeItem, make_items: MakeItems, make_rules: MakeRules, strategy: Strategy
) -> None:
    items = make_items(make_item("S-1", title="a" * 60 + "!", area_path="a" * 60 + "!"))
    when = {"summary": "/(a|a)*$/", "area_path": "/(a|a)*$/", "type": "Bug"}
    assert assign(items, make_rules((when, "run")), strategy)[ItemRef("shop", "id-S-1")].shares == {}


def test_alternatives_unfold_conditions_as_far_as_they_stay_few() -> None:
    few = clauses(read({"any": [{"type": "a"}, {"type": "b"}], "not": {"any": [{"team": "x"}, {"team": "y"}]}}))
    assert len(few) == 2
    assert [[literal.negated for literal in clause] for clause in few] == [[False, True, True]] * 2
    wide = [{"any": [{"type": "a"}, {"team": "b"}, {"label": "c"}]}] * 5
    many = clauses(read({"all": wide}))
    assert len(many) <= MOST
    assert any(not isinstance(literal.node, type(few[0][0].node)) for clause in many for literal in clause)
    assert clauses(read({})) == [()]
    assert clauses(read({"any": []})) == []
    assert Literal(read({"type": "a"}).parts[0]) == clauses(read({"type": "a"}))[0][0]


def test_numbers_in_patterns_are_compared_as_written() -> None:
    assert read({"fix_version": 2}) == read({"fix_version": ["2"]})
    with pytest.raises(ConditionError, match="unknown condition lable"):
        read({"lable": "x"})
