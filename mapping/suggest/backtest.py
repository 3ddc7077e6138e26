"""How often guesses were right on the workspace's own past, each made from what was older alone."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

from domain.work import ItemRef
from mapping.suggest.classifier import Rows, fit

BLOCKS = 10  # the groups in the order in which they began, in parts of equal size:
LEARNT = 3  # the first ones are only learnt from,
MEASURED = 2  # the last ones only measured on; those between choose the threshold
CERTAINTY = 1.2816  # normal quantile: the promise is kept nine times in ten


@dataclass(frozen=True, slots=True)
class Guess:
    """A guess at a past item: how sure it was (the margin between the two best), whether it was right, whose it is."""

    margin: float
    right: bool
    group: ItemRef


@dataclass(frozen=True, slots=True)
class Score:
    """Of `items` past items, `guessed` were sure enough to be suggested, and `right` of those were."""

    items: int
    guessed: int
    right: int

    @property
    def precision(self) -> float | None:
        """The share of guesses that were right; None without a guess."""
        return self.right / self.guessed if self.guessed else None

    def as_json(self) -> dict[str, Any]:
        """The counts, and what they come to (fractions; precision is null without a guess)."""
        return {
            "items": self.items,
            "guessed": self.guessed,
            "right": self.right,
            "precision": None if self.precision is None else round(self.precision, 6),
            "coverage": round(self.guessed / self.items, 6) if self.items else 0.0,
        }


def lower_bound(right: int, n: int, independent: float) -> float:
    """The lower end of the Wilson score interval of right/n, for an effective number of independent guesses.

    It lies below the true share nine times in ten. Source: Wilson, Probable inference, the law of succession, and
    statistical inference (1927); the number of guesses is replaced by (Σn)²/Σn² over groups (Kish 1965).
    """
    share, z2 = right / n, CERTAINTY**2
    middle = share + z2 / (2 * independent)
    half = CERTAINTY * sqrt(share * (1 - share) / independent + z2 / (4 * independent**2))
    return (middle - half) / (1 + z2 / independent)


def groups_needed(precision: float) -> int:
    """With fewer groups no promise can be made, even if every guess were right: the blocks that choose are too small."""
    right = ceil(CERTAINTY**2 * precision / (1 - precision))
    return ceil(right * BLOCKS / (BLOCKS - LEARNT - MEASURED))


def guesses(rows: Rows, labels: Sequence[int], groups: Sequence[ItemRef]) -> tuple[list[Guess], list[Guess]]:
    """Guesses at the items of the blocks that choose the threshold, and at those of the blocks that measure.

    All arguments have one entry an item, in the order in which their groups began, a group's items together.
    """
    order = list(dict.fromkeys(groups))
    block = {group: place * BLOCKS // len(order) for place, group in enumerate(order)}
    starts = [next((i for i, group in enumerate(groups) if block[group] >= k), len(groups)) for k in range(BLOCKS + 1)]
    made: list[list[Guess]] = [[], []]
    for k in range(LEARNT, BLOCKS):
        start, end = starts[k], starts[k + 1]
        model = fit(rows[:start], labels[:start])
        if model is None or start == end:
            continue
        found = zip(model.guess(rows[start:end]), labels[start:end], groups[start:end], strict=True)
        made[k >= BLOCKS - MEASURED] += [Guess(margin, label == true, group) for (label, margin), true, group in found]
    return made[0], made[1]


@dataclass(frozen=True, slots=True)
class Sureness:
    """Margins, ascending, with the precision that guesses of at least that margin can be trusted to have."""

    margins: tuple[float, ...]
    trusted: tuple[float, ...]

    def of(self, margin: float) -> float:
        """The highest precision promised for guesses that include those of this margin (0: none)."""
        place = bisect_right(self.margins, margin)
        return self.trusted[place - 1] if place else 0.0

    def threshold(self, precision: float) -> float | None:
        """The least margin from which on the precision can be promised; None: from none."""
        return next((m for m, trusted in zip(self.margins, self.trusted, strict=True) if trusted >= precision), None)


def sureness(past: Sequence[Guess]) -> Sureness:
    """What past guesses say of the precision from each margin on."""
    by_group: Counter[ItemRef] = Counter()
    right = squares = 0
    bounds: dict[float, float] = {}
    for n, guess in enumerate(sorted(past, key=lambda one: -one.margin), start=1):
        right += guess.right
        squares += 2 * by_group[guess.group] + 1
        by_group[guess.group] += 1
        bounds[guess.margin] = lower_bound(right, n, n * n / squares)  # of equal margins the last, which has them all
    trusted, best = [], 0.0
    for margin in sorted(bounds):
        best = max(best, bounds[margin])
        trusted.append(best)
    return Sureness(tuple(sorted(bounds)), tuple(trusted))


def score(past: Sequence[Guess], threshold: float) -> Score:
    """How past guesses fared from a threshold on."""
    made = [guess for guess in past if guess.margin >= threshold]
    return Score(len(past), len(made), sum(guess.right for guess in made))
