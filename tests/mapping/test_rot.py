"""Dead and shadowed rules: what the conditions prove is never wrong, and what happened is told as no more than that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from config.rules import MappingRules, Place, Rule
from domain.hierarchy import Hierarchy
from domain.rot import DeadRule, ShadowedRule
from domain.strategy import Strategy
from domain.tags import NOTHING
from domain.work import ItemRef, WorkItem
from mapping.assign import assign
from mapping.contribution import Targets
from mapping.program import Program
from mapping.rot import ENOUGH, idle_rules
from tests.mapping.test_against_reference import SEEN, WORLDS, meets, speaks

Make = Callable[..., Any]


@settings(derandomize=True, max_examples=300, deadline=None)
@given(world=WORLDS)
def test_what_is_proved_never_decides_and_what_is_dead_never_matches(
    make_item: Make, strategy: Strategy, world: dict[str, Any]
) -> None:
    made = (make_item(f"K-{number}", **values) for number, values in enumerate(world["items"]))
    items: dict[ItemRef, WorkItem] = {item.ref: item for item in made}
    rules = MappingRules(
        rules=tuple(
            Rule(f"r{number}", when, setting, Place("mapping.yaml", number, 1), start, until)
            for number, (when, setting, start, until) in enumerate(world["rules"], start=1)
        )
    ).at(SEEN, ZoneInfo("America/New_York"))
    by_id = {rule.id: rule for rule in rules.rules}
    tree = Hierarchy(items)
    program = Program(rules, Targets(strategy), tree)
    deciding = {rule.id for item in items.values() for _, rule in program.first_words(item).values()}
    # Nothing is told of what was decided, so every rule is looked at.
    dead, shadowed = idle_rules(items, set(items), rules, strategy, dict.fromkeys(items, NOTHING))
    for one in shadowed:
        assert one.rule not in deciding
        assert one.certain or len(one.items) >= ENOUGH
    for left in dead:
        rule = by_id[left.rule]
        assert left.before == ()
        assert not any(speaks(rule, item, rules.seen) and meets(rule.when, item, tree) for item in items.values())


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ({"label": "red"}, {"label": "RED", "type": "Bug"}),
        ({"label": ["red", "blue"]}, {"label": "blue"}),
        ({"label": "okr-*"}, {"label": "okr-kr*1"}),
        ({}, {"summary": "/urgent/"}),
        ({"area_path": r"P\**"}, {"area_path": [r"P\A\**", r"P\B"]}),
        ({"any": [{"type": "Bug"}, {"label": "red"}]}, {"all": [{"label": "red"}, {"source": "shop"}]}),
        ({"ancestor": {"label": "r*"}}, {"parent": {"label": "red", "type": "Epic"}}),
        ({"not": {"label": "red"}}, {"not": {"label": ["red", "blue"]}}),
        ({"field": {"Team": "a"}}, {"field": {"team": "A", "Cost": "1"}}),
        ({"summary": "/urgent/"}, {"summary": "/urgent/", "type": "Bug"}),
    ],
)
def test_conditions_that_hold_only_where_others_do(
    above: dict[str, Any], below: dict[str, Any], make_rules: Make, strategy: Strategy
) -> None:
    narrow_first = idle_rules({}, (), make_rules((below, "O1"), (above, "O2")), strategy, {})[1]
    wide_first = idle_rules({}, (), make_rules((above, "O1"), (below, "O2")), strategy, {})[1]
    assert narrow_first == ()
    assert wide_first == (ShadowedRule("r2", ("r1",), certain=True),)


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ({"label": "r?d"}, {"label": "r*d"}),
        ({"area_path": r"P\*"}, {"area_path": r"P\**"}),
        ({"label": "red"}, {"component": "red"}),
        ({"parent": {"label": "red"}}, {"ancestor": {"label": "red"}}),
        ({"not": {"label": ["red", "blue"]}}, {"not": {"label": "red"}}),
        ({"summary": "/Urgent/"}, {"summary": "/urgent/"}),
        ({"label": "red", "type": "Bug"}, {"label": "red"}),
    ],
)
def test_what_conditions_do_not_prove(
    above: dict[str, Any], below: dict[str, Any], make_rules: Make, strategy: Strategy
) -> None:
    assert idle_rules({}, (), make_rules((above, "O1"), (below, "O2")), strategy, {})[1] == ()


def test_several_rules_together_take_it_all(make_rules: Make, strategy: Strategy) -> None:
    rules = make_rules(
        ({"label": "red"}, {"contributes_to": "O1"}),
        ({"label": "blue"}, {"contributes_to": "O1", "value_stream": "purchase"}),
        ({"type": "Bug"}, {"value_stream": "purchase"}),
        ({"label": ["red", "blue"], "type": "Bug"}, {"contributes_to": "O2", "value_stream": "purchase"}),
        ({"label": ["red", "blue"]}, {"contributes_to": "O2", "value_stream": "purchase"}),
    )
    assert idle_rules({}, (), rules, strategy, {})[1] == (ShadowedRule("r4", ("r1", "r2", "r3"), certain=True),)


def test_a_capture_may_leave_something_to_those_below_and_an_ended_rule_does(
    make_rules: Make, strategy: Strategy
) -> None:
    capture = make_rules(({"label": "okr-*"}, "{label:okr-*}"), ({"label": "okr-O1"}, "O1"))
    assert idle_rules({}, (), capture, strategy, {})[1] == ()
    first, second = make_rules(({"label": "red"}, "O1"), ({"label": "red"}, "O2")).rules
    over = Rule(first.id, first.when, first.set, first.place, until=date(2026, 11, 30))
    seen = MappingRules(rules=(over, second)).at(datetime(2026, 11, 20, tzinfo=UTC), ZoneInfo("UTC"))
    assert idle_rules({}, (), seen, strategy, {})[1] == ()
    then = MappingRules(rules=(over, second)).at(datetime(2026, 12, 2, tzinfo=UTC), ZoneInfo("UTC"))
    assert [one.rule for one in idle_rules({}, (), then, strategy, {})[0]] == ["r2"]


def test_what_happened(make_item: Make, make_items: Make, make_rules: Make, strategy: Strategy) -> None:
    rules = make_rules(
        ({"label": "red"}, "O1"),
        ({"component": "pay"}, "O2"),  # on five items that all are red
        ({"component": "cart"}, "O2"),  # on four such items, which says too little
        ({"team": "old"}, "O2"),
        ({"team": "new"}, "O2"),
        ({}, "run"),  # for what is left over
    )
    many = [make_item(f"P-{n}", labels=("red",), components=("pay",)) for n in range(5)]
    few = [make_item(f"C-{n}", labels=("red",), components=("cart",)) for n in range(4)]
    items = make_items(make_item("OLD-1", team="old"), *many, *few)
    lively = {item.ref for item in (*many, *few)}
    dead, shadowed = idle_rules(items, lively, rules, strategy, assign(items, rules, strategy))
    assert dead == (DeadRule("r4", (ItemRef("shop", "id-OLD-1"),)), DeadRule("r5"))
    assert shadowed == (ShadowedRule("r2", ("r1",), certain=False, items=tuple(item.ref for item in many)),)


def test_a_rule_that_decided_or_had_nothing_to_say_is_not_shadowed(
    make_item: Make, make_items: Make, make_rules: Make, strategy: Strategy
) -> None:
    rules = make_rules(
        ({"type": "Bug"}, "O1"),
        ({"label": "okr-*"}, "{label:okr-*}"),
        ({"label": "red"}, {"contributes_to": "O2", "work_class": "debt"}),
    )
    items = make_items(*(make_item(f"K-{n}", type="Bug", labels=("red", "okr-none")) for n in range(6)))
    assert idle_rules(items, set(items), rules, strategy, assign(items, rules, strategy)) == (
        (),
        (ShadowedRule("r2", ("r1",), certain=False, items=tuple(items)),),
    )
    free = make_items(*(make_item(f"K-{n}", labels=("okr-none",)) for n in range(6)))
    assert idle_rules(free, set(free), rules, strategy, assign(free, rules, strategy))[1] == ()


def test_nobody_can_tell_of_a_rule_that_is_too_slow(
    make_item: Make, make_items: Make, make_rules: Make, strategy: Strategy
) -> None:
    rules = make_rules(({"type": "Bug"}, "O1"), ({"summary": "/(a|a)*$/"}, "O2"), ({"team": "y"}, "O2"))
    items = make_items(make_item("K-1", type="Bug", title="a" * 60 + "!"))
    dead, shadowed = idle_rules(items, set(items), rules, strategy, assign(items, rules, strategy))
    assert (dead, shadowed) == ((DeadRule("r3"),), ())
