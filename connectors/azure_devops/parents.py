"""An item's parent through time, from what the tracker said of its links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from domain.work import Transition


@dataclass(frozen=True, slots=True)
class Link:
    """A parent link that was set (`active`) or taken away at an instant."""

    at: datetime
    parent: str
    active: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """The parent (an id, or None) as the tracker gave it with the item's relations at an instant."""

    at: datetime
    parent: str | None


@dataclass(frozen=True, slots=True)
class Parents:
    """`present` is the parent now; `changes` are its transitions, oldest first."""

    present: str | None
    changes: tuple[Transition, ...] = ()


UNKNOWN = object()  # before anything was said of the parent


def from_links(links: Sequence[Link], seen: Seen | None, created: datetime) -> Parents:
    """The parent through time from link changes and, where the item was completed, from its relations.

    A removal counts only for the parent that the item has: the new parent's link may be told before the old one's
    end. A first removal tells what the parent was before; a first addition at the item's creation is no change.
    What was `seen` wins over links that say otherwise, at the instant at which it was seen.
    """
    current: object = UNKNOWN
    changes: list[Transition] = []

    def become(parent: str | None, at: datetime) -> None:
        nonlocal current
        before = None if current is UNKNOWN else current
        assert before is None or isinstance(before, str)
        if before != parent:
            changes.append(Transition(at, "parent", before, parent))
        current = parent

    ordered = sorted(links, key=lambda link: (link.at, link.active, link.parent))
    told: list[Link | Seen] = [*ordered]
    if seen is not None:
        told.insert(sum(1 for link in ordered if link.at <= seen.at), seen)
    for one in told:
        if isinstance(one, Seen):
            if current is UNKNOWN:
                current = one.parent
            else:
                become(one.parent, one.at)
        elif one.active:
            if current is UNKNOWN and one.at <= created:
                current = one.parent
            else:
                become(one.parent, one.at)
        else:
            if current is UNKNOWN:
                current = one.parent
            if current == one.parent:
                become(None, one.at)
    present = None if current is UNKNOWN else current
    assert present is None or isinstance(present, str)
    return Parents(present, tuple(changes))


def from_revisions(parents: Sequence[tuple[datetime, str | None]]) -> Parents:
    """The parent through time from each revision's own word, oldest first; for items of which no link was told.

    Only a stand-in: a re-parenting need not make a revision (API_FACTS).
    """
    changes = tuple(
        Transition(at, "parent", before, after) for (_, before), (at, after) in pairwise(parents) if before != after
    )
    return Parents(parents[-1][1] if parents else None, changes)
