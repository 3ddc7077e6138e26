"""The epic, or what stands in for one, with which a work item moves."""

from __future__ import annotations

from typing import NamedTuple

from domain.hierarchy import Hierarchy
from domain.work import EPIC, STORY, ItemRef


class Root(NamedTuple):
    """`key` is the root item's key, or that of a parent which the store does not hold. Ordered by (source, key)."""

    source: str
    key: str
    level: int

    @property
    def loose(self) -> bool:
        """Whether no epic stands behind it: single bugs are not decisions about where work goes."""
        return self.level < EPIC


def root_of(ref: ItemRef, hierarchy: Hierarchy, cluster_level: int) -> Root:
    """The root of a counted item (DRIFT 5).

    Itself if its level is at least `cluster_level`; else its nearest ancestor of such a level; else its highest
    ancestor of level 1 or more; else, for an orphan sub-task, the missing parent's key; else itself.
    """
    items = hierarchy.items
    line = [ref, *hierarchy.ancestors(ref)]
    for here in line:
        if items[here].level >= cluster_level:
            return Root(items[here].source, items[here].key, items[here].level)
    for here in reversed(line[1:]):
        if items[here].level >= EPIC:
            return Root(items[here].source, items[here].key, items[here].level)
    top = items[line[-1]]
    missing = top.parent_key or top.parent
    if top.level < STORY and missing is not None:
        return Root(top.source, missing, STORY)
    own = items[ref]
    return Root(own.source, own.key, own.level)
