"""An index from an item's values to the alternatives of rules that may match it, so that few are left to try."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.hierarchy import Hierarchy
from domain.work import ItemRef, WorkItem
from mapping.clauses import Literal
from mapping.conditions import Has, Related, walk
from mapping.match import Predicate, compile_node
from mapping.patterns import TextTest, fold, is_exact, is_regex, wildcard_test
from mapping.values import DISTINCT, PATHS, Reader, reader

EVERYTHING = -1  # all bits


@dataclass(slots=True)
class Column:
    """Which alternatives the values of one field let through, as bits with the first lowest.

    One with a condition on the field needs a value with its bit; one with a negated condition needs that no value
    has it; every other passes. Bits come in pairs: (plain, negated). What a value means is learnt once, save where
    there are about as many values as items.
    """

    name: str
    texts: Reader
    needed: int = 0
    exact: dict[str, list[int]] = field(default_factory=dict)
    wildcards: list[tuple[str, TextTest, bool, int]] = field(default_factory=list)
    learnt: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, patterns: tuple[str, ...], *, negated: bool, bit: int) -> None:
        if not negated:
            self.needed |= bit
        for pattern in patterns:
            if is_exact(pattern):
                self.exact.setdefault(fold(pattern), [0, 0])[negated] |= bit
            else:
                needle, test = wildcard_test(pattern, path=self.name in PATHS)
                self.wildcards.append((needle, test, negated, bit))

    def passing(self, item: WorkItem, candidates: int) -> int:
        """Those of the candidates, as bits, that the item's values let through."""
        met = refused = 0
        for text in self.texts(item):
            found = self.learnt.get(text)
            if found is None:
                if self.name in DISTINCT:
                    found = self._try(text, candidates)
                else:
                    found = self.learnt[text] = self._try(text, EVERYTHING)
            met |= found[0]
            refused |= found[1]
        return candidates & ~(self.needed & ~met) & ~refused

    def _try(self, text: str, candidates: int) -> tuple[int, int]:
        folded = fold(text)
        bits = list(self.exact.get(folded, (0, 0)))
        for needle, test, negated, bit in self.wildcards:
            if needle in folded and candidates & bit and test(folded):
                bits[negated] |= bit
        return bits[0], bits[1]


class Index:
    """The conditions of all alternatives that depend on one field, or on the parent alone."""

    def __init__(self, tree: Hierarchy) -> None:
        self._tree = tree
        self._columns: dict[str, Column] = {}
        self._order: list[Column] = []
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
        if not isinstance(node, Has) or node.field is not None:
            return False
        column = self._columns.get(node.name)
        if column is None:
            column = self._columns[node.name] = Column(node.name, reader(node.name))
            # What has to be tried anew on each item comes last, when few candidates are left.
            self._order = sorted(self._columns.values(), key=lambda each: each.name in DISTINCT)
        if not negated and column.needed & bit:
            return False  # two conditions on one field must both hold; a column knows only that one of them does
        column.add(node.patterns, negated=negated, bit=bit)
        return True

    def candidates(self, item: WorkItem, everything: int) -> int:
        """Those of the given alternatives whose conditions in the index all hold."""
        bits = everything
        for column in self._order:
            bits = column.passing(item, bits)
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
