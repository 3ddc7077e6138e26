"""Why an item is tagged as it is, as data and as lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.rules import MappingRules, Pin, Place, Setting
from domain.strategy import Strategy
from domain.work import ItemRef, State, WorkItem
from mapping.assign import assign
from mapping.explain import Explanation, explain
from mapping.trace import lines, said_text

S = ItemRef("shop", "id-S-1")


@pytest.fixture
def told(
    make_item: Callable[..., WorkItem],
    make_rules: Callable[..., MappingRules],
    make_pin: Callable[..., Pin],
    make_setting: Callable[[Any], Setting],
    strategy: Strategy,
) -> Explanation:
    """A story whose target is pinned above it, whose product a ticket gave, whose class a rule gave."""
    items = {
        item.ref: item
        for item in (
            make_item("I-1", level=2, type="Initiative"),
            make_item("E-1", level=1, type="Epic", parent="I-1", team="Ocean"),
            make_item("S-1", title="Pay later", parent="E-1", labels=("okr-old", "spike"), components=("Payments",)),
        )
    }
    rules = make_rules(
        (
            {"component": ["Search", "Pay*"], "not": {"label": "spike"}},
            {"contributes_to": "O1", "value_stream": "purchase"},
        ),
        ({"label": "okr-*"}, {"contributes_to": "{label:okr-*}", "work_class": "feature"}),
        ({"parent": {"type": "Epic", "any": [{"team": "Sea"}, {"team": "oc*"}]}, "ancestor": {"level": "3"}}, "O1"),
        ({"type": "Story"}, {"contributes_to": "run", "work_class": "debt"}),
        ({"team": "*", "field": {"Squad": "/x/"}}, "O1"),
        ({"type": "Initiative"}, {"value_stream": "purchase"}),
        inherit=["value_stream"],
        pins=(make_pin("E-1", {"KR1.1": 60, "gone": 40}), make_pin("I-1", "O2")),
    )
    return explain(S, items, rules, strategy, {S: make_setting({"product": "payments"})})


def test_who_decided_each_dimension(told: Explanation) -> None:
    decided = {each.dimension.value: each for each in told.decisions}
    serving = decided["contributes_to"]
    assert (serving.value, serving.authority, serving.via) == (
        {"KR1.1": 0.6, "gone": 0.4},
        "pin_above",
        "inherited:E-1",
    )
    assert (serving.path, serving.place) == (("S-1", "E-1"), Place("mapping.yaml", 90, 5))
    assert [decided[name].authority for name in ("product", "work_class", "value_stream")] == [
        "ticket",
        "rule",
        "inherited",
    ]
    assert decided["work_class"].by == "r2"
    assert decided["value_stream"].path == ("S-1", "E-1", "I-1")
    assert (decided["value_stream"].by, decided["value_stream"].place) == ("r6", Place("mapping.yaml", 6, 5))
    assert told.ancestors == ("E-1", "I-1")


def test_each_rule_says_whether_it_matched_spoke_and_counted(told: Explanation) -> None:
    assert [(rule.id, rule.matched, dict(rule.spoke), rule.used) for rule in told.rules] == [
        ("r1", False, {}, ()),
        ("r2", True, {"work_class": "feature"}, ("work_class",)),
        ("r3", False, {}, ()),
        ("r4", True, {"contributes_to": {"run": 1.0}, "work_class": "debt"}, ()),
        ("r5", False, {}, ()),
        ("r6", False, {}, ()),
    ]
    assert told.rules[1].silent == "{label:okr-*} names no target that the strategy knows"
    assert told.rules[3].silent is None


def test_each_condition_shows_what_it_met(told: Explanation) -> None:
    component, no = told.rules[0].conditions
    assert (component.condition, component.patterns, component.values, component.holds) == (
        "component",
        ("Search", "Pay*"),
        ("Payments",),
        True,
    )
    assert (no.condition, no.holds) == ("not", False)
    assert (no.parts[0].condition, no.parts[0].values, no.parts[0].holds) == ("label", ("okr-old", "spike"), True)
    parent, ancestor = told.rules[2].conditions
    assert (parent.condition, parent.on, parent.holds) == ("parent", "E-1", True)
    assert [(part.condition, part.holds) for part in parent.parts] == [("type", True), ("any", True)]
    assert [(part.condition, part.holds) for part in parent.parts[1].parts] == [("team", False), ("team", True)]
    assert (ancestor.on, ancestor.holds, ancestor.parts[0].values) == ("E-1", False, ("1", "epic"))
    team, field = told.rules[4].conditions
    assert (team.values, team.holds) == ((), False)
    assert (field.condition, field.values, field.holds) == ("field: Squad", (), False)


def test_pins_are_told_with_their_reason(told: Explanation) -> None:
    assert [(pin.key, dict(pin.sets), pin.used) for pin in told.pins] == [
        ("E-1", {"contributes_to": {"KR1.1": 0.6, "gone": 0.4}}, ("contributes_to",)),
        ("I-1", {"contributes_to": {"O2": 1.0}}, ()),
    ]
    assert (told.pins[0].by, told.pins[0].on, told.pins[0].why) == ("A. Martin", "2026-11-03", "steering committee")


def test_the_explanation_is_json(told: Explanation) -> None:
    data = json.loads(json.dumps(told.as_json()))
    assert data["key"] == "S-1"
    assert data["tags"] == {
        "contributes_to": {"KR1.1": 0.6, "gone": 0.4},
        "value_stream": "purchase",
        "product": "payments",
        "work_class": "feature",
    }
    assert data["via"]["product"] == "ticket"
    assert data["unknown"] == ["gone"]
    assert data["decisions"][0]["place"] == "mapping.yaml:90:5"
    assert data["rules"][0]["conditions"][0] == {
        "condition": "component",
        "holds": True,
        "patterns": ["Search", "Pay*"],
        "values": ["Payments"],
    }
    assert data["rules"][2]["conditions"][0]["on"] == "E-1"
    assert data["pins"][0]["used"] == ["contributes_to"]


def test_the_lines_for_a_terminal(told: Explanation) -> None:
    text = list(lines(told))
    shares = "KR1.1 60 %, gone 40 %"
    by_pin = "by the pin of E-1, which beats the rules below it (mapping.yaml:90:5)"
    assert (f"  contributes_to: {shares}  {by_pin}", "ok") in text
    assert {style for _, style in text} <= {"ok", "no", "dim", "head", "plain"}
    assert text[0] == ("S-1  Pay later", "head")
    for line in [
        ("below E-1 < I-1", "dim"),
        ("  product: payments  by a command in the ticket", "ok"),
        ("  work_class: feature  by rule r2 (mapping.yaml:2:5)", "ok"),
        ("  value_stream: purchase  inherited from I-1, which has it by rule r6 (mapping.yaml:6:5)", "ok"),
        ("  gone is not in the strategy, so that this share counts as unaligned (unknown_target)", "no"),
        ("  r1: does not match  (mapping.yaml:1:5)", "no"),
        ("    + component: Search | Pay*  <- Payments", "ok"),
        ("    - not", "no"),
        ("      + label: spike  <- okr-old, spike", "ok"),
        ("    + parent (E-1)", "ok"),
        ("  r2: decides work_class  (mapping.yaml:2:5)", "ok"),
        ("    - team: *  <- the item has none", "no"),
    ]:
        assert line in text
    assert not any("\n" in line for line, _ in text)


def test_an_item_of_which_nobody_spoke(
    make_item: Callable[..., WorkItem], make_rules: Callable[..., MappingRules], strategy: Strategy
) -> None:
    item = make_item("S-1", parent="GONE")
    quiet = explain(S, {S: item}, make_rules(), strategy)
    text = list(lines(quiet))
    assert ("  contributes_to: nothing spoke", "dim") in text
    assert ("  there are none", "dim") in text
    orphan = explain(S, {S: item}, make_rules(({"parent": {}}, "O1")), strategy)
    assert ("    - parent (there is none in the store)", "no") in list(lines(orphan))
    assert orphan.as_json()["rules"][0]["conditions"][0] == {"condition": "parent", "holds": False, "on": None}


def test_conflicts_and_silent_rules_are_said_in_words(
    make_item: Callable[..., WorkItem], make_rules: Callable[..., MappingRules], strategy: Strategy
) -> None:
    rules = make_rules(({}, "{label:okr-*}"))
    conflict = explain(S, {S: make_item("S-1", labels=("okr-O1", "okr-O2"))}, rules, strategy)
    assert any("several targets" in text for text, _ in lines(conflict))
    silent = explain(S, {S: make_item("S-1", labels=("okr-x",))}, rules, strategy)
    assert any("says nothing: {label:okr-*} names no target" in text for text, _ in lines(silent))


def test_a_slow_expression_that_mapping_would_not_try_does_not_stop_the_explanation(
    make_item: Callable[..., WorkItem], make_rules: Callable[..., MappingRules], strategy: Strategy
) -> None:
    rules = make_rules(({"type": "Bug", "summary": "/(a|a)*$/"}, "O1"))
    items = {S: make_item("S-1", title="a" * 60 + "!")}
    assert assign(items, rules, strategy)[S].shares == {}
    slow = explain(S, items, rules, strategy).rules[0].conditions[1]
    assert not slow.holds
    assert slow.note is not None
    assert "took longer" in slow.note
    assert any("took longer" in text for text, _ in lines(explain(S, items, rules, strategy)))
    assert slow.as_json()["note"] == slow.note


def test_shares_for_people() -> None:
    assert said_text("purchase") == "purchase"
    assert said_text({"O1": 1.0}) == "O1"
    assert said_text({"O1": 1 / 3, "O2": 2 / 3}) == "O1 33.33 %, O2 66.67 %"


def test_a_rule_with_dates_shows_the_day_that_it_went_by(
    make_item: Callable[..., WorkItem], make_rules: Callable[..., MappingRules], strategy: Strategy
) -> None:
    (rule,) = make_rules(({"key": "S-*"}, "O1")).rules
    rules = MappingRules(rules=(replace(rule, start=date(2026, 11, 16), until=date(2026, 11, 20)),))
    done = make_item("S-1", state=State.DONE, done_at=datetime(2026, 11, 15, 23, 30, tzinfo=UTC))
    there = make_item("S-2")
    items = {done.ref: done, there.ref: there}

    def told(ref: ItemRef, at: datetime, zone: str) -> list[str]:
        return [text for text, _ in lines(explain(ref, items, rules.at(at, ZoneInfo(zone)), strategy))]

    wednesday, saturday = (datetime(2026, 11, day, 8, tzinfo=UTC) for day in (18, 21))
    assert "    + from: 2026-11-16  <- 2026-11-16" in told(done.ref, saturday, "Europe/Paris")
    assert "    - from: 2026-11-16  <- 2026-11-15" in told(done.ref, saturday, "UTC")
    assert "  r1: decides contributes_to  (mapping.yaml:1:5)" in told(there.ref, wednesday, "UTC")
    assert "    - until: 2026-11-20  <- 2026-11-21" in told(there.ref, saturday, "UTC")
