"""Why an item does not serve a target: the rule that comes nearest to saying so, and what it lacks."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from config.problems import nearest_name, unknown
from config.rules import MappingRules, Place, Setting
from domain.errors import ConfigurationError
from domain.strategy import Strategy
from domain.tags import Dimension
from domain.vocabulary import NODE
from domain.work import ItemRef, WorkItem
from mapping.assign import NO_COMMANDS
from mapping.authority import Authority, Court, Decision
from mapping.conditions import Relation
from mapping.contribution import CONFLICT, TEMPLATE, Contribution
from mapping.explain import DimensionTrace, decision_trace, tried
from mapping.patterns import fold, is_exact, is_regex
from mapping.program import CompiledRule
from mapping.trial import COMBINED, Trial
from mapping.values import reader

CLOSE = 0.75  # how near a value must come to a pattern to be taken for a slip of the pen (1: equal)
SHORTEST = 3  # characters before a wildcard, below which nearness means nothing
# What nobody writes by hand into a ticket, so that no slip is to be looked for.
GIVEN = frozenset({"key", "source", "level", "state", "summary", "from", "until"})


class Answer(StrEnum):
    """`has`: it serves the target. `overruled`: a rule says so, and something above it says otherwise.

    `fails`: the nearest rule does not match. `no_rule`: there is none that gives the target.
    """

    HAS = "has"
    OVERRULED = "overruled"
    FAILS = "fails"
    NO_RULE = "no_rule"


@dataclass(frozen=True, slots=True)
class Failure:
    """A condition that does not hold; `within` names the relations around it, such as `parent SHOP-3`.

    `near` is a value that it met and what that was probably meant to be.
    """

    trial: Trial
    within: tuple[str, ...] = ()
    near: tuple[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        told = self.trial.as_json() | {"within": list(self.within)}
        return told if self.near is None else told | {"near": {"met": self.near[0], "meant": self.near[1]}}


@dataclass(frozen=True, slots=True)
class Attempt:
    """A rule that gives `gives`, tried on the item or on an ancestor (`on` is the key); without failures it matches."""

    rule: str
    place: Place
    gives: str
    on: str
    conditions: int
    failures: tuple[Failure, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "place": str(self.place),
            "gives": self.gives,
            "on": self.on,
            "conditions": self.conditions,
            "failed": [failure.as_json() for failure in self.failures],
        }


@dataclass(frozen=True, slots=True)
class WhyNot:
    """`decided` says what the item contributes to now; `nearest` is the attempt with the fewest failures, and of as
    many the one in which more of them look like a slip of the pen.

    `outranked`: even if that rule matched, what decides now would still decide. `others` are further rules that
    give the target, each where it comes nearest; where none does, those that give its objective.
    """

    source: str
    key: str
    title: str
    target: str
    answer: Answer
    decided: DimensionTrace
    nearest: Attempt | None = None
    outranked: bool = False
    others: tuple[Attempt, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "key": self.key,
            "title": self.title,
            "target": self.target,
            "answer": self.answer.value,
            "decided": self.decided.as_json(),
            "nearest": None if self.nearest is None else self.nearest.as_json(),
            "outranked": self.outranked,
            "others": [other.as_json() for other in self.others],
        }


def why_not(
    ref: ItemRef,
    target: str,
    items: Mapping[ItemRef, WorkItem],
    rules: MappingRules,
    strategy: Strategy,
    commands: Mapping[ItemRef, Setting] = NO_COMMANDS,
) -> WhyNot:
    """Why one of the items does not serve a target; an objective is served through each of its key results.

    Rules are tried on the item and, where it inherits, on each ancestor. ConfigurationError for a target that the
    strategy does not have, and as in `assign`; KeyError when the item is not there.
    """
    court = Court(items, rules, strategy, commands)
    found = court.targets.find(target)
    if found is None:
        raise ConfigurationError(f"{unknown('target', target, court.targets.ids)}.")
    objective_of = strategy.target_of()
    wanted = {found, *(one for one, objective in objective_of.items() if objective == found)}
    decision = court.decide(ref).get(Dimension.CONTRIBUTES_TO)
    answered = WhyNot(
        source=ref.source,
        key=items[ref].key,
        title=items[ref].title,
        target=found,
        answer=Answer.HAS,
        decided=decision_trace(Dimension.CONTRIBUTES_TO, decision, ref, court),
    )
    if _serves(decision, wanted):
        return answered
    tries = _attempts(ref, found, wanted, rules, court)
    if not tries:
        objective = objective_of[found]
        instead = _attempts(ref, objective, {objective}, rules, court)
        return replace(answered, answer=Answer.NO_RULE, others=tuple(attempt for _, attempt in instead))
    (rank, nearest), *others = tries
    return replace(
        answered,
        answer=Answer.FAILS if nearest.failures else Answer.OVERRULED,
        nearest=nearest,
        outranked=decision is not None and _outranks(decision, rank, ref, court),
        others=tuple(attempt for _, attempt in others),
    )


Rank = tuple[int, int]  # steps up to the item that a rule is tried on, and the rule's number: the lower one decides


def _attempts(
    ref: ItemRef, target: str, wanted: Collection[str], rules: MappingRules, court: Court
) -> list[tuple[Rank, Attempt]]:
    """Each rule that can give one of these targets, where it comes nearest; the nearest rules first."""
    refs = [ref, *court.tree.ancestors(ref)] if Dimension.CONTRIBUTES_TO in rules.inherit else [ref]
    found: list[tuple[Rank, Attempt]] = []
    for number, compiled in enumerate(court.program.rules):
        gives = _gives(compiled, target, wanted, court)
        if gives is not None:
            tries = [
                ((steps, number), _attempt(compiled, court.items[here], gives, wanted, court))
                for steps, here in enumerate(refs)
            ]
            found.append(min(tries, key=_distance))
    return sorted(found, key=_distance)


def _distance(tried: tuple[Rank, Attempt]) -> tuple[int, int, Rank]:
    """How far an attempt is from matching: of as many failures, those that look like a slip of the pen are nearer."""
    rank, attempt = tried
    return len(attempt.failures), sum(1 for failure in attempt.failures if failure.near is None), rank


def _gives(compiled: CompiledRule, target: str, wanted: Collection[str], court: Court) -> str | None:
    """Which of the wanted targets a rule can give: the one it names, or any of them where labels name it."""
    for written, _ in compiled.rule.set.contributes_to or ():
        if TEMPLATE.fullmatch(written):
            return target
        known = court.targets.find(written)
        if known in wanted:
            return known
    return None


def _attempt(compiled: CompiledRule, item: WorkItem, gives: str, wanted: Collection[str], court: Court) -> Attempt:
    trials = tried(compiled, item, court)
    for written, _ in compiled.rule.set.contributes_to or ():
        template = TEMPLATE.fullmatch(written)
        if template is not None:
            name, pattern = template.groups()
            # The rule looks at the same texts itself, most often: that is one condition, not two.
            others = [trial for trial in trials if (trial.condition, trial.patterns) != (name, (pattern,))]
            trials = (*others, _naming(name, pattern, compiled, item, gives, wanted))
    failures = tuple(failure for trial in trials for failure in _failures(trial))
    return Attempt(compiled.rule.id, compiled.rule.place, gives, item.key, len(trials), failures)


def _naming(
    name: str, pattern: str, compiled: CompiledRule, item: WorkItem, gives: str, wanted: Collection[str]
) -> Trial:
    """The condition that hides in a template: that some text of the item names the target."""
    said = compiled.says.contributes_to(item) if compiled.says.contributes_to is not None else None
    return Trial(
        name,
        holds=said is not None and not said.shares.keys().isdisjoint(wanted),
        patterns=(re.sub(r"\*+", lambda _: gives, pattern, count=1),),
        values=reader(name)(item),
        note="together they name several targets" if said is CONFLICT else None,
    )


def _failures(trial: Trial, within: tuple[str, ...] = ()) -> Sequence[Failure]:
    """The fewest conditions that would have to hold for a trial to hold; none for one that holds."""
    if trial.holds:
        return ()
    if trial.condition == "any":
        return min((_failures(part, within) for part in trial.parts), key=len)
    if trial.condition == "all" or (trial.condition in tuple(Relation) and trial.on is not None):
        inside = within if trial.on is None else (*within, f"{trial.condition} {trial.on}")
        return [failure for part in trial.parts for failure in _failures(part, inside)]
    return (Failure(trial, within, _near(trial)),)


def _near(trial: Trial) -> tuple[str, str] | None:
    """A value that looks like a slip of the pen for a pattern, and what it would have to be."""
    if trial.condition in GIVEN or trial.condition in COMBINED:
        return None
    for pattern in trial.patterns:
        start = pattern.rstrip("*")
        below = start != pattern and start.endswith(NODE)  # a path and all below it
        start = start.removesuffix(NODE) if below else start
        if is_regex(pattern) or not is_exact(start):
            continue
        whole = start == pattern or below
        heads = {_head(value, start, nodes=below, whole=whole): value for value in trial.values}
        met = nearest_name(start, heads, closeness=CLOSE) if whole or len(start) >= SHORTEST else None
        if met is not None and _without_figures(met) != _without_figures(start):
            return heads[met], start + heads[met][len(met) :]
    return None


def _head(value: str, start: str, *, nodes: bool, whole: bool) -> str:
    """The part of a value that stands where a pattern has its text before the wildcard: as many nodes, or signs."""
    if nodes:
        return NODE.join(value.split(NODE)[: start.count(NODE) + 1])
    return value if whole else value[: len(start)]


def _without_figures(text: str) -> str:
    """What differs from another in figures alone is another sprint or version, and no slip."""
    return re.sub(r"\d+", "", fold(text))


def _serves(decision: Decision | None, wanted: Collection[str]) -> bool:
    return (
        decision is not None
        and isinstance(decision.word, Contribution)
        and not decision.word.shares.keys().isdisjoint(wanted)
    )


def _outranks(decision: Decision, rank: Rank, ref: ItemRef, court: Court) -> bool:
    """Whether a decision would stand even if the rule of that rank matched."""
    if decision.authority in (Authority.PIN, Authority.PIN_ABOVE, Authority.TICKET):
        return True
    steps = [ref, *court.tree.ancestors(ref)].index(decision.origin)
    numbers = {compiled.rule.id: number for number, compiled in enumerate(court.program.rules)}
    return (steps, numbers.get(decision.by, -1)) < rank
