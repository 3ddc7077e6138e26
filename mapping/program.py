"""The rules of a mapping, compiled once for one strategy and one set of items."""

from __future__ import annotations

from dataclasses import dataclass

from config.rules import MappingRules, Rule
from domain.hierarchy import Hierarchy
from domain.tags import Dimension
from domain.work import WorkItem
from mapping.clauses import Literal, clauses
from mapping.conditions import AllOf, Node, Not
from mapping.contribution import Targets
from mapping.index import Index
from mapping.inforce import dated, in_force
from mapping.match import Predicate, broken, compile_node, conditions_of, too_slow
from mapping.patterns import PatternError
from mapping.regexes import SlowPatternError
from mapping.sayings import Sayings, Word, sayings


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule with its conditions as typed nodes and what it says."""

    rule: Rule
    when: AllOf
    says: Sayings


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to meet a rule's conditions; `remainder` tests what the index leaves of it (None: nothing)."""

    of: CompiledRule
    remainder: Predicate | None


class Program:
    """Finds the first rule that speaks. ConfigurationError with the rule's place for one that cannot be compiled."""

    def __init__(self, rules: MappingRules, targets: Targets, tree: Hierarchy) -> None:
        self._tree = tree
        self._seen = rules.seen
        self._index = Index(tree)
        self.rules = [_compile(rule, targets) for rule in rules.rules]
        self._alternatives: list[Alternative] = []  # in the order of the rules
        for compiled in self.rules:
            self._add(compiled)
        self._everything = (1 << len(self._alternatives)) - 1
        self._speaking = dict.fromkeys(Dimension, 0)
        for number, alternative in enumerate(self._alternatives):
            for dimension in alternative.of.says.dimensions:
                self._speaking[dimension] |= 1 << number

    def first_words(self, item: WorkItem) -> dict[Dimension, tuple[Word, Rule]]:
        """Per dimension what the first rule that speaks says of an item, and that rule.

        ConfigurationError naming rule and item when a regular expression runs into its time limit.
        """
        candidates = self._index.candidates(item, self._everything)
        words: dict[Dimension, tuple[Word, Rule]] = {}
        while candidates:
            number = (candidates & -candidates).bit_length() - 1
            candidates &= candidates - 1
            alternative = self._alternatives[number]
            if alternative.remainder is not None:
                try:
                    if not alternative.remainder(item, self._tree):
                        continue
                except SlowPatternError as error:
                    rule = alternative.of.rule
                    raise too_slow(rule.id, rule.place, item, error) from None
            for dimension, word in alternative.of.says.of(item):
                if dimension not in words:
                    words[dimension] = word, alternative.of.rule
            candidates &= self._of_interest(words)
        return words

    def matching(self, item: WorkItem, tired: set[str]) -> list[CompiledRule]:
        """The rules whose conditions an item meets, less those of `tired`: ids of rules that are passed over.

        A rule whose regular expression runs into its time limit becomes one of them, and nobody can tell any more.
        """
        candidates = self._index.candidates(item, self._everything)
        met: dict[str, CompiledRule] = {}
        while candidates:
            alternative = self._alternatives[(candidates & -candidates).bit_length() - 1]
            candidates &= candidates - 1
            rule = alternative.of.rule.id
            if rule in tired or rule in met:
                continue
            try:
                if alternative.remainder is None or alternative.remainder(item, self._tree):
                    met[rule] = alternative.of
            except SlowPatternError:
                tired.add(rule)
        return list(met.values())

    def _of_interest(self, decided: dict[Dimension, tuple[Word, Rule]]) -> int:
        """The alternatives of rules that may speak where nothing has spoken yet."""
        bits = 0
        for dimension, speaking in self._speaking.items():
            if dimension not in decided:
                bits |= speaking
        return bits

    def _add(self, compiled: CompiledRule) -> None:
        for clause in clauses(compiled.when):
            bit = 1 << len(self._alternatives)
            rest = tuple(_node(literal) for literal in clause if not self._index.add(literal, bit))
            remainder = compile_node(AllOf(rest)) if rest else None
            if dated(compiled.rule):
                remainder = _both(in_force(compiled.rule, self._seen), remainder)
            self._alternatives.append(Alternative(compiled, remainder))


def _both(first: Predicate, second: Predicate | None) -> Predicate:
    return first if second is None else lambda item, tree: first(item, tree) and second(item, tree)


def _node(literal: Literal) -> Node:
    return Not(literal.node) if literal.negated else literal.node


def _compile(rule: Rule, targets: Targets) -> CompiledRule:
    when = conditions_of(rule.id, rule.when, rule.place)
    try:
        compile_node(when)
        return CompiledRule(rule, when, sayings(rule.set, targets))
    except PatternError as error:
        raise broken(rule.id, rule.place, error) from None
