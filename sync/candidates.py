"""What a piece of work that serves nothing might serve: what its relatives serve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from domain.hierarchy import Hierarchy
from domain.strategy import UNALIGNED
from domain.tags import NOTHING, Assignment
from domain.work import ItemRef, WorkItem
from reports.ticket import Basis
from sync.confidential import Discretion, Home

MOST = 3
# The confidential project of those who share it (or none), source, project (none for labels), what is shared.
Shared = tuple[Home | None, str, str | None, str]
Serving = dict[str, set[ItemRef]]  # a tagged id, and who serves it
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
        self._sharing: dict[Shared, Serving] = {}
        for ref in sorted(tree.items):
            item = tree.items[ref]
            for target in self._served(ref):
                for _, shared in _shares(item, discretion.secret(item)):
                    self._sharing.setdefault(shared, {}).setdefault(target, set()).add(ref)

    def candidates(self, ref: ItemRef) -> list[Found]:
        """At most three ids that relatives of an item serve, the one of most relatives first.

        The item itself serves none of them: it is asked of such items alone.
        """
        relatives: Serving = defaultdict(set)
        bases: dict[str, dict[Basis, None]] = defaultdict(dict)
        for basis, serving in self._related(self._tree.items[ref]):
            for target, refs in serving.items():
                relatives[target] |= refs
                bases[target][basis] = None
        counts = {target: len(refs) for target, refs in relatives.items()}
        ordered = sorted(counts, key=lambda target: (-counts[target], self._rank[target]))
        return [(target, counts[target], tuple(bases[target])) for target in ordered[:MOST]]

    def _related(self, item: WorkItem) -> Iterator[tuple[Basis, Serving]]:
        """In each way in which others are related, what they serve; nothing that the item's ticket may not tell."""
        yield "children", self._serving(item, self._tree.children.get(item.ref, ()))
        parent = self._tree.parent(item.ref)
        if parent is not None:
            yield "parent", self._serving(item, [parent])
            yield "siblings", self._serving(item, self._tree.children[parent])
        for secret in dict.fromkeys((None, self._discretion.secret(item))):
            for basis, shared in _shares(item, secret):
                yield basis, self._sharing.get(shared, {})

    def _serving(self, item: WorkItem, refs: Iterable[ItemRef]) -> Serving:
        found: Serving = defaultdict(set)
        for ref in refs:
            if self._discretion.may_show(self._tree.items[ref], item):
                for target in self._served(ref):
                    found[target].add(ref)
        return found

    def _served(self, ref: ItemRef) -> list[str]:
        return [target for target in self._tags.get(ref, NOTHING).shares if target in self._rank]


def _shares(item: WorkItem, secret: Home | None) -> Iterator[tuple[Basis, Shared]]:
    """What an item shares with others, of a confidential project or of all that are none."""
    for component in item.components:
        yield "component", (secret, item.source, item.project, component.casefold())
    # The root of the tree of areas is the whole project, which says nothing.
    if item.area_path and "\\" in item.area_path:
        yield "area", (secret, item.source, item.project, item.area_path.casefold())
    for label in item.labels:
        yield "label", (secret, item.source, None, label.casefold())
