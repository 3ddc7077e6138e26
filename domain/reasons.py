"""Why a work item, or a part of it, serves no target."""

from __future__ import annotations

from collections.abc import Mapping

from domain.hierarchy import Hierarchy
from domain.strategy import UNALIGNED, Strategy
from domain.tags import NOTHING, Assignment, UnalignedReason
from domain.work import STORY, ItemRef


def unaligned_reason(
    ref: ItemRef, hierarchy: Hierarchy, assignments: Mapping[ItemRef, Assignment], strategy: Strategy
) -> UnalignedReason:
    """The first reason of DRIFT 9 (A03) that holds for an item with an unaligned share.

    `assignments` holds the tags of every item of the hierarchy (absent: nothing was said), `strategy` is the
    revision that the report rests on. A parent counts as one only where the hierarchy holds it: one that was never
    pulled, or that would close a loop, is none. ValueError for an item whose every share serves a target.
    """
    tags = assignments.get(ref, NOTHING)
    targets = strategy.target_of()
    if tags.conflict:
        return UnalignedReason.CONFLICTING_TAGS
    if any(target not in targets for target in tags.shares):
        return UnalignedReason.UNKNOWN_TARGET
    if UNALIGNED in tags.shares:
        return UnalignedReason.DECLARED
    if tags.shares:
        raise ValueError(f"{hierarchy.items[ref].key} serves {', '.join(tags.shares)}; it has no unaligned share.")
    parent = hierarchy.parent(ref)
    if parent is not None and not _serves(assignments.get(parent, NOTHING), targets):
        return UnalignedReason.PARENT_UNMAPPED
    if parent is None and hierarchy.items[ref].level <= STORY:
        return UnalignedReason.NO_PARENT
    return UnalignedReason.NO_RULE


def _serves(tags: Assignment, targets: Mapping[str, str]) -> bool:
    return any(target in targets and target != UNALIGNED for target in tags.shares)
