"""Which work items came to serve something else after work on them had begun."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from domain.history import as_of as stood_at
from domain.tags import Assignment
from domain.work import HISTORY_FIELDS, History, ItemRef, WorkItem
from reports.facts import Retagging

Items = Mapping[ItemRef, WorkItem]
# What becomes of an item while it is worked on says nothing about what it is for.
PROGRESS = ("state", "status", "points", "assignee", "deleted")
TAGGING = frozenset(HISTORY_FIELDS) - set(PROGRESS)
INSTANT = timedelta(microseconds=1)  # the resolution of our instants


def retaggings(
    items: Items,
    history: Mapping[ItemRef, History],
    since: datetime,
    mapped: Callable[[Items], Mapping[ItemRef, Assignment]],
) -> Sequence[Retagging] | None:
    """The items whose own changes, from an instant on and after they were started, changed what they serve.

    `items` and `history` are those of one instant, `mapped` is the mapping of that instant: a changed mapping retags
    nothing here, and neither does a change of an item above. In order of (source, id); None where no change of any
    item is known.
    """
    if not any(history.values()):
        return None
    changes = {
        ref: instants
        for ref, entries in history.items()
        if entries and entries[-1].at >= since and (instants := _instants(items[ref], entries, since))
    }
    shares: dict[ItemRef, list[Mapping[str, float]]] = defaultdict(list)
    for versions in _rounds(items, history, changes):
        tags = mapped({**_above(items, versions), **versions})
        for ref in versions:
            shares[ref].append(tags[ref].shares)
    return [found for ref in sorted(changes) for found in _retagging(ref, changes[ref], shares[ref])]


def _instants(item: WorkItem, entries: History, since: datetime) -> list[datetime]:
    """When something that may decide what the item serves was changed after its start."""
    if item.started_at is None:
        return []
    after = max(item.started_at + INSTANT, since)
    return sorted({entry.at for entry in entries if entry.field in TAGGING and entry.at >= after})


def _rounds(
    items: Items, history: Mapping[ItemRef, History], changes: Mapping[ItemRef, Sequence[datetime]]
) -> Iterator[dict[ItemRef, WorkItem]]:
    """Each item as it stood before its first change, then after each one.

    The items of a round are of one level, so that none stands above another: what is above stands as it does now.
    """
    for level in sorted({items[ref].level for ref in changes}):
        left = {ref: [at[0] - INSTANT, *at] for ref, at in changes.items() if items[ref].level == level}
        while left:
            stood = ((ref, stood_at(items[ref], history[ref], at[0])) for ref, at in left.items())
            yield {ref: item for ref, item in stood if item is not None}
            left = {ref: at[1:] for ref, at in left.items() if at[1:]}


def _above(items: Items, versions: Items) -> dict[ItemRef, WorkItem]:
    """Everything that may stand above these items."""
    named: Mapping[str, Sequence[ItemRef]] | None = None
    found: dict[ItemRef, WorkItem] = {}
    looked = list(versions.values())
    while looked:
        item = looked.pop()
        if item.parent is None:
            continue
        refs: Sequence[ItemRef] = [ItemRef(item.source, item.parent)]
        if refs[0] not in items:
            named = named or _by_key(items)
            refs = [ref for name in (item.parent, item.parent_key) if name for ref in named.get(name.casefold(), ())]
        for ref in refs:
            if ref not in found:
                found[ref] = items[ref]
                looked.append(items[ref])
    return found


def _by_key(items: Items) -> Mapping[str, Sequence[ItemRef]]:
    named: dict[str, list[ItemRef]] = defaultdict(list)
    for ref, item in items.items():
        named[item.key.casefold()].append(ref)
    return named


def _retagging(
    ref: ItemRef, instants: Sequence[datetime], shares: Sequence[Mapping[str, float]]
) -> Iterator[Retagging]:
    changed = [at for at, before, after in zip(instants, shares, shares[1:], strict=False) if before != after]
    if changed and shares[0] != shares[-1]:
        yield Retagging(ref, changed[-1], shares[0], shares[-1])
