"""How sure the figures of so little work can be."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from statistics import NormalDist

Z90 = 1.6449  # 90 % of a normal distribution lies within this many standard deviations
POWER = 0.80  # "seen about four times in five"


def wilson(share: float, n: float) -> tuple[float, float]:
    """The 90 % Wilson score interval of a share observed with an effective number of clusters above 0.

    Source: Wilson, Probable inference, the law of succession, and statistical inference (1927).
    """
    z2 = Z90**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z90 / (1 + z2 / n) * sqrt(max(0.0, share * (1 - share)) / n + z2 / (4 * n**2))
    return centre - half, centre + half


def least_visible(p: Mapping[str, float], n: float, chance: float) -> float | None:
    """The largest shift of a target that might still go unseen, at most 1 (DRIFT 5).

    `p` are the planned shares, `n` the effective number of clusters, `chance` the threshold (0.05). None with fewer
    than two planned targets: then nothing can shift.
    """
    planned = [share for share in p.values() if share > 0]
    if len(planned) < 2:
        return None
    normal = NormalDist()
    width = normal.inv_cdf(1 - chance / (2 * len(planned))) + normal.inv_cdf(POWER)
    return min(1.0, max(width * sqrt(share * (1 - share) / n) for share in planned))
