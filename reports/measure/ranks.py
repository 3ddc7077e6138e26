"""Ranked objectives as shares of the effort, by rank-order centroid."""

from __future__ import annotations

from collections.abc import Mapping


def centroid(ranks: Mapping[str, int]) -> dict[str, float]:
    """Each ranked objective's share of what the ranked ones divide among them; the shares sum to 1 (DRIFT 4).

    `w(r) = (1/n)·Σ(k=r..n) 1/k` for the r-th of n; objectives of equal rank take the mean of the places they hold.
    Source of the formula: rank-order centroid weights (Barron and Barrett, Decision quality using ranked attribute
    weights, 1996).
    """
    ordered = sorted(ranks, key=lambda target: (ranks[target], target))
    n = len(ordered)
    places = [sum(1 / k for k in range(place, n + 1)) / n for place in range(1, n + 1)]
    shares: dict[str, float] = {}
    for rank in sorted(set(ranks.values())):
        tied = [place for place, target in enumerate(ordered) if ranks[target] == rank]
        mean = sum(places[place] for place in tied) / len(tied)
        shares |= {ordered[place]: mean for place in tied}
    return shares
