"""An index from an item's values to the alternatives of rules that may match it, so that few are left to try."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.hierarchy import Hierarchy
from domain.work import ItemRef, WorkItem
from mapping.clauses import Literal
from mapping.conditions import Has, Related, walk
from mapping.match import Predicate, compile_node
from mapping.patterns import TextTest, fold, is_exact, is_regex, text_test
from mapping.values import DISTINCT, PATHS, Reader, reader


@dataclass(slots=True)
class Column:
    """Which alternatives the values of one field let through, as bits with the first lowest.

    One with a condition on the field needs a value with its bit; one with a negated condition needs that no value
    has it; every other passes. Bits come in pairs: (plain, negated).
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
    """The conditions of all alternatives that depend on one field, or on the parent alone."""

    def __init__(self, tree: Hierarchy) -> None:
        self._tree = tree
        self._columns: dict[str, Column] = {}
        self._on_parent: list[tuple[Predicate, bool, int]] = []
        self._below: dict[ItemRef | None, int] = {}

    def add(self, literal: Literal, bit: int) -> bool:
        """Take in a condition of the alternative with that bit; False for one that the index cannot hold.

        Regular expressions stay outside, so that a slow one is tried only where everything else holds.
        """
        node, negated = literal.node, literal.negated
        if any(is_regex(pattern) for below in walk(node) if isinstance(below, Has) for pattern in below.patterns):
            return False
        if isinstance(node, Related):
            self._on_parent.append((compile_node(node), negated, bit))
            return True
        if not isinstance(node, Has) or node.name in DISTINCT or node.field is not None:
            return False
        column = self._columns.get(node.name)
        if column is None:
            column = self._columns[node.name] = Column(reader(node.name), path=node.name in PATHS)
        if not negated and column.needed & bit:
            return False  # two conditions on one field must both hold; a column knows only that one of them does
        column.add(node.patterns, negated=negated, bit=bit)
        return True

    def candidates(self, item: WorkItem, everything: int) -> int:
        """Those of the given alternatives whose conditions in the index all hold."""
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
            for test, negated, bit in self._on_parent:
                if bits & bit and test(item, self._tree) is negated:
                    bits ^= bit
            self._below[parent] = bits
        return bits
