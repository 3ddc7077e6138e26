"""Suggestions as entries of a mapping file, for a person to accept: pins, or rules that move nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any

from config.rules import MappingRules, Place, Rule, Setting
from domain.plain import plain
from domain.strategy import Strategy
from domain.tags import Dimension
from domain.work import ItemRef, WorkItem
from mapping.assign import assign
from mapping.patterns import fold, is_exact
from mapping.suggest.backtest import lower_bound
from mapping.suggest.material import Example, Material, Target
from mapping.suggest.suggest import Suggestion
from mapping.suggest.traits import WORDS, Kind, Trait

Entries = dict[str, list[dict[str, Any]]]  # the lists of a mapping file, by name
BY = "filrouge suggest, to be confirmed"  # a person puts a name in its place
PROPOSED = Place("proposal", 0, 0)
RANK = {kind: place for place, kind in enumerate(Kind)}


def pins(found: Sequence[Suggestion], on: date) -> Entries:
    """A pin for each suggestion, dated `on`."""
    return {
        "pins": [
            {
                "item": one.item.key,
                "source": one.item.source,
                "set": {"contributes_to": written(one.target)},
                "by": BY,
                "on": on.isoformat(),
                "why": plain(
                    f"suggested ({one.sure:.0%} sure): {', '.join(map(str, one.why)) or 'its words together'}"
                ),
            }
            for one in found
        ]
    }


def written(target: Target) -> str | dict[str, float]:
    """A target as `contributes_to` takes it: an id, or percentages by id."""
    if len(target) == 1:
        return target[0][0]
    percentages = {name: round(share * 100, 7) for name, share in target}
    return {name: int(part) if part == int(part) else part for name, part in percentages.items()}


def rules(
    found: Sequence[Suggestion],
    known: Material,
    items: Mapping[ItemRef, WorkItem],
    mapping: MappingRules,
    strategy: Strategy,
    commands: Mapping[ItemRef, Setting],
    precision: float,
    limit: int,
) -> Entries:
    """At most `limit` rules of one condition that say what suggestions say, each with a test on an item it reaches.

    A condition is proposed where `precision` can be promised of it from the examples that meet it, no suggestion
    says otherwise, and at least half of the open items that meet it have that suggestion. Behind the rules of
    `mapping` none of them changes what any item serves that serves something. ConfigurationError as in `assign`.
    """
    drafts = _drafts(_conditions(found, known, precision)[:limit], {rule.id.casefold() for rule in mapping.rules})
    before = assign(items, mapping, strategy, commands)
    keys = Counter(fold(item.key) for item in items.values())
    while True:
        trial = replace(mapping, rules=(*mapping.rules, *drafts))
        reached: dict[str, list[WorkItem]] = {rule.id: [] for rule in drafts}
        moving: set[str | None] = set()
        for ref, tags in assign(items, trial, strategy, commands).items():
            by = tags.via.get(Dimension.CONTRIBUTES_TO) or ""
            if by in reached:
                reached[by].append(items[ref])
                if before[ref].shares not in ({}, tags.shares):
                    moving.add(by)
        tests = {
            name: next((item for item in there if keys[fold(item.key)] == 1), None) for name, there in reached.items()
        }
        kept = [rule for rule in drafts if rule.id not in moving and tests[rule.id] is not None]
        if len(kept) == len(drafts):
            return {"rules": [_rule(rule) for rule in kept], "tests": [_test(rule, tests[rule.id]) for rule in kept]}
        drafts = kept


def _conditions(found: Sequence[Suggestion], known: Material, precision: float) -> list[tuple[Trait, Target]]:
    """The traits that may become a condition, those that say most first; none that says only what others say."""
    past: dict[Trait, list[Example]] = defaultdict(list)
    for example in known.examples:
        for trait in example.traits:
            past[trait].append(example)
    meeting: dict[Trait, set[ItemRef]] = defaultdict(set)
    for one in known.open:
        for trait in one.traits:
            meeting[trait].add(one.item.ref)
    said = {one.item.ref: one.target for one in found}
    strong: list[tuple[Trait, Target]] = []
    left = dict(said)
    for trait, refs in sorted(meeting.items(), key=lambda one: (-len(one[1] & said.keys()), RANK[one[0].kind], one[0])):
        targets = {said[ref] for ref in refs & said.keys()}
        if (
            not _sayable(trait)
            or len(targets) != 1
            or 2 * len(refs & said.keys()) < len(refs)
            or not refs & left.keys()
        ):
            continue
        (target,) = targets
        if _promise(past[trait], target) >= precision:
            strong.append((trait, target))
            left = {ref: what for ref, what in left.items() if ref not in refs}
    return strong


def _promise(examples: Sequence[Example], target: Target) -> float:
    """The precision that can be promised of a condition from the examples that meet it."""
    if not examples:
        return 0.0
    sizes = Counter(example.group for example in examples)
    share = sum(example.target == target for example in examples) / len(examples)
    return lower_bound(share, len(examples) ** 2 / sum(size**2 for size in sizes.values()))


def _sayable(trait: Trait) -> bool:
    """Whether a condition can say it: a word of the item's own title, or a value that is no pattern itself."""
    return trait.kind is Kind.SUMMARY or (trait.kind is not Kind.PARENT and is_exact(trait.value))


def _drafts(conditions: Sequence[tuple[Trait, Target]], taken: set[str]) -> list[Rule]:
    """The conditions as rules, whose ids nobody has."""
    drafts = []
    for trait, target in conditions:
        name = "-".join(["suggested", trait.kind.value.replace("_", "-"), *WORDS.findall(trait.value)])
        free = next(one for n in count(1) if (one := name if n == 1 else f"{name}-{n}") not in taken)
        taken.add(free)
        drafts.append(Rule(free, {trait.kind.value: _pattern(trait)}, Setting(contributes_to=target), PROPOSED))
    return drafts


def _pattern(trait: Trait) -> str:
    """What stands in the condition: the word between its ends, a node with all below it, or the value."""
    if trait.kind is Kind.SUMMARY:
        return rf"/(?i)\b{trait.value}\b/"
    return trait.value + r"\**" if trait.kind is Kind.AREA_PATH else trait.value


def _rule(rule: Rule) -> dict[str, Any]:
    return {"id": rule.id, "when": rule.when, "set": {"contributes_to": written(rule.set.contributes_to or ())}}


def _test(rule: Rule, item: WorkItem | None) -> dict[str, Any]:
    assert item is not None, "a rule without one is not proposed"
    return {"item": item.key, "expect": {"contributes_to": written(rule.set.contributes_to or ()), "rule": rule.id}}
