"""What one mapping says of work items that another one says otherwise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from domain.hierarchy import Hierarchy
from domain.tags import NOTHING, Assignment, Dimension
from domain.work import ItemRef
from mapping.assign import decider

CRUMB = 1e-9  # shares that differ by less are the same


@dataclass(frozen=True, slots=True)
class Move:
    """Shares by the ids that the mappings name (empty: nothing speaks), and what set them: a rule, "pin", "ticket"."""

    ref: ItemRef
    before: Mapping[str, float]
    after: Mapping[str, float]
    by_before: str | None
    by_after: str | None


def moves(
    before: Mapping[ItemRef, Assignment], after: Mapping[ItemRef, Assignment], tree: Hierarchy
) -> dict[ItemRef, Move]:
    """The items of a tree that contribute to something else, or in other parts, in order of (source, id)."""
    found: dict[ItemRef, Move] = {}
    for ref in sorted(tree.items):
        was, now = before.get(ref, NOTHING).shares, after.get(ref, NOTHING).shares
        if not same_shares(was, now):
            by = (decider(ref, Dimension.CONTRIBUTES_TO, there, tree) for there in (before, after))
            found[ref] = Move(ref, was, now, *by)
    return found


def same_shares(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    """Whether two splits are the same, give or take an arithmetic crumb."""
    return one.keys() == other.keys() and all(math.isclose(one[target], other[target], abs_tol=CRUMB) for target in one)
