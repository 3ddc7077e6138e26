"""Revisions: canonical, independent of form and place, and read back as what they were made from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from config.load import load
from config.mapping import MappingFile, to_rules
from config.revisions import (
    mapping_from_revision,
    revision,
    settings_from_revision,
    strategy_from_revision,
    strategy_revision,
)
from config.rules import MappingRules, Place
from config.strategy import StrategyFile, to_strategy
from config.workspace import Workspace

Write = Callable[..., Path]


def without_places(rules: MappingRules) -> MappingRules:
    nowhere = Place("", 0, 0)
    return MappingRules(
        rules=tuple(replace(rule, place=nowhere) for rule in rules.rules),
        inherit=rules.inherit,
        pins=tuple(replace(pin, place=nowhere) for pin in rules.pins),
        tests=tuple(replace(test, place=nowhere) for test in rules.tests),
        acknowledge=tuple(replace(entry, place=nowhere) for entry in rules.acknowledge),
    )


def test_a_whole_workspace_is_read_back(whole_workspace: Workspace) -> None:
    assert strategy_from_revision(whole_workspace.strategy_revision.text) == whole_workspace.strategy
    mapping = mapping_from_revision(whole_workspace.mapping_revision.text)
    assert without_places(mapping) == without_places(whole_workspace.mapping)
    assert str(mapping.rules[0].place) == "stored revision"
    again = settings_from_revision(whole_workspace.config_revision.text)
    assert again.drift == whole_workspace.settings.drift
    assert revision(again) == whole_workspace.config_revision


def test_a_revision_holds_the_readings_that_were_read_from_files(whole: Path, whole_workspace: Workspace) -> None:
    assert "readings_from" in (whole / "strategy.yaml").read_text()
    assert "readings_from" not in whole_workspace.strategy_revision.text
    assert '{"on":"2026-10-20","value":2.35}' in whole_workspace.strategy_revision.text


def test_form_does_not_change_a_revision(write: Write) -> None:
    first = load(write(), {})
    strategy = """
        # a comment
        objectives:
          - weight: 1.0
            id: "O1"
            cycle: Q4
            title:   One
        version: 1
        cycles: [{to: 2026-12-31, from: 2026-10-01, id: Q4}]
    """
    mapping = "rules:\n- {set: {contributes_to: [O1]}, when: {}, id: all}\nversion: 1\n"
    second = load(write(strategy=strategy, mapping=mapping), {})
    assert second.strategy_revision == first.strategy_revision
    assert second.mapping_revision == first.mapping_revision


@pytest.mark.parametrize(
    ("old", "new"),
    [("O1}", "unaligned}"), ("when: {}", "when: {type: Bug}"), ("id: all", "id: every")],
)
def test_a_change_of_meaning_changes_a_revision(write: Write, small: dict[str, str], old: str, new: str) -> None:
    before = load(write(), {})
    after = load(write(mapping=small["mapping.yaml"].replace(old, new)), {})
    assert after.mapping_revision.digest != before.mapping_revision.digest
    assert after.strategy_revision == before.strategy_revision


def test_a_revision_is_canonical_json(whole_workspace: Workspace) -> None:
    for one in (
        whole_workspace.config_revision,
        whole_workspace.strategy_revision,
        whole_workspace.mapping_revision,
    ):
        again = json.dumps(json.loads(one.text), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert one.text == again
        assert one.digest.startswith("sha256:")
        assert len(one.digest) == len("sha256:") + 64


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
DAY = st.dates(date(2020, 1, 1), date(2030, 12, 31)).map(date.isoformat)
WEIGHT = st.one_of(st.integers(0, 100), st.floats(0, 100))
READINGS = st.lists(st.fixed_dictionaries({"on": DAY, "value": st.floats(-1e6, 1e6)}), max_size=3)
PRIORITY = st.fixed_dictionaries(
    {},
    optional={
        "weight": st.one_of(
            WEIGHT, st.lists(st.fixed_dictionaries({"from": DAY, "weight": WEIGHT}), min_size=1, max_size=3)
        ),
        "range": st.lists(WEIGHT, min_size=2, max_size=2),
    },
)


def entry(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"id": TEXT, **required}, optional=optional)


def merged(one: st.SearchStrategy[dict[str, Any]], two: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(one, two).map(lambda pair: pair[0] | pair[1])


KPI = st.fixed_dictionaries(
    {"kind": st.sampled_from(["increase", "decrease"]), "baseline": WEIGHT, "target": WEIGHT, "trajectory": READINGS},
    optional={"unit": TEXT},
)
RESULT = entry({"title": TEXT}, kpi=KPI, readings=READINGS)
STRATEGIES = st.fixed_dictionaries(
    {"version": st.just(1)},
    optional={
        "cycles": st.lists(entry({"from": DAY, "to": DAY}), max_size=2),
        "objectives": st.lists(
            merged(entry({"title": TEXT, "cycle": TEXT}, key_results=st.lists(RESULT, max_size=2)), PRIORITY),
            max_size=3,
        ),
        "budgets": st.lists(merged(entry({"title": TEXT}), PRIORITY), max_size=2),
        "value_streams": st.lists(entry({"title": TEXT}, products=st.lists(TEXT, max_size=2)), max_size=2),
        "teams": st.lists(entry({}, capacity=st.floats(0.5, 99)), max_size=2),
    },
)

SIMPLE = st.dictionaries(
    st.sampled_from(["label", "type", "level", "summary", "fix_version"]),
    st.one_of(TEXT, st.integers(0, 99), st.lists(st.one_of(TEXT, st.booleans()), min_size=1, max_size=3)),
    max_size=3,
)
WHEN = st.recursive(
    SIMPLE,
    lambda inner: merged(
        SIMPLE,
        st.fixed_dictionaries(
            {},
            optional={
                "not": inner,
                "parent": inner,
                "any": st.lists(inner, min_size=1, max_size=2),
                "field": st.dictionaries(TEXT, TEXT, max_size=2),
            },
        ),
    ),
    max_leaves=4,
)
IDS = TEXT.filter(lambda text: not set(text) & set("{}") and text != "unaligned")
SET = st.fixed_dictionaries(
    {
        "contributes_to": st.one_of(
            IDS,
            st.just("unaligned"),
            st.lists(IDS, min_size=1, max_size=3, unique=True),
            st.dictionaries(IDS, st.floats(0.1, 100), min_size=1, max_size=3),
        )
    },
    optional={"work_class": st.sampled_from(["feature", "debt"]), "product": TEXT},
)
MAPPINGS = st.fixed_dictionaries(
    {"version": st.just(1), "rules": st.lists(entry({"when": WHEN, "set": SET}), max_size=3)},
    optional={
        "inherit": st.lists(st.sampled_from(["contributes_to", "product"]), unique=True),
        "pins": st.lists(
            st.fixed_dictionaries({"item": TEXT, "set": SET, "by": TEXT, "on": DAY, "why": TEXT}), max_size=2
        ),
    },
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=STRATEGIES)
def test_any_strategy_is_read_back_from_its_revision(data: dict[str, Any]) -> None:
    file = StrategyFile.model_validate(data)
    text = strategy_revision(file).text
    assert strategy_from_revision(text) == to_strategy(file)
    assert strategy_revision(StrategyFile.model_validate(json.loads(text))).text == text


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=MAPPINGS)
def test_any_mapping_is_read_back_from_its_revision(data: dict[str, Any]) -> None:
    file = MappingFile.model_validate(data)
    text = revision(file).text
    assert mapping_from_revision(text) == to_rules(file)
    assert revision(MappingFile.model_validate(json.loads(text))).text == text


@settings(max_examples=30, deadline=None, derandomize=True)
@given(data=STRATEGIES)
def test_order_of_keys_does_not_change_a_revision(data: dict[str, Any]) -> None:
    other = yaml.safe_load(yaml.safe_dump(data, sort_keys=True))
    assert strategy_revision(StrategyFile.model_validate(other)) == strategy_revision(StrategyFile.model_validate(data))
