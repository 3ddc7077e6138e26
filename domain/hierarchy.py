"""Who is whose parent among a set of work items, and which of them are counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from domain.work import EPIC, STORY, ItemRef, WorkItem


class Hierarchy:
    """The tree of a set of work items, all seen at one instant.

    Parents are looked for in the item's own source, by id and then by key; then by key in the other sources, where
    exactly one has it. A bare number names nothing outside of its own source: every Azure DevOps organisation has a
    work item 42. In a loop of parents the link of the last item, by (source, id), is taken for missing, so every
    walk upwards ends.
    """

    def __init__(self, items: Mapping[ItemRef, WorkItem]) -> None:
        self.items = items
        own: dict[tuple[str, str], ItemRef] = {}
        everywhere: dict[str, list[ItemRef]] = defaultdict(list)
        ordered = sorted(items)
        for ref in ordered:
            item = items[ref]
            own[(ref.source, item.key.casefold())] = ref
            everywhere[item.key.casefold()].append(ref)
        self._own, self._everywhere = own, everywhere
        self._parents: dict[ItemRef, ItemRef] = {}
        for ref in ordered:
            parent = self._look_up(items[ref])
            if parent is not None:
                self._parents[ref] = parent
        for loop in self._loops():
            del self._parents[max(loop)]

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
        below_a_story: set[ItemRef] = set()
        covers: set[ItemRef] = set()  # something counted hangs below it
        for ref in self._from_the_top:
            item, parent = self.items[ref], self._parents.get(ref)
            if parent is not None and (parent in below_a_story or self.items[parent].level == STORY):
                below_a_story.add(ref)
            if item.level == STORY or (item.level < STORY and ref not in below_a_story):
                counted.add(ref)
        # From the leaves up, so that a childless epic covers the initiative above it.
        for ref in reversed(self._from_the_top):
            if self.items[ref].level >= EPIC and ref not in covers:
                counted.add(ref)
            parent = self._parents.get(ref)
            if parent is not None and (ref in counted or ref in covers):
                covers.add(parent)
        return frozenset(counted)

    @cached_property
    def _from_the_top(self) -> Sequence[ItemRef]:
        """Every item, each parent before its children."""
        order = sorted(ref for ref in self.items if ref not in self._parents)
        for ref in order:  # grows while it is read
            order.extend(self.children.get(ref, ()))
        return order

    def _look_up(self, item: WorkItem) -> ItemRef | None:
        if item.parent is None:
            return None
        by_id = ItemRef(item.source, item.parent)
        if by_id in self.items:
            return by_id
        keys = [key.casefold() for key in (item.parent, item.parent_key) if key]
        for key in keys:
            own = self._own.get((item.source, key))
            if own is not None:
                return own
        for key in keys:
            others = self._everywhere.get(key, [])
            if len(others) == 1 and not key.isdecimal():
                return others[0]
        return None

    def _loops(self) -> list[list[ItemRef]]:
        """Every loop of parents, each walked once: an item has one parent, so no two loops meet."""
        loops: list[list[ItemRef]] = []
        walks: dict[ItemRef, ItemRef] = {}  # item to the start of the walk that met it first
        for start in self._parents:
            here: ItemRef | None = start
            while here is not None and here not in walks:
                walks[here] = start
                here = self._parents.get(here)
            if here is not None and walks[here] == start:
                loop, turn = [here], self._parents[here]
                while turn != here:
                    loop.append(turn)
                    turn = self._parents[turn]
                loops.append(loop)
        return loops
