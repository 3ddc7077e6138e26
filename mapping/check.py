"""The mapping's own tests: what an item is expected to be tagged, and what it is tagged."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from config.rules import MappingRules, MappingTest, Place
from domain.hierarchy import Hierarchy
from domain.strategy import Strategy
from domain.tags import Assignment, Dimension
from domain.work import ItemRef, WorkItem
from mapping.assign import assign
from mapping.contribution import Targets
from mapping.given import GivenError, given_items
from mapping.patterns import fold
from mapping.trace import said_text

RULE = "rule"
NO_RULES = ("pin", "ticket")


@dataclass(frozen=True, slots=True)
class TestResult:
    """`subject` is the item's key, or what was given; `messages` says, a sentence each, what is not as expected."""

    __test__: ClassVar[bool] = False  # it only looks like a test to pytest

    place: Place
    subject: str
    messages: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.messages

    def as_json(self) -> dict[str, Any]:
        return {
            "place": str(self.place),
            "subject": self.subject,
            "passed": self.passed,
            "messages": list(self.messages),
        }


def run_tests(rules: MappingRules, items: Mapping[ItemRef, WorkItem], strategy: Strategy) -> list[TestResult]:
    """Run the `tests:` of a mapping, in the order of the file, on the items of the store and on given ones.

    A test names one item by its key, or describes one in the words of the conditions. `expect` may hold the
    dimensions (null: nothing is said there) and `rule`: the rule (null: none) by which the item, or the ancestor
    it takes it from, has contributes_to, or one of the expected dimensions where contributes_to is none of them.
    ConfigurationError as in `assign`.
    """
    near = examined(rules, items)
    real = assign(near, rules, strategy) if near else {}
    tree = Hierarchy(near)
    by_key: dict[str, list[ItemRef]] = defaultdict(list)
    for ref, item in sorted(near.items()):
        by_key[fold(item.key)].append(ref)
    targets = Targets(strategy)
    results: list[TestResult] = []
    for test in rules.tests:
        if test.item is not None:
            refs = by_key[fold(test.item)]
            if len(refs) == 1:
                messages = _compare(test, refs[0], real, tree, targets)
            elif refs:
                messages = [f"{len(refs)} items have the key {test.item}; expected one."]
            else:
                messages = [f"No item has the key {test.item}; sync its project, or describe it with `given:`."]
            results.append(TestResult(test.place, test.item, tuple(messages)))
        else:
            results.append(_run_given(test, rules, strategy, targets))
    return results


def examined(rules: MappingRules, items: Mapping[ItemRef, WorkItem]) -> dict[ItemRef, WorkItem]:
    """The items that tests or pins name, with their ancestors: all that a test can depend on."""
    keys = {fold(test.item) for test in rules.tests if test.item is not None}
    if not keys:
        return {}
    keys |= {fold(pin.item) for pin in rules.pins}
    tree = Hierarchy(items)
    found: dict[ItemRef, WorkItem] = {}
    for ref, item in items.items():
        if fold(item.key) in keys:
            found[ref] = item
            found |= {above: items[above] for above in tree.ancestors(ref)}
    return found


def _run_given(test: MappingTest, rules: MappingRules, strategy: Strategy, targets: Targets) -> TestResult:
    given = test.given or {}
    subject = ", ".join(f"{name}: {_written(value)}" for name, value in given.items()) or "an empty item"
    try:
        ref, items = given_items(given)
    except GivenError as error:
        return TestResult(test.place, subject, (str(error),))
    tags = assign(items, replace(rules, pins=()), strategy)
    return TestResult(test.place, subject, tuple(_compare(test, ref, tags, Hierarchy(items), targets)))


def _compare(
    test: MappingTest, ref: ItemRef, assignments: Mapping[ItemRef, Assignment], tree: Hierarchy, targets: Targets
) -> list[str]:
    tags, messages = assignments[ref], []
    dimensions = [Dimension(name) for name in test.expect if name != RULE]
    for dimension in dimensions:
        expected = test.expect[dimension.value]
        actual = _actual(tags, dimension)
        if dimension is Dimension.CONTRIBUTES_TO:
            wanted = _shares(expected, targets)
            same = _same_shares(wanted, tags.shares)
            expected = wanted or None
        else:
            same = expected == actual
        if not same:
            by = tags.via.get(dimension.value)
            reason = f" by {by}" if by else ""
            messages.append(f"{dimension.value}: expected {_told(expected)}, got {_told(actual)}{reason}.")
    if RULE in test.expect:
        serving = Dimension.CONTRIBUTES_TO
        asked = [serving] if serving in dimensions or not dimensions else dimensions
        deciders = {decider(ref, dimension, assignments, tree) for dimension in asked}
        expected = test.expect[RULE]
        if expected is None and deciders - {None, *NO_RULES}:
            messages.append(f"rule: expected none, got {_listed(deciders)}.")
        elif expected is not None and expected not in deciders:
            messages.append(f"rule: expected {expected}, got {_listed(deciders)}.")
    return messages


def decider(
    ref: ItemRef, dimension: Dimension, assignments: Mapping[ItemRef, Assignment], tree: Hierarchy
) -> str | None:
    """What set a dimension, on the item itself or on the ancestor it takes it from: a rule's id, "pin", "ticket"."""
    via = assignments[ref].via.get(dimension.value)
    for above in tree.ancestors(ref):
        if via == f"inherited:{tree.items[above].key}":
            return assignments[above].via.get(dimension.value)
    return via


def _listed(deciders: set[str | None]) -> str:
    return ", ".join(sorted(decider for decider in deciders if decider is not None)) or "none"


def _actual(tags: Assignment, dimension: Dimension) -> Mapping[str, float] | str | None:
    return {
        Dimension.CONTRIBUTES_TO: tags.shares or None,
        Dimension.VALUE_STREAM: tags.value_stream,
        Dimension.PRODUCT: tags.product,
        Dimension.WORK_CLASS: tags.work_class,
    }[dimension]


def _shares(expected: Any, targets: Targets) -> dict[str, float]:
    """Expected shares from an id, a list of equal parts, relative parts, or nothing."""
    if expected is None:
        return {}
    if isinstance(expected, Mapping):
        parts = [(str(target), float(part)) for target, part in expected.items()]
    elif isinstance(expected, str):
        parts = [(expected, 1.0)]
    else:
        parts = [(str(part[0]), float(part[1])) if isinstance(part, tuple) else (str(part), 1.0) for part in expected]
    total = math.fsum(part for _, part in parts)
    shares: dict[str, float] = {}
    for target, part in parts:
        known = targets.find(target) or target
        shares[known] = shares.get(known, 0.0) + part / total
    return shares


def _same_shares(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    return one.keys() == other.keys() and all(math.isclose(one[target], other[target], abs_tol=1e-9) for target in one)


def _told(said: Any) -> str:
    return "nothing" if said is None else said_text(said)


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_written(held)}" for name, held in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_written(held) for held in value) + "]"
    return str(value)
