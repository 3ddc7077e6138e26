"""How one work item is split among the targets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from domain.strategy import UNALIGNED
from domain.tags import Assignment

# (target, share) in code-point order of targets; the shares sum to 1.
Shares = tuple[tuple[str, float], ...]

NOWHERE: Shares = ((UNALIGNED, 1.0),)


def target_shares(assignment: Assignment | None, target_of: Mapping[str, str]) -> Shares:
    """The item's shares by target (DRIFT 4, `share(i, t)`).

    A key result counts for its objective; what names no target, and an item without a tag, is unaligned.
    """
    if assignment is None or not assignment.shares:
        return NOWHERE
    shares: dict[str, float] = defaultdict(float)
    for tagged, share in sorted(assignment.shares.items()):
        shares[target_of.get(tagged, UNALIGNED)] += share
    return tuple(sorted((target, share) for target, share in shares.items() if share > 0)) or NOWHERE


def alike(shares: Shares) -> Shares:
    """Shares rounded to 9 decimals, so that two splits that differ by an arithmetic crumb are the same."""
    return tuple((target, round(share, 9)) for target, share in shares)
