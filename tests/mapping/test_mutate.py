"""Tests that protect rules, and tests that are written from an item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from config.mapping import MappingFile, to_rules
from config.positions import read
from config.rules import MappingRules, MappingTest, Place, Rule, Setting
from domain.strategy import Strategy
from domain.work import ItemRef, WorkItem
from mapping.check import run_tests
from mapping.example import example
from mapping.mutate import mutants, survivors
from tests.mapping.test_against_reference import PINS, WORLDS

NOW = datetime(2026, 11, 18, 8, tzinfo=UTC)
S = ItemRef("shop", "id-S-1")


def expecting(given: dict[str, Any], target: str | None) -> MappingTest:
    return MappingTest(Place("mapping.yaml", 40, 5), {"contributes_to": target}, given=given)


def test_each_condition_and_date_of_a_rule_is_left_out_in_turn(make_rules: Callable[..., MappingRules]) -> None:
    rules = make_rules(
        ({"type": ["Bug"], "field": {"f": ["x"], "g": ["y"]}, "all": [{"team": ["a"]}, {"label": ["b"]}]}, "O1"),
        ({"label": ["okr-*"]}, "{label:okr-*}"),
        ({"label": ["okr-*"], "type": ["Epic"]}, "{label:okr-*}"),
    )
    first, second, third = rules.rules
    rules = replace(rules, rules=(first, second, replace(third, start=date(2026, 11, 1), until=date(2026, 12, 1))))
    assert [(mutant.rule.id, mutant.without) for mutant in mutants(rules)] == [
        ("r1", None),
        ("r1", "type: Bug"),
        ("r1", "field: {f: x}"),
        ("r1", "field: {g: y}"),
        ("r1", "{team: a}"),
        ("r1", "{label: b}"),
        ("r2", None),
        ("r3", None),
        ("r3", "type: Epic"),
        ("r3", "from: 2026-11-01"),
        ("r3", "until: 2026-12-01"),
    ]


def test_what_no_test_notices_is_named(
    make_item: Callable[..., WorkItem], make_rules: Callable[..., MappingRules], strategy: Strategy
) -> None:
    item = make_item("S-1", components=("Payments",), parent="E-1")
    items = {one.ref: one for one in (item, make_item("E-1", level=1), make_item("X-1"))}
    rules = make_rules(({"source": ["shop"], "component": ["Pay*"]}, "O1"), ({"type": ["Bug"]}, "run"))
    bug = expecting({"type": "Bug"}, "run")
    bare = expecting({"source": "shop"}, None)
    named = MappingTest(Place("mapping.yaml", 41, 5), {"contributes_to": "O1"}, item="S-1")
    failing = expecting({"type": "Bug", "source": "shop", "component": "Payments"}, "O2")

    def unnoticed(*tests: MappingTest) -> list[tuple[str, str | None]]:
        alive, tried = survivors(replace(rules, tests=tests), items, strategy)
        assert tried == 5
        return [(mutant.rule.id, mutant.without) for mutant in alive]

    assert unnoticed() == [
        ("r1", None),
        ("r1", "source: shop"),
        ("r1", "component: Pay*"),
        ("r2", None),
        ("r2", "type: Bug"),
    ]
    assert unnoticed(named) == [
        ("r1", "source: shop"),
        ("r1", "component: Pay*"),
        ("r2", None),
        ("r2", "type: Bug"),
    ]
    other = expecting({"source": "other", "component": "Payments"}, None)
    assert unnoticed(named, bug, bare, other, failing) == []
    assert unnoticed(named, bug, bare, failing) == [("r1", "source: shop")]


def as_checked(setting: Setting) -> Setting:
    """The setting without what may only stand alone, where it does not: no file with it would be read."""
    parts = setting.contributes_to
    if parts is None or len(parts) == 1:
        return setting
    kept = tuple(part for part in parts if part[0] != "unaligned" and not part[0].startswith("{"))
    return replace(setting, contributes_to=kept or parts[:1])


@settings(derandomize=True, max_examples=100, deadline=None)
@given(world=WORLDS, pins=st.lists(PINS, max_size=2))
def test_a_test_written_from_an_item_reads_and_passes(
    make_item: Callable[..., WorkItem], strategy: Strategy, world: dict[str, Any], pins: list[Any]
) -> None:
    made = (make_item(f"K-{number}", **values) for number, values in enumerate(world["items"]))
    items = {item.ref: item for item in made}
    rules = MappingRules(
        rules=tuple(
            Rule(f"r{number}", when, as_checked(setting), Place("mapping.yaml", number, 1))
            for number, (when, setting, _, _) in enumerate(world["rules"], start=1)
        ),
        inherit=frozenset(world["inherit"]),
        pins=tuple(replace(pin, set=as_checked(pin.set)) for pin in pins),
    ).at(NOW, ZoneInfo("UTC"))
    refs = list(items)
    entry = example(refs[world["seed"] % len(refs)], items, rules, strategy)
    tree = read(f"version: 1\ntests:\n  {entry}\n".encode(), "mapping.yaml")
    tests = to_rules(MappingFile.model_validate(tree)).tests
    (result,) = run_tests(replace(rules, tests=tests), items, strategy)
    assert result.messages == ()
