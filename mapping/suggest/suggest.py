"""What the items that nothing reaches probably serve, where the past says that such a guess can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import Any, NamedTuple

from domain.hierarchy import Hierarchy
from domain.work import ItemRef, WorkItem
from mapping.suggest.backtest import Past, Score, Told, groups_needed, guesses
from mapping.suggest.classifier import Model, count
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


def suggest(known: Material, tree: Hierarchy, precision: float, told: Told = lambda *_: None) -> Suggestions:
    """Guess at open items, as far as `precision` (a fraction below 1) can be promised, or say why not.

    `tree` is of all items; `told` hears how far it has come. ConfigurationError where the extra `suggest` is not there.
    """
    groups = [example.group for example in known.examples]
    targets = sorted({example.target for example in known.examples})
    outcome = Suggestions(precision, len(groups), len(set(groups)), len(known.open))
    if reason := _nothing_to_learn(outcome, targets):
        return replace(outcome, abstains=reason)
    if not known.open:
        return outcome
    number = {target: place for place, target in enumerate(targets)}
    labels = [number[example.target] for example in known.examples]
    rows, columns = count([*(example.traits for example in known.examples), *(one.traits for one in known.open)])
    past_rows, open_rows = rows[: len(groups)], rows[len(groups) :]
    choosing, measuring = (Past(made) for made in guesses(past_rows, labels, groups, told))
    model = Model(past_rows, labels)
    today = model.guess(open_rows)
    margins = [margin for _, margin in today]
    threshold, best = choosing.threshold(margins, precision)
    if threshold is None:
        trusted = f"{floor(best * 100)}%"
        return replace(outcome, abstains=f"past guesses that were as sure as today's can be trusted to {trusted} only")
    outcome = replace(outcome, chosen=choosing.score(margins, threshold), measured=measuring.score(margins, threshold))
    if reason := _promise_broken(outcome):
        return replace(outcome, abstains=reason)
    made = {
        one.item.ref: Guessed(place, targets[label], margin)
        for place, (one, (label, margin)) in enumerate(zip(known.open, today, strict=True))
        if margin >= threshold
    }
    own = {ref: guess for ref, guess in made.items() if not _from_above(ref, guess, made, tree)}
    found = []
    for place, target, margin in sorted(own.values(), key=lambda guess: (-guess.margin, guess.place)):
        one = known.open[place]
        why = model.reasons(open_rows[place], columns, one.traits)
        found.append(Suggestion(one.item, target, choosing.sure(margin), tuple(why)))
    covered = sum(any(ref in own for ref in (one.item.ref, *tree.ancestors(one.item.ref))) for one in known.open)
    return replace(outcome, found=tuple(found), covered=covered)


class Guessed(NamedTuple):
    """A guess at the open item at `place`."""

    place: int
    target: Target
    margin: float


def _nothing_to_learn(outcome: Suggestions, targets: Sequence[Target]) -> str | None:
    needed = groups_needed(outcome.promised)
    if outcome.groups < needed:
        return (
            f"there are {outcome.groups:,} epics and single items to learn from; "
            f"to promise {outcome.promised:.0%} takes at least {needed:,}"
        )
    if len(targets) == 1:
        return f"everything serves {said_text(dict(targets[0]))}, so that nothing can be told apart"
    return None


def _promise_broken(outcome: Suggestions) -> str | None:
    measured = outcome.measured.precision
    if measured is None:
        return f"no guess at the last {outcome.measured.items:,} items was sure enough to measure the promise"
    if measured < outcome.promised - MISSED:
        return "what was measured falls short of the promise"
    return None


def _from_above(ref: ItemRef, guess: Guessed, made: Mapping[ItemRef, Guessed], tree: Hierarchy) -> bool:
    """Whether the nearest item above that has a suggestion has the same one."""
    above = next((above for above in tree.ancestors(ref) if above in made), None)
    return above is not None and made[above].target == guess.target
