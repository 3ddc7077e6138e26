"""What a piece of work that serves nothing might serve: what its relatives serve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from domain.hierarchy import Hierarchy
from domain.strategy import UNALIGNED
from domain.tags import NOTHING, Assignment
from domain.work import ItemRef, WorkItem
from reports.ticket import Basis
from sync.confidential import Discretion

MOST = 3
Shared = tuple[str, str, str, str]  # source, project (or none), what is shared, its value
Found = tuple[str, int, tuple[Basis, ...]]  # a tagged id, how many relatives serve it, in which ways they are related


class Relatives:
    """Counts what relatives serve: children, parent, siblings, and whoever shares component, area or label.

    `targets` are the ids that count, in the order of the strategy, by which equal counts are ordered.
    """

    def __init__(
        self, tree: Hierarchy, tags: Mapping[ItemRef, Assignment], targets: Sequence[str], discretion: Discretion
    ) -> None:
        self._tree, self._tags, self._discretion = tree, tags, discretion
        self._rank = {target: place for place, target in enumerate(targets) if target != UNALIGNED}
        self._sharing: dict[Shared, list[ItemRef]] = defaultdict(list)
        for ref in sorted(tree.items):
            if self._served(ref):
                for _, shared in _shares(tree.items[ref]):
                    self._sharing[shared].append(ref)

    def candidates(self, ref: ItemRef) -> list[Found]:
        """At most three ids that relatives of an item serve, the one of most relatives first."""
        relatives: dict[str, set[ItemRef]] = defaultdict(set)
        bases: dict[str, dict[Basis, None]] = defaultdict(dict)
        item = self._tree.items[ref]
        for basis, related in self._related(item):
            if related != ref and self._discretion.may_show(self._tree.items[related], item):
                for target in self._served(related):
                    relatives[target].add(related)
                    bases[target][basis] = None
        ordered = sorted(relatives, key=lambda target: (-len(relatives[target]), self._rank[target]))
        return [(target, len(relatives[target]), tuple(bases[target])) for target in ordered[:MOST]]

    def _related(self, item: WorkItem) -> Iterator[tuple[Basis, ItemRef]]:
        for child in self._tree.children.get(item.ref, ()):
            yield "children", child
        parent = self._tree.parent(item.ref)
        if parent is not None:
            yield "parent", parent
            for sibling in self._tree.children[parent]:
                yield "siblings", sibling
        for basis, shared in _shares(item):
            for other in self._sharing.get(shared, ()):
                yield basis, other

    def _served(self, ref: ItemRef) -> list[str]:
        return [target for target in self._tags.get(ref, NOTHING).shares if target in self._rank]


def _shares(item: WorkItem) -> Iterator[tuple[Basis, Shared]]:
    for component in item.components:
        yield "component", (item.source, item.project, "component", component.casefold())
    # The root of the tree of areas is the whole project, which says nothing.
    if item.area_path and "\\" in item.area_path:
        yield "area", (item.source, item.project, "area", item.area_path.casefold())
    for label in item.labels:
        yield "label", (item.source, "", "label", label.casefold())
