"""Who decides a dimension of an item: its pin, one above it, the team, a rule, what it inherits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from config.rules import MappingRules, Place, Setting
from domain.errors import ConfigurationError
from domain.hierarchy import Hierarchy
from domain.strategy import Strategy
from domain.tags import Dimension
from domain.work import ItemRef, WorkItem
from mapping.contribution import Targets
from mapping.patterns import PatternError
from mapping.pins import Pinned, pinned
from mapping.program import Program
from mapping.sayings import Word, sayings

NO_PIN = Pinned()
DIMENSIONS = tuple(Dimension)


class Authority(StrEnum):
    """In their order: the first that speaks decides."""

    PIN = "pin"
    PIN_ABOVE = "pin_above"
    TICKET = "ticket"
    RULE = "rule"
    INHERITED = "inherited"


@dataclass(frozen=True, slots=True)
class Decision:
    """`origin` is the item on which the word was set, and `by` what set it there.

    `by` is "pin", "ticket" or a rule's id; `place` is where that stands (None for what stands in a ticket).
    """

    authority: Authority
    word: Word
    origin: ItemRef
    by: str
    place: Place | None


class Court:
    """Decides, by the order of authority, for one set of items under one mapping and one strategy.

    ConfigurationError for a mapping that cannot be applied to these items.
    """

    def __init__(
        self,
        items: Mapping[ItemRef, WorkItem],
        rules: MappingRules,
        strategy: Strategy,
        commands: Mapping[ItemRef, Setting],
    ) -> None:
        self.targets = targets = Targets(strategy)
        self.items = items
        self.seen = rules.seen
        self.tree = Hierarchy(items)
        self.program = Program(rules, targets, self.tree)
        self.pins = pinned(items, rules, targets)
        self._inherit = frozenset(Dimension(name) for name in rules.inherit)
        self._commands = {
            ref: self._command(items[ref], setting, targets) for ref, setting in commands.items() if ref in items
        }
        self._own: dict[ItemRef, dict[Dimension, Decision]] = {}

    def decide(self, ref: ItemRef) -> dict[Dimension, Decision]:
        """The decision in each dimension in which something speaks."""
        own = self._set_on(ref)
        if self.tree.parent(ref) is None:
            return own
        decisions = dict(own)
        for dimension in DIMENSIONS:
            above = self._from_above(ref, dimension, own.get(dimension))
            if above is not None:
                decisions[dimension] = above
        return decisions

    def _from_above(self, ref: ItemRef, dimension: Dimension, own: Decision | None) -> Decision | None:
        """What an ancestor decides in spite of, or for want of, a decision on the item itself."""
        if own is not None and own.authority is Authority.PIN:
            return None
        if self.pins:
            for above in self.tree.ancestors(ref):
                said = self.pins.get(above, NO_PIN).cascading(dimension)
                if said is not None:
                    word, pin = said
                    return Decision(Authority.PIN_ABOVE, word, above, Authority.PIN.value, pin.place)
        if own is None and dimension in self._inherit:
            for above in self.tree.ancestors(ref):
                there = self._set_on(above).get(dimension)
                if there is not None:
                    return Decision(Authority.INHERITED, there.word, above, there.by, there.place)
        return None

    def _set_on(self, ref: ItemRef) -> dict[Dimension, Decision]:
        """What the item's own pin, command or rule decides."""
        own = self._own.get(ref)
        if own is None:
            own = {
                dimension: Decision(Authority.RULE, word, ref, rule.id, rule.place)
                for dimension, (word, rule) in self.program.first_words(self.items[ref]).items()
            }
            for dimension, word in self._commands.get(ref, {}).items():
                own[dimension] = Decision(Authority.TICKET, word, ref, Authority.TICKET.value, None)
            for dimension, (word, pin) in self.pins.get(ref, NO_PIN).words.items():
                own[dimension] = Decision(Authority.PIN, word, ref, Authority.PIN.value, pin.place)
            self._own[ref] = own
        return own

    def _command(self, item: WorkItem, setting: Setting, targets: Targets) -> dict[Dimension, Word]:
        try:
            return dict(sayings(setting, targets).of(item))
        except PatternError as error:
            raise ConfigurationError(f"{item.key}: command in the ticket: the pattern {error}.") from None


def via(decision: Decision, items: Mapping[ItemRef, WorkItem]) -> str:
    """How a decision is named in the data: a rule's id, "pin", "ticket" or "inherited:KEY"."""
    if decision.authority in (Authority.PIN_ABOVE, Authority.INHERITED):
        return f"inherited:{items[decision.origin].key}"
    return decision.by
