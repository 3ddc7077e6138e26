"""Rules that match nothing any more, and rules that others above them leave nothing to decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from config.rules import MappingRules, Rule
from domain.hierarchy import Hierarchy
from domain.rot import DeadRule, ShadowedRule
from domain.strategy import Strategy
from domain.tags import Assignment, Dimension
from domain.work import ItemRef, WorkItem
from mapping.clauses import Clause, clauses
from mapping.contribution import TEMPLATE, Targets
from mapping.implies import covered, single_patterns
from mapping.inforce import current, outlasts
from mapping.program import CompiledRule, Program

ENOUGH = 5  # matched items from which on it says something that all of them were decided by rules above

Matched = Mapping[str, Sequence[ItemRef]]  # by rule


def idle_rules(
    items: Mapping[ItemRef, WorkItem],
    lively: Collection[ItemRef],
    rules: MappingRules,
    strategy: Strategy,
    assignments: Mapping[ItemRef, Assignment],
) -> tuple[tuple[DeadRule, ...], tuple[ShadowedRule, ...]]:
    """The dead and the shadowed among the rules that decided nothing on the lively items, in the order of the rules.

    `assignments` are what these rules made of the items. A rule that can never decide is shadowed, also where it
    matches nothing; by what was decided in fact only a rule that matched ENOUGH. A rule without conditions is meant
    for what is left over: that nothing was, is no fault. Nothing is said of a rule whose regular expression runs into
    its time limit, nor of one that has not begun or is over.
    """
    deciding = {by for ref in lively for by in assignments[ref].via.values()}
    idle = tuple(rule for rule in rules.rules if rule.id not in deciding and current(rule, rules.seen))
    if not idle:
        return (), ()
    tree, targets = Hierarchy(items), Targets(strategy)
    matched, tired = _matched(items, Program(replace(rules, rules=idle), targets, tree))
    program = Program(rules, targets, tree)
    proved = dict(_proved(program.rules, {rule.id for rule in idle}))
    dead: list[DeadRule] = []
    shadowed: list[ShadowedRule] = []
    asked = {rule.id for rule in idle} - tired
    for compiled in program.rules:
        rule = compiled.rule.id
        if rule not in asked:
            continue
        living = tuple(ref for ref in matched.get(rule, ()) if ref in lively)
        if rule in proved:
            shadowed.append(ShadowedRule(rule, proved[rule], certain=True, items=living))
        elif not living:
            dead.append(DeadRule(rule, tuple(matched.get(rule, ()))))
        elif (
            len(living) >= ENOUGH
            and compiled.when.parts
            and (by := _took(program, compiled, [items[ref] for ref in living]))
        ):
            shadowed.append(ShadowedRule(rule, by, certain=False, items=living))
    return tuple(dead), tuple(shadowed)


def _matched(items: Mapping[ItemRef, WorkItem], program: Program) -> tuple[Matched, set[str]]:
    """By rule the items that meet its conditions, in order of (source, id); and the rules of which nobody can tell."""
    tired: set[str] = set()
    matched: dict[str, list[ItemRef]] = defaultdict(list)
    for ref in sorted(items):
        for compiled in program.matching(items[ref], tired):
            matched[compiled.rule.id].append(ref)
    return matched, tired


def _proved(rules: Sequence[CompiledRule], idle: Collection[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each of the idle rules that can never decide, with the rules above it that always do, by the conditions alone."""
    above: dict[Dimension, list[tuple[Rule, list[Clause]]]] = defaultdict(list)
    for compiled in rules:
        if compiled.rule.id in idle:
            by = _covering(compiled, above)
            if by:
                yield compiled.rule.id, by
        for dimension in _always(compiled):
            above[dimension].append((compiled.rule, clauses(compiled.when)))


def _always(compiled: CompiledRule) -> Collection[Dimension]:
    """The dimensions in which a rule speaks of whatever meets its conditions: a capture may find no id."""
    parts = compiled.rule.set.contributes_to or ()
    fills_in = any(TEMPLATE.search(target) for target, _ in parts)
    return compiled.says.dimensions - ({Dimension.CONTRIBUTES_TO} if fills_in else set())


def _covering(
    compiled: CompiledRule, above: Mapping[Dimension, Sequence[tuple[Rule, list[Clause]]]]
) -> tuple[str, ...] | None:
    """The rules above that together decide every dimension of a rule wherever it holds; None where that is not sure."""
    by: dict[str, None] = {}
    mine = [one for clause in clauses(compiled.when) for one in single_patterns(clause)]
    for dimension in sorted(compiled.says.dimensions):
        lasting = [(rule.id, theirs) for rule, theirs in above[dimension] if outlasts(rule, compiled.rule)]
        for clause in mine:
            rule = next((rule for rule, theirs in lasting if covered(clause, theirs)), None)
            if rule is None:
                return None
            by[rule] = None
    return tuple(by)


def _took(program: Program, compiled: CompiledRule, items: Sequence[WorkItem]) -> tuple[str, ...] | None:
    """The rules above that decided every dimension of a rule on each of these items; None where one was left to it."""
    places = {one.rule.id: place for place, one in enumerate(program.rules)}
    mine = places[compiled.rule.id]
    by: dict[str, None] = {}
    for item in items:
        words = program.first_words(item)
        for dimension in sorted(compiled.says.dimensions):
            decided = words.get(dimension)
            if decided is None or places[decided[1].id] >= mine:
                return None
            by[decided[1].id] = None
    return tuple(sorted(by, key=places.__getitem__))
