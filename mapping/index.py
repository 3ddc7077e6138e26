"""An index from an item's values to the rules that may match it, so that few are left to try."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.hierarchy import Hierarchy
from domain.work import ItemRef, WorkItem
from mapping.conditions import AllOf, Has, Node, Not, Related, walk
from mapping.match import Predicate, compile_node
from mapping.patterns import TextTest, fold, is_exact, is_regex, text_test
from mapping.values import PATHS, Reader, reader

# Fields with about as many values as there are items: nothing is won by learning what each value means.
NOT_INDEXED = frozenset({"key", "summary"})


@dataclass(slots=True)
class Column:
    """Which rules the values of one field let through, as bits with the first rule lowest.

    A rule with a condition on the field needs a value with its bit; one with a negated condition needs that no
    value has it; every other rule passes. Bits come in pairs: (plain, negated).
    """

    texts: Reader
    path: bool
    needed: int = 0
    exact: dict[str, list[int]] = field(default_factory=dict)
    tests: list[tuple[TextTest, bool, int]] = field(default_factory=list)
    learnt: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, patterns: tuple[str, ...], *, negated: bool, bit: int) -> None:
        if not negated:
            self.needed |= bit
        for pattern in patterns:
            if is_exact(pattern):
                self.exact.setdefault(fold(pattern), [0, 0])[negated] |= bit
            else:
                self.tests.append((text_test(pattern, path=self.path), negated, bit))

    def passing(self, item: WorkItem, everything: int) -> int:
        met = refused = 0
        for text in self.texts(item):
            bits = self.learnt.get(text)
            if bits is None:
                bits = self.learnt[text] = self._learn(text)
            met |= bits[0]
            refused |= bits[1]
        return ((everything ^ self.needed) | met) & ~refused

    def _learn(self, text: str) -> tuple[int, int]:
        bits = list(self.exact.get(fold(text), (0, 0)))
        for test, negated, bit in self.tests:
            if not bits[negated] & bit and test(text):
                bits[negated] |= bit
        return bits[0], bits[1]


class Index:
    """The conjuncts of all rules that depend on one field, or on the parent alone."""

    def __init__(self, tree: Hierarchy) -> None:
        self._tree = tree
        self._columns: dict[str, Column] = {}
        self._on_parent: list[tuple[Predicate, int]] = []
        self._below: dict[ItemRef | None, int] = {}

    def add(self, node: Node, number: int) -> bool:
        """Take a conjunct of the rule of that number in; False for one that the index cannot hold.

        Regular expressions stay outside, so that a slow one is tried only where everything else holds.
        """
        if any(is_regex(pattern) for below in walk(node) if isinstance(below, Has) for pattern in below.patterns):
            return False
        bit = 1 << number
        if _only_on_parent(node):
            self._on_parent.append((compile_node(node), bit))
            return True
        has, negated = _has_or_not(node)
        if has is None or has.name in NOT_INDEXED or has.field is not None:
            return False
        column = self._columns.get(has.name)
        if column is None:
            column = self._columns[has.name] = Column(reader(has.name), path=has.name in PATHS)
        if not negated and column.needed & bit:
            return False  # two conditions of one rule on one field must both hold; a column knows only either
        column.add(has.patterns, negated=negated, bit=bit)
        return True

    def candidates(self, item: WorkItem, everything: int) -> int:
        """The rules, of those given as bits, whose indexed conjuncts all hold."""
        bits = everything
        for column in self._columns.values():
            bits &= column.passing(item, everything)
            if not bits:
                return 0
        return bits & self._passing_below(item, everything) if self._on_parent else bits

    def _passing_below(self, item: WorkItem, everything: int) -> int:
        parent = self._tree.parent(item.ref)
        bits = self._below.get(parent)
        if bits is None:
            bits = everything
            for test, bit in self._on_parent:
                if bits & bit and not test(item, self._tree):
                    bits ^= bit
            self._below[parent] = bits
        return bits


def _has_or_not(node: Node) -> tuple[Has | None, bool]:
    match node:
        case Has():
            return node, False
        case Not(AllOf((Has() as has,))):
            return has, True
        case _:
            return None, False


def _only_on_parent(node: Node) -> bool:
    """Whether all children of one parent get the same verdict."""
    match node:
        case Related():
            return True
        case Not(part) | AllOf((part,)):
            return _only_on_parent(part)
        case _:
            return False
