"""Work that moves together: the delivered items of one epic that serve the same targets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from reports.measure.ledger import Work
from reports.measure.roots import Root
from reports.measure.shares import Shares, alike

CRUMB = 1e-9  # shares and efforts closer than this are equal


class ClusterKey(NamedTuple):
    """Clusters stand in this order, by code point."""

    source: str
    root: str
    shares: Shares


@dataclass(frozen=True, slots=True)
class Cluster:
    """`key` is that of the first of `members`, which are several where loose ones were bundled."""

    key: ClusterKey
    effort: float
    members: tuple[ClusterKey, ...]


def split_by_root(amounts: Sequence[tuple[Work, float]]) -> dict[ClusterKey, tuple[Root, float]]:
    """The clusters before any bundling, in their order, each with its root and effort."""
    efforts: dict[ClusterKey, float] = defaultdict(float)
    roots: dict[ClusterKey, Root] = {}
    for work, amount in amounts:
        key = ClusterKey(work.root.source, work.root.key, alike(work.shares))
        roots[key] = work.root
        efforts[key] += amount
    return {key: (roots[key], efforts[key]) for key in sorted(efforts)}


def clusters_of(amounts: Sequence[tuple[Work, float]]) -> tuple[Cluster, ...]:
    """The clusters of a period, the loose ones bundled (DRIFT 5).

    Loose clusters of the same shares are put together, in order, until a bundle weighs at least the median effort
    of the clusters whose root is an epic or above; what remains is a bundle too. Without such clusters nothing is.
    """
    found = split_by_root(amounts)
    tall = [effort for root, effort in found.values() if not root.loose]
    if not tall:
        return tuple(Cluster(key, effort, (key,)) for key, (_, effort) in found.items())
    enough = median(tall) - CRUMB
    bundled = [Cluster(key, effort, (key,)) for key, (root, effort) in found.items() if not root.loose]
    filling: dict[Shares, Cluster] = {}
    for key, (root, effort) in found.items():
        if not root.loose:
            continue
        begun = filling.pop(key.shares, None)
        bundle = Cluster(key, effort, (key,))
        if begun:
            bundle = Cluster(begun.key, begun.effort + effort, (*begun.members, key))
        if bundle.effort >= enough:
            bundled.append(bundle)
        else:
            filling[key.shares] = bundle
    return tuple(sorted([*bundled, *filling.values()], key=lambda cluster: cluster.key))


def effective_number(clusters: Sequence[Cluster]) -> float:
    """`(Σe)²/Σe²`: how many clusters of equal size carry as much information; 0 without effort."""
    squares = sum(cluster.effort**2 for cluster in clusters)
    return sum(cluster.effort for cluster in clusters) ** 2 / squares if squares > 0 else 0.0
