"""A test of the mapping, written from a work item as it is mapped today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from config.flow import flow
from config.rules import MappingRules, MappingTest, Place
from domain.hierarchy import Hierarchy
from domain.strategy import Strategy
from domain.tags import Assignment, Dimension
from domain.work import ItemRef, WorkItem
from mapping.assign import assign
from mapping.check import NO_RULES, decider, examined, run_tests
from mapping.conditions import Has, walk
from mapping.match import conditions_of
from mapping.values import FIELD, NAMES, reader

NOWHERE = Place("", 0, 0)


def example(ref: ItemRef, items: Mapping[ItemRef, WorkItem], rules: MappingRules, strategy: Strategy) -> str:
    """One entry of `tests:` in one line, that passes on this mapping.

    It describes the item by those of its values, and of its ancestors', that rules look at, so that it also runs
    where there is no store; where such a description would be mapped otherwise (a pin decides), it names the item.
    ConfigurationError as in `assign`.
    """
    item = items[ref]
    near = examined(replace(rules, tests=(MappingTest(NOWHERE, {}, item.key),)), items)
    tags = assign(near, rules, strategy)
    expect = _expected(ref, tags, Hierarchy(near))
    given = _described(ref, Hierarchy(near), _looked_at(rules))
    test = MappingTest(NOWHERE, expect, given=given)
    (result,) = run_tests(replace(rules, tests=(test,)), {}, strategy)
    subject = {"given": given} if result.passed else {"item": item.key}
    return f"- {flow({**subject, 'expect': expect})}"


def _expected(ref: ItemRef, tags: Mapping[ItemRef, Assignment], tree: Hierarchy) -> dict[str, Any]:
    told = tags[ref]
    shares = {target: round(share * 100, 9) for target, share in told.shares.items()}
    target: Any = shares or None
    if len(shares) == 1:
        (target,) = shares
    expect: dict[str, Any] = {"contributes_to": target}
    for name in ("value_stream", "product", "work_class"):
        if getattr(told, name) is not None:
            expect[name] = getattr(told, name)
    rule = decider(ref, Dimension.CONTRIBUTES_TO, tags, tree)
    if rule is not None and rule not in NO_RULES:
        expect["rule"] = rule
    return expect


def _looked_at(rules: MappingRules) -> list[tuple[str, str | None]]:
    """What the rules look at, on the item itself or above it: names of conditions, `field` with the field's name."""
    found = {
        (node.name, node.field)
        for rule in rules.rules
        for node in walk(conditions_of(rule.id, rule.when, rule.place))
        if isinstance(node, Has)
    }
    return sorted(found, key=lambda pair: ([*NAMES, FIELD].index(pair[0]), pair[1] or ""))


def _described(ref: ItemRef, tree: Hierarchy, names: list[tuple[str, str | None]]) -> dict[str, Any]:
    item = tree.items[ref]
    given: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    for name, field in names:
        texts = reader(name, field)(item)
        if not texts:
            continue
        value: Any = texts[0] if len(texts) == 1 or name == "level" else list(texts)
        if name == FIELD and field is not None:
            fields[field] = value
        else:
            given[name] = value
    if fields:
        given[FIELD] = fields
    parent = tree.parent(ref)
    if parent is not None:
        given["parent"] = _described(parent, tree, names)
    return given
