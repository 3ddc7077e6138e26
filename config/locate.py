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
    for step in path:
        is_key = isinstance(holder, Keys) and step is path[-1] and isinstance(location[-1], KeyName)
        place = holder.key_places[step] if is_key and step == location[-1] else holder.places[step]
        holder = holder[step]
    return place


def walk(tree: Any, location: Sequence[str | int]) -> Path:
    """The part of a location that the data have, in order.

    pydantic's locations hold words that are no keys (which member of a union, which validator), and such a word can
    equal a key; so both readings are tried and the one that leads furthest wins. A text may also name an element of a
    list that equals it.
    """
    if not location:
        return ()
    step, rest = location[0], location[1:]
    if isinstance(tree, list) and isinstance(step, str) and step in tree:
        step = tree.index(step)
    below: Any = tree
    taken: Path = ()
    if (isinstance(tree, dict) and step in tree) or (
        isinstance(tree, list) and isinstance(step, int) and 0 <= step < len(tree)
    ):
        taken = (step, *walk(below[step], rest))
    if len(taken) == len(location):
        return taken
    passed = walk(tree, rest)
    return taken if len(taken) >= len(passed) else passed
