"""What can be learnt from: items whose target is decided, without what decided it; and those that nothing reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from config.rules import MappingRules, Setting
from domain.strategy import Strategy
from domain.tags import Dimension
from domain.work import EPIC, ItemRef, WorkItem
from mapping.authority import Court, Decision
from mapping.contribution import TEMPLATE, Contribution
from mapping.program import CompiledRule
from mapping.suggest.traits import Kind, Trait, traits_of
from mapping.trial import Trial, try_out

Target = tuple[tuple[str, float], ...]  # shares by id, ascending by id

# Where a condition looks, and what would give that away.
GIVES_AWAY: Mapping[str, frozenset[Kind]] = {
    **{kind.value: frozenset({kind}) for kind in Kind},
    "ancestor": frozenset({Kind.PARENT}),
    "level": frozenset({Kind.TYPE}),
    **dict.fromkeys(("source", "key", "project"), frozenset({Kind.PROJECT, Kind.AREA_PATH})),
}
COMBINING = ("all", "any")


@dataclass(frozen=True, slots=True)
class Example:
    """An item whose target is decided; `traits` lacks what decided it.

    `group` is the epic that it hangs below, or itself: what hangs below one epic is no independent evidence.
    """

    item: WorkItem
    group: ItemRef
    target: Target
    traits: tuple[Trait, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """An item that no rule, pin or ticket gives a target, by itself or from above."""

    item: WorkItem
    traits: tuple[Trait, ...]


@dataclass(frozen=True, slots=True)
class Material:
    """`examples` are in the order in which their groups began, `open` by (source, id)."""

    examples: tuple[Example, ...]
    open: tuple[Open, ...]


def material(
    items: Mapping[ItemRef, WorkItem],
    rules: MappingRules,
    strategy: Strategy,
    commands: Mapping[ItemRef, Setting],
) -> Material:
    """Sort a set of items into examples and open ones; the order of `items` changes nothing.

    An item on which tags conflict, or whose target the strategy does not have, is neither; nor is one that is pinned
    in another dimension, since a person has looked at it. ConfigurationError as in `assign`.
    """
    court = Court(items, rules, strategy, commands)
    compiled = {rule.rule.id: rule for rule in court.program.rules}
    examples: list[Example] = []
    left: list[Open] = []
    for ref in sorted(items):
        above = court.tree.parent(ref)
        parent = items[above] if above else None
        decision = court.decide(ref).get(Dimension.CONTRIBUTES_TO)
        if decision is None:
            if ref not in court.pins:
                left.append(Open(items[ref], tuple(traits_of(items[ref], parent))))
        elif isinstance(decision.word, Contribution) and not decision.word.conflict and not decision.word.unknown:
            hidden = _hidden(court, compiled, ref, decision)
            target = tuple(sorted((target, round(share, 9)) for target, share in decision.word.shares.items()))
            examples.append(
                Example(items[ref], _group(court, ref), target, tuple(traits_of(items[ref], parent, hidden)))
            )
    began: dict[ItemRef, datetime] = {}
    for example in examples:
        created = example.item.created_at
        began[example.group] = min(began.get(example.group, created), created)
    examples.sort(key=lambda one: (began[one.group], one.group, one.item.ref))
    return Material(tuple(examples), tuple(left))


def _group(court: Court, ref: ItemRef) -> ItemRef:
    """The nearest epic or higher, from the item itself upwards; else the highest item above it."""
    chain = [ref, *court.tree.ancestors(ref)]
    return next((above for above in chain if court.items[above].level >= EPIC), chain[-1])


def _hidden(court: Court, compiled: Mapping[str, CompiledRule], ref: ItemRef, decision: Decision) -> frozenset[Kind]:
    """The kinds of traits that would give away what decided, and that an item which nothing reaches does not have."""
    if decision.by not in compiled:
        return frozenset()  # a pin or a team decided, whatever the item says
    rule = compiled[decision.by]
    looked_at = set(_looked_at(try_out(rule.when, court.items[decision.origin], court.tree)))
    for target, _ in rule.rule.set.contributes_to or ():
        if template := TEMPLATE.fullmatch(target):
            looked_at.add(template[1])
    hidden = frozenset().union(*(GIVES_AWAY.get(name, frozenset()) for name in looked_at))
    if decision.origin == ref:
        return hidden
    return frozenset({Kind.PARENT}) if Kind.SUMMARY in hidden else frozenset()


def _looked_at(tried: Trial) -> Iterator[str]:
    """The names of the conditions by which a rule matched; that something is not there gives nothing away."""
    if not tried.holds or tried.condition == "not":
        return
    if tried.condition not in COMBINING:
        yield tried.condition
        return
    for part in tried.parts:
        yield from _looked_at(part)
