"""Who is whose parent among a set of work items, and which of them are counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from domain.work import EPIC, STORY, ItemRef, WorkItem


class Hierarchy:
    """The tree of a set of work items, all seen at one instant.

    Parents are looked for in the item's own source, by id and then by key; then by key in the other sources, where
    exactly one has it. A parent that would close a loop is taken for missing, so every walk upwards ends.
    """

    def __init__(self, items: Mapping[ItemRef, WorkItem]) -> None:
        self.items = items
        own: dict[tuple[str, str], ItemRef] = {}
        everywhere: dict[str, list[ItemRef]] = defaultdict(list)
        for ref, item in sorted(items.items()):
            own[(ref.source, item.key.casefold())] = ref
            everywhere[item.key.casefold()].append(ref)
        self._own, self._everywhere = own, everywhere
        self._parents: dict[ItemRef, ItemRef] = {}
        for ref, item in sorted(items.items()):
            parent = self._look_up(item)
            if parent is not None and not self._is_above(ref, parent):
                self._parents[ref] = parent

    def parent(self, ref: ItemRef) -> ItemRef | None:
        """The parent in the set; None when the item has none, or one that the set does not hold."""
        return self._parents.get(ref)

    def ancestors(self, ref: ItemRef) -> Iterator[ItemRef]:
        """Parent, grandparent, …, nearest first."""
        above = self._parents.get(ref)
        while above is not None:
            yield above
            above = self._parents.get(above)

    @cached_property
    def children(self) -> Mapping[ItemRef, Sequence[ItemRef]]:
        """Each item that has children in the set, with them in order of (source, id)."""
        below: dict[ItemRef, list[ItemRef]] = defaultdict(list)
        for child, parent in sorted(self._parents.items()):
            below[parent].append(child)
        return dict(below)

    def descendants(self, ref: ItemRef) -> Iterator[ItemRef]:
        """Everything below an item, depth first."""
        stack = list(reversed(self.children.get(ref, ())))
        while stack:
            here = stack.pop()
            yield here
            stack.extend(reversed(self.children.get(here, ())))

    @cached_property
    def counted(self) -> frozenset[ItemRef]:
        """The items whose effort counts, each piece of work exactly once (DRIFT 2).

        Level 0; level -1 with no ancestor of level 0 in the set; level 1 or more with no counted item below it.
        """
        counted: set[ItemRef] = set()
        for ref, item in self.items.items():
            below_a_story = any(self.items[above].level == STORY for above in self.ancestors(ref))
            if item.level == STORY or (item.level < STORY and not below_a_story):
                counted.add(ref)
        covered = {above for ref in counted for above in self.ancestors(ref)}
        # From the lowest level up, so that a childless epic covers the initiative above it.
        tall = sorted((ref for ref, item in self.items.items() if item.level >= EPIC), key=self._depth, reverse=True)
        for ref in tall:
            if ref not in covered:
                counted.add(ref)
                covered.update(self.ancestors(ref))
        return frozenset(counted)

    def _depth(self, ref: ItemRef) -> tuple[int, ItemRef]:
        return sum(1 for _ in self.ancestors(ref)), ref

    def _look_up(self, item: WorkItem) -> ItemRef | None:
        if item.parent is None:
            return None
        by_id = ItemRef(item.source, item.parent)
        if by_id in self.items:
            return by_id
        for key in filter(None, (item.parent, item.parent_key)):
            own = self._own.get((item.source, key.casefold()))
            if own is not None:
                return own
            others = self._everywhere.get(key.casefold(), [])
            if len(others) == 1:
                return others[0]
        return None

    def _is_above(self, ref: ItemRef, candidate: ItemRef) -> bool:
        """Whether the candidate is the item itself or hangs below it already."""
        here: ItemRef | None = candidate
        while here is not None:
            if here == ref:
                return True
            here = self._parents.get(here)
        return False
