"""The rules of a mapping, compiled once for one strategy and one set of items."""

from __future__ import annotations

from dataclasses import dataclass

from config.rules import MappingRules, Rule
from domain.hierarchy import Hierarchy
from domain.tags import Dimension
from domain.work import WorkItem
from mapping.conditions import AllOf, conjuncts
from mapping.contribution import Targets
from mapping.index import Index
from mapping.match import Predicate, broken, compile_node, conditions_of, too_slow
from mapping.patterns import PatternError, SlowPatternError
from mapping.sayings import Sayings, Word, sayings


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """`remainder` tests the conditions that the index leaves (None: it leaves none)."""

    rule: Rule
    when: AllOf
    remainder: Predicate | None
    says: Sayings


class Program:
    """Finds the first rule that speaks. ConfigurationError with the rule's place for one that cannot be compiled."""

    def __init__(self, rules: MappingRules, targets: Targets, tree: Hierarchy) -> None:
        self._tree = tree
        self._index = Index(tree)
        self.rules = [self._compile(rule, number, targets) for number, rule in enumerate(rules.rules)]
        self._everything = (1 << len(self.rules)) - 1
        self._speaking = dict.fromkeys(Dimension, 0)
        for number, compiled in enumerate(self.rules):
            for dimension in compiled.says.dimensions:
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
            compiled = self.rules[number]
            if compiled.remainder is not None and not self._holds(compiled, item):
                continue
            for dimension, word in compiled.says.of(item):
                if dimension not in words:
                    words[dimension] = word, compiled.rule
            candidates &= self._of_interest(words)
        return words

    def _holds(self, compiled: CompiledRule, item: WorkItem) -> bool:
        assert compiled.remainder is not None
        try:
            return compiled.remainder(item, self._tree)
        except SlowPatternError as error:
            raise too_slow(compiled.rule.id, compiled.rule.place, item, error) from None

    def _of_interest(self, decided: dict[Dimension, tuple[Word, Rule]]) -> int:
        """The rules that may speak where nothing has spoken yet."""
        bits = 0
        for dimension, speaking in self._speaking.items():
            if dimension not in decided:
                bits |= speaking
        return bits

    def _compile(self, rule: Rule, number: int, targets: Targets) -> CompiledRule:
        when = conditions_of(rule.id, rule.when, rule.place)
        try:
            rest = tuple(node for node in conjuncts(when) if not self._index.add(node, number))
            remainder = compile_node(AllOf(rest)) if rest else None
            return CompiledRule(rule, when, remainder, sayings(rule.set, targets))
        except PatternError as error:
            raise broken(rule.id, rule.place, error) from None
