"""How often guesses were right on the workspace's own past, each made from what was older alone."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, sqrt
from typing import Any

from domain.work import ItemRef
from mapping.suggest.classifier import Rows, fit

BLOCKS = 10  # the groups in the order in which they began, in parts of equal size:
LEARNT = 3  # the first ones are only learnt from,
MEASURED = 2  # the last ones only measured on; those between choose the threshold
ALIKE = 30  # so many past guesses about as sure vouch for a guess of today
CERTAINTY = 1.2816  # normal quantile: the promise is kept nine times in ten


Told = Callable[[int, int], None]  # how much is done, of how much


@dataclass(frozen=True, slots=True)
class Guess:
    """A guess at a past item: how sure it was (the margin between the two best), whether it was right, whose it is."""

    margin: float
    right: bool
    group: ItemRef


@dataclass(frozen=True, slots=True)
class Score:
    """Of `items` past items `guessed` were sure enough to be suggested, and `right` of those were.

    `precision` is the share of right guesses where those that are as sure as the guesses of today weigh as much as
    there are of these; None without a guess.
    """

    items: int
    guessed: int
    right: int
    precision: float | None

    def as_json(self) -> dict[str, Any]:
        """The counts, and what they come to as fractions."""
        return {
            "items": self.items,
            "guessed": self.guessed,
            "right": self.right,
            "precision": None if self.precision is None else round(self.precision, 6),
            "coverage": round(self.guessed / self.items, 6) if self.items else 0.0,
        }


def lower_bound(share: float, independent: float) -> float:
    """The lower end of the Wilson score interval of a share, for an effective number of independent guesses.

    It lies below the true share nine times in ten. Source: Wilson, Probable inference, the law of succession, and
    statistical inference (1927); independent ones are (Σn)²/Σn², with n the guesses of each group (Kish 1965).
    """
    z2 = CERTAINTY**2
    middle = share + z2 / (2 * independent)
    half = CERTAINTY * sqrt(share * (1 - share) / independent + z2 / (4 * independent**2))
    return (middle - half) / (1 + z2 / independent)


def groups_needed(precision: float) -> int:
    """With fewer groups nothing can be promised, were every guess right: too few of them choose the threshold."""
    right = ceil(CERTAINTY**2 * precision / (1 - precision))
    return ceil(right * BLOCKS / (BLOCKS - LEARNT - MEASURED))


def guesses(
    rows: Rows, labels: Sequence[int], groups: Sequence[ItemRef], told: Told
) -> tuple[list[Guess], list[Guess]]:
    """Guesses at the items of the blocks that choose the threshold, and at those of the blocks that measure.

    The first three have one entry an item, in the order in which their groups began, a group's items together; `told`
    hears how many blocks are done of how many.
    """
    order = list(dict.fromkeys(groups))
    block = {group: place * BLOCKS // len(order) for place, group in enumerate(order)}
    starts = [next((i for i, group in enumerate(groups) if block[group] >= k), len(groups)) for k in range(BLOCKS + 1)]
    made: list[list[Guess]] = [[], []]
    for k in range(LEARNT, BLOCKS):
        told(k - LEARNT, BLOCKS - LEARNT)
        start, end = starts[k], starts[k + 1]
        model = fit(rows[:start], labels[:start])
        if model is None or start == end:
            continue
        found = zip(model.guess(rows[start:end]), labels[start:end], groups[start:end], strict=True)
        made[k >= BLOCKS - MEASURED] += [Guess(margin, label == true, group) for (label, margin), true, group in found]
    return made[0], made[1]


class Past:
    """Past guesses, to be held against guesses of today, each against those of the past that were about as sure.

    The surest past guesses say nothing of unsure ones, and what no rule reaches may look less sure than the past did:
    where fewer than half of those that vouch were less sure than a guess of today, the missing ones count as wrong.
    """

    def __init__(self, past: Sequence[Guess]) -> None:
        self._past = sorted(past, key=lambda guess: (guess.margin, guess.group, guess.right))
        self._margins = [guess.margin for guess in self._past]

    def sure(self, margin: float) -> float:
        """The share of the past guesses about as sure as one of this margin that were right."""
        return self._tally([margin]).share

    def threshold(self, margins: Sequence[float], precision: float) -> tuple[float | None, float]:
        """The least of today's margins such that guesses from it on can be promised `precision`; and the best promise.

        None where that can be promised of no guesses.
        """
        tally, least, best = _Tally(), None, 0.0
        for margin, equal in groupby(sorted(margins, reverse=True)):
            for one in equal:
                tally.add(*self._alike(one))
            promised = lower_bound(tally.share, tally.independent)
            best = max(best, promised)
            if promised >= precision:
                least = margin
        return least, best

    def score(self, margins: Sequence[float], threshold: float) -> Score:
        """How past guesses fared from a threshold on, weighed by today's margins."""
        made = [guess for guess in self._past if guess.margin >= threshold]
        right = sum(guess.right for guess in made)
        weighed = self._tally([margin for margin in margins if margin >= threshold])
        return Score(len(self._past), len(made), right, weighed.share if made else None)

    def _tally(self, margins: Sequence[float]) -> _Tally:
        tally = _Tally()
        for margin in margins:
            tally.add(*self._alike(margin))
        return tally

    def _alike(self, margin: float) -> tuple[Sequence[Guess], int]:
        """The guesses that vouch for one of this margin, half of them less sure, and how many of that half miss."""
        place = bisect_right(self._margins, margin)
        start = max(0, min(place - ALIKE // 2, len(self._past) - ALIKE))
        return self._past[start : start + ALIKE], max(0, ALIKE // 2 - place)


class _Tally:
    """The share of right guesses, and by how many independent ones they count."""

    def __init__(self) -> None:
        self._right = self._all = self._squares = 0
        self._by_group: Counter[ItemRef] = Counter()

    def add(self, guesses: Sequence[Guess], missing: int) -> None:
        for guess in guesses:
            self._right += guess.right
            self._squares += 2 * self._by_group[guess.group] + 1
            self._by_group[guess.group] += 1
        self._all += len(guesses) + missing
        self._squares += missing

    @property
    def share(self) -> float:
        return self._right / self._all if self._all else 0.0

    @property
    def independent(self) -> float:
        return self._all**2 / self._squares if self._squares else 1.0
