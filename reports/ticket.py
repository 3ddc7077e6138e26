"""What a ticket's comment is made of: the goals it serves, why, how they stand, and how to correct that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from domain.lines import Trouble

Judgement = Literal["as_planned", "less", "more", "unclear", "too_little"]
Unserved = Literal["declared", "conflict", "unknown", "nothing"]
Basis = Literal["children", "parent", "siblings", "component", "area", "label"]


class Reference(NamedTuple):
    """A ticket that the text names; `url` is None where it leads out of the tracker."""

    key: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Goal:
    """An objective, key result or budget as tagged; a key result has its objective's id and title besides."""

    id: str
    title: str
    kind: Literal["objective", "key_result", "budget"]
    objective: str | None = None
    objective_title: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Who said what the ticket serves.

    `rule` is a rule's id and `met` its conditions with the values they met, in the rule's own words; `why` and `on`
    belong to a pin and to what the team said. What may not be said in this ticket is None or left out. `inherited` is
    true where the word stands on an ancestor, and `origin` is that ancestor.
    """

    by: Literal["rule", "pin", "ticket"]
    rule: str | None = None
    met: Sequence[str] = ()
    why: str | None = None
    on: date | None = None
    inherited: bool = False
    origin: Reference | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A goal that `items` related pieces of work serve, and in which ways they are related."""

    goal: Goal
    items: int
    bases: Sequence[Basis]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a target did in the `windows` weeks that end with the day `until`; shares are fractions of the work."""

    target: str
    windows: int
    until: date
    delivered: float
    planned: float
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a key result has come: a fraction of its way, or for one with a band whether it lies in it."""

    key_result: str
    read_on: date
    progress: float
    banded: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the newest command in the ticket is answered.

    `said` is the command's own word and `word` what is wrong in it, with the `near` one that may have been meant.
    `tried` are rules that did not reach the ticket, in their order, each with a condition that it does not meet.
    """

    kind: Trouble | Literal["forbidden", "overruled", "help", "why"]
    said: str = ""
    word: str = ""
    near: str | None = None
    tried: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Ticket:
    """All that one comment says.

    `serves` holds goals with their shares, the largest first; where it is empty, `unserved` says why. `unknown` are
    tagged ids that the strategy does not have. `label` is one that would work, by today's mapping, on this very item,
    once it stands there in place of the label `instead_of`. `marks` is what the tracker calls its labels.
    `goals` are one or two that a command in the ticket could name; none where commands are not read.
    """

    serves: Sequence[tuple[Goal, float]] = ()
    unserved: Unserved | None = None
    unknown: Sequence[str] = ()
    reason: Reason | None = None
    candidates: Sequence[Candidate] = ()
    standing: Standing | None = None
    reached: Reached | None = None
    label: str | None = None
    instead_of: str | None = None
    marks: Literal["label", "tag"] = "label"
    goals: Sequence[str] = ()
    answer: Answer | None = None
