"""What a rule probably meant by a word that nothing in the trackers has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import replace

from config.problems import nearest_name
from domain.rot import BrokenReference
from domain.vocabulary import ATTRIBUTES, FIELD, Words, texts_of
from domain.work import History, ItemRef, Transition
from mapping.patterns import TextTest, any_test, fold
from mapping.references import Reference

# How near a present word must be to one that is gone, and to one that was never there (1: equal).
GONE, NEVER = 0.6, 0.8


def broken_references(
    lost: Iterable[Reference], named: Sequence[Reference], words: Words, histories: Mapping[ItemRef, History]
) -> tuple[BrokenReference, ...]:
    """What to say of references that mean nothing present; `named` are all of the mapping.

    A word that some item had is gone. The items that lost it may have got another in the same change: where at least
    half of them got the same one, that is its new name, and a list that holds both is all right. A word that was
    never seen is broken only where it looks like a slip of the pen for one that is there and that no rule names: else
    it waits for work to come.
    """
    taken = {(reference.kind, fold(reference.exact)) for reference in named if reference.exact is not None}
    found: list[BrokenReference] = []
    for reference in lost:
        kind, sources = reference.kind, reference.sources(words.sources)
        there = {word for source in sources for word in words.present.get((source, kind), ())}
        free = [word for word in sorted(there) if (kind, fold(word)) not in taken]
        seen = any(reference.test(word) for source in sources for word in words.seen.get((source, kind), ()))
        told = BrokenReference(reference.rule, reference.path, kind, reference.pattern, sources, seen)
        if not seen:
            near = _nearest(reference, free, NEVER)
            found += [] if near is None else [replace(told, instead=near)]
            continue
        new, items = _renamed(reference, sources, there, histories)
        if new is None:
            found.append(replace(told, instead=_nearest(reference, free, GONE)))
        elif not _names(reference, new):
            instead = None if reference.exact is None else reference.written(new)
            found.append(replace(told, instead=instead, items=items))
    return tuple(found)


def _nearest(reference: Reference, words: Collection[str], closeness: float) -> str | None:
    """The pattern with the word that is nearest to its own; one that differs in figures alone is another one."""
    if reference.exact is None:
        return None
    own = _without_figures(reference.exact)
    near = nearest_name(reference.exact, [word for word in words if _without_figures(word) != own], closeness=closeness)
    return None if near is None else reference.written(near)


def _without_figures(word: str) -> str:
    return re.sub(r"\d+", "", fold(word))


def _names(reference: Reference, word: str) -> bool:
    """Whether the list that a reference stands in names another word as well."""
    return reference.kind != FIELD and any_test(reference.beside, path=reference.kind == "area_path")(word)


def _renamed(
    reference: Reference, sources: Collection[str], there: Set[str], histories: Mapping[ItemRef, History]
) -> tuple[str | None, tuple[ItemRef, ...]]:
    """The present word that at least half of the items which lost the reference's got in its place, and these items."""
    attribute, means = ATTRIBUTES[reference.kind], reference.test
    losers = 0
    got: dict[str, list[ItemRef]] = defaultdict(list)
    for ref in sorted(ref for ref in histories if ref.source in sources):
        changes = [entry for entry in histories[ref] if entry.field == attribute and _lost(entry, means)]
        if changes:
            losers += 1
            for new in _gained(changes[-1], reference):
                got[new].append(ref)
    for new, refs in sorted(got.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        if new in there and 2 * len(refs) >= losers:
            return new, tuple(refs)
    return None, ()


def _lost(entry: Transition, means: TextTest) -> set[str]:
    return set(filter(means, {*texts_of(entry.before)} - {*texts_of(entry.after)}))


def _gained(entry: Transition, reference: Reference) -> set[str]:
    """What may stand for the reference's word after a change: of an area below it, what is above the same nodes."""
    after = {*texts_of(entry.after)} - {*texts_of(entry.before)}
    if reference.exact is None or reference.kind != "area_path":
        return after
    (old,) = _lost(entry, reference.test)
    rest = old[len(reference.exact) :]
    return {new.removesuffix(rest) for new in after}
