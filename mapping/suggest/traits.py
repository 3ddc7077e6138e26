"""What a suggestion may look at in a work item: its title, its parent's, its place; never a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from domain.work import WorkItem
from mapping.patterns import fold

WORDS = re.compile(r"[^\W_]+")
GRAMS = (3, 4, 5)  # lengths of the parts of words that are compared, so that a plural is no other word


class Kind(StrEnum):
    """Kinds of traits; all but the last are named like the condition that looks there."""

    COMPONENT = "component"
    LABEL = "label"
    AREA_PATH = "area_path"
    TEAM = "team"
    SUMMARY = "summary"
    TYPE = "type"
    PROJECT = "project"
    PARENT = "parent"


class Trait(NamedTuple):
    """One thing to look at: a folded value of a field, an area path's node, or a folded word of a title."""

    kind: Kind
    value: str

    def __str__(self) -> str:
        words = {Kind.SUMMARY: "word", Kind.PARENT: "word of the parent's title", Kind.AREA_PATH: "area path"}
        return f"{words.get(self.kind, self.kind.value)} {self.value}"


def traits_of(item: WorkItem, parent: WorkItem | None, hidden: frozenset[Kind] = frozenset()) -> Iterator[Trait]:
    """The traits of an item, less those of kinds that are hidden; `parent` is its parent in the store."""
    held = {
        Kind.COMPONENT: item.components,
        Kind.LABEL: item.labels,
        Kind.AREA_PATH: _nodes(item.area_path),
        Kind.TEAM: (item.team or "",),
        Kind.SUMMARY: _words(item.title),
        Kind.TYPE: (item.type,),
        Kind.PROJECT: (item.project,),
        Kind.PARENT: _words(parent.title) if parent else (),
    }
    for kind, values in held.items():
        if kind not in hidden:
            for value in dict.fromkeys(values):
                if value:
                    yield Trait(kind, fold(value))


@lru_cache(maxsize=1 << 18)
def tokens(trait: Trait) -> tuple[str, ...]:
    """A trait as what is counted: itself, and for a word of a title also its parts."""
    whole = f"{trait.kind}:{trait.value}"
    if trait.kind not in (Kind.SUMMARY, Kind.PARENT):
        return (whole,)
    edged = f"<{trait.value}>"
    parts = (edged[start : start + size] for size in GRAMS for start in range(len(edged) - size + 1))
    return (whole, *(f"{trait.kind}~{part}" for part in parts))


def _words(title: str) -> tuple[str, ...]:
    return tuple(WORDS.findall(fold(title)))


def _nodes(path: str | None) -> tuple[str, ...]:
    """An area path and every node above it."""
    parts = (path or "").split("\\")
    return tuple("\\".join(parts[:length]) for length in range(1, len(parts) + 1))
