"""The tags of every item, by the order of authority."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from config.rules import MappingRules, Setting
from domain.hierarchy import Hierarchy
from domain.strategy import Strategy
from domain.tags import Assignment, Dimension
from domain.work import ItemRef, WorkItem
from mapping.authority import Court, Decision, via
from mapping.contribution import Contribution

NO_COMMANDS: Mapping[ItemRef, Setting] = MappingProxyType({})


def assign(
    items: Mapping[ItemRef, WorkItem],
    rules: MappingRules,
    strategy: Strategy,
    commands: Mapping[ItemRef, Setting] = NO_COMMANDS,
) -> dict[ItemRef, Assignment]:
    """Map a set of items, all as they stand at one instant, by one mapping to one strategy.

    `commands` holds what teams said in their tickets. Every item gets an assignment, in the order of (source, id);
    which item comes first in `items` changes nothing. Ids that the strategy does not have are kept and listed.
    ConfigurationError, with file and line, for a mapping that cannot be applied to these items: a regular expression
    that is too slow on one, or a pin whose key two sources have.
    """
    court = Court(items, rules, strategy, commands)
    return {ref: assignment(court.decide(ref), items) for ref in sorted(items)}


def assignment(decisions: Mapping[Dimension, Decision], items: Mapping[ItemRef, WorkItem]) -> Assignment:
    """An item's tags from the decision in each dimension in which something spoke."""
    names: dict[str, str | None] = dict.fromkeys(DIMENSIONS)
    words: dict[Dimension, str] = {}
    serves = NOTHING_SAID
    for dimension, decision in decisions.items():
        names[dimension.value] = via(decision, items)
        if isinstance(decision.word, Contribution):
            serves = decision.word
        else:
            words[dimension] = decision.word
    return Assignment(
        shares=serves.shares,
        value_stream=words.get(Dimension.VALUE_STREAM),
        product=words.get(Dimension.PRODUCT),
        work_class=words.get(Dimension.WORK_CLASS),
        via=names,
        conflict=serves.conflict,
        unknown=serves.unknown,
    )


def decider(
    ref: ItemRef, dimension: Dimension, assignments: Mapping[ItemRef, Assignment], tree: Hierarchy
) -> str | None:
    """What set a dimension, on the item itself or on the ancestor it takes it from: a rule's id, "pin" or "ticket"."""
    via = assignments[ref].via.get(dimension.value)
    for above in tree.ancestors(ref):
        if via == f"inherited:{tree.items[above].key}":
            return assignments[above].via.get(dimension.value)
    return via


DIMENSIONS = tuple(dimension.value for dimension in Dimension)
NOTHING_SAID = Contribution({})
