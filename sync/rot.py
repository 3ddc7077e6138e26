"""What is wrong with the rules of a mapping at an instant, from what the store holds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.rules import MappingRules
from domain.calendar import Window
from domain.history import lively
from domain.rot import BrokenReference, Rot
from domain.strategy import Strategy
from domain.tags import Assignment
from domain.vocabulary import ATTRIBUTES, Vocabulary, Words, vocabulary_of
from domain.work import History, ItemRef, WorkItem
from mapping.broken import broken_references
from mapping.references import missing, references
from mapping.rot import idle_rules
from reports.measure.periods import SHOWN
from store.kept import Snapshot
from store.queries import Reader

Items = Mapping[ItemRef, WorkItem]


@dataclass(frozen=True, slots=True)
class Broken:
    """The broken references, and what was read besides items and histories to find them."""

    references: tuple[BrokenReference, ...] = ()
    words: Sequence[Vocabulary] = ()


def rot_at(
    reader: Reader,
    snapshot: Snapshot,
    window: Window,
    as_of: datetime,
    since: datetime,
    rules: MappingRules,
    strategy: Strategy,
    assignments: Mapping[ItemRef, Assignment],
    *,
    whole: bool,
) -> tuple[Rot, Broken]:
    """What is wrong as of an instant, by the 13 windows that end with this one.

    `snapshot` is what was reached as of that instant `since` another one, `assignments` are what the rules make of it.
    `whole`: every source was read at least once; else what matches nothing may only not have been read. A rule that
    names what is gone is not called dead besides. ConfigurationError as in `mapping.assign`.
    """
    broken = _broken(
        reader,
        rules,
        snapshot.items,
        as_of,
        besides=lambda kinds: reader.words_besides(as_of, since, kinds, snapshot.items),
        histories=lambda _kinds: snapshot.history,
    )
    begun = window.earlier(SHOWN - 1).period.start
    living = {ref for ref, item in snapshot.items.items() if lively(item, snapshot.history[ref], begun)}
    if not living or not whole:
        return Rot(None, None, broken.references), broken
    dead, shadowed = idle_rules(snapshot.items, living, rules, strategy, assignments)
    told = {reference.rule for reference in broken.references}
    return Rot(tuple(rule for rule in dead if rule.rule not in told), shadowed, broken.references), broken


def broken_now(reader: Reader, rules: MappingRules, items: Items, now: datetime) -> tuple[BrokenReference, ...]:
    """The references that mean nothing by now; `items` are all that are not deleted, as they stand."""

    def histories(kinds: Collection[str]) -> Mapping[ItemRef, History]:
        return dict(reader.histories(None, fields={ATTRIBUTES[kind] for kind in kinds}))

    return _broken(reader, rules, items, now, besides=lambda _kinds: {}, histories=histories).references


def _broken(
    reader: Reader,
    rules: MappingRules,
    items: Items,
    at: datetime,
    *,
    besides: Callable[[Collection[str]], Vocabulary],
    histories: Callable[[Collection[str]], Mapping[ItemRef, History]],
) -> Broken:
    """The references of which neither the items nor the words `besides` them have anything.

    Nothing is read where the items have a word for every reference, so that a sound mapping costs one look at them.
    """
    named, sources = references(rules), {ref.source for ref in items}
    present = vocabulary_of(items.values(), {reference.kind for reference in named})
    lost = missing(named, sources, present)
    if not lost:
        return Broken()
    kinds = {reference.kind for reference in lost}
    more = besides(kinds)
    for at_source, words in more.items():
        present.setdefault(at_source, set()).update(words)
    lost = missing(lost, sources, present)
    if not lost:
        return Broken(words=[more])
    seen = reader.words_seen(at, kinds)
    found = broken_references(lost, named, Words(sources, present, seen), histories(kinds))
    return Broken(found, [more, seen])
