"""The words that people give to work in a tracker and that mapping rules name: projects, types, labels and so on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from domain.work import FieldValue, Record, WorkItem

NODE = "\\"  # parts the nodes of an area path
FIELD = "field"

# Words that stay with work once it has them, by the name of the condition: the attribute of a work item, which is
# also the field of its history. A status, sprint or iteration that nobody is in now is no loss.
ATTRIBUTES: Mapping[str, str] = {
    "project": "project",
    "type": "type",
    "label": "labels",
    "component": "components",
    "area_path": "area_path",
    "team": "team",
    FIELD: "fields",  # of which the words are the names of those that are filled, and which has no history
}
KINDS = tuple(ATTRIBUTES)

# By source and kind, the words as the tracker writes them. An area path brings every node above it.
Vocabulary = Mapping[tuple[str, str], Set[str]]


@dataclass(frozen=True, slots=True)
class Words:
    """`present` is what items have at an instant, `seen` what any of them had by then; `sources` have items at all."""

    sources: Set[str]
    present: Vocabulary
    seen: Vocabulary


def vocabulary_of(items: Iterable[WorkItem], kinds: Collection[str]) -> dict[tuple[str, str], set[str]]:
    """The words of these kinds that items have."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for item in items:
        for kind in kinds:
            found[item.source, kind].update(texts_of(getattr(item, ATTRIBUTES[kind])))
    return {at: with_nodes(at[1], words) for at, words in found.items() if words}


def first_sights(record: Record) -> Iterator[tuple[str, str, datetime]]:
    """Each word that an item has, or had by its history: kind, word, and since when (the same word may come again)."""
    item = record.item
    begun: set[str] = set()
    for entry in record.history:
        kind = _KIND_OF.get(entry.field)
        if kind is None:
            continue
        if kind not in begun:
            begun.add(kind)
            for word in texts_of(entry.before):
                yield kind, word, item.created_at
        for word in texts_of(entry.after):
            yield kind, word, entry.at
    for kind in KINDS:
        if kind not in begun:
            for word in texts_of(getattr(item, ATTRIBUTES[kind])):
                yield kind, word, item.created_at


def with_nodes(kind: str, words: Iterable[str]) -> set[str]:
    """The words with, for area paths, every node above them."""
    if kind != "area_path":
        return set(words)
    parted = (word.split(NODE) for word in words)
    return {NODE.join(nodes[:depth]) for nodes in parted for depth in range(1, len(nodes) + 1)}


_KIND_OF = {attribute: kind for kind, attribute in ATTRIBUTES.items()}


def texts_of(value: FieldValue | Mapping[str, tuple[str, ...]]) -> Collection[str]:
    """The words in the value of an attribute: one, several, or the names of the extra fields that are filled."""
    if isinstance(value, Mapping):
        return [name for name, texts in value.items() if any(texts)]
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, str) and value else ()
