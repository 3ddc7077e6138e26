"""What is no longer right about the rules of a mapping, since the work that they speak of moves under them."""

from __future__ import annotations

from dataclasses import dataclass

from domain.work import ItemRef


@dataclass(frozen=True, slots=True)
class DeadRule:
    """Nothing that was open or changed in 13 weeks meets the rule's conditions; `before` are older items that do."""

    rule: str
    before: tuple[ItemRef, ...] = ()


@dataclass(frozen=True, slots=True)
class ShadowedRule:
    """The rules `by`, which stand above it, decide everything that the rule would.

    `certain`: whatever work there will be, since the conditions say so. Else the `items` that it matched in 13 weeks
    say so: they are all that is known.
    """

    rule: str
    by: tuple[str, ...]
    certain: bool
    items: tuple[ItemRef, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenReference:
    """A word in a rule's conditions that no item of the sources it speaks of has now.

    `path` leads to the word in the conditions as written, `kind` is the condition (a word of `field` is a field's
    name). `seen`: some item had it. `instead` is the word that was probably meant: what the `items` got in the same
    change in which they lost the old one, else (no items) the nearest; None where nothing is near.
    """

    rule: str
    path: tuple[str | int, ...]
    kind: str
    word: str
    sources: tuple[str, ...]
    seen: bool
    instead: str | None = None
    items: tuple[ItemRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Rot:
    """Everything of one mapping at one instant, in the order of its rules.

    `dead` and `shadowed` are None where no item was open or changed in 13 weeks, or a source was never read.
    """

    dead: tuple[DeadRule, ...] | None
    shadowed: tuple[ShadowedRule, ...] | None
    broken: tuple[BrokenReference, ...]
