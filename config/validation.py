"""Data with places checked against a model: every fault as a sentence, and what is sound all the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from config.positions import Items, Keys, stands
from config.problems import Problem, choice, nearest, short, unknown
from config.rules import Place
from config.settings import KINDS

M = TypeVar("M", bound=BaseModel)
Path = tuple[str | int, ...]
Fault = Mapping[str, Any]  # as pydantic tells it

_PRIVATE = ("auth", "token", "user", "password", "store")


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
            problems = [*problems, *(_problem(model, rest, fault) for fault in told)]
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


def duplicates(ids: Iterable[tuple[Path, str]], what: str, tree: Keys) -> Iterator[tuple[Path, str]]:
    """A fault, as path and sentence, for each id that an earlier one equals but for case."""
    seen: dict[str, Path] = {}
    for path, name in ids:
        first = seen.setdefault(name.casefold(), path)
        if first != path:
            where = place_of(tree, first)
            yield path, f"duplicate {what} `{short(name)}`; it stands already at {where}; give one of them another id"


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
        and nearest(str(other["loc"][-1]), _keys_of(model, holder)) == nearest(name, [name])
        for other in faults
    )


def _faulty_part(tree: Any, fault: Fault) -> Path:
    return walk(tree, fault["loc"][:-1] if fault["type"] == "missing" else fault["loc"])


def _without(tree: Any, paths: Sequence[Path], above: Path = ()) -> Any:
    """A copy without the parts at some paths."""
    if not any(path[: len(above)] == above for path in paths):
        return tree
    if isinstance(tree, Keys):
        keys = Keys(tree.place, reduced=tree.reduced or any(path[:-1] == above for path in paths))
        for name, value in tree.items():
            if (*above, name) not in paths:
                kept = _without(value, paths, (*above, name))
                keys.put(name, kept, tree.key_places[name], tree.places[name])
        return keys
    if isinstance(tree, Items):
        items = Items(tree.place)
        for index, value in enumerate(tree):
            if (*above, index) not in paths:
                items.put(_without(value, paths, (*above, index)), tree.places[index])
        return items
    return tree


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


def _problem(model: type[BaseModel], tree: Keys, fault: Fault) -> Problem:
    location: Path = tuple(fault["loc"])
    kind = str(fault["type"])
    place = place_of(tree, (*location, "kind") if kind.startswith("union_tag") else location)
    if kind == "extra_forbidden":
        return Problem(
            place_of(tree, (*location[:-1], KeyName(location[-1]))),
            unknown("key", str(location[-1]), _keys_of(model, location[:-1])),
        )
    if kind == "missing":
        return Problem(place_of(tree, location[:-1]), _missing(model, location))
    return Problem(place, _sentence(model, location, kind, fault))


def _missing(model: type[BaseModel], location: Path) -> str:
    name = str(location[-1])
    field = _field(model, location)
    meaning = f" ({field.description.rstrip('.')})" if field is not None and field.description else ""
    return f"the key `{name}` is missing; expected it here{meaning}"


# pydantic's bounds: the name under which it tells the bound, and what was expected.
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than_equal": ("ge", "a number of at least {:g}"),
    "greater_than": ("gt", "a number above {:g}"),
    "less_than_equal": ("le", "a number of at most {:g}"),
    "less_than": ("lt", "a number below {:g}"),
    "too_short": ("min_length", "at least {} in it"),
    "too_long": ("max_length", "at most {} in it"),
}


def _sentence(model: type[BaseModel], location: Path, kind: str, fault: Fault) -> str:
    context = fault.get("ctx", {})
    if kind == "filrouge":
        return str(context["sentence"])
    if kind.startswith("union_tag"):
        return _kind(fault["input"])
    if kind in {"literal_error", "enum"}:
        valid = re.findall(r"'([^']*)'", str(context["expected"]))
        expected = choice(valid) + (nearest(fault["input"], valid) if isinstance(fault["input"], str) else "")
    elif kind in {"model_type", "dict_type"}:
        keys = sorted(_keys_of(model, location))
        expected = "keys with values" + (f", {choice(keys)}" if keys else "")
    elif kind in {"tuple_type", "list_type"}:
        expected = "a list"
    elif kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        expected = words.format(context[name])
    else:
        expected = f"something else: {fault['msg']}"
    found = "another value stands here" if set(location) & set(_PRIVATE) else stands(fault["input"])
    return f"{found}; expected {expected}"


def _kind(source: Any) -> str:
    """The sentence for a source of which it cannot be told what it is."""
    if not isinstance(source, dict):
        return f"{stands(source)}; expected the keys of a source, such as `id` and `kind`"
    if "kind" not in source:
        return f"the key `kind` is missing; expected it here as {choice(list(KINDS))}"
    kind = source["kind"]
    return f"{stands(kind)}; expected {choice(list(KINDS))}{nearest(str(kind), KINDS)}"


def _keys_of(model: type[BaseModel], location: Path) -> list[str]:
    """The keys that may stand at a location."""
    return [info.alias or name for each in _models_at(model, location) for name, info in each.model_fields.items()]


def _field(model: type[BaseModel], location: Path) -> FieldInfo | None:
    name = location[-1]
    for each in _models_at(model, location[:-1]):
        for field_name, info in each.model_fields.items():
            if (info.alias or field_name) == name:
                return info
    return None


def _models_at(model: type[BaseModel], location: Path) -> list[type[BaseModel]]:
    """The models whose keys may stand at a location: several at a union that nothing has decided yet."""
    here = [model]
    for step in location:
        if isinstance(step, int):
            continue
        below = [
            info.annotation for each in here for name, info in each.model_fields.items() if (info.alias or name) == step
        ]
        if below:
            here = [found for annotation in below for found in _models_in(annotation)]
        elif match := re.fullmatch(r"\((\w+)\)", step):
            chosen = [each for each in here if match[1] in get_args(each.model_fields["kind"].annotation)]
            here = chosen or here
    return here


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models_in(part)]
