"""Where the part of the data at a location stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from config.rules import Place
from config.tree import Keys

Path = tuple[str | int, ...]


def value_at(tree: Any, location: Sequence[str | int]) -> Any:
    """The value at a location, or the nearest part above where there is no such value."""
    for step in walk(tree, location):
        tree = tree[step]
    return tree


class KeyName(str):
    """The last step of a location that means a key itself, and not its value."""


def place_of(tree: Any, location: Sequence[str | int]) -> Place:
    """Where the value at a location stands, or the nearest part above where there is no such value."""
    holder: Any = tree
    place: Place = tree.place
    path = walk(tree, location)
    for number, step in enumerate(path, start=1):
        means_key = isinstance(holder, Keys) and number == len(path) and isinstance(location[-1], KeyName)
        place = holder.key_places[step] if means_key and step == location[-1] else holder.places[step]
        holder = holder[step]
    return place


def walk(tree: Any, location: Sequence[str | int]) -> Path:
    """The part of a location that the data have, in order.

    pydantic's locations hold words that are no keys (which member of a union, which validator), and such a word can
    equal a key; so both readings are tried and the one that leads furthest wins. A text may also name an element of a
    list that equals it.
    """
    known: dict[tuple[int, int], Path] = {}  # each part of the data is looked at once for each rest of the location

    def from_here(here: Any, start: int) -> Path:
        if start == len(location):
            return ()
        if (id(here), start) not in known:
            step = _step(here, location[start])
            taken = () if step is None else (step, *from_here(here[step], start + 1))
            passed = () if len(taken) == len(location) - start else from_here(here, start + 1)
            known[id(here), start] = taken if len(taken) >= len(passed) else passed
        return known[id(here), start]

    return from_here(tree, 0)


def _step(here: Any, step: str | int) -> str | int | None:
    """The key or index that a step of a location means at a part of the data, None when it means none there."""
    if isinstance(here, dict):
        return step if step in here else None
    if not isinstance(here, list):
        return None
    if isinstance(step, str):
        return here.index(step) if step in here else None
    return step if 0 <= step < len(here) else None
