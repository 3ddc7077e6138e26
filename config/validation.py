"""Data with places checked against a model: every fault as a sentence, and what is sound all the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from config.locate import Path, walk
from config.problems import Problem, nearest
from config.rules import Place
from config.sentences import Fault, keys_of, problem_of
from config.tree import Items, Keys

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Checked(Generic[M]):
    """`value` is the model of what is sound (None: hardly anything is); `tree` is the data without the faulty parts."""

    value: M | None
    tree: Keys
    problems: Sequence[Problem]


def validate(model: type[M], tree: Keys, complete: Mapping[str, Any]) -> Checked[M]:
    """The data as a model, with every fault.

    Faulty parts are taken out until the rest is sound, so that later checks can speak of that rest; `complete` holds
    values for required keys of the file itself, should they be missing. Nothing of it counts when there are problems.
    """
    problems = _nothings(tree)
    nothing = [path for path, _ in _null_places(tree)]
    rest: Any = _without(tree, nothing)
    first = True
    for _ in range(200):
        try:
            return Checked(model.model_validate(rest), rest, problems)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=True)
        if first:
            told = [fault for fault in faults if not _follows(model, rest, fault, faults, nothing)]
            problems = [*problems, *(problem_of(model, rest, fault) for fault in told)]
            first = False
        paths = [_faulty_part(rest, fault) for fault in faults]
        if () in paths:
            filled = _completed(rest, complete)
            if filled is None:
                break
            rest = filled
        else:
            rest = _without(rest, paths)
    return Checked(None, tree, problems)


def _nothings(tree: Keys) -> list[Problem]:
    return [
        Problem(place, f"{_named(path)} has no value; expected one, or leave it out")
        for path, place in _null_places(tree)
    ]


def _named(path: Path) -> str:
    return f"`{path[-1]}`" if isinstance(path[-1], str) else "an element of this list"


def _null_places(tree: Any, path: Path = ()) -> Iterable[tuple[Path, Place]]:
    """Every key or element without a value; what a mapping test expects may be nothing."""
    if len(path) == 3 and path[0] == "tests" and path[2] == "expect":
        return
    steps: Iterable[Any] = tree if isinstance(tree, Keys) else range(len(tree)) if isinstance(tree, Items) else ()
    for step in steps:
        below = (*path, step)
        if tree[step] is None:
            place = tree.key_places[step] if isinstance(tree, Keys) else tree.places[step]
            yield below, place
        else:
            yield from _null_places(tree[step], below)


def _follows(
    model: type[BaseModel], tree: Keys, fault: Fault, faults: Sequence[Fault], nothing: Sequence[Path]
) -> bool:
    """Whether a fault only follows from another: a key that is missing because it is misspelt or has no value, a list
    that is too short because of what is wrong with its elements."""
    location = fault["loc"]
    if fault["type"] == "too_short":
        return any(len(other["loc"]) > len(location) and other["loc"][: len(location)] == location for other in faults)
    if fault["type"] != "missing":
        return False
    holder, name = location[:-1], location[-1]
    if (*walk(tree, holder), name) in nothing:
        return True
    return any(
        other["type"] == "extra_forbidden"
        and other["loc"][:-1] == holder
        and nearest(str(other["loc"][-1]), keys_of(model, holder)) == nearest(name, [name])
        for other in faults
    )


def _faulty_part(tree: Any, fault: Fault) -> Path:
    return walk(tree, fault["loc"][:-1] if fault["type"] == "missing" else fault["loc"])


def _without(tree: Any, paths: Iterable[Path]) -> Any:
    """A copy without the parts at some paths."""
    cuts: dict[str | int, Any] = {}
    for path in paths:
        below = cuts
        for step in path:
            below = below.setdefault(step, {})
        below[_HERE] = True
    return _cut(tree, cuts)


_HERE = -1  # no step is negative; here it marks that the part itself goes


def _cut(tree: Any, cuts: Mapping[str | int, Any]) -> Any:
    if not cuts or not isinstance(tree, Keys | Items):
        return tree
    kept = [step for step in (tree if isinstance(tree, Keys) else range(len(tree))) if _HERE not in cuts.get(step, {})]
    if isinstance(tree, Keys):
        keys = Keys(tree.place, reduced=tree.reduced or len(kept) < len(tree))
        for name in map(str, kept):
            keys.put(name, _cut(tree[name], cuts.get(name, {})), tree.key_places[name], tree.places[name])
        return keys
    items = Items(tree.place)
    for index in map(int, kept):
        items.put(_cut(tree[index], cuts.get(index, {})), tree.places[index])
    return items


def _completed(tree: Keys, complete: Mapping[str, Any]) -> Keys | None:
    """The file's data with its missing required keys; None when none of them is missing."""
    missing = [name for name in complete if name not in tree]
    if not missing:
        return None
    keys = Keys(tree.place, reduced=True)
    for name, value in tree.items():
        keys.put(name, value, tree.key_places[name], tree.places[name])
    for name in missing:
        keys.put(name, complete[name], tree.place, tree.place)
    return keys
