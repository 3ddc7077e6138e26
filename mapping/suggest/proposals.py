"""Suggestions as entries of a mapping file, for a person to accept: pins, or rules that move nothing else."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from config.rules import MappingRules, Place, Rule, Setting
from domain.plain import plain
from domain.strategy import Strategy
from domain.work import ItemRef, WorkItem
from mapping.assign import assign
from mapping.patterns import fold, is_exact
from mapping.suggest.backtest import lower_bound
from mapping.suggest.material import Material, Target
from mapping.suggest.suggest import Suggestion
from mapping.suggest.traits import WORDS, Kind, Trait

Entries = dict[str, list[dict[str, Any]]]  # the lists of a mapping file, by name
BY = "filrouge suggest, to be confirmed"  # a person puts a name in its place
PROPOSED = Place("proposal", 0, 0)
RULE_KINDS = tuple(kind for kind in Kind if kind is not Kind.PARENT)


def pins(found: Sequence[Suggestion], on: date) -> Entries:
    """A pin for each suggestion, dated `on`."""
    return {
        "pins": [
            {
                "item": one.item.key,
                "source": one.item.source,
                "set": {"contributes_to": written(one.target)},
                "by": BY,
                "on": on,
                "why": plain(f"suggested ({one.sure:.0%} sure): {', '.join(map(str, one.why)) or 'its words together'}"),
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


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule of one condition that may be proposed: `trait` is how its condition is met."""

    trait: Trait
    target: Target
    rule: Rule


def rules(
    found: Sequence[Suggestion],
    known: Material,
    items: Mapping[ItemRef, WorkItem],
    mapping: MappingRules,
    strategy: Strategy,
    commands: Mapping[ItemRef, Setting],
    precision: float,
) -> Entries:
    """Rules of one condition that say what suggestions say, each with a test on an item that it reaches.

    A condition is proposed where `precision` can be promised of it from the examples that meet it, no suggestion
    says otherwise, and at least half of the open items that meet it have that suggestion. Behind the rules of
    `mapping` none of them changes what any item serves that serves something. ConfigurationError as in `assign`.
    """
    taken = {rule.id.casefold() for rule in mapping.rules}
    drafts = [_draft(trait, target, items, taken) for trait, target in _conditions(found, known, precision)]
    before = assign(items, mapping, strategy, commands)
    while True:
        after = assign(items, replace(mapping, rules=(*mapping.rules, *(d.rule for d in drafts))), strategy, commands)
        own = {ref: tags.via.get("contributes_to") for ref, tags in after.items()}
        reached: dict[str, list[ItemRef]] = defaultdict(list)
        moving: set[str] = set()
        for ref, by in own.items():
            if by is not None and by != before[ref].via.get("contributes_to"):
                reached[by].append(ref)
                if before[ref].shares and before[ref].shares != after[ref].shares:
                    moving.add(by)
        keys = Counter(fold(item.key) for item in items.values())
        tested = {
            draft.rule.id: next((items[ref].key for ref in reached[draft.rule.id] if keys[fold(items[ref].key)] == 1), None)
            for draft in drafts
        }
        kept = [draft for draft in drafts if draft.rule.id not in moving and tested[draft.rule.id] is not None]
        if len(kept) == len(drafts):
            return _entries(kept, tested)
        drafts = kept
