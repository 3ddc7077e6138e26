"""What the items that nothing reaches probably serve, where the past says that such a guess can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.hierarchy import Hierarchy
from domain.work import ItemRef, WorkItem
from mapping.suggest.backtest import Past, Score, groups_needed, guesses
from mapping.suggest.classifier import count, fit
from mapping.suggest.material import Material, Target
from mapping.suggest.traits import Trait
from mapping.trace import said_text

MISSED = 0.03  # by so much a measured precision may miss the promise
NOTHING = Score(0, 0, 0, None)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`sure` is the precision that past guesses as sure as this one can be trusted to have; `why` is heaviest first."""

    item: WorkItem
    target: Target
    sure: float
    why: tuple[Trait, ...]

    def as_json(self) -> dict[str, Any]:
        """The suggestion in the words of `items --json`."""
        return {
            "source": self.item.source,
            "key": self.item.key,
            "title": self.item.title,
            "contributes_to": dict(self.target),
            "sure": round(self.sure, 6),
            "why": [str(trait) for trait in self.why],
        }


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`found` is surest first; `abstains` says why there is none, where the past is to blame.

    `chosen` is how the threshold fared on the items that chose it, `measured` on the last ones, which nothing else
    used. `covered` counts the open items that have a suggestion or take one from above.
    """

    promised: float
    examples: int
    groups: int
    open: int
    covered: int = 0
    chosen: Score = NOTHING
    measured: Score = NOTHING
    found: tuple[Suggestion, ...] = ()
    abstains: str | None = None

    def as_json(self) -> dict[str, Any]:
        """All of it; fractions, rounded to 6 decimals."""
        return {
            "promised": self.promised,
            "examples": self.examples,
            "groups": self.groups,
            "chosen": self.chosen.as_json(),
            "measured": self.measured.as_json(),
            "open": self.open,
            "covered": self.covered,
            "coverage": round(self.covered / self.open, 6) if self.open else 0.0,
            "abstains": self.abstains,
            "suggestions": [one.as_json() for one in self.found],
        }


def suggest(known: Material, tree: Hierarchy, precision: float) -> Suggestions:
    """Guess at open items, as far as `precision` (a fraction below 1) can be promised, or say why not.

    `tree` is of all items. ConfigurationError where the extra `suggest` is not installed.
    """
    examples, groups = known.examples, [example.group for example in known.examples]
    targets = sorted({example.target for example in examples})
    outcome = Suggestions(precision, len(examples), len(set(groups)), len(known.open))
    needed = groups_needed(precision)
    if outcome.groups < needed:
        return replace(
            outcome,
            abstains=f"there are {outcome.groups:,} epics and single items to learn from; "
            f"to promise {precision:.0%} takes at least {needed:,}",
        )
    if len(targets) == 1:
        return replace(
            outcome, abstains=f"everything serves {said_text(dict(targets[0]))}, so nothing can be told apart"
        )
    labels = [targets.index(example.target) for example in examples]
    rows, columns = count([*(example.traits for example in examples), *(one.traits for one in known.open)])
    choosing, measuring = map(Past, guesses(rows[: len(examples)], labels, groups))
    model = fit(rows[: len(examples)], labels)
    assert model is not None, "there are two targets"
    today = model.guess(open_rows := rows[len(examples) :])
    margins = [margin for _, margin in today]
    threshold, best = choosing.threshold(margins, precision)
    if threshold is None:
        return replace(outcome, abstains=f"past guesses that were as sure as today's can be trusted to {best:.0%} only")
    chosen, measured = choosing.score(margins, threshold), measuring.score(margins, threshold)
    outcome = replace(outcome, chosen=chosen, measured=measured)
    if measured.precision is None:
        last = f"the last {measured.items:,} items"
        return replace(outcome, abstains=f"no guess at {last} was sure enough, so the promise could not be measured")
    if measured.precision < precision - MISSED:
        return replace(outcome, abstains="what was measured falls short of the promise")
    made = {
        one.item.ref: (place, targets[label], margin)
        for place, (one, (label, margin)) in enumerate(zip(known.open, today, strict=True))
        if margin >= threshold
    }
    kept = {ref: said for ref, said in made.items() if not _from_above(ref, said[1], made, tree)}
    found = [
        Suggestion(one.item, target, choosing.sure(margin), tuple(model.reasons(open_rows[place], columns, one.traits)))
        for place, target, margin in sorted(kept.values(), key=lambda said: (-said[2], said[0]))
        for one in [known.open[place]]
    ]
    covered = sum(ref in kept or any(above in kept for above in tree.ancestors(ref)) for ref in _refs(known))
    return replace(outcome, found=tuple(found), covered=covered)


def _refs(known: Material) -> list[ItemRef]:
    return [one.item.ref for one in known.open]


def _from_above(
    ref: ItemRef, target: Target, made: Mapping[ItemRef, tuple[int, Target, float]], tree: Hierarchy
) -> bool:
    """Whether the nearest item above that has a suggestion has the same one."""
    above = next((above for above in tree.ancestors(ref) if above in made), None)
    return above is not None and made[above][1] == target
