"""Which item each pin speaks of, and what it says there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from config.rules import MappingRules, Pin
from domain.errors import ConfigurationError
from domain.tags import Dimension
from domain.work import ItemRef, WorkItem
from mapping.contribution import Targets
from mapping.patterns import PatternError, fold
from mapping.sayings import Word, sayings


@dataclass(frozen=True, slots=True)
class Pinned:
    """What the pins of one item say: per dimension the word and its pin."""

    words: Mapping[Dimension, tuple[Word, Pin]] = field(default_factory=dict)

    def cascading(self, dimension: Dimension) -> tuple[Word, Pin] | None:
        """The word that beats the rules of everything below the item."""
        said = self.words.get(dimension)
        return said if said is not None and said[1].cascade else None


def pinned(items: Mapping[ItemRef, WorkItem], rules: MappingRules, targets: Targets) -> dict[ItemRef, Pinned]:
    """The items that pins speak of.

    Keys are compared without regard to case. Where several pins of one item set one dimension, the one of the
    latest day holds, and of one day the one that stands last. A pin on an item that is not there says nothing.
    ConfigurationError, all of them at once, for a key without a source that several sources have.
    """
    if not rules.pins:
        return {}
    by_key: dict[str, list[ItemRef]] = defaultdict(list)
    for ref, item in sorted(items.items()):
        by_key[fold(item.key)].append(ref)
    problems: list[str] = []
    words: dict[ItemRef, dict[Dimension, tuple[Word, Pin]]] = defaultdict(dict)
    for pin in sorted(rules.pins, key=lambda pin: pin.on):
        refs = [ref for ref in by_key[fold(pin.item)] if pin.source is None or fold(ref.source) == fold(pin.source)]
        sources = sorted({ref.source for ref in refs})
        if len(sources) > 1:
            problems.append(
                f"{pin.place}: {pin.item} is in the sources {' and '.join(sources)}; "
                f"say which one the pin means, for instance source: {sources[0]}."
            )
            continue
        try:
            says = sayings(pin.set, targets)
        except PatternError as error:
            problems.append(f"{pin.place}: pin of {pin.item}: the pattern {error}.")
            continue
        for ref in refs:
            words[ref].update((dimension, (word, pin)) for dimension, word in says.of(items[ref]))
    if problems:
        raise ConfigurationError(*problems)
    return {ref: Pinned(said) for ref, said in words.items()}
