"""What chance alone would make of a plan, with as little work as was delivered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from domain.strategy import UNALIGNED
from reports.measure.clusters import CRUMB, Cluster

DRAWS = 2_000
CELLS = 4_000_000  # random numbers held at once

Floats = npt.NDArray[np.float64]
Side = Literal["over", "under"]


@dataclass(frozen=True, slots=True)
class Lottery:
    """The plan as probabilities: `targets` in code-point order, the pot of tolerated work last.

    `pot` is the set of targets that share the pot (unaligned and those with no planned share); `planned` are the
    planned shares of `targets`, 0 for the pot.
    """

    targets: tuple[str, ...]
    planned: Floats
    cumulative: Floats
    pot: frozenset[str]
    in_pot: float

    def draw(self, u: Floats) -> npt.NDArray[np.intp]:
        """For each uniform number the first target whose cumulative probability exceeds it."""
        places = np.searchsorted(self.cumulative, u, side="right")
        # Rounding may leave the last cumulative probability a crumb below 1.
        last = len(self.targets) if self.in_pot > 0 else len(self.targets) - 1
        return np.minimum(places, last)

    def shares(self, u: Floats, efforts: Floats) -> Floats:
        """Delivered shares (draws x targets, the pot last) when each cluster goes where its number falls.

        `u` is draws x clusters, `efforts` is one a cluster.
        """
        rows, width = len(u), len(self.targets) + 1
        places = self.draw(u) + np.arange(rows)[:, None] * width
        weights = np.broadcast_to(efforts, u.shape)
        sums = np.bincount(places.ravel(), weights=weights.ravel(), minlength=rows * width)
        shares: Floats = sums.reshape(rows, width) / efforts.sum()
        return shares

    def index(self, shares: Floats) -> Floats:
        """The drift index of each draw, measured against the plan itself."""
        off: Floats = np.abs(shares[:, :-1] - self.planned).sum(axis=1)
        return (off + shares[:, -1]) / 2


@dataclass(frozen=True, slots=True)
class Noise:
    """`chance` is per target of the lottery and per member of the pot; `sides` says on which side each lies.

    `pot_share` is the delivered share of the whole pot, `smallest` the smallest chance of any target.
    """

    chance: Mapping[str, float]
    sides: Mapping[str, Side]
    pot_share: float
    smallest: float
    expected: float
    by_chance: float

    def chance_of(self, target: str) -> float | None:
        """The chance of any target: one without a planned share has the pot's, None when the pot is empty."""
        return self.chance.get(target, self.chance.get(UNALIGNED))


def lottery(q: Mapping[str, float], p: Mapping[str, float], tolerated: float) -> Lottery:
    """The probabilities `p0` (DRIFT 5, draws); `tolerated` is the largest share of the pot (0.10)."""
    pot = frozenset({UNALIGNED, *(target for target in q if p.get(target, 0.0) <= 0)})
    x = min(tolerated, sum(q.get(target, 0.0) for target in sorted(pot)))
    targets = tuple(sorted(target for target, share in p.items() if share > 0))
    planned = np.array([p[target] for target in targets], dtype=np.float64)
    return Lottery(targets, planned, np.cumsum((1 - x) * planned), pot, x)


def uniform(columns: int) -> Iterator[Floats]:
    """`Generator(PCG64(0)).random((2000, columns))`, a block of rows at a time."""
    generator = np.random.Generator(np.random.PCG64(0))
    block = max(1, CELLS // max(1, columns))
    for start in range(0, DRAWS, block):
        yield generator.random((min(block, DRAWS - start), columns))


def noise(clusters: Sequence[Cluster], q: Mapping[str, float], p: Mapping[str, float], tolerated: float) -> Noise:
    """How far off chance alone would put each target (DRIFT 5); there is effort and a plan."""
    game = lottery(q, p, tolerated)
    efforts = np.array([cluster.effort for cluster in clusters], dtype=np.float64)
    drawn = np.concatenate([game.shares(u, efforts) for u in uniform(len(clusters))])
    indexes = game.index(drawn)
    width = len(game.targets) + (1 if game.in_pot > 0 else 0)
    columns = np.sort(drawn[:, :width], axis=0)
    lowest = np.min([_tails(columns[:, t], drawn[:, t]).min(axis=0) / DRAWS for t in range(width)], axis=0)
    chance: dict[str, float] = {}
    sides: dict[str, Side] = {}
    for place, target in enumerate(game.targets):
        chance[target], sides[target] = _chance(columns[:, place], q.get(target, 0.0), lowest)
    held = sum(q.get(target, 0.0) for target in sorted(game.pot))
    if game.in_pot > 0:
        share, side = _chance(columns[:, -1], held, lowest)
        chance |= dict.fromkeys(sorted(game.pot), share)
        sides |= dict.fromkeys(sorted(game.pot), side)
    return Noise(
        chance=chance,
        sides=sides,
        pot_share=held,
        smallest=min(chance.values()),
        expected=float(indexes.mean()),
        by_chance=float(np.percentile(indexes, 95)),
    )


def _tails(ordered: Floats, values: Floats) -> npt.NDArray[np.intp]:
    """How many draws are at least, and how many at most, each value; two rows."""
    at_least = len(ordered) - np.searchsorted(ordered, values - CRUMB, side="left")
    at_most = np.searchsorted(ordered, values + CRUMB, side="right")
    return np.stack([at_least, at_most])


def _chance(ordered: Floats, q: float, lowest: Floats) -> tuple[float, Side]:
    at_least, at_most = (int(count) for count in _tails(ordered, np.array([q]))[:, 0])
    extreme = (1 + min(at_least, at_most)) / (DRAWS + 1)
    chance = (1 + int(np.count_nonzero(lowest <= extreme))) / (DRAWS + 1)
    return chance, "over" if at_least <= at_most else "under"
